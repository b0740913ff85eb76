/** The conformance suite over the recorder: what a provider said is put into the log, and said again from there. */
import { Effect, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { Provider } from "../../src/model/Provider.ts"
import { replayProvider } from "../../src/model/recorderReplay.ts"
import { scriptedProvider } from "./scriptedProvider.ts"
import { providerConformance } from "../conformance/provider.ts"
import { boot } from "./modelWorld.ts"
import { scriptedTurn } from "./scriptedTurn.ts"

providerConformance("the recorder", {
  http: false,
  carriesReasoning: true,
  ordered: true,
  counts: true,
  neverStalls: true,
  make: (turns) =>
    Effect.gen(function* () {
      const real = scriptedProvider(turns.map(scriptedTurn))
      const world = yield* boot(memoryBackend(), (request) => real.stream(request, null), {
        provider: { name: "scripted" },
      })
      const provider: Provider = {
        ...real,
        // one attempt: what is tried again is `Models`' own
        stream: (request) =>
          Stream.unwrap(
            Effect.gen(function* () {
              // nobody says of a local model that it thinks
              const asked = { ...request, model: request.model.replace(/^[^/]*/, "local"), effort: null }
              const call = yield* world.call({ request: asked })
              yield* world.models.stream(call).pipe(
                Stream.takeUntil(({ _tag }) => _tag === "again"),
                Stream.runDrain,
                Effect.ignore,
              )
              const calls = yield* world.log.callsOf(call.cause)
              return replayProvider("scripted", calls, world.log.requestOf).stream(asked, null)
            }),
          ),
      }
      return { provider, credential: null, journal: null }
    }),
})
