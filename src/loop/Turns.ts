/**
 * Whose turn it is in a workspace: what runs there, and what is taken back there, goes one after the other, so that each
 * one's undo knows its own work and nothing else's.
 * Invariant: one service for the whole daemon; a turn is given back by whoever took it, whatever becomes of it.
 */
import { Context, Effect, Layer, Semaphore } from "effect"

export class Turns extends Context.Service<
  Turns,
  {
    /** Of one workspace: one permit. */
    readonly in: (workspace: string) => Semaphore.Semaphore
  }
>()("claw/loop/Turns") {
  static readonly layer = Layer.effect(
    Turns,
    Effect.sync(() => {
      const turns = new Map<string, Semaphore.Semaphore>()
      return Turns.of({
        in: (workspace) => {
          const turn = turns.get(workspace) ?? Semaphore.makeUnsafe(1)
          turns.set(workspace, turn)
          return turn
        },
      })
    }),
  )
}
