/**
 * The log, in memory and on disk, against a trivial model of one: random stories of appends, compare-and-set, reads, tails,
 * checkpoints, erasures, clock jumps, reopenings, export and import, sealing and recovery. A failure is shrunk to the few steps
 * that still fail, with the seed to repeat it. Whole by `npm run test:crash`.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { runModel } from "../faults/modelRun.ts"
import type { Kind } from "../faults/RealLog.ts"

/** The same here each time; `npm run test:crash` takes new ones. */
const seed = 20261122
const run = (kind: Kind, runs: number, least: number) =>
  it.live(
    `${kind} does what the model does`,
    () =>
      Effect.gen(function* () {
        const steps = yield* Effect.promise(() => runModel({ kind, runs, commands: 60, seed }))
        assert.isAbove(steps, least)
      }),
    120_000,
  )

run("memory", 120, 2000)
run("lmdb", 30, 400)
