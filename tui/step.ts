/** A step of the screen: the model after something, and what is asked of the driver. Pure. */
import type { Command, Tone } from "./messages.ts"
import type { Model } from "./model.ts"

export interface Step {
  readonly model: Model
  readonly commands: ReadonlyArray<Command>
}

export const stay = (model: Model, ...commands: ReadonlyArray<Command>): Step => ({ model, commands })

const noticeMs = 6_000

export const say = (model: Model, text: string, tone: Tone = "plain"): Model => ({
  ...model,
  notice: { text, tone, until: model.now + noticeMs },
})

export const send = (model: Model, id: string, command: Command): Step => ({
  model: { ...model, dialog: null, answering: new Set([...model.answering, id]) },
  commands: [command],
})
