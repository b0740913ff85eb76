/**
 * Does what the decider's `think` and `draft` commands ask for: gathers what is known of a situation, has a model look at it
 * or prepare work on it, and appends what came of it. Says in the log whether a model can be asked at all.
 * Invariants: no model is asked without a command, and each command ends in one event, whatever fails; everything a prompt is
 * made of is in the log before it is sent; after a crash the same command goes on where it was, and pays for no answer twice.
 */
import { Cause, Context, Effect, FiberMap, Layer, Option, Schedule, Stream, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import {
  type Drafted,
  draftFormat,
  draftSession,
  draftTools,
  draftWord,
  notDrafted,
  readDraft,
} from "../agent/deliberation/draft.ts"
import { readTriage, type Thought, triageRequest } from "../agent/deliberation/triage.ts"
import { Sessions } from "../agent/Sessions.ts"
import type { DeliberationSettings } from "../config/deliberationSettings.ts"
import type { Command } from "../decide/Decider.ts"
import { thinkingComponent } from "../decide/deliberation/state.ts"
import { draft, type Event, type EventOf } from "../domain/event.ts"
import { deliberationRule, type Unthought } from "../domain/events/thought.ts"
import type { ModelError } from "../model/ModelError.ts"
import { Models } from "../model/Models.ts"
import { Probes } from "../observe/probes/answer.ts"
import { Appender } from "./Appender.ts"
import { gatherEvidence, piecesOf } from "./evidence.ts"
import { Folds } from "./Folds.ts"
import { Judge } from "./Judge.ts"
import { latest } from "./latest.ts"

type Think = Extract<Command, { readonly _tag: "think" }>
type Draft = Extract<Command, { readonly _tag: "draft" }>
type Opened = EventOf<"situation.opened">

const again = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("5 minutes")])

const withoutThought = (reason: Unthought["reason"], message: string): Thought => ({
  skipped: { reason, message },
  triage: null,
  dropped: [],
})

const reasonOf = ({ reason }: ModelError): Unthought["reason"] =>
  reason === "paused" || reason === "spend-limit"
    ? "paused"
    : reason === "credentials" || reason === "not-found"
      ? "unavailable"
      : "failed"
const told = ({ cure, message }: ModelError): string => (cure === "" ? message : `${message}: ${cure}`)

export class Thinker extends Context.Service<
  Thinker,
  {
    /** Looks whether a model can be asked, and says it where that changed. */
    readonly look: Effect.Effect<void>
    /** Runs until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/loop/Thinker") {
  static readonly layer = (options: { readonly settings: Effect.Effect<DeliberationSettings> }) =>
    Layer.effect(
      Thinker,
      Effect.gen(function* () {
        const store = yield* LogStore
        const folds = yield* Folds
        const appender = yield* Appender
        const probes = yield* Probes
        const judge = yield* Judge
        const models = yield* Models
        const sessions = yield* Sessions
        const services = { store, appender, probes, judge }
        const work = yield* FiberMap.make<string>()
        const running = new Set<string>()

        const look = Effect.gen(function* () {
          const can = yield* models.available(null)
          const { decider } = yield* SubscriptionRef.get(folds.snapshot)
          if (decider.deliberation.on === can) return
          const detail = can
            ? "a model looks at what no rule explains"
            : "no model can be asked: claw model and claw login say what is missing"
          const events = yield* appender.append([
            draft(
              "daemon.health",
              { component: thinkingComponent, state: can ? "running" : "stopped", backend: null, detail },
              { actor: "daemon" },
            ),
          ])
          yield* folds.reached(events.at(-1)!.seq)
        })

        const header = (opened: Opened | null, command: Think | Draft) => ({
          actor: "thinker",
          workspace: command.workspace,
          trust: "untrusted" as const,
          causationId: opened?.id ?? null,
        })

        const situationOf = Effect.fnUntraced(function* (seq: number) {
          const event = yield* Effect.orDie(store.get(seq))
          return event?.type === "situation.opened" && (event.payload as unknown) !== null ? event : null
        })
        const preparedOf = (opened: Opened) =>
          store.read({ causationId: opened.id, types: ["situation.prepared"], limit: 1 }).pipe(
            Stream.filter(
              (event): event is EventOf<"situation.prepared"> =>
                event.type === "situation.prepared" && (event.payload as unknown) !== null,
            ),
            Stream.runHead,
            Effect.map(Option.getOrNull),
            Effect.orDie,
          )

        /** Gathered once: after a crash it thinks about the same. */
        const known = Effect.fnUntraced(function* (opened: Opened) {
          const before = yield* preparedOf(opened)
          if (before !== null) return { prepared: before, pieces: yield* piecesOf(store, before) }
          return yield* gatherEvidence(services, opened, (yield* options.settings).contextTokens)
        })

        const textOf = ({ payload }: EventOf<"model.answered">): string =>
          payload.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")

        const triaged = Effect.fnUntraced(function* (opened: Opened) {
          if (!(yield* models.available(opened.workspace))) {
            yield* look
            return { thought: withoutThought("unavailable", "no model can be asked"), call: null }
          }
          const { pieces, prepared } = yield* known(opened)
          const model = yield* models.resolve("small", opened.workspace)
          const answered = yield* models.answer({
            purpose: "triage",
            session: null,
            situation: opened.seq,
            rule: deliberationRule,
            workspace: opened.workspace,
            trust: "untrusted",
            cause: { seq: prepared.seq, id: prepared.id },
            request: { ...triageRequest(opened, pieces), model },
            base: null,
          })
          return { thought: readTriage(textOf(answered), pieces), call: answered.payload.call }
        })

        const think = Effect.fnUntraced(function* (command: Think) {
          const opened = yield* situationOf(command.situation)
          const { call, thought } =
            opened === null
              ? { thought: withoutThought("gone", "its situation was erased"), call: null }
              : yield* Effect.catch(triaged(opened), (error: ModelError) =>
                  Effect.succeed({ thought: withoutThought(reasonOf(error), told(error)), call: null }),
                )
          yield* appender.append([
            draft(
              "situation.thought",
              { situation: command.situation, ...thought, call },
              header(opened, command),
            ),
          ])
          if (thought.skipped?.reason === "unavailable") yield* look
        })

        const prepareDraft = Effect.fnUntraced(function* (opened: Opened, command: Draft) {
          const thought = yield* Effect.orDie(store.get(command.thought))
          const triage =
            thought?.type === "situation.thought" && (thought.payload as unknown) !== null
              ? thought.payload.triage
              : null
          const prepared = yield* preparedOf(opened)
          if (triage === null || prepared === null || opened.workspace === null)
            return { session: null, drafted: notDrafted("gone", "what it rests on was erased") }
          const pieces = yield* piecesOf(store, prepared)
          const id = draftSession(opened.id)
          const { session } = yield* sessions.open({
            id,
            kind: "draft",
            workspace: opened.workspace,
            actor: "claw",
            title: triage.title,
            model: "strong",
            tools: draftTools,
            format: draftFormat,
            situation: opened.seq,
            trust: "untrusted",
            causationId: thought!.id,
          })
          const said = (yield* store
            .read({ correlationId: session, types: ["session.said"], limit: 1 })
            .pipe(Stream.runCollect, Effect.orDie))[0]
          const seq =
            said?.seq ??
            (yield* sessions.say({
              session,
              text: draftWord(triage, pieces),
              files: [],
              surface: null,
              actor: "claw",
              trust: "untrusted",
            }))
          const { payload } = yield* sessions.rested(session, seq)
          const drafted: Drafted =
            payload.reason === "completed"
              ? readDraft(yield* sessions.transcript(session), pieces)
              : notDrafted(
                  payload.reason === "money" ? "paused" : "failed",
                  payload.message || payload.reason,
                )
          return { session, drafted }
        })

        const prepare = Effect.fnUntraced(function* (command: Draft) {
          const opened = yield* situationOf(command.situation)
          const { drafted, session } =
            opened === null
              ? { session: null, drafted: notDrafted("gone", "its situation was erased") }
              : yield* Effect.catch(prepareDraft(opened, command), (error) =>
                  Effect.succeed({ session: null, drafted: notDrafted("failed", error.message) }),
                )
          yield* appender.append([
            draft(
              "situation.drafted",
              { situation: command.situation, session, ...drafted },
              header(opened, command),
            ),
          ])
        })

        /** A defect is said and tried again, ever more seldom: the command waits for it to be mended. */
        const untilDone = (command: Think | Draft) =>
          (command._tag === "think" ? think(command) : prepare(command)).pipe(
            Effect.catchCause((cause) =>
              Cause.hasInterruptsOnly(cause)
                ? Effect.interrupt
                : Effect.andThen(
                    Effect.logError(`${command.key}: ${Cause.pretty(cause)}`),
                    Effect.fail(Cause.pretty(cause).split("\n")[0] ?? "unknown"),
                  ),
            ),
            Effect.retry(again),
            Effect.orDie,
          )

        const dispatch = Effect.fnUntraced(function* (outbox: ReadonlyArray<Command>) {
          const present = new Set(outbox.map(({ key }) => key))
          for (const key of running) if (!present.has(key)) running.delete(key)
          for (const command of outbox) {
            if ((command._tag !== "think" && command._tag !== "draft") || running.has(command.key)) continue
            running.add(command.key)
            yield* FiberMap.run(work, command.key, untilDone(command))
          }
        })

        /** What may have made a model reachable, or taken it away. */
        const concerns = (event: Event): boolean =>
          event.type === "daemon.config" ||
          (event.type === "daemon.health" && event.payload.component.startsWith("credentials"))

        const looking = Effect.gen(function* () {
          const { seq } = yield* SubscriptionRef.get(folds.snapshot)
          yield* look
          yield* Stream.runForEach(folds.follow(seq), (events) =>
            events.some(concerns) ? look : Effect.void,
          )
          return yield* Effect.never
        })

        const thinking = latest(folds.snapshot).pipe(
          Stream.map(({ decider }) => decider.outbox),
          Stream.changesWith((before, after) => before === after),
          Stream.runForEach(dispatch),
          Effect.andThen(Effect.never),
        )

        return Thinker.of({ look, run: Effect.raceFirst(thinking, looking) })
      }),
    )
}
