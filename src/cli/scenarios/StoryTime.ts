/** The clock of a story's daemon, from outside: moved on, and asked when all that follows has been decided. */
import { Effect, Schedule, Schema } from "effect"
import { connect } from "node:net"
import type { DirectoriesShape } from "../../config/Directories.ts"
import { StoryReply, storySocket } from "../../daemon/story/storySocket.ts"
import { fail } from "../Exit.ts"

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(StoryReply))

export interface StoryTime {
  /** Moves the clock on to this time, not back; resolves once nothing is left to be decided. */
  readonly to: (ms: number) => Effect.Effect<StoryReply>
  readonly settled: Effect.Effect<StoryReply>
}

export const openStoryTime = Effect.fn("scenarios.time")(function* (directories: DirectoriesShape) {
  const waiting: Array<(reply: StoryReply) => void> = []
  const socket = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () =>
        new Promise<ReturnType<typeof connect>>((resolve, reject) => {
          const open = connect(storySocket(directories))
          open.once("connect", () => resolve(open))
          open.once("error", reject)
        }),
      catch: (error) => fail(`the story's daemon has no clock to be moved: ${(error as Error).message}`),
    }).pipe(Effect.retry({ times: 300, schedule: Schedule.spaced("20 millis") })),
    (open) => Effect.sync(() => open.destroy()),
  )
  let text = ""
  socket.setEncoding("utf8")
  socket.on("data", (more: string) => {
    const lines = `${text}${more}`.split("\n")
    text = lines.pop()!
    for (const line of lines) waiting.shift()?.(decode(line))
  })
  const ask = (toMs: number | null): Effect.Effect<StoryReply> =>
    Effect.callback((resume) => {
      waiting.push((reply) => resume(Effect.succeed(reply)))
      socket.write(`${JSON.stringify({ toMs })}\n`)
    })
  const time: StoryTime = { to: ask, settled: ask(null) }
  return time
})
