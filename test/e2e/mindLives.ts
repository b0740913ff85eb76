/**
 * The work on a task, cut off again and again: the daemon, the client, or both die at random points, between any two events
 * and in the middle of what is under way, and it is taken up until it is done. In each protocol, in a chat, headless and as
 * a draft of the loop, approved by hand and by rules. Hands back what was done, and every promise that does not hold.
 */
import { Effect, type Scope } from "effect"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Event } from "../../src/domain/event.ts"
import { emptyQueue, evolveQueue } from "../../src/domain/queue.ts"
import { randomFrom } from "../agent/session/generatedSession.ts"
import { gone, ndjson } from "../cli/claws.ts"
import { follow } from "./Followed.ts"
import {
  approving,
  attach,
  type Attached,
  killed,
  type Mind,
  mindSettings,
  mindWorld,
  ofType,
  speakers,
  wholeLog,
} from "./Mind.ts"
import { brokenIn, brokenOverall, type Left } from "./mindAccount.ts"
import { mindRules } from "./mindRules.ts"
import { chatting, type Killable, printing } from "./mindClients.ts"
import { doWork, work } from "./mindWork.ts"

export interface Lives {
  readonly seed: number
  readonly kills: { readonly daemon: number; readonly client: number; readonly both: number }
  /** Kinds of tasks, and how many of each. */
  readonly tasks: Readonly<Record<string, number>>
  /** The type of the newest event when it was killed. */
  readonly points: Readonly<Record<string, number>>
  /** Drafts that a kill cut off in the middle of what was approved. */
  readonly cutOff: number
  readonly effects: { readonly edits: number; readonly runs: number; readonly commits: number }
  readonly events: number
  readonly requests: number
  readonly usd: number
  readonly broken: ReadonlyArray<string>
}

type Entrance = "chat" | "print" | "draft"
interface Kind {
  readonly speaker: keyof typeof speakers
  readonly entrance: Entrance
  readonly by: "hand" | "policy"
}

/** A draft is never applied unasked, so no rule approves one. */
const kinds: ReadonlyArray<Kind> = (["chat", "print", "draft"] as const).flatMap((entrance) =>
  (["hand", "policy"] as const).flatMap((by) =>
    entrance === "draft" && by === "policy"
      ? []
      : (Object.keys(speakers) as ReadonlyArray<Kind["speaker"]>).map((speaker) => ({
          speaker,
          entrance,
          by,
        })),
  ),
)

const nameOf = ({ by, entrance, speaker }: Kind): string => `${entrance}-${speaker}-${by}`

const prepare = Effect.fnUntraced(function* (mind: Mind, { by, speaker }: Kind) {
  const { models, ...rest } = mindSettings(mind.server)
  const budgets = { ruleUsd: null, sessionUsd: null, dayUsd: null, callUsd: null }
  const attention = { quietAfterEditMs: 200, perHour: 60 }
  yield* mind.configure({ ...rest, models: { ...models, default: speakers[speaker] }, budgets, attention })
  const policies = join(mind.directories.config, "policies")
  const file = join(policies, "mind.toml")
  mkdirSync(policies, { recursive: true })
  rmSync(file, { force: true })
  if (by === "policy") writeFileSync(file, mindRules)
  // settings and rules are those of the next daemon
  const pid = yield* mind.daemonPid
  if (pid === null) return
  yield* mind.claw("down")
  yield* gone(pid)
})

/** Where the work on a task is. A draft that a kill cut off once it was approved is over too, but not whole. */
interface Standing {
  readonly session: string | null
  /** Nothing is under way. */
  readonly rested: boolean
  readonly over: boolean
  readonly whole: boolean
  /** Why the loop made no draft of what it had begun. */
  readonly dropped: string | null
}

const talk = (mine: ReadonlyArray<Event>): Standing => {
  const said = ofType(mine, "session.said").findLast(({ payload }) => payload.surface !== null)
  if (said === undefined) return { session: null, rested: false, over: false, whole: false, dropped: null }
  const { session } = said.payload
  const rested = ofType(mine, "session.rested").findLast(({ payload }) => payload.session === session)
  const rests = rested !== undefined && rested.seq > said.seq
  const over = rests && rested.payload.reason === "completed"
  return { session, rested: rests, over, whole: over, dropped: null }
}

const standing = (events: ReadonlyArray<Event>, workspace: string, entrance: Entrance): Standing => {
  const mine = events.filter((event) => event.workspace === workspace)
  if (entrance !== "draft") return talk(mine)
  const id = ofType(mine, "decision.draft").at(-1)?.payload.suggestion
  const state = id === undefined ? null : events.reduce(evolveQueue, emptyQueue).suggestions[id]?.state
  const silent = ofType(mine, "decision.silent").findLast(({ payload }) => payload.rule === "deliberation")
  return {
    session: null,
    rested: false,
    over: state === "done" || state === "failed" || silent !== undefined,
    whole: state === "done",
    dropped: silent?.payload.reason ?? null,
  }
}

const isDone = (entrance: Entrance) => (event: Event) =>
  entrance === "draft"
    ? event.type === "decision.outcome" || event.type === "tool.failed" || event.type === "decision.silent"
    : event.type === "session.rested"

const linesOf = (path: string, marks: string): ReadonlyArray<string> => {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "" && line.startsWith(marks))
      .map((line) => line.slice(marks.length))
  } catch {
    return []
  }
}

const leftIn = (mind: Mind, name: string, workspace: string, { dropped, whole }: Standing): Left => ({
  name,
  workspace,
  whole,
  dropped,
  sum: readFileSync(join(workspace, "sum.js"), "utf8").replace(work.comment, ""),
  runs: linesOf(join(workspace, "runs.txt"), ""),
  notes: linesOf(join(workspace, "NOTES.md"), "- "),
  subjects: mind.git(workspace, "log", "--format=%s").trim().split("\n"),
  moves: mind.git(workspace, "reflog", "--format=%gs").trim().split("\n").length,
  status: mind.git(workspace, "status", "--porcelain"),
})

/** Has the daemon watch it and see the comment in it, before anything is killed. */
const comment = Effect.fnUntraced(function* (mind: Mind, { client }: Attached, workspace: string) {
  const up = yield* mind.claw("up", "--workspace", workspace)
  if (up.exit !== 0) return yield* Effect.die(new Error(up.stderr))
  const { head, untilType } = yield* follow(client)
  yield* untilType(
    "daemon.health",
    0,
    (event) => event.workspace === workspace && event.payload.component === "source:fs",
  )
  const from = yield* head
  writeFileSync(join(workspace, "sum.js"), work.comment + work.files["sum.js"])
  yield* untilType("situation.opened", from, (event) => event.workspace === workspace)
})

const begin = (
  mind: Mind,
  kind: Kind,
  workspace: string,
  session: string | null,
): Promise<Killable | null> => {
  const model = ["--model", speakers[kind.speaker]]
  if (kind.entrance === "draft") return Promise.resolve(null)
  if (kind.entrance === "print")
    return Promise.resolve(
      session === null
        ? printing(mind, workspace, work.word, ...model)
        : printing(mind, workspace, "Go on.", "--resume", session),
    )
  return chatting(mind, workspace, session === null ? model : ["--resume", session], {
    answers: kind.by === "hand",
    says: session === null ? work.word : null,
  })
}

const told = (events: ReadonlyArray<Event>, client: Killable | null): string =>
  [
    ...events
      .slice(-12)
      .map(({ payload, seq, type }) => `${seq} ${type} ${JSON.stringify(payload).slice(0, 200)}`),
    client?.alive() === true ? client.shows() : "no client",
  ].join("\n")

/** Events of one life at most, and how long it goes on behind the last of them. */
const mostEvents = 24
const mostMs = 60

export const mindLives = Effect.fn("mindLives")(function* (options: {
  readonly kills: number
  readonly seed: number
  /** Kinds of tasks whose names have this in them. */
  readonly only?: string
  readonly said?: (line: string) => void
}): Effect.fn.Return<Lives, never, Scope.Scope> {
  const random = randomFrom(options.seed)
  const mind = yield* mindWorld({ answer: doWork })
  const chosen = kinds.filter((kind) => nameOf(kind).includes(options.only ?? ""))
  const kills = { daemon: 0, client: 0, both: 0 }
  const killedSoFar = () => kills.daemon + kills.client + kills.both
  const tasks: Record<string, number> = {}
  const points: Record<string, number> = {}
  const left: Array<Left> = []

  const task = Effect.fnUntraced(function* (n: number, kind: Kind) {
    const name = `${n}-${nameOf(kind)}`
    yield* prepare(mind, kind)
    const workspace = yield* mind.repositoryOf(name, work.files)
    if (kind.entrance === "draft")
      yield* Effect.scoped(Effect.flatMap(attach(mind), (attached) => comment(mind, attached, workspace)))
    let client: Killable | null = null
    let stands = standing([], workspace, kind.entrance)

    /** One life: what is not there is begun, and it goes on until something dies or all is done. */
    const life = Effect.gen(function* () {
      const attached = yield* attach(mind)
      const before = yield* wholeLog(attached)
      stands = standing(before, workspace, kind.entrance)
      if (stands.over) return
      const byKeys = kind.entrance === "chat"
      if (kind.by === "hand" && !byKeys) yield* approving(attached)
      if (client?.alive() !== true)
        client = yield* Effect.promise(() => begin(mind, kind, workspace, stands.session))
      // a limit was reached, say: whoever wants it done says so
      if (stands.rested && kind.entrance === "chat")
        yield* Effect.orDie(
          attached.client.Say({
            ...(yield* attached.person),
            session: stands.session!,
            text: "Go on.",
            files: [],
          }),
        )
      const from = before.length
      const log = yield* follow(attached.client, from + 1)
      const dies = killedSoFar() < options.kills
      const last = from + 1 + random(mostEvents)
      const done = isDone(kind.entrance)
      yield* log
        .until(
          "its end, or so many events",
          from,
          (event) => (done(event) && event.workspace === workspace) || (dies && event.seq > last),
        )
        .pipe(
          Effect.onError(() =>
            Effect.sync(() => options.said?.(`${name} stands still: ${told(before, client)}`)),
          ),
        )
      yield* Effect.sleep(dies ? random(mostMs) : 0)
      const seen = yield* log.events
      stands = standing([...before, ...seen], workspace, kind.entrance)
      if (stands.over || !dies) return
      const target = client === null ? "daemon" : (["daemon", "client", "both"] as const)[random(3)]!
      const newest = seen.at(-1)?.type ?? "nothing"
      points[newest] = (points[newest] ?? 0) + 1
      kills[target]++
      if (target !== "daemon") yield* Effect.promise(() => client!.kill())
      if (target !== "client") yield* killed(attached.pid)
      options.said?.(`${killedSoFar()} kills: ${name}, the ${target} at ${newest}`)
    }).pipe(Effect.scoped)

    yield* Effect.repeat(life, { until: () => stands.over }).pipe(
      Effect.ensuring(Effect.promise(async () => client?.kill())),
    )
    tasks[nameOf(kind)] = (tasks[nameOf(kind)] ?? 0) + 1
    left.push(leftIn(mind, name, workspace, stands))
  })

  for (let n = 0; killedSoFar() < options.kills; n++)
    yield* task(n, chosen[(n * 4 + options.seed) % chosen.length]!)

  const events = yield* Effect.scoped(Effect.flatMap(attach(mind), wholeLog))
  const broken = [...left.flatMap((one) => brokenIn(one, events)), ...brokenOverall(events)]
  const wrong = (what: boolean, otherwise: string) => void (what || broken.push(otherwise))
  const requested = ofType(events, "model.requested").length
  const replay = yield* mind.claw("replay", "--json")
  const { prompts } = (ndjson(replay.stdout)[0] ?? {}) as { prompts?: { calls: number; same: number } }
  wrong(replay.exit === 0 && prompts?.same === requested, `replay: ${replay.stdout}${replay.stderr}`)
  const usd = [...ofType(events, "model.answered"), ...ofType(events, "model.failed")].reduce(
    (all, { payload }) => all + (payload.usd ?? 0),
    0,
  )
  const cost = ndjson((yield* mind.claw("cost", "--json")).stdout)[0] as
    | { total?: { usd: number } }
    | undefined
  wrong(Math.abs((cost?.total?.usd ?? -1) - usd) < 1e-8, `claw cost says ${cost?.total?.usd}, the log ${usd}`)
  const verified = yield* mind.claw("audit", "verify")
  wrong(verified.exit === 0, verified.stderr)
  const sum = (count: (one: Left) => number) => left.reduce((all, one) => all + count(one), 0)
  return {
    seed: options.seed,
    kills,
    tasks,
    points,
    cutOff: left.filter(({ whole }) => !whole).length,
    effects: {
      edits: sum(({ notes }) => notes.length),
      runs: sum(({ runs }) => runs.length),
      commits: sum(({ subjects }) => subjects.filter((one) => one === work.subject).length),
    },
    events: events.length,
    requests: requested,
    usd,
    broken,
  }
})
