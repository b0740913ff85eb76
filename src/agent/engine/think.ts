/**
 * One answer of a model: the prompt of the transcript as it is, what comes in shown to whoever watches.
 * Invariant: the answer is in the log before anybody goes on with it; how it failed is a value here, never a crash.
 */
import { Effect, Stream } from "effect"
import { deliberationRule } from "../../domain/events/thought.ts"
import type { ModelPurpose } from "../../domain/modelRequest.ts"
import { ModelError } from "../../model/ModelError.ts"
import type { ModelCall, Models } from "../../model/Models.ts"
import type { AgentLog } from "../AgentLog.ts"
import { type Blobs, blobsOf, promptOf } from "../session/prompt.ts"
import type { Transcript } from "../session/transcript.ts"
import type { Hub } from "./Hub.ts"

const purposes: Readonly<Record<Transcript["kind"], ModelPurpose>> = {
  chat: "chat",
  ask: "chat",
  print: "chat",
  draft: "draft",
  agent: "agent",
}

/** `held`: those that were read before. */
const blobsFor = Effect.fnUntraced(function* (
  log: AgentLog["Service"],
  transcript: Transcript,
  held: Map<string, Uint8Array> = new Map(),
) {
  for (const hash of blobsOf(transcript)) {
    const bytes = held.has(hash) ? null : yield* log.blob(hash)
    if (bytes !== null) held.set(hash, bytes)
  }
  return held as Blobs
})

/** Null: the answer is in the log. */
export const think = Effect.fnUntraced(function* (
  services: { readonly log: AgentLog["Service"]; readonly models: Models["Service"]; readonly hub: Hub },
  transcript: Transcript,
  cause: ModelCall["cause"],
  maxOutput: number,
  held: Map<string, Uint8Array>,
): Effect.fn.Return<ModelError | null> {
  const { hub, log, models } = services
  const { session, situation, trust, workspace } = transcript
  const request = promptOf(transcript, yield* blobsFor(log, transcript, held), maxOutput)
  const before = transcript.entries.findLast((entry) => entry._tag === "answered")
  const call: ModelCall = {
    purpose: purposes[transcript.kind],
    session,
    situation,
    rule: transcript.kind === "draft" && situation !== null ? deliberationRule : null,
    workspace,
    trust,
    cause,
    request,
    base: before?._tag === "answered" ? before.call : null,
  }
  return yield* models.stream(call).pipe(
    Stream.runForEach((delta) => {
      const known = delta._tag === "answered" ? delta.event.payload.call : null
      return hub.publish(session, { _tag: "model", call: known, cause: cause.seq, delta })
    }),
    Effect.as(null),
    Effect.catch((error: ModelError) => Effect.succeed(error)),
    Effect.ensuring(hub.ended(session)),
  )
})
