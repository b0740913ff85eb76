/**
 * Where whoever made a throw-away world moves its daemon's clock on: one line of JSON asks, one answers, in turn. The
 * socket lies in the world's own runtime directory; a daemon that was not started for a story has none.
 */
import { Effect, Schema, SubscriptionRef } from "effect"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import type { DirectoriesShape } from "../../config/Directories.ts"
import { Folds } from "../../loop/Folds.ts"
import { advance, type Settled, untilSettled } from "./settle.ts"
import type { StoryClock } from "./StoryClock.ts"

/** `toMs`: a time on the world's clock; null: only wait until all is decided. */
const StoryRequest = Schema.Struct({ toMs: Schema.NullOr(Schema.Finite) })
export const StoryReply = Schema.Struct({
  nowMs: Schema.Finite,
  seq: Schema.Finite,
  settled: Schema.Boolean,
})
export type StoryReply = typeof StoryReply.Type

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(StoryRequest))

export const storySocket = ({ runtime }: DirectoriesShape): string => join(runtime, "story.sock")

export const serveStory = Effect.fnUntraced(function* (clock: StoryClock, directories: DirectoriesShape) {
  const folds = yield* Folds
  const deciding = () => SubscriptionRef.getUnsafe(folds.snapshot).decider
  const take = (line: string): Promise<Settled> => {
    const { toMs } = decode(line)
    return toMs === null ? untilSettled(clock, deciding) : advance(clock, deciding, toMs)
  }
  const serve = (socket: Socket): void => {
    let text = ""
    let turn: Promise<unknown> = Promise.resolve()
    socket.setEncoding("utf8")
    socket.on("error", () => socket.destroy())
    socket.on("data", (more: string) => {
      const lines = `${text}${more}`.split("\n")
      text = lines.pop()!
      for (const line of lines)
        turn = turn
          .then(() => take(line))
          .then((reply) => socket.write(`${JSON.stringify(reply)}\n`))
          .catch(() => socket.destroy())
    })
  }
  yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>, Error>((resume) => {
      const server = createServer(serve)
      server.once("error", (error) => resume(Effect.fail(error)))
      server.listen(storySocket(directories), () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close()),
  )
  return yield* Effect.never
}, Effect.scoped)
