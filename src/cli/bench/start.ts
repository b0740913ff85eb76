/** How long the built program takes from being called to having answered: `claw status`, and `claw up` from nothing. */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { limited, percentile } from "../../domain/bench.ts"
import type { World } from "../ThrowAway.ts"
import type { Entry } from "../../daemon/entry.ts"
import { openBenchWorld } from "./benchWorld.ts"

const run = promisify(execFile)

const timed = (entry: Entry, world: World, ...args: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const from = performance.now()
    await run(entry.node, [...entry.args, ...args], {
      cwd: world.repository,
      env: world.env as NodeJS.ProcessEnv,
    })
    return performance.now() - from
  })

/** The first run fills the compile cache and does not count. */
const median = Effect.fnUntraced(function* (rounds: number, once: Effect.Effect<number>) {
  yield* once
  const times: Array<number> = []
  for (let round = 0; round < rounds; round++) times.push(yield* once)
  return percentile(times, 0.5)
})

export const benchStart = Effect.fn("bench.start")(function* ({ quick }: { readonly quick: boolean }) {
  const { world, entry } = yield* openBenchWorld()
  const status = yield* median(quick ? 7 : 25, timed(entry, world, "status"))
  const restart = Effect.andThen(timed(entry, world, "down"), timed(entry, world, "up", "--workspace", "."))
  const up = yield* median(quick ? 3 : 9, restart)
  return [limited("start.status", status, "ms median", 150), limited("start.daemon", up, "ms median", 1_500)]
}, Effect.scoped)
