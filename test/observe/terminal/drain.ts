/** Runs a terminal source the way the driver does, and folds the positions out of what it appended. */
import { Effect, Fiber, Stream } from "effect"
import type { EventDraft } from "../../../src/domain/event.ts"
import { TerminalSource, type TerminalSourceOptions } from "../../../src/observe/terminal/TerminalSource.ts"

type Command = Extract<EventDraft, { readonly type: "terminal.command" }>
type Lost = Extract<EventDraft, { readonly type: "terminal.lost" }>

export const positionsOf = (drafts: ReadonlyArray<EventDraft>): Record<string, number> => {
  const positions: Record<string, number> = {}
  for (const one of drafts)
    if (one.type === "terminal.command" || one.type === "terminal.lost")
      positions[one.payload.position.file] = one.payload.position.offset
  return positions
}
export const commandsOf = (drafts: ReadonlyArray<EventDraft>): ReadonlyArray<Command["payload"]> =>
  drafts.flatMap((one) => (one.type === "terminal.command" ? [one.payload] : []))
export const lostOf = (drafts: ReadonlyArray<EventDraft>): ReadonlyArray<Lost["payload"]> =>
  drafts.flatMap((one) => (one.type === "terminal.lost" ? [one.payload] : []))

export interface Running {
  readonly log: Array<EventDraft>
  /** Resolves once the log fulfils the condition. */
  readonly until: (condition: (log: ReadonlyArray<EventDraft>) => boolean) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Appends to `log` and acknowledges; `log` may hold what an earlier run appended. */
export const runSource = (
  options: Omit<TerminalSourceOptions, "positions" | "workspaceOf" | "redact" | "output"> &
    Partial<TerminalSourceOptions>,
  log: Array<EventDraft> = [],
): Running => {
  const waiting = new Set<() => void>()
  const source = TerminalSource.make({
    positions: positionsOf(log),
    workspaceOf: () => "/w",
    redact: (text) => text,
    output: null,
    ...options,
  })
  const fiber = Effect.runFork(
    source.observations.pipe(
      Stream.runForEach((batch) =>
        Effect.gen(function* () {
          log.push(...batch.drafts)
          yield* batch.ack
          for (const wake of waiting) wake()
        }),
      ),
    ),
  )
  return {
    log,
    until: async (condition) => {
      while (!condition(log))
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake)
            resolve()
          }
          waiting.add(wake)
        })
    },
    stop: () => Effect.runPromise(Fiber.interrupt(fiber)),
  }
}
