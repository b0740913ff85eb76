/**
 * What is known of a situation, as events of the log: its own evidence, what the machine says when asked, files that the
 * evidence names, what was done lately, and what became of earlier suggestions.
 * Invariants: a file is read only where the gate lets that happen unasked and the probes' boundaries hold, and its secrets
 * are taken out; whatever is read is appended, so that it has a seq to be cited by and a replay needs no machine.
 */
import { Effect, Stream } from "effect"
import { isAbsolute, join, relative } from "node:path"
import type { LogStore } from "../../log-store/LogStore.ts"
import { type Piece, pieceOf, withinBudget } from "../agent/deliberation/pieces.ts"
import { thoughtKind, type ThoughtKind } from "../decide/deliberation/kinds.ts"
import { sha256 } from "../decide/canonical.ts"
import { draft, type Event, type EventDraft, type EventOf, type EventType } from "../domain/event.ts"
import { deliberationRule } from "../domain/events/thought.ts"
import { type NamedPlace, namedPlaces } from "../domain/namedPlaces.ts"
import type { ProbeRequest } from "../domain/probe.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"
import type { Probes } from "../observe/probes/answer.ts"
import type { Appender } from "./Appender.ts"
import type { Judge } from "./Judge.ts"
import { redactFact } from "./redact.ts"

export interface EvidenceServices {
  readonly store: LogStore["Service"]
  readonly appender: Appender["Service"]
  readonly probes: Probes["Service"]
  readonly judge: Judge["Service"]
}

type Opened = EventOf<"situation.opened">

const mostFiles = 5
const largestFile = 512 * 1024
/** Of a longer file, the lines around the place that was named. */
const wholeLines = 200
const linesAround = 60
const lately = { commands: 6, edits: 4, git: 4, outcomes: 3 } as const

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What the machine is asked besides, by the kind of situation. */
const questions: Readonly<
  Record<ThoughtKind, (situation: Opened["payload"]) => ReadonlyArray<ProbeRequest>>
> = {
  check: () => [{ _tag: "gitDirty" }],
  hook: () => [{ _tag: "gitStaged", maxBytes: 32_768 }],
  push: () => [{ _tag: "gitBranch" }],
  conflict: ({ data }) => [
    { _tag: "conflictMarkers", paths: (data as { readonly paths?: ReadonlyArray<string> }).paths ?? [] },
  ],
  comment: () => [],
  return: () => [{ _tag: "gitDirty" }, { _tag: "gitBranch" }, { _tag: "gitStaged", maxBytes: 16_384 }],
}

const header = (opened: Opened, actor: string) => ({
  actor,
  workspace: opened.workspace,
  trust: "untrusted" as const,
  causationId: opened.id,
})

/** Numbered, so that a line can be cited. */
const excerpt = (text: string, line: number | null): { readonly text: string; readonly cut: boolean } => {
  const lines = text.split("\n")
  const whole = lines.length <= wholeLines
  const from = whole ? 0 : Math.max(0, (line ?? 1) - 1 - linesAround)
  const shown = whole ? lines : lines.slice(from, from + 2 * linesAround)
  return { text: shown.map((one, at) => `${from + at + 1}| ${one}`).join("\n"), cut: !whole }
}

/** The texts in which files may be named, the most telling first. */
const textsOf = (events: ReadonlyArray<Event>): string =>
  events
    .map((event) => {
      if ((event.payload as unknown) === null) return ""
      if (event.type === "terminal.command") return `${event.payload.output ?? ""}\n${event.payload.command}`
      if (event.type === "situation.opened") return JSON.stringify(event.payload.data) ?? ""
      return event.type === "situation.facts" ? JSON.stringify(event.payload.facts) : ""
    })
    .join("\n")

export const gatherEvidence = Effect.fnUntraced(function* (
  services: EvidenceServices,
  opened: Opened,
  tokens: number,
) {
  const { appender, judge, probes, store } = services
  const workspace = opened.workspace
  const get = (seq: number) => Effect.orDie(store.get(seq))
  const newest = (types: ReadonlyArray<EventType>, limit: number) =>
    store
      .read({ types: [...types], reverse: true, limit, ...(workspace === null ? {} : { workspace }) })
      .pipe(Stream.runCollect, Effect.orDie)

  /** The text of a file, where reading it needs nobody's leave. */
  const readable = Effect.fnUntraced(function* (path: string) {
    if (workspace === null) return null
    const asker = { workspace, actor: "claw", trust: "untrusted" as const, session: null }
    const { verdict } = yield* judge.call({ tool: "read_file", input: { path } }, asker)
    if (verdict !== "allow" && verdict !== "audit") return null
    const [fact] = yield* probes.answer([{ _tag: "readText", path, maxBytes: largestFile }], { workspace })
    return typeof fact?.answer === "string" ? redactSecrets(fact.answer) : null
  })

  const readDraft = Effect.fnUntraced(function* ({ line, path }: NamedPlace) {
    const text = yield* readable(path)
    if (text === null) return null
    const shown = excerpt(text, line)
    const blob = encoder.encode(shown.text)
    const payload = {
      situation: opened.seq,
      path,
      hash: sha256(shown.text),
      bytes: blob.length,
      cut: shown.cut,
    }
    return { ...draft("situation.read", payload, header(opened, "probe")), blobs: [blob] }
  })

  /** Those of the named files that are in the workspace. */
  const present = Effect.fnUntraced(function* (places: ReadonlyArray<NamedPlace>, cwd: string) {
    if (workspace === null || places.length === 0) return []
    const inside = places.flatMap(({ line, path }) => {
      const from = isAbsolute(path) ? path : join(cwd, path)
      const own = relative(workspace, from)
      return own === "" || own.startsWith("..") ? [] : [{ path: own, line }]
    })
    const [fact] = yield* probes.answer([{ _tag: "pathKinds", paths: inside.map(({ path }) => path) }], {
      workspace,
    })
    const kinds = (fact?.answer ?? {}) as Readonly<Record<string, string | null>>
    return inside.filter(({ path }) => kinds[path] === "file").slice(0, mostFiles)
  })

  /** What became of the newest of its own suggestions. */
  const outcomes = Effect.gen(function* () {
    const ends = yield* newest(["decision.outcome"], 40)
    const found: Array<Event> = []
    for (const end of ends) {
      if (found.length >= 2 * lately.outcomes || end.correlationId === null) continue
      const [made] = yield* store
        .read({
          correlationId: end.correlationId,
          types: ["decision.digest", "decision.notify", "decision.question", "decision.draft"],
          limit: 1,
        })
        .pipe(Stream.runCollect, Effect.orDie)
      if (
        made?.payload != null &&
        "proposal" in made.payload &&
        made.payload.proposal.rule === deliberationRule
      )
        found.push(made, end)
    }
    return found
  })

  const evidence = (yield* Effect.forEach(opened.payload.evidence, get)).filter((event) => event !== null)
  const facts = yield* store
    .read({ causationId: opened.id, types: ["situation.facts"] })
    .pipe(Stream.runCollect, Effect.orDie)
  const kind = thoughtKind(opened.payload)
  const requests = kind === null ? [] : questions[kind](opened.payload)
  const answered =
    requests.length === 0 ? [] : (yield* probes.answer(requests, { workspace })).map(redactFact)
  const asked: ReadonlyArray<EventDraft> =
    answered.length === 0
      ? []
      : [draft("situation.facts", { situation: opened.seq, facts: answered }, header(opened, "probe"))]

  const own = [opened, ...evidence]
  const cwds = evidence.flatMap((event) =>
    event.type === "terminal.command" && (event.payload as unknown) !== null ? [event.payload.cwd] : [],
  )
  const named = namedPlaces(`${textsOf(own)}\n${JSON.stringify(answered)}`)
  const files = yield* present(named, cwds[0] ?? workspace ?? "/")
  const reads = (yield* Effect.forEach(files, readDraft)).filter((one) => one !== null)
  const appended = yield* appender.append([...asked, ...reads])

  const others = [
    ...(yield* newest(["terminal.command"], lately.commands)),
    ...(yield* newest(["fs.changed"], lately.edits)),
    ...(yield* newest(["git.commit", "git.staged", "git.checkout", "git.conflict"], lately.git)),
    ...(yield* outcomes),
  ].filter(({ payload }) => (payload as unknown) !== null)
  const ordered = [...own, ...facts, ...appended, ...others]
  const once = ordered.filter((event, at) => ordered.findIndex(({ seq }) => seq === event.seq) === at)
  const pieces = yield* Effect.forEach(once, (event) => pieceWith(store, event))
  const { left, taken } = withinBudget(pieces, tokens)
  const [prepared] = yield* appender.append([
    draft(
      "situation.prepared",
      { situation: opened.seq, pieces: taken.map(({ seq }) => seq), left },
      header(opened, "thinker"),
    ),
  ])
  return { prepared: prepared as EventOf<"situation.prepared">, pieces: taken }
})

const pieceWith = Effect.fnUntraced(function* (store: LogStore["Service"], event: Event) {
  const read = event.type === "situation.read" && (event.payload as unknown) !== null
  const blob = read ? yield* Effect.orDie(store.blob(event.payload.hash)) : null
  return pieceOf(event, blob === null ? null : decoder.decode(blob))
})

/** The same pieces again, from the log alone. */
export const piecesOf = Effect.fnUntraced(function* (
  store: LogStore["Service"],
  prepared: EventOf<"situation.prepared">,
): Effect.fn.Return<ReadonlyArray<Piece>> {
  const events = yield* Effect.forEach(prepared.payload.pieces, (seq) => Effect.orDie(store.get(seq)))
  return yield* Effect.forEach(
    events.filter((event) => event !== null),
    (event) => pieceWith(store, event),
  )
})
