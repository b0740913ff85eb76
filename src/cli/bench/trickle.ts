/**
 * A background trickle of 20 changes a second: the device bytes the daemon writes for a change, beside those of a
 * log that commits each change as an event of its own.
 */
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { commitEach } from "../../daemon/bench.ts"
import { type BenchRow, rounded } from "../../domain/bench.ts"
import { fail } from "../Exit.ts"
import { hear, openBenchWorld, watchFolder } from "./benchWorld.ts"
import { deviceBytes } from "./procfs.ts"

const goal = 0.2
const betweenMs = 50

export const benchTrickle = Effect.fn("bench.trickle")(function* ({ quick }: { readonly quick: boolean }) {
  const { world, client, pid } = yield* openBenchWorld()
  const heard = yield* hear(client)
  yield* watchFolder(client, heard, world.repository)
  const changes = quick ? 100 : 600
  const before = deviceBytes(pid)
  for (let index = 0; index < changes; index++) {
    writeFileSync(join(world.repository, `trickle-${index % 40}`), String(index))
    yield* Effect.sleep(betweenMs)
  }
  yield* world.write("last", "")
  yield* heard.until("the end of the trickle", ({ event }) =>
    JSON.stringify(event.payload).includes('"last"'),
  )
  const claw = (deviceBytes(pid) - before) / changes

  const start = deviceBytes("self")
  yield* commitEach(world.root, changes)
  const peerValue = (deviceBytes("self") - start) / changes
  if (peerValue === 0) return yield* fail(`${world.root} lies on no device: set TMPDIR to a folder on a disk`)
  const ratio = claw / peerValue
  const row: BenchRow = {
    name: "log.trickle",
    claw: rounded(claw),
    peer: "a commit an event",
    peerValue: rounded(peerValue),
    unit: "device bytes a change",
    ratio: rounded(ratio),
    goal,
    met: ratio <= goal,
  }
  return [row]
}, Effect.scoped)
