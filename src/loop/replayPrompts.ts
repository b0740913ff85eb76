/**
 * Makes the prompts of the past again: of every call in a conversation the request is built out of the events before it, and
 * its digest held against the one that was logged. Calls outside of conversations are held against their own record.
 * Invariants: no server is asked and nothing appended; what was erased is not compared and counted as that; a prompt that
 * differs is told with what differs, never passed over, unless another version had made it: that is counted apart.
 */
import { Effect, Stream } from "effect"
import type { LogError, LogStore } from "../../log-store/LogStore.ts"
import { sourceOf } from "../agent/engine/load.ts"
import { type Blobs, blobsOf, promptOf } from "../agent/session/prompt.ts"
import { type Transcript, TranscriptFold, transcriptOf } from "../agent/session/transcript.ts"
import type { Event } from "../domain/event.ts"
import { type ModelPurpose, type ModelRequest, promptVersion } from "../domain/modelRequest.ts"
import { type Canonical, canonicalOf, requestFrom } from "../model/recorder.ts"
import { requestDifference } from "../model/recorderReplay.ts"
import type { Range } from "./backtest.ts"
import { isRequested, recordAt, recordedRequest, type Requested } from "./recordedRequests.ts"
import { triageOf } from "./replayTriage.ts"

type Store = typeof LogStore.Service

export interface ChangedPrompt {
  readonly seq: number
  readonly call: string
  /** What is not as it was, the first message first. */
  readonly changes: ReadonlyArray<string>
}

export interface PromptsReport {
  readonly calls: number
  /** Made again out of the log, and the same byte for byte. */
  readonly same: number
  readonly changed: number
  /** Not the same, and made by another version of what makes them. */
  readonly otherVersion: number
  readonly firstChanged: ChangedPrompt | null
  /** Parts of them are erased. */
  readonly erased: number
}

const inConversation: ReadonlySet<ModelPurpose> = new Set(["chat", "agent", "draft"])
const isOfConversation = ({ correlationId, payload }: Requested): boolean =>
  payload.session !== null && inConversation.has(payload.purpose) && correlationId === payload.session

/** Heard only by the next answer, where it came while this one was being asked for. */
const heardLater: ReadonlySet<Event["type"]> = new Set([
  "session.said",
  "session.attached",
  "session.noted",
  "session.changed",
] as const)

type Outcome = "same" | "erased" | ChangedPrompt

type Rest = Pick<ModelRequest, "maxOutput" | "effort">

class Prompts {
  readonly #store: Store
  readonly #blobs = new Map<string, Uint8Array>()
  readonly #rests = new Map<string, Rest>()

  constructor(store: Store) {
    this.#store = store
  }

  #blobsFor(transcript: Transcript): Effect.Effect<Blobs | null, LogError> {
    return Effect.gen({ self: this }, function* () {
      for (const hash of blobsOf(transcript)) {
        if (this.#blobs.has(hash)) continue
        const bytes = yield* this.#store.blob(hash)
        if (bytes === null) return null
        this.#blobs.set(hash, bytes)
      }
      return this.#blobs
    })
  }

  /** What the settings of then said of the answer. */
  #restOf({ payload }: Requested): Effect.Effect<Rest | null, LogError> {
    return Effect.gen({ self: this }, function* () {
      const record = yield* recordAt(this.#store, payload.record)
      if (record === null) return null
      const { base } = record
      const before = base === null ? {} : this.#rests.get(base.call)
      const rest =
        before === undefined
          ? yield* recordedRequest(this.#store, payload.call)
          : ({ ...before, ...record.rest } as Rest)
      if (rest !== null) this.#rests.set(payload.call, rest)
      return rest
    })
  }

  #differing(requested: Requested, now: Canonical): Effect.Effect<Outcome, LogError> {
    const { call, digest } = requested.payload
    return Effect.map(recordedRequest(this.#store, call), (before): Outcome => {
      if (before === null) return "erased"
      const was = canonicalOf(before)
      const differences = requestDifference(was, now)
      const changes =
        was.digest !== digest
          ? ["its record is not what its digest says", ...differences]
          : differences.length === 0
            ? ["something besides messages and tools"]
            : differences
      return { seq: requested.seq, call, changes }
    })
  }

  /** `before`: events of its conversation up to it. */
  made(
    requested: Requested,
    now: Transcript,
    before: ReadonlyArray<Event>,
    source: Transcript | null,
  ): Effect.Effect<Outcome, LogError> {
    return Effect.gen({ self: this }, function* () {
      const rest = yield* this.#restOf(requested)
      if (rest === null) return "erased"
      const cause = before.find(({ id }) => id === requested.causationId)?.seq ?? requested.seq
      const late = before.filter(({ seq, type }) => seq > cause && heardLater.has(type))
      // a change of the model may have come before the prompt was made or after
      const without: ReadonlyArray<ReadonlyArray<Event>> =
        late.length === 0 ? [] : [late, late.filter(({ type }) => type !== "session.changed")]
      const transcripts = [
        ...without.map((left) =>
          transcriptOf(
            before.filter((event) => !left.includes(event)),
            source,
          ),
        ),
        ...(late.length === 0 ? [now] : []),
      ]
      let last: Canonical | null = null
      for (const transcript of transcripts) {
        if (transcript === null) continue
        const blobs = yield* this.#blobsFor(transcript)
        if (blobs === null) return "erased"
        const built = promptOf(transcript, blobs, rest.maxOutput)
        // another model stood in for it
        const model = requested.payload.of === null ? built.model : requested.payload.model
        // a model that does not think is asked without
        const effort = rest.effort === null ? null : built.effort
        last = canonicalOf({ ...built, model, effort })
        if (last.digest === requested.payload.digest) return "same"
      }
      return last === null ? "erased" : yield* this.#differing(requested, last)
    })
  }

  /** A first look at a situation is made of the pieces that were written down for it. */
  #triage(requested: Requested, was: ModelRequest): Effect.Effect<Outcome, LogError> {
    return Effect.gen({ self: this }, function* () {
      const built = yield* triageOf(this.#store, requested)
      if (built === null) return "erased"
      // the model and the length of its answer are the settings' of then
      const now = canonicalOf({ ...built, model: was.model, maxOutput: was.maxOutput })
      return now.digest === requested.payload.digest ? "same" : yield* this.#differing(requested, now)
    })
  }

  /** A call that is in no conversation: its record is what was sent. */
  recorded(requested: Requested): Effect.Effect<Outcome, LogError> {
    return Effect.gen({ self: this }, function* () {
      const { call, digest, record: hash } = requested.payload
      const record = yield* recordAt(this.#store, hash)
      if (record === null) return "erased"
      const request = record.base === null ? requestFrom([record]) : yield* recordedRequest(this.#store, call)
      if (request === null) return "erased"
      if (requested.payload.purpose === "triage") return yield* this.#triage(requested, request)
      return canonicalOf(request).digest === digest
        ? "same"
        : { seq: requested.seq, call, changes: ["its record is not what its digest says"] }
    })
  }
}

const isErased = (event: Event): boolean => (event.payload as unknown) === null

/** `from` and `to` bound which calls are compared. */
export const replayPrompts = Effect.fn("replayPrompts")(function* (
  store: Store,
  { from, to }: Range,
): Effect.fn.Return<PromptsReport, LogError> {
  const prompts = new Prompts(store)
  const report = {
    calls: 0,
    same: 0,
    changed: 0,
    otherVersion: 0,
    firstChanged: null as ChangedPrompt | null,
    erased: 0,
  }
  const count = (outcome: Outcome, made: number | undefined): void => {
    report.calls++
    if (outcome === "same" || outcome === "erased") {
      report[outcome]++
      return
    }
    if (made !== promptVersion) {
      report.otherVersion++
      return
    }
    report.changed++
    if (report.firstChanged === null || outcome.seq < report.firstChanged.seq) report.firstChanged = outcome
  }
  const until = to === null ? {} : { to }
  const conversations = new Set<string>()
  yield* store.read({ types: ["model.requested"], from: from ?? 1, ...until }).pipe(
    Stream.runForEach((event) => {
      if (!isRequested(event)) return Effect.sync(() => count("erased", undefined))
      if (!isOfConversation(event))
        return Effect.map(prompts.recorded(event), (outcome) => count(outcome, event.payload.made))
      return Effect.sync(() => void conversations.add(event.payload.session!))
    }),
  )
  for (const session of conversations) {
    const events = yield* Stream.runCollect(store.read({ correlationId: session, ...until }))
    const read = (id: string, range: { readonly after?: number; readonly to?: number } = {}) =>
      store
        .read({
          correlationId: id,
          from: (range.after ?? 0) + 1,
          ...(range.to === undefined ? {} : { to: range.to }),
        })
        .pipe(Stream.runCollect, Effect.orDie)
    const source = yield* sourceOf({ read }, events)
    const fold = new TranscriptFold(source)
    let erased = false
    for (const [index, event] of events.entries()) {
      fold.take([event])
      erased ||= isErased(event)
      if (!isRequested(event) || event.seq < (from ?? 1)) continue
      const { transcript } = fold
      count(
        erased || transcript === null
          ? "erased"
          : yield* prompts.made(event, transcript, events.slice(0, index), source),
        event.payload.made,
      )
      yield* Effect.yieldNow
    }
  }
  return report
})
