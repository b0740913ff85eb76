/**
 * A provider that answers by script instead of over the wire.
 * Invariants: one turn a request, in their order; what is asked beyond the script is a failure, never made up; each request
 * that came is in `asked`.
 */
import { Effect, Stream } from "effect"
import type {
  AnswerPart,
  FinishReason,
  ModelFailure,
  ModelRequest,
  Usage,
  Vectors,
} from "../../src/domain/modelRequest.ts"
import { type Answer, streamPartsOf } from "../../src/model/answer.ts"
import { ModelError } from "../../src/model/ModelError.ts"
import type { ModelInfo, Provider } from "../../src/model/Provider.ts"

export interface ScriptedTurn {
  readonly content?: ReadonlyArray<AnswerPart>
  /** Left out: what fits the content. */
  readonly finish?: FinishReason
  /** Null: as of a server that does not say. Left out: one token each way. */
  readonly usage?: Usage | null
  readonly served?: string
  readonly requestId?: string
  /** It fails, once `content` has come. */
  readonly failure?: {
    readonly reason: ModelFailure
    readonly message?: string
    readonly status?: number
    readonly retryAfterMs?: number
  }
  readonly vectors?: Vectors
  /** It never ends, once `content` has come. */
  readonly hangs?: boolean
}

export type Script = ReadonlyArray<ScriptedTurn> | ((request: ModelRequest, n: number) => ScriptedTurn | null)

interface ScriptedProvider extends Provider {
  readonly asked: ReadonlyArray<ModelRequest>
}

const scriptedInfo = (name: string): ModelInfo => ({
  name,
  window: 200_000,
  maxOutput: 32_000,
  tools: true,
  images: true,
  thinking: true,
  structured: true,
  caching: "marks",
  resumes: false,
  retires: null,
})

const one: Usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 }

const answerOf = (turn: ScriptedTurn, request: ModelRequest): Answer => {
  const content = turn.content ?? []
  const calls = content.some(({ type }) => type === "tool-call")
  return {
    content,
    finish: turn.finish ?? (calls ? "tool-calls" : "stop"),
    usage: turn.usage === undefined ? one : turn.usage,
    served: turn.served ?? request.model.slice(request.model.indexOf("/") + 1),
    requestId: turn.requestId ?? null,
    stopped: null,
    resumed: 0,
    ...(turn.vectors === undefined ? {} : { vectors: turn.vectors }),
  }
}

export const scriptedProvider = (
  script: Script,
  {
    models = ["model"],
    name = "scripted",
  }: { readonly name?: string; readonly models?: ReadonlyArray<string> } = {},
): ScriptedProvider => {
  const asked: Array<ModelRequest> = []
  const fail = (
    { message, reason, retryAfterMs, status }: NonNullable<ScriptedTurn["failure"]>,
    begun: boolean,
  ) =>
    new ModelError({
      reason,
      provider: name,
      status: status ?? null,
      requestId: null,
      message: message ?? `${name}: ${reason}, as scripted`,
      cure: "",
      retryAfterMs: retryAfterMs ?? null,
      begun,
    })
  const stream: Provider["stream"] = (request) =>
    Stream.suspend(() => {
      const n = asked.push(request) - 1
      const turn = typeof script === "function" ? script(request, n) : (script[n] ?? null)
      if (turn === null)
        return Stream.fail(fail({ reason: "bad-request", message: `${name}: the script is over` }, false))
      const parts = streamPartsOf(answerOf(turn, request))
      if (turn.failure === undefined && turn.hangs !== true) return Stream.fromIterable(parts)
      const begun = Stream.fromIterable(parts.slice(0, -1))
      return turn.failure === undefined
        ? Stream.concat(begun, Stream.never)
        : Stream.concat(
            (turn.content ?? []).length === 0 ? Stream.empty : begun,
            Stream.fail(fail(turn.failure, (turn.content ?? []).length > 0)),
          )
    })
  return {
    name,
    asked,
    stream,
    embed: stream,
    models: () => Effect.succeed(models.map((id) => scriptedInfo(`${name}/${id}`))),
    count: (request) => Effect.succeed(Math.ceil(JSON.stringify(request).length / 4)),
  }
}
