/**
 * The driver of the screen: feeds `update` with what happens, runs the commands it returns, paints what `view` says.
 * Invariants: one fiber owns the model; messages that came together are folded together and painted once; a key is
 * painted at once, everything else at most `frameMs` apart; a lost daemon is retried until it is back.
 */
import {
  Cause,
  Clock,
  Effect,
  FiberHandle,
  FiberSet,
  Option,
  Queue,
  Schedule,
  type Scope,
  Stream,
} from "effect"
import { type Editor, editText } from "./editText.ts"
import { pageSize } from "./log.ts"
import type { Command, Message, Size } from "./messages.ts"
import { initialModel, type Model } from "./model.ts"
import { Screen, type Signal } from "./Screen.ts"
import { type TuiClient, TuiError } from "./TuiClient.ts"
import { update } from "./update.ts"
import { view } from "./view/view.ts"

export interface AppOptions {
  readonly client: TuiClient
  /** A new connection, after the first was lost. */
  readonly reconnect: Effect.Effect<TuiClient, TuiError, Scope.Scope>
  readonly editor: Editor
}

const frameMs = 33
const retry = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("2 seconds")])

type Said = Message extends infer M ? (M extends Message ? Omit<M, "at"> : never) : never

/** Runs until the user leaves; true where that was an interruption. */
export const runApp = Effect.fn("Tui.run")(function* (options: AppOptions) {
  const screen = yield* Screen
  const clock = yield* Clock.Clock
  const inbox = yield* Queue.unbounded<Message>()
  const jobs = yield* FiberSet.make<void>()
  const following = yield* FiberHandle.make<void>()
  let model: Model = initialModel(yield* screen.size, clock.currentTimeMillisUnsafe())
  let client: TuiClient | null = null

  const tell = (said: Said): Effect.Effect<boolean> =>
    Queue.offer(inbox, { ...said, at: clock.currentTimeMillisUnsafe() } as Message)

  /* ---- commands ---- */

  const asked = <A>(
    ask: (connected: TuiClient) => Effect.Effect<A, TuiError>,
    good: (answer: A) => Said,
    bad: (reason: string, error: TuiError) => Said,
  ): Effect.Effect<void> =>
    Effect.suspend(() =>
      client === null
        ? Effect.fail(new TuiError({ reason: "lost", message: "not connected to the daemon" }))
        : ask(client),
    ).pipe(
      Effect.matchEffect({
        onSuccess: (answer) => tell(good(answer)),
        onFailure: (error) => tell(bad(error.message, error)),
      }),
      Effect.asVoid,
    )

  const failed = (id: string) => (reason: string, error: TuiError) =>
    ({
      _tag: "AnswerFailed",
      id,
      reason,
      difference: error.difference ?? [],
      conflicts: error.conflicts ?? [],
    }) as const
  const warned = (text: string) => ({ _tag: "Said", text, tone: "warn" }) as const
  const answered = (ended: boolean) => (row: Extract<Message, { _tag: "Answered" }>["row"]) =>
    ({ _tag: "Answered", row, ended }) as const

  const follow = (session: string): Effect.Effect<void> =>
    asked(
      (daemon) =>
        Stream.runForEach(daemon.follow(session), (part) => tell({ _tag: "PartCame", session, part })),
      () => ({ _tag: "FollowEnded", session, reason: "it is no longer followed" }),
      (reason) => ({ _tag: "FollowEnded", session, reason }),
    )

  const run = (command: Exclude<Command, { _tag: "Quit" }>): Effect.Effect<void> => {
    switch (command._tag) {
      case "LoadDetail":
        return asked(
          (daemon) => daemon.show(command.id),
          (detail) => ({ _tag: "DetailCame", id: command.id, detail }),
          (reason) => ({ _tag: "DetailFailed", id: command.id, reason }),
        )
      case "LoadWhy":
        return asked(
          (daemon) => daemon.why(command.id),
          (why) => ({ _tag: "WhyCame", id: command.id, why }),
          (reason) => ({ _tag: "WhyFailed", id: command.id, reason }),
        )
      case "LoadRange": {
        const { _tag: _, ...range } = command
        return asked(
          (daemon) => daemon.range(range.from, range.to),
          (events) => ({ _tag: "RangeCame", ...range, events }),
          () => ({ _tag: "RangeCame", ...range, events: null }),
        )
      }
      case "LoadMoment": {
        const { point } = command
        return asked(
          (daemon) => daemon.moment(point),
          (moment) => ({ _tag: "MomentCame", point, moment }),
          (reason) => ({ _tag: "MomentFailed", point, reason }),
        )
      }
      case "LoadMarks":
        return asked(
          (daemon) => daemon.marks(command.to, command.limit),
          (marks) => ({ _tag: "MarksCame", to: command.to, marks }),
          warned,
        )
      case "LoadMatches": {
        const { text, from, to, older } = command
        const limit = older ? pageSize : 5 * pageSize
        return asked(
          (daemon) => daemon.matches({ text, from, to, newest: older, limit }),
          (events) => ({
            _tag: "MatchesCame",
            text,
            older,
            events,
            upTo: events.length < limit ? to : (events.at(-1)?.seq ?? to),
          }),
          () => ({ _tag: "MatchesCame", text, older, events: null, upTo: to }),
        )
      }
      case "LoadRecent":
        return asked(
          (daemon) => daemon.all,
          (all) => ({ _tag: "RecentCame", all }),
          warned,
        )
      case "Approve":
        return asked(
          (daemon) =>
            daemon.approve(command.id, command.shown, command.always).pipe(
              Effect.tap((row) => tell(answered(false)(row))),
              Effect.andThen(daemon.ended(command.id)),
            ),
          answered(true),
          failed(command.id),
        )
      case "Edit":
        return asked((daemon) => daemon.edit(command.id, command.actions), answered(true), failed(command.id))
      case "Reject":
        return asked(
          (daemon) => daemon.reject(command.id, command.reason, command.lookedMs),
          answered(true),
          failed(command.id),
        )
      case "Answer":
        return asked(
          (daemon) => daemon.answer(command.id, command.answer),
          answered(true),
          failed(command.id),
        )
      case "Snooze":
        return asked(
          (daemon) => daemon.snooze(command.id, command.untilMs),
          answered(true),
          failed(command.id),
        )
      case "Undo":
        return asked((daemon) => daemon.undo(command.id, command.choice), answered(true), failed(command.id))
      case "Retry": {
        const { call, id } = command
        return asked(
          (daemon) => daemon.retry(id),
          (requested) => ({ _tag: "ToolTaken", call, requested }),
          failed(id),
        )
      }
      case "Pause":
        return asked(
          (daemon) => daemon.pause(command.untilMs),
          (status) => ({ _tag: "StatusCame", status }),
          warned,
        )
      case "Resume":
        return asked(
          (daemon) => daemon.resume,
          (status) => ({ _tag: "StatusCame", status }),
          warned,
        )
      case "LoadOffers":
        return asked(
          (daemon) => daemon.offers(command.id),
          (offers) => ({ _tag: "OffersCame", id: command.id, offers }),
          warned,
        )
      case "LoadGrants":
        return asked(
          (daemon) => daemon.grants,
          (grants) => ({ _tag: "GrantsCame", grants }),
          warned,
        )
      case "RevokeGrant":
        return asked(
          (daemon) => daemon.revoke(command.grant),
          () => ({ _tag: "GrantGone", grant: command.grant }),
          warned,
        )
      case "LoadTools":
        return asked(
          (daemon) => daemon.tools,
          (tools) => ({ _tag: "ToolsCame", tools }),
          warned,
        )
      case "JudgeTool": {
        const { call } = command
        return asked(
          (daemon) => daemon.judge(call),
          (verdict) => ({ _tag: "ToolJudged", call, verdict, reason: null }),
          (reason) => ({ _tag: "ToolJudged", call, verdict: null, reason }),
        )
      }
      case "RunTool": {
        const { call } = command
        return asked(
          (daemon) => daemon.runTool(call),
          (requested) => ({ _tag: "ToolTaken", call, requested }),
          (reason) => ({ _tag: "ToolRefused", call, reason }),
        )
      }
      case "AwaitResults":
        return asked(
          (daemon) => daemon.results(command.id),
          (results) => ({ _tag: "ResultsCame", id: command.id, results }),
          warned,
        )
      case "LoadMinds":
        return asked(
          (daemon) => daemon.minds(command.ended),
          (minds) => ({ _tag: "MindsCame", minds }),
          () => ({ _tag: "MindsCame", minds: null }),
        )
      case "Follow": {
        const { session } = command
        return session === null
          ? FiberHandle.clear(following)
          : Effect.asVoid(FiberHandle.run(following, follow(session)))
      }
      case "StopMind":
        return asked(
          (daemon) => daemon.stopMind(command.session, command.agent),
          () => ({ _tag: "Said", text: "told to stop", tone: "good" }),
          warned,
        )
      case "AnswerMemory":
        return asked(
          (daemon) => daemon.answerMemory(command.id, command.accept),
          () => ({
            _tag: "Said",
            text: command.accept
              ? `remembered (claw memory forget ${command.id})`
              : `turned down (claw memory restore ${command.id})`,
            tone: "good",
          }),
          warned,
        )
      case "SayTo":
        return asked(
          (daemon) => daemon.sayTo(command.session, command.agent, command.text),
          () => ({ _tag: "Said", text: "sent", tone: "good" }),
          warned,
        )
      case "Presence":
        return client === null ? Effect.void : Effect.ignore(client.presence(command.present))
      case "OpenEditor":
        return screen.outside(editText(options.editor, command.text)).pipe(
          Effect.matchEffect({
            onSuccess: (after) => tell({ _tag: "EditorClosed", id: command.id, before: command.text, after }),
            onFailure: (reason) => tell({ _tag: "EditorFailed", reason }),
          }),
          Effect.asVoid,
        )
      case "Copy":
        return screen.copy(command.text)
      case "Suspend":
        return screen.suspend
      case "Redraw":
        return screen.redraw
    }
  }

  /* ---- the daemon ---- */

  const connected = Effect.fnUntraced(function* (daemon: TuiClient) {
    const head = yield* daemon.head
    client = daemon
    yield* tell({ _tag: "Connected", head })
    // the first stream that fails or ends takes the others with it
    yield* Effect.raceAllFirst([
      Stream.runForEach(daemon.status, (status) => tell({ _tag: "StatusCame", status })),
      Stream.runForEach(daemon.queue, (visible) => tell({ _tag: "QueueCame", visible })),
      Stream.runForEach(daemon.tail(head + 1), (events) => tell({ _tag: "TailCame", events })),
    ])
    return yield* new TuiError({ reason: "lost", message: "the daemon ended the connection" })
  })

  // a daemon that stops interrupts its streams: that, too, is a connection lost
  const lost = (cause: Cause.Cause<TuiError>) => {
    client = null
    const error = Cause.findErrorOption(cause)
    const reason = Option.isSome(error) ? error.value.message : "the daemon ended the connection"
    return tell({ _tag: "Disconnected", reason })
  }
  const again = Effect.suspend(() => {
    let told: string | null = null
    // why it cannot be had again is not why it was lost
    const tried = Effect.tapError(options.reconnect, ({ message: reason }) => {
      if (reason === told) return Effect.void
      told = reason
      return tell({ _tag: "Disconnected", reason })
    })
    return Effect.retry(tried, retry)
  })
  const daemon = Effect.gen(function* () {
    yield* Effect.catchCause(connected(options.client), lost)
    for (;;) {
      yield* Effect.scoped(Effect.flatMap(again, connected)).pipe(Effect.catchCause(lost))
    }
  })

  /* ---- the screen ---- */

  const heard = (signal: Signal): Said => {
    switch (signal._tag) {
      case "resized":
        return { _tag: "Resized", size: signal.size }
      case "hangup":
        return { _tag: "Input", input: { _tag: "key", key: "C-c", text: null, burst: false } }
      default:
        return { _tag: "Input", input: signal }
    }
  }
  const signals = Effect.forever(
    Effect.flatMap(Queue.takeAll(screen.signals), (all) =>
      Effect.forEach(all, (signal) => tell(heard(signal)), { discard: true }),
    ),
  )
  const ticks = tell({ _tag: "Ticked" }).pipe(Effect.repeat(Schedule.spaced("1 second")))

  let paintedAt = 0
  let painted: Size | null = null
  let due = false
  const paint = Effect.suspend(() => {
    due = false
    paintedAt = clock.currentTimeMillisUnsafe()
    const resized = painted !== null && painted !== model.size
    painted = model.size
    const shown = screen.paint(view(model))
    return resized ? Effect.andThen(shown, screen.redraw) : shown
  })
  const later = Effect.suspend(() => {
    if (due) return Effect.void
    due = true
    const wait = Math.max(1, frameMs - (clock.currentTimeMillisUnsafe() - paintedAt))
    return Effect.sleep(wait).pipe(
      Effect.andThen(Effect.suspend(() => (due ? paint : Effect.void))),
      Effect.forkScoped,
      Effect.asVoid,
    )
  })

  yield* Effect.forkScoped(signals)
  yield* Effect.forkScoped(ticks)
  yield* Effect.forkScoped(daemon)
  yield* Effect.addFinalizer(() =>
    client === null ? Effect.void : Effect.ignore(Effect.timeoutOption(client.presence(false), "500 millis")),
  )
  yield* paint

  for (;;) {
    const messages = yield* Queue.takeAll(inbox)
    let pressed = false
    for (const message of messages) {
      const step = update(model, message)
      model = step.model
      // a moment answers a key, and no second one is under way
      pressed ||= message._tag === "Input" || message._tag === "Resized" || message._tag === "MomentCame"
      for (const command of step.commands) {
        if (command._tag === "Quit") return { interrupted: command.interrupted }
        yield* FiberSet.run(jobs, run(command))
      }
    }
    yield* pressed || clock.currentTimeMillisUnsafe() - paintedAt >= frameMs ? paint : later
  }
}, Effect.scoped)
