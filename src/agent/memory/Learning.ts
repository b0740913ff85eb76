/**
 * What makes memories without being asked: a person's answers to suggestions, conversations that are over, time. Everything
 * it does is caused by an event: nothing happens on an idle day.
 * Invariants: what it proposes waits in the inbox, but for the user's own words where the user's setting lets them in; a
 * conversation is looked through once for each stretch of it; a model that does not answer costs nothing but this stretch
 * being looked at again another time; forgetting happens at most once a day and can be taken back.
 */
import { Cause, Clock, Context, Effect, Layer, Queue, Ref, Stream } from "effect"
import type { MemorySettings } from "../../config/memorySettings.ts"
import { draft, type Event } from "../../domain/event.ts"
import { allMemories } from "../../domain/memories.ts"
import type { SessionRow } from "../../domain/sessions.ts"
import { Models } from "../../model/Models.ts"
import { AgentLog } from "../AgentLog.ts"
import { load } from "../engine/load.ts"
import type { Transcript } from "../session/transcript.ts"
import { extractedFrom, extractionRequest } from "./extraction.ts"
import { feedbackOf, isFeedback } from "./feedback.ts"
import { dueToForget } from "./forgetting.ts"
import { Memories } from "./Memories.ts"
import { answerDraft } from "./memoryDrafts.ts"

/** Words of the user in one stretch: with fewer there is nothing to learn from. */
const leastWords = 2
/** With so many it is looked through as soon as it rests. */
const manyWords = 8
/** Conversations that are looked at when the next one begins. */
const mostBehind = 3
/** One that is older was over long ago. */
const oldestMs = 14 * 86_400_000
/** Answers to suggestions of before a restart, looked at again: proposing twice proposes once. */
const lookBack = 500
const mostForgotten = 200

const concerns: ReadonlySet<Event["type"]> = new Set([
  "session.opened",
  "session.archived",
  "session.rested",
  "approval.rejected",
  "approval.edited",
])

const wordsBehind = (transcript: Transcript, after: number): number =>
  transcript.entries.filter((entry) => entry._tag === "said" && entry.seq > after).length

export class Learning extends Context.Service<
  Learning,
  {
    /** Looks through what of this conversation was not looked through yet; how many proposals came of it. */
    readonly extract: (session: string, least: number) => Effect.Effect<number>
    /** Lets go of what has had its day; what it was. */
    readonly fade: Effect.Effect<ReadonlyArray<string>>
    readonly run: Effect.Effect<never>
  }
>()("claw/agent/Learning") {
  static readonly layer = (options: {
    readonly settings: (workspace: string | null) => Effect.Effect<MemorySettings>
  }) =>
    Layer.effect(
      Learning,
      Effect.gen(function* () {
        const log = yield* AgentLog
        const models = yield* Models
        const memories = yield* Memories
        const faded = yield* Ref.make("")

        /** Up to where it was looked through. */
        const lookedAt = Effect.fnUntraced(function* (session: string) {
          const events = yield* log.read(session)
          const last = events.findLast((event) => event.type === "memory.extracted")
          return last?.type === "memory.extracted" ? (last.payload?.upTo ?? 0) : 0
        })

        const asked = Effect.fnUntraced(function* (transcript: Transcript, after: number) {
          const { session, situation, workspace } = transcript
          const last = transcript.entries.at(-1)!
          const model = yield* Effect.orElseSucceed(
            models.resolve("small", workspace),
            () => transcript.model,
          )
          return yield* models.answer({
            purpose: "extract",
            session,
            situation,
            rule: null,
            workspace,
            // others' words stand in it, and what comes back may be theirs
            trust: "untrusted",
            cause: { seq: last.seq, id: last.id },
            request: extractionRequest(transcript, after, model),
            base: null,
          })
        })

        const extract = Effect.fn("Learning.extract")(function* (session: string, least: number) {
          const transcript = yield* Effect.orElseSucceed(load(log, session), () => null)
          if (transcript === null) return 0
          const { workspace } = transcript
          const settings = yield* options.settings(workspace)
          if (!settings.extract || !(yield* models.available(workspace))) return 0
          const after = yield* lookedAt(session)
          if (wordsBehind(transcript, after) < least) return 0
          const event = yield* Effect.orElseSucceed(asked(transcript, after), () => null)
          if (event === null) return 0
          const { call, content } = event.payload
          const text = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")
          const found = extractedFrom(transcript, after, { text, call, id: event.id })
          let proposed = 0
          for (const { own, ...proposal } of found?.proposals ?? []) {
            const accept = own && settings.accept === "own" && proposal.scope === "workspace"
            if ((yield* memories.propose(proposal, { accept })) !== null) proposed += 1
          }
          const upTo = transcript.entries.at(-1)!.seq
          yield* log.append([
            draft(
              "memory.extracted",
              { session, upTo, proposed, dropped: found?.dropped ?? 0, call },
              { actor: "claw", workspace, causationId: event.id, correlationId: session },
            ),
          ])
          return proposed
        })

        const fade = Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const due = dueToForget(allMemories(yield* memories.state), now).slice(0, mostForgotten)
          const rows = yield* Effect.forEach(due, (id) => Effect.orDie(memories.get(id)))
          yield* log.append(
            rows.map(({ id, workspace }) =>
              answerDraft("memory.forgotten", { memory: id, reason: "unused", surface: null }, workspace),
            ),
          )
          return due
        })

        const fadeDaily = Effect.gen(function* () {
          const day = new Date(yield* Clock.currentTimeMillis).toISOString().slice(0, 10)
          if ((yield* Ref.getAndSet(faded, day)) !== day) yield* fade
        })

        /** Those that were looked through to their end, as far as is remembered at a glance: reading them costs. */
        const doneIn = Effect.fnUntraced(function* (workspace: string | null) {
          if (workspace === null) return new Map<string, number>()
          const events = yield* log.recent({ workspace, types: ["memory.extracted"], limit: 50 })
          return new Map(
            events
              .toReversed()
              .flatMap((event) =>
                event.type === "memory.extracted" && (event.payload as unknown) !== null
                  ? [[event.payload.session, event.payload.upTo] as const]
                  : [],
              ),
          )
        })

        const isOver = (row: SessionRow, begun: Event, now: number): boolean =>
          row.kind === "chat" &&
          row.state === "resting" &&
          row.workspace === begun.workspace &&
          row.id !== begun.correlationId &&
          row.words >= leastWords &&
          now - Date.parse(row.lastAt) < oldestMs

        const begun = Effect.fnUntraced(function* (event: Event) {
          yield* fadeDaily
          const now = yield* Clock.currentTimeMillis
          const done = yield* doneIn(event.workspace)
          const rows = Object.values(yield* log.sessions).filter(
            (row) => isOver(row, event, now) && (row.rested?.seq ?? 0) > (done.get(row.id) ?? 0),
          )
          for (const { id } of rows.slice(-mostBehind)) yield* extract(id, leastWords)
        })

        const rested = Effect.fnUntraced(function* (session: string) {
          const row = (yield* log.sessions)[session]
          if (row?.kind === "chat" && row.words >= manyWords) yield* extract(session, manyWords)
        })

        const heard = Effect.fnUntraced(function* (event: Event) {
          if (!concerns.has(event.type) || (event.payload as unknown) === null) return
          if (isFeedback(event)) {
            const proposal = feedbackOf(event, yield* log.read(event.payload.suggestion))
            if (proposal === null) return
            const { accept } = yield* options.settings(event.workspace)
            yield* memories.propose(proposal, { accept: accept === "own" })
            return
          }
          const session = event.correlationId
          if (session === null) return
          if (event.type === "session.opened" && event.payload.parent === null) yield* begun(event)
          if (event.type === "session.archived" && !event.payload.restored)
            yield* extract(session, leastWords)
          if (event.type === "session.rested") yield* rested(session)
        })

        const safely = (event: Event) =>
          Effect.catchCause(heard(event), (cause) =>
            Cause.hasInterruptsOnly(cause)
              ? Effect.interrupt
              : Effect.logError(`learning from event ${event.seq}: ${Cause.pretty(cause)}`),
          )

        /** Conversations wait in a line of their own: a model that is slow holds up nothing learnt from an answer. */
        const run = Effect.scoped(
          Effect.gen(function* () {
            const head = yield* log.head
            const over = yield* Queue.sliding<Event>(100)
            yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.take(over), safely)))
            yield* Stream.runForEach(log.follow(Math.max(0, head - lookBack)), (events) =>
              Effect.forEach(
                events.filter((event) => concerns.has(event.type)),
                (event) => {
                  if (isFeedback(event)) return safely(event)
                  return event.seq > head ? Queue.offer(over, event) : Effect.void
                },
                { discard: true },
              ),
            )
            return yield* Effect.never
          }),
        )

        return Learning.of({ extract, fade, run })
      }),
    )
}
