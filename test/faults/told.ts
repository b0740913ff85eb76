/** What the process of `story.ts` was told, line by line, and the fold whose checkpoints it keeps. */
import type { Event } from "../../src/domain/event.ts"
import type { Projection } from "../../log-store/LogStore.ts"

export interface ToldEvent {
  readonly seq: number
  readonly id: string
  readonly hash: string
  readonly token: string
}
export type Told =
  | { readonly _tag: "appended"; readonly events: ReadonlyArray<ToldEvent> }
  | { readonly _tag: "checkpoint"; readonly seq: number }
  | { readonly _tag: "sealed"; readonly last: number }
  | { readonly _tag: "erased"; readonly seqs: ReadonlyArray<number> }
  | { readonly _tag: "recovered"; readonly events: number; readonly lost: number }
  | { readonly _tag: "imported"; readonly seq: number; readonly hash: string }
  | { readonly _tag: "archived"; readonly seqs: ReadonlyArray<number> }
  | { readonly _tag: "restored" }
  | { readonly _tag: "done" }
  | { readonly _tag: "closed" }
  | { readonly _tag: "failed"; readonly name: string; readonly message: string }

/** Depends on every event, in its order, and on nothing that an erasure takes away. */
export const counter: Projection<{ readonly count: number; readonly digits: number }> = {
  name: "faults",
  version: 1,
  initial: { count: 0, digits: 0 },
  evolve: ({ count, digits }: { readonly count: number; readonly digits: number }, event: Event) => ({
    count: count + 1,
    digits: (digits * 31 + Number.parseInt(event.hash.slice(0, 6), 16)) % 1_000_003,
  }),
}
