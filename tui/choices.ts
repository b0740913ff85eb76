/** The short lists of the reject, snooze and other-fix pickers. Pure; times are of this machine's zone. */

import type { ToolCall } from "../src/domain/action.ts"
import type { Suggestion } from "../src/domain/suggestion.ts"

export interface Choice {
  readonly title: string
  readonly hint: string
}

export const rejectChoices: ReadonlyArray<Choice & { readonly reason: string | null }> = [
  { title: "not now", hint: "it stays away until its evidence changes", reason: "not now" },
  { title: "wrong", hint: "the proposal would not help", reason: "wrong" },
  { title: "another reason", hint: "type it", reason: null },
]

const morning = 9

const tomorrow = (now: number): number => {
  const day = new Date(now)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1, morning).getTime()
}

export const snoozeChoices: ReadonlyArray<Choice & { readonly until: (now: number) => number }> = [
  { title: "10 minutes", hint: "", until: (now) => now + 10 * 60_000 },
  { title: "1 hour", hint: "", until: (now) => now + 60 * 60_000 },
  { title: "until tomorrow", hint: "9 in the morning", until: tomorrow },
]

/** A call in a line, before it was planned. */
export const callTitle = (call: ToolCall): string =>
  typeof call.input["command"] === "string"
    ? `$ ${call.input["command"]}`
    : `${call.tool} ${JSON.stringify(call.input)}`

/** The other fixes a rule offers; each is judged and shown before it can be approved. */
export const otherChoices = (row: Suggestion): ReadonlyArray<Choice> =>
  row.alternatives.map((calls) => ({ title: calls.map(callTitle).join("; "), hint: "" }))

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `10m`, `1h`, `2d`, `tomorrow`; null where it is none. */
export const untilTyped = (text: string, now: number): number | null => {
  if (text === "tomorrow") return tomorrow(now)
  const found = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text)
  return found === null ? null : now + Number(found[1]) * units[found[2]!]!
}
