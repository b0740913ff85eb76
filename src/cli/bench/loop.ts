/**
 * A failed command typed into a real shell -> its suggestion in the queue, judged, and attention has said whether it
 * is shown now. Each command is another one, so that none is the same suggestion as one before it.
 */
import { Effect } from "effect"
import { limited, percentile } from "../../domain/bench.ts"
import { openShell } from "../DemoShell.ts"
import { hear, openBenchWorld, watchFolder } from "./benchWorld.ts"

const limitMs = 100
const warmUps = 2

type Payload = Readonly<Record<string, unknown>>

export const benchCommand = Effect.fn("bench.command")(function* ({ quick }: { readonly quick: boolean }) {
  const { world, client } = yield* openBenchWorld()
  const heard = yield* hear(client)
  yield* watchFolder(client, heard, world.repository)
  const shell = yield* openShell(world)
  const times: Array<number> = []
  for (let index = -warmUps; index < (quick ? 20 : 100); index++) {
    const command = `gti log -n ${index + warmUps + 1}`
    const typedMs = performance.now()
    yield* shell.type(command)
    const made = yield* heard.until(
      `a suggestion after ${command}`,
      ({ event, atMs }) => atMs > typedMs && /^decision\.(digest|notify|question|draft)$/.test(event.type),
    )
    const { suggestion } = made.event.payload as Payload
    const { atMs } = yield* heard.until(
      `attention's word on ${command}`,
      ({ event }) =>
        (event.type === "decision.shown" || event.type === "decision.withheld") &&
        (event.payload as Payload)["suggestion"] === suggestion,
    )
    if (index >= 0) times.push(atMs - typedMs)
  }
  return [limited("loop.command_to_queue", percentile(times, 0.95), "ms p95", limitMs)]
}, Effect.scoped)
