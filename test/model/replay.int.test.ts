/** The conformance suite over the recorder: what a provider said is put into the log, and said again from there. */
import { Effect, Stream } from "effect"
import { memoryBackend } from "../../log-store/MemoryBackend.ts"
import type { AnswerPart } from "../../src/domain/modelRequest.ts"
import type { Provider } from "../../src/model/Provider.ts"
import { replayProvider } from "../../src/model/recorderReplay.ts"
import { type ScriptedTurn, scriptedProvider } from "../../src/model/scriptedProvider.ts"
import { providerConformance } from "../conformance/provider.ts"
import { rawOf, type Turn } from "../fixtures/models/turns.ts"
import { boot } from "./modelWorld.ts"

const paramsOf = (raw: string): unknown => {
  try {
    return JSON.parse(raw)
  } catch {
    return raw
  }
}

const scripted = ({ calls = [], fault, reasoning, redacted, text, usage }: Turn): ScriptedTurn => {
  const seen = new Set<string>()
  const content: ReadonlyArray<AnswerPart> = [
    ...(redacted === undefined
      ? []
      : [{ type: "reasoning" as const, text: "", options: { scripted: { redacted } } }]),
    ...(reasoning === undefined ? [] : [{ type: "reasoning" as const, text: reasoning }]),
    ...(text === undefined ? [] : [{ type: "text" as const, text }]),
    ...calls.map((call, n) => {
      const id = call.id === undefined || seen.has(call.id) ? `call_${n}` : call.id
      seen.add(id)
      return { type: "tool-call" as const, id, name: call.name, params: paramsOf(rawOf(call)) as null }
    }),
  ]
  return {
    content: fault === undefined ? content : [],
    ...(usage === undefined
      ? {}
      : { usage: usage === null ? null : { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, ...usage } }),
    ...(fault === undefined
      ? {}
      : {
          failure: {
            reason: fault.kind === "auth" ? "credentials" : (fault.kind as "server"),
            ...(fault.kind === "rate-limit" ? { retryAfterMs: Number(fault.after) * 1000 } : {}),
          },
        }),
  }
}

providerConformance("the recorder", {
  http: false,
  carriesReasoning: true,
  ordered: true,
  counts: true,
  neverStalls: true,
  make: (turns) =>
    Effect.gen(function* () {
      const real = scriptedProvider(turns.map(scripted))
      const world = yield* boot(memoryBackend(), (request) => real.stream(request, null), {
        provider: { name: "scripted" },
      })
      const provider: Provider = {
        ...real,
        // one attempt: what is tried again is `Models`' own
        stream: (request) =>
          Stream.unwrap(
            Effect.gen(function* () {
              const model = request.model.replace(/^[^/]*/, "local")
              const call = yield* world.call({ request: { ...request, model } })
              yield* world.models.stream(call).pipe(
                Stream.takeUntil(({ _tag }) => _tag === "again"),
                Stream.runDrain,
                Effect.ignore,
              )
              const calls = yield* world.log.callsOf(call.cause)
              return replayProvider("scripted", calls, world.log.requestOf).stream(
                { ...request, model },
                null,
              )
            }),
          ),
      }
      return { provider, credential: null, journal: null }
    }),
})
