/**
 * A made day in a log directory. Made in memory and then restored, as from an export: a commit for each moment of the
 * day would take a minute or two.
 */
import { Effect } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import { type DayOptions, makeDay } from "./makeDay.ts"

export const writeDay = (dir: string, options: Omit<DayOptions, "store">) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    const made = yield* makeDay({ ...options, store })
    yield* importJsonl({ dir }, exportJsonl(store))
    return made
  }).pipe(Effect.provide(MemoryLogStore.layer))
