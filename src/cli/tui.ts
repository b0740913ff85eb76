/**
 * The bridge to the screen, loaded only when one is opened: the RPC client as the screen's client, this terminal,
 * the user's editor. Invariant: every answer carries the token as it is now, because a restarted daemon has another.
 */
import { Effect, Option, Stream } from "effect"
import { tmpdir } from "node:os"
import { runApp } from "../../tui/App.ts"
import { markOf, markTypes } from "../../tui/marks.ts"
import { shownRecent } from "../../tui/model.ts"
import { Screen } from "../../tui/Screen.ts"
import { type TuiClient, TuiError } from "../../tui/TuiClient.ts"
import type { Minds } from "../../tui/minds.ts"
import { Stale } from "../rpc/ClawRpcs.ts"
import { UndoBlocked } from "../rpc/undoing.ts"
import { wantedItems } from "../../tui/words.ts"
import { editorCommand } from "./editor.ts"
import { Exit, fail } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"
import { type Client, Session } from "./Session.ts"

const answers = new Set([
  "NoSuch",
  "Refused",
  "Stale",
  "NeedsPerson",
  "Unavailable",
  "BadInput",
  "CallError",
  "UndoBlocked",
])

const toTui = (error: { readonly _tag: string; readonly message: string }): TuiError =>
  error instanceof TuiError
    ? error
    : new TuiError({
        reason: answers.has(error._tag) ? "refused" : "lost",
        // an exit is what the command line would say of it: that none runs, or one of another version
        message:
          answers.has(error._tag) || error instanceof Exit ? error.message : "the daemon does not answer",
        ...(error instanceof Stale && error.difference !== undefined ? { difference: error.difference } : {}),
        ...(error instanceof UndoBlocked ? { conflicts: error.conflicts } : {}),
      })

const query = (text: string) =>
  text.startsWith("type:") ? { types: [text.slice("type:".length).trim()] } : { grep: text }

const ask = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, TuiError, R> => Effect.mapError(effect, toTui)

/** Of so many that work it is asked what each waits for. */
const mostAsked = 20

/** What each conversation at work waits for is the first that its stream tells of requests. */
const mindsOf = Effect.fnUntraced(function* (client: Client, ended: boolean) {
  const [sessions, agents, inbox] = yield* Effect.all(
    [
      client.Sessions({ all: false, workspace: null }),
      client.Agents({ all: ended, session: null }),
      client.Memories({ dir: null, states: ["proposed"] }),
    ],
    { concurrency: "unbounded" },
  )
  const busy = sessions.filter(({ state }) => state === "working").slice(0, mostAsked)
  const asked = yield* Effect.forEach(
    busy,
    ({ lastSeq: from, session }) =>
      client.FollowSession({ session, from, untilRested: false }).pipe(
        Stream.filter((part) => part._tag === "open"),
        Stream.runHead,
        Effect.map(Option.match({ onNone: () => [], onSome: ({ requests }) => requests })),
        // it may be gone by now
        Effect.orElseSucceed(() => []),
        Effect.map((open) => [session, open] as const),
      ),
    { concurrency: 4 },
  )
  const open = new Map(asked)
  const minds: Minds = {
    conversations: sessions.map((view) => ({ view, open: open.get(view.session) ?? [] })),
    agents,
    inbox,
  }
  return minds
})

/** `dir`: where tools are run. */
export const tuiClient = (client: Client, token: Effect.Effect<string, Exit>, dir: string): TuiClient => {
  const answer = <A, E extends { readonly _tag: string; readonly message: string }>(
    call: (who: { readonly token: string; readonly surface: "tui" }) => Effect.Effect<A, E>,
  ): Effect.Effect<A, TuiError> =>
    Effect.flatMap(ask(token), (text) => ask(call({ token: text, surface: "tui" })))

  const log = (wanted: Parameters<Client["Log"]>[0]["query"]) =>
    ask(
      Stream.runFold(
        client.Log({ query: wanted, follow: false }),
        () => [] as ReadonlyArray<Stream.Success<ReturnType<Client["Log"]>>[number]>,
        (all, some) => (all.length === 0 ? some : [...all, ...some]),
      ),
    )

  return {
    head: Effect.map(ask(client.Status()), (status) => status.log.seq),
    status: Stream.mapError(client.StatusChanges(), toTui),
    queue: Stream.mapError(client.QueueChanges(), toTui),
    tail: (from) => Stream.mapError(client.Log({ query: { from }, follow: true }), toTui),
    all: ask(client.Queue({ all: true })),
    range: (from, to) => log({ from, to }),
    matches: ({ text, from, to, newest, limit }) => log({ ...query(text), from, to, reverse: newest, limit }),
    show: (id) => ask(client.Show({ id })),
    why: (id) => ask(client.Why({ id })),
    moment: (point) => ask(client.Moment({ point, ended: shownRecent })),
    marks: (to, limit) =>
      Effect.map(log({ types: Object.keys(markTypes), to, limit, reverse: true }), (events) =>
        events.flatMap((event) => markOf(event) ?? []),
      ),
    approve: (id, shown, always) =>
      answer((who) => client.Approve({ ...who, id, ...shown, ...(always === undefined ? {} : { always }) })),
    offers: (id) => ask(client.GrantOffers({ id })),
    grants: ask(client.Grants()),
    revoke: (grant) => answer((who) => client.RevokeGrant({ ...who, grant, reason: "" })),
    ended: (id) => ask(client.Await({ id })),
    edit: (id, actions) => answer((who) => client.Edit({ ...who, id, actions })),
    answer: (id, words) => answer((who) => client.Answer({ ...who, id, answer: words })),
    reject: (id, reason, lookedMs) => answer((who) => client.Reject({ ...who, id, reason, lookedMs })),
    snooze: (id, untilMs) => answer((who) => client.Snooze({ ...who, id, untilMs })),
    undo: (id, choice) =>
      answer((who) => client.Undo({ ...who, id, ...(choice === undefined ? {} : { choice }) })),
    retry: (id) => answer((who) => client.Retry({ ...who, id })),
    tools: ask(client.Tools()),
    judge: (call) =>
      ask(client.JudgeCalls({ calls: [{ call, cwd: dir, actor: "user:tui", trust: "trusted" }] })).pipe(
        Effect.flatMap(([verdict]) =>
          verdict === undefined
            ? Effect.fail(new TuiError({ reason: "refused", message: "the gate said nothing" }))
            : Effect.succeed(verdict),
        ),
      ),
    runTool: (call) => answer((who) => client.RequestCalls({ ...who, dir, calls: [call] })),
    results: (id) => ask(client.CallResults({ id })),
    minds: (ended) => ask(mindsOf(client, ended)),
    follow: (session) =>
      Stream.mapError(
        client.FollowSession({ session, from: 0, untilRested: false, last: wantedItems }),
        toTui,
      ),
    stopMind: (session, agent) =>
      answer((who) =>
        agent
          ? Effect.asVoid(client.StopAgent({ ...who, agent: session }))
          : Effect.asVoid(client.StopSession({ ...who, session })),
      ),
    answerMemory: (id, accept) =>
      answer((who) =>
        client.AnswerMemory({
          ...who,
          id,
          answer: accept ? { kind: "accept", text: null } : { kind: "reject", reason: "" },
        }),
      ),
    sayTo: (session, agent, text) =>
      answer((who) =>
        agent
          ? client.SendAgent({ ...who, agent: session, text })
          : client.Say({ ...who, session, text, files: [] }),
      ),
    pause: (untilMs) => ask(client.Pause({ untilMs })),
    resume: answer((who) => client.Resume(who)),
    presence: (present) => ask(client.Presence({ surface: "tui", present })),
  }
}

/** Runs the screen until the user leaves; `from` names the session the client is of, where it is not the user's own. */
export const openTui = Effect.fn("openTui")(function* (client: Client, from?: typeof Session.Service) {
  const session = from ?? (yield* Session)
  const { env, colour, cwd } = yield* Invocation
  if (env["TERM"] === "dumb")
    return yield* fail(
      "TERM=dumb cannot show the screen; claw status, claw queue, claw show and claw approve work in it",
    )
  const screen = Screen.layer({
    input: process.stdin,
    output: process.stdout,
    term: env["TERM"] ?? "",
    colour,
    host: process,
  })
  const { interrupted } = yield* runApp({
    client: tuiClient(client, session.token, cwd),
    reconnect: Effect.map(ask(session.attach), (again) => tuiClient(again, session.token, cwd)),
    editor: { argv: editorCommand(env), scratch: tmpdir(), env },
  }).pipe(Effect.provide(screen))
  if (interrupted) return yield* Effect.interrupt
})
