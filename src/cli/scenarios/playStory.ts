/**
 * Plays a story in a world of its own: the clock is moved to each step, the step is done for real, and nothing goes on
 * before all that follows from it is in the log and decided.
 */
import { Effect, Option, Stream } from "effect"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { hidden } from "../../daemon/entry.ts"
import type { StoryReply } from "../../daemon/story/storySocket.ts"
import type { Event } from "../../domain/event.ts"
import { shownIn } from "../../rpc/shown.ts"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import type { Client, Session } from "../Session.ts"
import { worldSession } from "../ThrowAway.ts"
import { momentMs, type Played, type PlayedStep, stepOf } from "./Played.ts"
import type { Act, Step, Story } from "./Story.ts"
import { openStoryShell, type StoryShell } from "./StoryShell.ts"
import { openStoryTime } from "./StoryTime.ts"
import { openStoryWorld, quoted, type StoryWorld } from "./storyWorld.ts"
import { nextStart } from "./times.ts"

/** A save or a command is usually seen by then; one of a file that git ignores never is. */
const usuallySeenMs = 1_000
/** What has to come comes by then. */
const limitMs = 30_000
/** The story goes on for so long behind its last step. */
const afterLastMs = 10_000
const snoozeMs = 3_600_000

interface Heard {
  readonly events: ReadonlyArray<Event>
  /** When each suggestion was seen, by the system's clock. */
  readonly shownAt: ReadonlyMap<string, number>
  /** Waits, within limits, until one behind `after` fits. */
  readonly until: (after: number, limitMs: number, fits: (event: Event) => boolean) => Effect.Effect<boolean>
}

const hear = Effect.fn("scenarios.hear")(function* (client: Client) {
  const events: Array<Event> = []
  const shownAt = new Map<string, number>()
  const looks = new Set<() => void>()
  yield* client.Log({ query: { from: 1 }, follow: true }).pipe(
    Stream.runForEach((chunk) =>
      Effect.sync(() => {
        for (const event of chunk as unknown as ReadonlyArray<Event>) {
          events.push(event)
          if (event.type === "decision.shown") shownAt.set(event.payload.suggestion, performance.now())
        }
        for (const look of looks) look()
      }),
    ),
    // the daemon ends before its world does
    Effect.ignore,
    Effect.forkScoped,
  )
  const until: Heard["until"] = (after, limitMs, fits) =>
    Effect.callback<void>((resume) => {
      const look = () => {
        if (events.some((event) => event.seq > after && fits(event))) resume(Effect.void)
      }
      looks.add(look)
      look()
      return Effect.sync(() => looks.delete(look))
    }).pipe(Effect.timeoutOption(limitMs), Effect.map(Option.isSome))
  const heard: Heard = { events, shownAt, until }
  return heard
})

interface Scene {
  readonly world: StoryWorld
  readonly client: Client
  readonly session: Session["Service"]
  readonly shell: StoryShell
  readonly heard: Heard
  /** Waits until all that follows from what was done is decided, and heard of. */
  readonly rest: Effect.Effect<StoryReply>
  readonly nowMs: number
}

/** What was wrong with it; null: nothing. */
type Done = Effect.Effect<string | null>

const isCommand = ({ type }: Event): boolean => type === "terminal.command"
const changed = (path: string) => (event: Event) =>
  event.type === "fs.changed" && event.payload.changes.some((change) => change.path === path)

const answering = Effect.fnUntraced(
  function* ({ client, nowMs, session }: Scene, act: Extract<Act, { readonly _tag: "answer" }>) {
    const rows = yield* client.Queue({ all: false })
    const row = rows.findLast(({ rule, visibleAt }) => rule === act.rule && visibleAt !== null)
    if (row === undefined) return `nothing of ${act.rule} is shown that could be answered`
    const { id } = row
    const token = yield* session.token
    const by = { id, token, surface: "cli" } as const
    if (act.answer === "reject") yield* client.Reject({ ...by, reason: "" })
    else if (act.answer === "snooze") yield* client.Snooze({ ...by, untilMs: nowMs + snoozeMs })
    else {
      const detail = yield* client.Show({ id })
      yield* client.Approve({ ...by, ...shownIn(detail) })
      const ended = yield* client.Await({ id })
      if (ended.state !== "done") return `${act.rule} was accepted and is ${ended.state}: ${ended.note ?? ""}`
    }
    return null
  },
  Effect.catch((error) => Effect.succeed(`it could not be answered: ${String((error as Error).message)}`)),
)

/** Waits until a change of this file is in the log, unless it is one that nobody watches. */
const seen = Effect.fnUntraced(function* ({ heard, world }: Scene, path: string, after: number) {
  if (yield* heard.until(after, usuallySeenMs, changed(path))) return null
  const { exit } = yield* world.elsewhere(`git check-ignore -q --no-index -- ${quoted(path)}`)
  if (exit === 0 || (yield* heard.until(after, limitMs, changed(path)))) return null
  return `the change of ${path} was not seen`
})

const save = (scene: Scene, path: string, text: string, after: number): Done =>
  Effect.andThen(scene.world.world.write(path, text), seen(scene, path, after))

const exitProblem = (step: Step, exit: number, output: string): string | null =>
  step.exit === null || step.exit === exit
    ? null
    : `it ended with ${exit} instead of ${step.exit}: ${output.trim().slice(-300)}`

const perform = (scene: Scene, step: Step, after: number): Done => {
  const { client, heard, session, shell, world } = scene
  const { act } = step
  const file = (path: string): string => join(world.world.repository, path)
  switch (act._tag) {
    case "run":
      return Effect.gen(function* () {
        const typed = yield* shell.type(act.command)
        if (typed === null) return "it did not come back to the prompt"
        // one that ended outside the repository never is
        if (typed.exit !== null) yield* heard.until(after, usuallySeenMs, isCommand)
        if (step.exit === null) return null
        return typed.exit === null ? "its exit is not known" : exitProblem(step, typed.exit, typed.output)
      })
    case "elsewhere":
      return Effect.map(world.elsewhere(act.command), ({ exit, output }) => exitProblem(step, exit, output))
    case "write":
      return save(scene, act.path, act.text, after)
    case "edit":
      return Effect.suspend(() => {
        const text = readFileSync(file(act.path), "utf8")
        return text.includes(act.find)
          ? save(
              scene,
              act.path,
              text.replace(act.find, () => act.replace),
              after,
            )
          : Effect.succeed(`${act.path} does not hold what is to be replaced`)
      })
    case "delete":
      return Effect.sync(() => rmSync(file(act.path), { recursive: true })).pipe(
        Effect.andThen(seen(scene, act.path, after)),
      )
    case "tui":
      return Effect.as(client.Presence({ surface: "tui", present: act.open }).pipe(Effect.orDie), null)
    case "digest":
      return session.token.pipe(
        Effect.flatMap((token) => client.Digest({ token, surface: "cli", workspace: null, peek: false })),
        Effect.orDie,
        Effect.as(null),
      )
    case "answer":
      return answering(scene, act)
    case "wait":
      return Effect.succeed(null)
  }
}

/** Both sources that watch a folder have begun. */
const watched = Effect.fnUntraced(function* (client: Client, heard: Heard, dir: string) {
  yield* orExit(client.Watch({ dir }))
  for (const component of ["source:fs", "source:git"]) {
    const began = yield* heard.until(
      0,
      limitMs,
      (event) =>
        event.type === "daemon.health" && event.workspace === dir && event.payload.component === component,
    )
    if (!began) return yield* fail(`${component} did not begin to watch`)
  }
})

/** How much longer or shorter each pause is than the story says; 1: as it says. */
export type Jitter = () => number

export const playStory = Effect.fn("scenarios.play")(function* (story: Story, jitter: Jitter) {
  const invocation = yield* Invocation
  const startMs = nextStart(Date.now(), story.start)
  const world = yield* openStoryWorld(story, invocation.entry, invocation.env, startMs)
  const { client, session } = yield* worldSession(world.world).pipe(
    Effect.provideService(Invocation, {
      ...invocation,
      entry: { ...invocation.entry, daemon: hidden.story },
    }),
  )
  const heard = yield* hear(client)
  const time = yield* openStoryTime(world.world.directories)
  yield* time.to(startMs - 60_000)
  yield* watched(client, heard, world.world.repository)
  const shell = yield* openStoryShell(world.world, story.shell)
  const begun = yield* time.to(startMs)
  const rest = Effect.tap(time.settled, ({ seq }) => heard.until(seq - 1, limitMs, () => true))

  const steps: Array<PlayedStep> = []
  const savedAt: Array<number> = []
  const broken: Array<Played["broken"][number]> = []
  let atMs = begun.nowMs
  for (const step of story.steps) {
    atMs = step.at.since === "begin" ? begun.nowMs + step.at.ms * jitter() : atMs + step.at.ms * jitter()
    const before = yield* time.to(atMs)
    atMs = Math.max(atMs, before.nowMs)
    world.date(before.nowMs)
    savedAt.push(performance.now())
    const scene: Scene = { world, client, session, shell, heard, rest, nowMs: before.nowMs }
    const problem = yield* perform(scene, step, before.seq)
    const after = yield* rest
    if (problem !== null) broken.push({ line: step.line, message: problem })
    if (!after.settled) broken.push({ line: step.line, message: "the daemon did not come to rest" })
    steps.push({ startMs: before.nowMs, endMs: after.nowMs, fromSeq: before.seq + 1 })
  }
  const last = (steps.at(-1)?.endMs ?? begun.nowMs) + afterLastMs
  const ends = [
    last,
    ...story.needs.map(({ until }) => momentMs(until, { startMs: begun.nowMs, endMs: last, steps })),
  ]
  const ended = yield* time.to(Math.max(...ends))
  yield* heard.until(ended.seq - 1, limitMs, () => true)

  const { events } = heard
  const afterSave = new Map<string, number>()
  for (const event of events) {
    if (event.type !== "decision.shown") continue
    const index = stepOf(event.seq, { steps })
    const tag = story.steps[index]?.act._tag
    const at = heard.shownAt.get(event.payload.suggestion)
    if ((tag === "write" || tag === "edit") && at !== undefined)
      afterSave.set(event.payload.suggestion, at - savedAt[index]!)
  }
  const played: Played = { startMs: begun.nowMs, endMs: ended.nowMs, steps, events, afterSave, broken }
  return played
}, Effect.scoped)
