/**
 * Models that answer by a script, and record calls in the log as the real ones do: the request before the answer, under an
 * id that is derived from what caused it. A call that a crash cut off is asked again as a further attempt.
 */
import { Effect, Layer, Queue, Stream } from "effect"
import { createHash } from "node:crypto"
import { AgentLog } from "../../src/agent/AgentLog.ts"
import { draft, type EventOf } from "../../src/domain/event.ts"
import type {
  AnswerPart,
  FinishReason,
  ModelFailure,
  ModelRequest,
  Usage,
} from "../../src/domain/modelRequest.ts"
import { ModelError } from "../../src/model/ModelError.ts"
import { type ModelCall, type ModelDelta, Models } from "../../src/model/Models.ts"
import type { ModelInfo } from "../../src/model/Provider.ts"

export interface Scripted {
  readonly parts: ReadonlyArray<AnswerPart>
  readonly finish?: FinishReason
  readonly usage?: Partial<Usage>
  readonly usd?: number
  /** Before the answer comes. */
  readonly before?: Effect.Effect<unknown>
}
export type Answering = (call: ModelCall) => Scripted | ModelFailure

export const say = (text: string): Scripted => ({ parts: [{ type: "text", text }] })
export const call = (
  id: string,
  name: string,
  params: AnswerPart extends never ? never : unknown,
): AnswerPart => ({
  type: "tool-call",
  id,
  name,
  params: params as never,
})
export const calls = (...parts: ReadonlyArray<AnswerPart>): Scripted => ({ parts, finish: "tool-calls" })

/** Answers in order; the last again and again. */
export const inOrder = (...answers: ReadonlyArray<Scripted | ModelFailure>): Answering => {
  let next = 0
  return () => answers[Math.min(next++, answers.length - 1)]!
}

const info: ModelInfo = {
  name: "test/one",
  window: 100_000,
  maxOutput: 4_000,
  tools: true,
  images: true,
  thinking: false,
  structured: true,
  caching: "automatic",
  resumes: false,
  retires: null,
}

const sha = (text: string): string => createHash("sha256").update(text).digest("hex")
const callIdOf = (one: ModelCall, attempt: number): string =>
  `m_${sha(`${one.cause.id}:${one.purpose}:${attempt}`).slice(0, 16)}`

const failure = (reason: ModelFailure): ModelError =>
  new ModelError({
    reason,
    provider: "test",
    status: null,
    requestId: null,
    message: `the test model failed: ${reason}`,
    cure: "",
    retryAfterMs: null,
    begun: false,
  })

/** `asked`: every request, in order. */
export const scriptedModels = (
  answering: Answering,
  asked: Array<ModelCall> = [],
  described: Partial<ModelInfo> = {},
): Layer.Layer<Models, never, AgentLog> =>
  Layer.effect(
    Models,
    Effect.gen(function* () {
      const log = yield* AgentLog
      const header = (one: ModelCall, id: string) => ({
        actor: "model",
        workspace: one.workspace,
        trust: one.trust,
        causationId: one.cause.id,
        correlationId: ["chat", "agent", "draft"].includes(one.purpose) ? one.session : id,
      })
      const attemptOf = Effect.fnUntraced(function* (one: ModelCall) {
        const events = yield* log.read(one.session ?? "")
        const before = events.filter(
          (event) => event.type === "model.requested" && event.causationId === one.cause.id,
        )
        return before.length
      })
      const answer = Effect.fnUntraced(function* (
        one: ModelCall,
        show: (delta: ModelDelta) => Effect.Effect<unknown>,
      ): Effect.fn.Return<EventOf<"model.answered">, ModelError> {
        asked.push(one)
        const attempt = yield* attemptOf(one)
        const id = callIdOf(one, attempt)
        const record = JSON.stringify({ base: null, messages: one.request.messages, rest: null })
        yield* log.append([
          {
            ...draft(
              "model.requested",
              {
                call: id,
                purpose: one.purpose,
                session: one.session,
                situation: one.situation,
                rule: one.rule,
                model: one.request.model,
                digest: sha(JSON.stringify(one.request)),
                record: sha(record),
                bytes: record.length,
                worstUsd: 0,
                of: attempt === 0 ? null : callIdOf(one, attempt - 1),
                attempt,
              },
              header(one, id),
            ),
            blobs: [new TextEncoder().encode(record)],
          },
        ])
        const scripted = answering(one)
        if (typeof scripted === "string") {
          yield* log.append([
            draft(
              "model.failed",
              {
                call: id,
                reason: scripted,
                status: null,
                requestId: null,
                message: `the test model failed: ${scripted}`,
                cure: "",
                retryAfterMs: null,
                usage: null,
                usd: null,
                prices: "none",
                durationMs: 1,
              },
              header(one, id),
            ),
          ])
          return yield* failure(scripted)
        }
        for (const part of scripted.parts) {
          if (part.type === "text") yield* show({ _tag: "text", text: part.text })
          if (part.type === "tool-call") yield* show({ _tag: "tool", part })
        }
        yield* scripted.before ?? Effect.void
        const bytes = JSON.stringify(one.request).length
        const [event] = yield* log.append([
          draft(
            "model.answered",
            {
              call: id,
              served: one.request.model,
              content: [...scripted.parts],
              finish: scripted.finish ?? "stop",
              usage: {
                input: Math.ceil(bytes / 4),
                output: 10,
                cacheRead: 0,
                cacheWrite: 0,
                ...scripted.usage,
              },
              usd: scripted.usd ?? 0.01,
              prices: "test",
              requestId: null,
              firstTokenMs: 1,
              durationMs: 1,
            },
            header(one, id),
          ),
        ])
        return event as EventOf<"model.answered">
      })
      return Models.of({
        stream: (one) =>
          Stream.callback<ModelDelta, ModelError>((queue) =>
            answer(one, (delta) => Queue.offer(queue, delta)).pipe(
              Effect.flatMap((event) => Queue.offer(queue, { _tag: "answered", event })),
              Effect.flatMap(() => Queue.end(queue)),
              Effect.catch((error) => Queue.fail(queue, error)),
            ),
          ),
        answer: (one) => answer(one, () => Effect.void),
        resolve: (name) =>
          name === "none"
            ? Effect.fail(failure("not-found"))
            : Effect.succeed(name.includes("/") ? name : "test/one"),
        info: () => Effect.succeed({ ...info, ...described }),
        list: Effect.succeed({ models: [info], failed: [] }),
        count: (request: ModelRequest) => Effect.succeed(Math.ceil(JSON.stringify(request).length / 4)),
        available: () => Effect.succeed(true),
        effort: () => Effect.succeed(null),
      })
    }),
  )
