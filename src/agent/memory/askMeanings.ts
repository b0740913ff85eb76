/**
 * Asks a model what texts mean: memories together, a question by itself.
 * Invariants: each is a call like any other (in the log before it is sent, paid for, under the ceilings), but one that the
 * work can do without: it is not tried again, and nobody is asked about money; a text that the model does not take keeps no
 * other from being taken.
 */
import { Cause as Fault, Effect, Exit } from "effect"
import type { Memory } from "../../domain/memories.ts"
import type { ModelFailure } from "../../domain/modelRequest.ts"
import type { ModelCall, Models } from "../../model/Models.ts"
import { modelError } from "../../model/recorderCall.ts"
import { partsOf } from "../../model/routing.ts"
import { embeddingRequest } from "../../model/vectors.ts"
import { asAsked, asKept } from "./embeddingForms.ts"
import { type MemoryVectors, onlyVector } from "./memoryVectors.ts"
import type { ServerHealth } from "./serverHealth.ts"

/** Nobody waits for an answer longer than this. */
const longest = "60 seconds"
/** Texts in one request. */
const together = 32
/** So many texts refused in a row, and none taken: it is the server's fault and not theirs. */
const mostRefused = 3
const ofText: ReadonlySet<ModelFailure> = new Set(["bad-request", "context", "content-filter"])

/** What has memories of one place asked about. */
export interface Occasion {
  readonly cause: ModelCall["cause"]
  readonly workspace: string | null
}

/** What looks for something. */
export interface Asking extends Occasion {
  readonly session: string
}

const textOf = ({ text, topic }: Memory): string => (text.startsWith(topic) ? text : `${topic}\n${text}`)

export const askMeanings = (services: {
  readonly models: Models["Service"]
  readonly vectors: MemoryVectors
  readonly health: ServerHealth
}) => {
  const { health, models, vectors } = services
  /** By model: texts that it does not take. */
  const refused = new Set<string>()

  const answered = Effect.fnUntraced(function* (
    model: string,
    texts: ReadonlyArray<string>,
    call: Pick<ModelCall, "cause" | "memories" | "purpose" | "session" | "workspace">,
  ) {
    const tooLate = modelError(
      "timeout",
      partsOf(model).provider,
      `${model} gave no answer in ${longest}`,
      "",
    )
    const answer = yield* models
      .answer({
        situation: null,
        rule: null,
        // others may have written some of it
        trust: "untrusted",
        request: embeddingRequest(model, texts),
        base: null,
        dispensable: true,
        ...call,
      })
      .pipe(Effect.timeoutOrElse({ duration: longest, orElse: () => Effect.fail(tooLate) }))
    yield* health.answered
    return answer
  })

  const embedSome = Effect.fnUntraced(function* (
    model: string,
    { cause, workspace }: Occasion,
    some: ReadonlyArray<Memory>,
  ) {
    const memories = some.map(({ id }) => id)
    const texts = some.map((memory) => asKept(model, textOf(memory)))
    const call = { purpose: "embed", cause, session: null, workspace, memories } as const
    vectors.take(model, memories, yield* answered(model, texts, call))
  })

  return {
    takes: (model: string, { id }: Memory): boolean => !refused.has(`${model} ${id}`),

    /** Together; those of a request that is refused one by one. Fails where the server is not to be asked on. */
    embed: Effect.fnUntraced(function* (model: string, occasion: Occasion, all: ReadonlyArray<Memory>) {
      let singly = 0
      let inRow = 0
      for (let at = 0; at < all.length;) {
        const some = all.slice(at, at + (singly > 0 ? 1 : together))
        const exit = yield* Effect.exit(embedSome(model, occasion, some))
        const error = Exit.isSuccess(exit) ? undefined : exit.cause.reasons.find(Fault.isFailReason)?.error
        if (Exit.isFailure(exit) && !(error !== undefined && ofText.has(error.reason) && inRow < mostRefused))
          return yield* exit
        if (error !== undefined && some.length > 1) {
          singly = some.length
          continue
        }
        inRow = error === undefined ? 0 : inRow + 1
        if (error !== undefined) refused.add(`${model} ${some[0]!.id}`)
        singly = Math.max(0, singly - 1)
        at += some.length
      }
    }),

    recall: (model: string, query: string, { cause, session, workspace }: Asking) =>
      Effect.map(
        answered(model, [asAsked(model, query)], { purpose: "recall", cause, session, workspace }),
        onlyVector,
      ),
  }
}
