/**
 * Where what came waits for its reader. Unlike a queue it wakes the reader at once, in the same turn of the event loop: a
 * scheduler's turn for each part is most of what a streamed answer would cost over the bare SDK.
 * Invariants: one reader; what was put before the end is read before it; after the end nothing is taken in.
 */
import { type Cause, Effect, type Exit } from "effect"

export interface Mailbox<A, E> {
  readonly put: (items: ReadonlyArray<A>) => void
  /** The first end counts. */
  readonly end: (exit: Exit.Exit<never, E | Cause.Done>) => void
  readonly take: Effect.Effect<readonly [A, ...Array<A>], E | Cause.Done>
}

type Batch<A> = [A, ...Array<A>]

export const makeMailbox = <A, E>(): Mailbox<A, E> => {
  let items: Array<A> = []
  let ended: Exit.Exit<never, E | Cause.Done> | null = null
  let wake: (() => void) | null = null

  const next = (): Effect.Effect<Batch<A>, E | Cause.Done> | null => {
    if (items.length === 0) return ended
    const batch = items as Batch<A>
    items = []
    return Effect.succeed(batch)
  }
  const wait = Effect.callback<Batch<A>, E | Cause.Done>((resume) => {
    wake = () => resume(next()!)
    return Effect.sync(() => {
      wake = null
    })
  })
  const waken = () => {
    const reader = wake
    wake = null
    reader?.()
  }
  return {
    put: (more) => {
      if (ended !== null || more.length === 0) return
      for (const item of more) items.push(item)
      waken()
    },
    end: (exit) => {
      if (ended !== null) return
      ended = exit
      waken()
    },
    take: Effect.suspend(() => next() ?? wait),
  }
}
