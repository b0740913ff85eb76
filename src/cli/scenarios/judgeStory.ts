/**
 * What a story's log shows against what its file says was due. Each suggestion that came to be seen serves a need or is a
 * false alarm; what a person came to see himself (by opening the TUI, by asking for the digest, by naming the time when he
 * put it off) alarms nobody. Pure.
 */
import type { EventOf } from "../../domain/event.ts"
import type { ToolCall } from "../../domain/action.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { atMs, boundaryMs, type Moments, momentsOf, quietMs } from "./moments.ts"
import { momentMs, type Played, stepOf } from "./Played.ts"
import type { Need, Story } from "./Story.ts"
import { clockText } from "./times.ts"
import { holds, oneLine } from "./wanted.ts"

type Made = EventOf<"decision.digest" | "decision.notify" | "decision.question" | "decision.draft">

export interface Show {
  readonly suggestion: string
  readonly proposal: Proposal
  readonly atMs: number
  readonly step: number
  /** He came to look himself. */
  readonly pulled: boolean
  /** Index of the need it serves; null: none. */
  readonly need: number | null
  readonly tookMs: number
  /** The same was refused before. */
  readonly afterNo: boolean
  readonly afterSaveMs: number | null
}

export type FailureKind =
  | "broken"
  | "missed"
  | "false alarm"
  | "after a no"
  | "mid-edit"
  | "no boundary"
  | "evidence"

export interface Failure {
  readonly story: string
  readonly file: string
  readonly line: number
  readonly kind: FailureKind
  readonly expected: string
  /** What there was instead, one line each. */
  readonly found: ReadonlyArray<string>
}

export interface Judged {
  readonly story: Story
  readonly shows: ReadonlyArray<Show>
  readonly moments: Moments
  /** F1 of what was cited, for each need that was served and names its evidence. */
  readonly evidence: ReadonlyArray<number>
  /** Milliseconds from what a decision rests on to its being in the queue, of everything that was shown. */
  readonly times: ReadonlyArray<number>
  /** Needs that fell into their window, by index. */
  readonly served: ReadonlyArray<number>
  readonly midEdit: number
  readonly atBoundary: { readonly of: number; readonly at: number }
  readonly modelCalls: number
  /** Start and end of each need's window. */
  readonly windows: ReadonlyArray<readonly [number, number]>
  readonly failures: ReadonlyArray<Failure>
}

const isMade = (event: Played["events"][number]): event is Made =>
  event.type === "decision.digest" ||
  event.type === "decision.notify" ||
  event.type === "decision.question" ||
  event.type === "decision.draft"

const strings = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(strings)
      : []

/** What a call would do, in words a story can name: each text in it, all of them together, and the tool. */
const wordsOf = ({ input, tool }: ToolCall): ReadonlyArray<string> => {
  const words = strings(input).map(oneLine)
  return [...words, `${tool} ${words.join(" ")}`]
}

const helps = (proposal: Proposal, need: Need): boolean =>
  (need.rules.length === 0 || need.rules.includes(proposal.rule)) &&
  (need.actions.length === 0 ||
    proposal.actions.some((call) =>
      need.actions.some((wanted) => wordsOf(call).some((words) => holds(words, wanted))),
    )) &&
  (need.says === null || holds(oneLine(proposal.title), need.says)) &&
  (!need.urgent || proposal.urgent)

const pulledBy: ReadonlySet<string | null> = new Set(["tui-opened", "asked"])

const isObserved = (type: string): boolean => /^(?:fs|git|terminal)\./.test(type)

/** The event a decision followed from: what its situation was opened on, or the tick that opened it. */
const causeMs = (played: Played, made: Made): number => {
  const opened = played.events.find(({ seq }) => seq === made.payload.situation)
  const cause = played.events.find(({ id }) => id === opened?.causationId)
  const tick = played.events.findLast(
    (event) => event.type === "decision.tick" && event.seq < made.payload.situation,
  )
  const times = [cause, tick?.seq === made.payload.situation - 1 ? tick : undefined]
  return Math.max(...times.map((event) => (event === undefined ? Number.NEGATIVE_INFINITY : atMs(event))))
}

const showsOf = (story: Story, played: Played, windows: Judged["windows"]): ReadonlyArray<Show> => {
  const made = new Map(played.events.filter(isMade).map((event) => [event.payload.suggestion, event]))
  const refused = new Set<string>()
  const seen = new Set<string>()
  const putOff = new Map<string, number>()
  const served = new Set<number>()
  const shows: Array<Show> = []
  for (const event of played.events) {
    if (event.type === "approval.rejected") {
      const said = made.get(event.payload.suggestion)
      if (said !== undefined) refused.add(said.payload.proposal.fingerprint)
    }
    if (event.type === "approval.snoozed") {
      seen.delete(event.payload.suggestion)
      putOff.set(event.payload.suggestion, Date.parse(event.payload.until))
    }
    if (event.type !== "decision.shown") continue
    const { boundary, suggestion } = event.payload
    const decision = made.get(suggestion)
    if (decision === undefined || seen.has(suggestion)) continue
    seen.add(suggestion)
    const { proposal } = decision.payload
    const at = atMs(event)
    const need = story.needs.findIndex(
      (one, index) =>
        !served.has(index) && at >= windows[index]![0] && at <= windows[index]![1] && helps(proposal, one),
    )
    if (need >= 0) served.add(need)
    shows.push({
      suggestion,
      proposal,
      atMs: at,
      step: stepOf(event.seq, played),
      pulled: pulledBy.has(boundary) || at >= (putOff.get(suggestion) ?? Number.POSITIVE_INFINITY),
      need: need < 0 ? null : need,
      tookMs: Math.max(0, atMs(decision) - causeMs(played, decision)),
      afterNo: need < 0 && refused.has(proposal.fingerprint),
      afterSaveMs: played.afterSave.get(suggestion) ?? null,
    })
  }
  return shows
}

/** Of the events it cites, those of the steps it should rest on; and of those steps, the ones it cites. */
const evidenceF1 = (show: Show, need: Need, played: Played): number => {
  const types = new Map(played.events.map(({ seq, type }) => [seq, type]))
  const cited = show.proposal.evidence
    .filter((seq) => isObserved(types.get(seq) ?? ""))
    .map((seq) => stepOf(seq, played))
  const right = cited.filter((step) => need.evidence.includes(step))
  if (right.length === 0) return 0
  const precision = right.length / cited.length
  const recall = new Set(right).size / new Set(need.evidence).size
  return (2 * precision * recall) / (precision + recall)
}

const where = (ms: number, played: Played): string => clockText(ms - played.startMs)

const showText = (show: Show, played: Played): string =>
  `${where(show.atMs, played)} shown: ${show.proposal.rule}${show.proposal.urgent ? " (urgent)" : ""}: ${oneLine(show.proposal.title)}${show.proposal.actions.map((call) => ` [${wordsOf(call).at(-1)}]`).join("")}`

/** What was not said between two times, and why not. */
const keptBack = (played: Played, from: number, until: number): ReadonlyArray<string> => {
  const made = new Map(played.events.filter(isMade).map((event) => [event.payload.suggestion, event]))
  return played.events.flatMap((event) => {
    const ms = atMs(event)
    if (ms < from || ms > until) return []
    const at = where(ms, played)
    if (event.type === "decision.silent")
      return [`${at} silent: ${event.payload.rule}: ${event.payload.reason}`]
    if (event.type !== "decision.withheld") return []
    const rule = made.get(event.payload.suggestion)?.payload.proposal.rule ?? event.payload.suggestion
    return [`${at} held back: ${rule}: ${event.payload.reason}`]
  })
}

const failuresOf = (
  story: Story,
  played: Played,
  shows: ReadonlyArray<Show>,
  windows: Judged["windows"],
  moments: Moments,
): ReadonlyArray<Failure> => {
  const fail = (
    line: number,
    kind: FailureKind,
    expected: string,
    found: ReadonlyArray<string>,
  ): Failure => ({
    story: story.name,
    file: story.file,
    line,
    kind,
    expected,
    found,
  })
  const lineOf = (show: Show): number => story.steps[show.step]?.line ?? 1
  const silent = (show: Show) =>
    story.silences.find(
      ({ from, until }) => show.atMs >= momentMs(from, played) && show.atMs <= momentMs(until, played),
    )
  const missed = story.needs.flatMap((need, index) => {
    if (shows.some((show) => show.need === index)) return []
    const [from, until] = windows[index]!
    const near = shows.filter((show) => show.atMs >= from).map((show) => showText(show, played))
    const window = `${need.urgent ? "urgent, " : ""}between ${where(from, played)} and ${where(until, played)}`
    return [fail(need.line, "missed", `${need.what}: ${window}`, [...near, ...keptBack(played, from, until)])]
  })
  const evidence = shows.flatMap((show) => {
    const need = show.need === null ? undefined : story.needs[show.need]
    if (need === undefined || need.evidence.length === 0 || evidenceF1(show, need, played) === 1) return []
    const cited = show.proposal.evidence.map((seq) => {
      const event = played.events.find((one) => one.seq === seq)
      const step = story.steps[stepOf(seq, played)]
      return `cites ${seq} ${event?.type ?? ""} of ${step === undefined ? "before the first step" : `line ${step.line}`}`
    })
    const lines = need.evidence.map((step) => story.steps[step]?.line).join(", ")
    return [
      fail(
        need.line,
        "evidence",
        `it cites what came of the steps in line ${lines}, and nothing else`,
        cited,
      ),
    ]
  })
  const wrong = shows.flatMap((show): ReadonlyArray<Failure> => {
    const text = [showText(show, played)]
    const found: Array<Failure> = []
    if (show.pulled) return found
    const within = silent(show)
    if (show.afterNo)
      found.push(fail(lineOf(show), "after a no", "the same is not said again after a no", text))
    else if (show.need === null)
      found.push(
        fail(within?.line ?? lineOf(show), "false alarm", within?.why ?? "nothing that serves no need", text),
      )
    if (isMidEdit(show, moments))
      found.push(fail(lineOf(show), "mid-edit", "nothing within 5 s of an edit", text))
    else if (!isAtBoundary(show, moments))
      found.push(fail(lineOf(show), "no boundary", "what is not urgent comes at a boundary", text))
    return found
  })
  const broken = played.broken.map(({ line, message }) =>
    fail(line, "broken", "the story goes as it is written", [message]),
  )
  return [...broken, ...missed, ...wrong, ...evidence].toSorted((a, b) => a.line - b.line)
}

const isMidEdit = (show: Show, { edits }: Moments): boolean =>
  !show.proposal.urgent && !show.pulled && edits.some((ms) => show.atMs >= ms && show.atMs - ms < quietMs)

/** An allowance for the clock of the log, which counts whole milliseconds. */
const isAtBoundary = (show: Show, { boundaries }: Moments): boolean =>
  show.proposal.urgent || boundaries.some((ms) => show.atMs >= ms - 1 && show.atMs - ms <= boundaryMs)

export const judgeStory = (story: Story, played: Played): Judged => {
  const windows = story.needs.map(
    ({ from, until }) => [played.steps[from]?.startMs ?? played.startMs, momentMs(until, played)] as const,
  )
  const moments = momentsOf(story, played)
  const shows = showsOf(story, played, windows)
  const timed = shows.filter((show) => !show.proposal.urgent && !show.pulled)
  return {
    story,
    shows,
    moments,
    evidence: shows.flatMap((show) => {
      const need = show.need === null ? undefined : story.needs[show.need]
      return need === undefined || need.evidence.length === 0 ? [] : [evidenceF1(show, need, played)]
    }),
    times: shows.map(({ tookMs }) => tookMs),
    served: shows.flatMap(({ need }) => (need === null ? [] : [need])),
    midEdit: timed.filter((show) => isMidEdit(show, moments)).length,
    atBoundary: { of: timed.length, at: timed.filter((show) => isAtBoundary(show, moments)).length },
    modelCalls: played.events.filter(({ type }) => type === "model.requested").length,
    windows,
    failures: failuresOf(story, played, shows, windows, moments),
  }
}
