/** The timeline over a log of 50,000 events, or over a copy of one named, of a daemon at the other end of its socket: from a key to the moment on the screen. */
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { cp, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { benchTimeline } from "../../../tui/benchTimeline.ts"
import { writeStories } from "../../daemon/benchStories.ts"
import { tuiClient } from "../tui.ts"
import { fail } from "../Exit.ts"
import { openBenchWorld } from "./benchWorld.ts"

const events = 50_000
/** A daemon that has just started looks through its log once. */
const waitMs = 3_000

export const benchScrub = Effect.fn("bench.scrub")(function* ({
  quick,
  log,
}: {
  readonly quick: boolean
  /** Folder of a log; null: one that is made. */
  readonly log: string | null
}) {
  if (log !== null && !existsSync(join(log, "log.mdb"))) return yield* fail(`there is no log in ${log}`)
  const { client } = yield* openBenchWorld((world) =>
    log === null
      ? writeStories(world.directories.log, events)
      : Effect.promise(async () => {
          await mkdir(world.directories.log, { recursive: true, mode: 0o700 })
          await cp(log, world.directories.log, { recursive: true })
        }),
  )
  // nothing is answered from the past, so no token is needed
  return yield* benchTimeline(tuiClient(client, Effect.succeed(""), "/"), {
    jumps: quick ? 60 : 200,
    waitMs,
  })
}, Effect.scoped)
