/**
 * One vendor's protocol: from a canonical request to the parts of its answer. Adapters are stateless; retries, fallbacks,
 * ceilings and recording stand around them (`Models`).
 * Invariants: one `stream` asks at most once (a provider that resumes reads that one answer over more than one connection),
 * and interrupting it ends the answer: the socket is closed, and a server that would go on is told; parts come in the order
 * of `effect/ai`'s stream protocol and end with `finish`, or it fails; what the vendor sends and this code does not know is
 * carried or left out, never a crash.
 */
import type { Effect, Redacted, Stream } from "effect"
import type { Response } from "effect/ai"
import type { ModelRequest } from "../domain/modelRequest.ts"
import type { ModelError } from "./ModelError.ts"

/** What differs between models, declared and never guessed: from the vendor's list, our own table, or the user's settings. */
export interface ModelInfo {
  /** `provider/id`. */
  readonly name: string
  /** Tokens of prompt and answer together; null: not known. */
  readonly window: number | null
  readonly maxOutput: number | null
  readonly tools: boolean
  readonly images: boolean
  readonly thinking: boolean
  /** Answers that fit a JSON schema are promised by the server. */
  readonly structured: boolean
  /** `marks`: by cache breakpoints; `automatic`: the server caches prefixes by itself; `none`. */
  readonly caching: "marks" | "automatic" | "none"
  /** An answer whose connection broke is taken up where it was, as the settings have it. */
  readonly resumes: boolean
  /** ISO date after which the vendor no longer serves it. */
  readonly retires: string | null
}

/** Null where the endpoint takes none (a local server). */
export type Credential = Redacted.Redacted<string> | null

export interface Provider {
  readonly name: string
  /**
   * Parts as of `effect/ai`. Under `claw` in their metadata: `requestId` with `response-metadata`, canonical `usage` (null:
   * the server did not say) and `stopped`, its own word for why, with `finish`. `answerFold` reads them.
   */
  readonly stream: (
    request: ModelRequest,
    credential: Credential,
  ) => Stream.Stream<Response.StreamPartEncoded, ModelError>
  /**
   * As `stream`, but no byte of the request goes out before `may` has succeeded, and all that can be done until then is
   * done meanwhile; it fails as soon as `halted` does. Absent: `stream` is begun after it.
   */
  readonly streamAfter?: (
    request: ModelRequest,
    credential: Credential,
    may: Effect.Effect<unknown>,
    halted?: Effect.Effect<never, ModelError>,
  ) => Stream.Stream<Response.StreamPartEncoded, ModelError>
  /**
   * The vectors of the request's texts: one `file` part of `vectorsPart` instead of text, else as `stream`. Absent: it has
   * none.
   */
  readonly embed?: (
    request: ModelRequest,
    credential: Credential,
  ) => Stream.Stream<Response.StreamPartEncoded, ModelError>
  /** What the server says it has. */
  readonly models: (credential: Credential) => Effect.Effect<ReadonlyArray<ModelInfo>, ModelError>
  /** Tokens of the request as the server counts them; null: it cannot say. */
  readonly count: (request: ModelRequest, credential: Credential) => Effect.Effect<number | null, ModelError>
}
