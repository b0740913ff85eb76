/** The timeline over a log of 50,000 events of a daemon at the other end of its socket: from a key to the moment on the screen. */
import { Effect } from "effect"
import { benchTimeline } from "../../../tui/benchTimeline.ts"
import { writeStories } from "../../daemon/benchStories.ts"
import { tuiClient } from "../tui.ts"
import { openBenchWorld } from "./benchWorld.ts"

const events = 50_000
/** A daemon that has just started looks through its log once. */
const waitMs = 3_000

export const benchScrub = Effect.fn("bench.scrub")(function* ({ quick }: { readonly quick: boolean }) {
  const { client } = yield* openBenchWorld((world) => writeStories(world.directories.log, events))
  // nothing is answered from the past, so no token is needed
  return yield* benchTimeline(tuiClient(client, Effect.succeed("")), {
    jumps: quick ? 60 : 200,
    waitMs,
  })
}, Effect.scoped)
