/**
 * What slash commands stand on, from what the daemon's other calls stand on: the same services, the same answers.
 * Invariant: it checks nobody; a command that changes something got here only with a person's proof.
 */
import { Deferred, Effect, Layer, Semaphore, Stream } from "effect"
import { LogStore } from "../../../log-store/LogStore.ts"
import { CommandError, toCommandError } from "../../agent/commands/Command.ts"
import { Ground } from "../../agent/commands/Ground.ts"
import type { SettingValue } from "../../act/ConfigAccess.ts"
import { describe } from "../../domain/describe.ts"
import { draft, type Event } from "../../domain/event.ts"
import { Models } from "../../model/Models.ts"
import { Answers } from "../../loop/Answers.ts"
import { Appender } from "../../loop/Appender.ts"
import { Calls } from "../../loop/Calls.ts"
import { Folds } from "../../loop/Folds.ts"
import { Grants } from "../../loop/Grants.ts"
import { StopWork } from "../../loop/StopWork.ts"
import { type BacktestError, BacktestRpcs } from "../../rpc/backtests.ts"
import { AnswerRpcs, ReadRpcs, SettingRpcs } from "../../rpc/ClawRpcs.ts"
import { SessionRpcs } from "../../rpc/sessions.ts"
import type { ReplayReport } from "../../rpc/shapes.ts"
import { Gate } from "../Gate.ts"

export interface GroundOptions {
  /** Sets `section.key` in the user's own file. */
  readonly change: (
    section: string,
    key: string,
    value: SettingValue,
  ) => Effect.Effect<unknown, { readonly message: string }>
}

const tagReasons: Readonly<Record<string, CommandError["reason"]>> = {
  NoSuch: "no-such",
  BadInput: "input",
  Refused: "refused",
  NeedsPerson: "person",
}
const asCommand = (error: { readonly _tag: string; readonly message: string }) =>
  new CommandError({ reason: tagReasons[error._tag] ?? "unavailable", message: error.message })
const refused = (error: { readonly message: string }) =>
  new CommandError({ reason: "refused", message: error.message })

const asUnavailable = (error: { readonly message: string }) =>
  new CommandError({ reason: "unavailable", message: error.message })

/** No connection stands behind a call of the daemon to itself, and none of these calls asks for one. */
const itself = () => ({}) as never

type Given<A> = A extends Deferred.Deferred<infer _Later, infer _Error> ? never : A
/** A handler may answer later by a deferred; none of these does. */
const given = <A, E>(answer: Effect.Effect<A, E>): Effect.Effect<Given<A>, E> =>
  Effect.flatMap(answer, (value) =>
    Deferred.isDeferred(value)
      ? Effect.die(new Error("a call of the daemon to itself was put off"))
      : Effect.succeed(value as Given<A>),
  )

type ReplaySummary = typeof ReplayReport.Type
type Replaying = Stream.Stream<
  { readonly _tag: "progress" | "rows" } | { readonly _tag: "summary"; readonly summary: ReplaySummary },
  BacktestError
>

const line = (event: Event) => ({
  seq: event.seq,
  at: event.at,
  type: event.type,
  actor: event.actor,
  text: describe(event),
})

export const commandGround = ({ change }: GroundOptions) =>
  Layer.effect(
    Ground,
    Effect.gen(function* () {
      const store = yield* LogStore
      const folds = yield* Folds
      const answers = yield* Answers
      const appender = yield* Appender
      const calls = yield* Calls
      const stopWork = yield* StopWork
      const gate = yield* Gate
      const grants = yield* Grants
      const models = yield* Models
      // two that come together are both written
      const changing = yield* Semaphore.make(1)

      const read = {
        status: yield* ReadRpcs.accessHandler("Status"),
        queue: yield* ReadRpcs.accessHandler("Queue"),
        todos: yield* ReadRpcs.accessHandler("Todos"),
        why: yield* ReadRpcs.accessHandler("Why"),
        checks: yield* SettingRpcs.accessHandler("Doctor"),
        config: yield* SettingRpcs.accessHandler("Config"),
        pause: yield* AnswerRpcs.accessHandler("Pause"),
        replay: yield* BacktestRpcs.accessHandler("ReplayPast"),
        sessions: yield* SessionRpcs.accessHandler("Sessions"),
        session: yield* SessionRpcs.accessHandler("Session"),
        context: yield* SessionRpcs.accessHandler("SessionContext"),
        exported: yield* SessionRpcs.accessHandler("ExportSession"),
        search: yield* SessionRpcs.accessHandler("SearchSessions"),
      }

      return Ground.of({
        status: Effect.suspend(() => given(read.status(undefined, itself()))),
        checks: Effect.suspend(() => given(read.checks(undefined, itself()))),
        queue: (all) => given(read.queue({ all }, itself())),
        todos: Effect.suspend(() => given(read.todos(undefined, itself()))),
        why: (id) =>
          Effect.mapBoth(given(read.why({ id }, itself())), {
            onSuccess: ({ cost, steps, taint }) => ({
              cost,
              taint,
              steps: steps.map(({ event, role, text }) => ({ seq: event.seq, role, text })),
            }),
            onFailure: asCommand,
          }),
        log: ({ limit, type, workspace }) =>
          store
            .read({
              limit,
              reverse: true,
              ...(type === null ? {} : { types: [type] }),
              ...(workspace === null ? {} : { workspace }),
            })
            .pipe(
              Stream.runCollect,
              Effect.map((events) => events.map(line)),
              Effect.mapError((error) => new CommandError({ reason: "input", message: error.message })),
            ),
        replay: Effect.suspend(() =>
          (read.replay({ from: null, to: null }, itself()) as Replaying).pipe(
            Stream.runFold(
              () => null as ReplaySummary | null,
              (last, part) => (part._tag === "summary" ? part.summary : last),
            ),
            Effect.mapError(toCommandError),
            Effect.flatMap((last) =>
              last === null
                ? Effect.fail(refused({ message: "the log could not be read to its end" }))
                : Effect.succeed(last),
            ),
          ),
        ),
        judge: (command, { actor, dir }) =>
          gate.judge({ tool: "bash", input: { command } }, { cwd: dir, actor, trust: "trusted" }),
        rules: (workspace) => gate.rules(workspace),
        grants: Effect.map(grants.all, (rows) => rows.filter(({ state }) => state === "in force")),
        revoke: (grant, surface) =>
          Effect.mapBoth(grants.revoke(grant === "all" ? null : grant, "", surface), {
            onSuccess: (rows) => rows.map(({ id }) => id),
            onFailure: toCommandError,
          }),
        settings: (workspace) =>
          Effect.map(given(read.config({ workspace }, itself())), ({ files, settings }) => ({
            settings: settings as never,
            files,
          })),
        change: (key, value) => {
          const [section, name, ...rest] = key.split(".")
          return section === undefined || name === undefined || rest.length > 0
            ? Effect.fail(
                new CommandError({ reason: "input", message: `${key} is not of the form section.key` }),
              )
            : changing.withPermit(Effect.asVoid(Effect.mapError(change(section, name, value), refused)))
        },
        pause: (untilMs) => Effect.asVoid(read.pause({ untilMs }, itself())),
        resume: Effect.fnUntraced(function* (surface) {
          const resumed = draft("daemon.resumed", { reason: "asked" }, { actor: `user:${surface}` })
          const events = yield* Effect.mapError(appender.appendNow([resumed]), asUnavailable)
          yield* folds.reached(events.at(-1)!.seq)
          yield* stopWork.release
        }),
        undo: (id, surface) => Effect.mapError(answers.undo(id, surface), toCommandError),
        call: (tool, input, { actor, dir, workspace }) =>
          calls.call({
            workspace,
            cwd: dir,
            call: { tool, input },
            actor,
            trust: "trusted",
            session: null,
          }),
        sessions: (options) => given(read.sessions(options, itself())),
        session: (session, workspace) =>
          Effect.mapError(given(read.session({ session, workspace }, itself())), asCommand),
        context: (session) => Effect.mapError(given(read.context({ session }, itself())), asCommand),
        answers: (session) =>
          store.read({ correlationId: session, types: ["model.answered"] }).pipe(
            Stream.runCollect,
            Effect.map((events) =>
              events.flatMap((event) =>
                // an erased payload says nothing any more
                event.type === "model.answered" && (event.payload as unknown) !== null ? [event.payload] : [],
              ),
            ),
            Effect.mapError(asUnavailable),
          ),
        exported: (session, format) =>
          Effect.mapError(given(read.exported({ session, format }, itself())), asCommand),
        search: (text, workspace) =>
          Effect.mapError(given(read.search({ text, workspace, limit: 20 }, itself())), asCommand),
        thinks: (model) =>
          Effect.match(models.info(model), { onSuccess: ({ thinking }) => thinking, onFailure: () => true }),
        models: Effect.map(models.list, ({ failed, models: found }) => ({
          models: found.map(({ name }) => name),
          failed: failed.map(({ message, provider }) => `${provider}: ${message}`),
        })),
      })
    }),
  )
