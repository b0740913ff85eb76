/**
 * Runs the benchmarks, group by group, and hands each row on as soon as its group has ended. A name is a group
 * (`log`) or one row of it (`log.scan`).
 */
import { Effect } from "effect"
import { benchParts } from "../../daemon/bench.ts"
import type { BenchRow } from "../../domain/bench.ts"
import { fail } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"

export interface BenchChoice {
  readonly name: string | null
  readonly quick: boolean
}

const groups = { ...benchParts }

export const groupNames = Object.keys(groups) as ReadonlyArray<keyof typeof groups>

export const runBench = Effect.fn("bench.run")(function* <E, R>(
  { name, quick }: BenchChoice,
  print: (row: BenchRow) => Effect.Effect<void, E, R>,
) {
  const { entry } = yield* Invocation
  const chosen = groupNames.filter((group) => name === null || name === group || name.startsWith(`${group}.`))
  let printed = 0
  for (const group of chosen) {
    for (const row of yield* groups[group]({ quick, entry })) {
      if (name !== null && name !== group && row.name !== name) continue
      yield* print(row)
      printed++
    }
  }
  if (printed === 0) return yield* fail(`no benchmark is called ${name}: there are ${groupNames.join(", ")}`)
})
