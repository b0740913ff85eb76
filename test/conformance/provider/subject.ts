/** What is tried of every provider: who is asked and over what, and what of an answer is looked at. */
import { assert } from "@effect/vitest"
import { Effect, type Redacted, type Scope, Stream } from "effect"
import type { Response } from "effect/ai"
import type { ModelMessage, ModelRequest } from "../../../src/domain/modelRequest.ts"
import { answerOf } from "../../../src/model/answer.ts"
import type { ModelError } from "../../../src/model/ModelError.ts"
import type { Provider } from "../../../src/model/Provider.ts"
import type { Asked, Turn } from "../../fixtures/models/turns.ts"
import { request } from "../../model/requests.ts"

export interface ProviderSubject {
  readonly provider: Provider
  readonly credential: Redacted.Redacted<string> | null
  /** What came over the wire; null: nothing goes over a wire. */
  readonly journal: ReadonlyArray<Asked> | null
}

export interface ProviderHarness {
  readonly make: (turns: ReadonlyArray<Turn>) => Effect.Effect<ProviderSubject, never, Scope.Scope>
  /** It goes over HTTP, so what breaks there is tried. */
  readonly http: boolean
  /** Reasoning goes back to the server in its own form. */
  readonly carriesReasoning: boolean
  /** Doubled and swapped events can be told from others. */
  readonly ordered: boolean
  /** Counts tokens. */
  readonly counts: boolean
  /** An answer whose connection breaks is taken up where it was. */
  readonly resumes?: boolean
  /** What is told from a log has an end. */
  readonly neverStalls?: boolean
}

/** One test over a provider that is answered by these turns. */
export type Trial = (
  what: string,
  turns: ReadonlyArray<Turn>,
  body: (subject: ProviderSubject) => Effect.Effect<void, unknown, Scope.Scope>,
) => void

export type Part = Response.StreamPartEncoded

export const ask = (subject: ProviderSubject, over: Partial<ModelRequest> = {}) =>
  Stream.runCollect(subject.provider.stream(request(over), subject.credential))

export const refusalOf = (subject: ProviderSubject): Effect.Effect<ModelError> =>
  Effect.orDie(Effect.flip(ask(subject)))

/** The protocol of stream parts: what begins ends, in between nothing else of that id, a finish and nothing after it. */
export const assertWellFormed = (parts: ReadonlyArray<Part>): void => {
  const open = new Set<string>()
  const params = new Set<string>()
  parts.forEach((part, at) => {
    switch (part.type) {
      case "text-start":
      case "reasoning-start":
      case "tool-params-start":
        assert.isFalse(open.has(part.id), `${part.id} begins twice`)
        open.add(part.id)
        break
      case "text-delta":
      case "reasoning-delta":
      case "tool-params-delta":
        assert.isTrue(open.has(part.id), `${part.id} is not open`)
        break
      case "text-end":
      case "reasoning-end":
      case "tool-params-end":
        assert.isTrue(open.delete(part.id), `${part.id} ends and is not open`)
        if (part.type === "tool-params-end") params.add(part.id)
        break
      case "tool-call":
        assert.isTrue(params.has(part.id), "a call comes after its parameters")
        break
      case "finish":
        assert.strictEqual(at, parts.length - 1)
        break
      default:
    }
  })
  assert.strictEqual(open.size, 0)
  assert.strictEqual(parts.at(-1)?.type, "finish")
}

export const textIn = (parts: Iterable<Part>): string =>
  answerOf(parts)
    .content.flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("")

export const callsIn = (parts: Iterable<Part>) =>
  answerOf(parts).content.flatMap((part) => (part.type === "tool-call" ? [part] : []))

export const results = (parts: Iterable<Part>): ReadonlyArray<ModelMessage> => {
  const { content } = answerOf(parts)
  return [
    { role: "assistant", content },
    {
      role: "tool",
      content: callsIn(parts).map(({ id, name }) => ({
        type: "tool-result" as const,
        id,
        name,
        isFailure: false,
        result: "done",
      })),
    },
  ]
}
