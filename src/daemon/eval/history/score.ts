/**
 * Was it right? The rule that spoke is asked again as things stand after the author's next commit: a hit where that
 * touched a file Claw had pointed at and the rule has nothing to say of it any more. Counted by rule, beside always
 * speaking and always being silent. Pure but for the reading of trees.
 */
import type { Reflex } from "../../../decide/Decider.ts"
import { factsOf } from "../../../decide/facts.ts"
import { isManifest } from "../../../decide/paths.ts"
import { isLockfile } from "../../../domain/lockfiles/readLockfile.ts"
import type { Situation } from "../../../domain/situation.ts"
import type { Proposal } from "../../../domain/suggestion.ts"
import { redactFact } from "../../../loop/redact.ts"
import { ratio } from "../ratio.ts"
import type { History, Point } from "./commitsOf.ts"
import { type Label, workedHours } from "./labels.ts"
import type { Said } from "./replay.ts"
import type { TreeFolder } from "./TreeFolder.ts"

export interface HistoryRule {
  readonly rule: string
  /** Decided to be worth a word; attention lets fewer be seen. */
  readonly made: number
  readonly shown: number
  readonly hits: number
  readonly falseAlarms: number
  readonly precision: number | null
}

export interface Speaker {
  readonly shown: number
  readonly hits: number
  readonly falseAlarms: number
  readonly precision: number | null
  readonly recall: number
  readonly falseAlarmsPerActiveHour: number
}

export interface HistoryScore {
  readonly v: 1
  readonly name: "history"
  readonly commits: number
  readonly merges: number
  readonly robots: number
  readonly unreadable: number
  readonly authors: number
  readonly unfinished: number
  readonly saidSo: number
  readonly baseRate: number
  readonly activeHours: number
  readonly claw: Speaker & { readonly made: number; readonly perHundredCommits: number }
  readonly baselines: { readonly alwaysSilent: Speaker; readonly alwaysSpeak: Speaker }
  readonly rules: ReadonlyArray<HistoryRule>
  readonly failures: ReadonlyArray<{
    readonly commit: string
    readonly rule: string
    readonly title: string
    readonly next: string | null
  }>
}

/** Files of the commit that a suggestion names, in words or in what it would do. */
export const pointedAt = (proposal: Proposal, files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const said = [
    proposal.title,
    ...proposal.why.map(({ text }) => text),
    JSON.stringify(proposal.actions),
  ].join("\n")
  return files.filter((file) => said.includes(file))
}

/** The same situation, about this file alone. */
const aboutOnly = (situation: Situation, file: string): Situation =>
  situation.kind === "index.staged" || situation.kind === "files.settled"
    ? { ...situation, data: { ...(situation.data as object), paths: [file] } }
    : situation

const isFixed = async (
  { point, proposal, rule, situation }: Said,
  next: Point,
  reflexes: ReadonlyArray<Reflex>,
  folder: TreeFolder,
): Promise<boolean> => {
  const reflex = reflexes.find(({ name }) => name === rule)
  if (reflex === undefined) return false
  const dependencies = next.files.filter((file) => isManifest(file) || isLockfile(file))
  const known = situation.kind === "dependencies.changed" ? [...point.files, ...dependencies] : point.files
  const touched = pointedAt(proposal, known).filter((file) => next.files.includes(file))
  const about =
    situation.kind === "dependencies.changed" && touched.length === 0 ? dependencies.slice(0, 1) : touched
  for (const file of about) {
    const asked = aboutOnly(situation, file)
    const change = { sha: next.sha, before: point.before, tree: next.tree, files: [file] }
    const facts = await Promise.all(
      reflex.probes(asked, { commands: [] }).map(async (probe) => {
        const answer = await folder.answer(probe, change)
        return redactFact({
          probe,
          answer: answer ?? null,
          unavailable: answer === undefined ? "unknown" : null,
        })
      }),
    )
    const again = reflex.propose(asked, factsOf(facts), { commands: [] })
    // a file that is gone has nothing wrong with it any more
    const gone = folder.statusOf(change, file).after === null
    if ("silent" in again && (again.unknown !== true || gone)) return true
  }
  return false
}

const speaker = (
  shown: number,
  hits: number,
  falseAlarms: number,
  unfinished: number,
  hours: number,
): Speaker => ({
  shown,
  hits,
  falseAlarms,
  precision: shown === 0 ? null : ratio(hits, shown),
  recall: unfinished === 0 ? 1 : ratio(hits, unfinished),
  falseAlarmsPerActiveHour: hours === 0 ? 0 : ratio(falseAlarms, hours),
})

export const scoreHistory = async (
  history: History,
  labels: ReadonlyMap<Point, Label>,
  said: ReadonlyArray<Said>,
  reflexes: ReadonlyArray<Reflex>,
  folder: TreeFolder,
): Promise<HistoryScore> => {
  const { points } = history
  const rows = new Map<string, { made: number; shown: number; hits: number }>()
  const failures: Array<HistoryScore["failures"][number]> = []
  for (const one of said) {
    const row = rows.get(one.rule) ?? { made: 0, shown: 0, hits: 0 }
    rows.set(one.rule, row)
    row.made += 1
    if (!one.shown) continue
    row.shown += 1
    const next = labels.get(one.point)?.next ?? null
    if (next !== null && (await isFixed(one, next, reflexes, folder))) row.hits += 1
    else
      failures.push({
        commit: one.point.sha,
        rule: one.rule,
        title: one.proposal.title,
        next: next?.sha ?? null,
      })
  }
  const rules = [...rows].map(([rule, { hits, made, shown }]) => ({
    rule,
    made,
    shown,
    hits,
    falseAlarms: shown - hits,
    precision: shown === 0 ? null : ratio(hits, shown),
  }))
  const sum = (of: (row: HistoryRule) => number): number => rules.reduce((all, row) => all + of(row), 0)
  const all = [...labels.values()]
  const unfinished = all.filter((label) => label.unfinished).length
  const hours = Math.round(workedHours(points) * 10) / 10
  const shown = sum((row) => row.shown)
  const hits = sum((row) => row.hits)
  return {
    v: 1,
    name: "history",
    commits: points.length,
    merges: history.merges,
    robots: history.robots,
    unreadable: history.unreadable,
    authors: new Set(points.map(({ author }) => author)).size,
    unfinished,
    saidSo: all.filter((label) => label.said).length,
    baseRate: points.length === 0 ? 0 : ratio(unfinished, points.length),
    activeHours: hours,
    claw: {
      ...speaker(shown, hits, shown - hits, unfinished, hours),
      made: sum((row) => row.made),
      perHundredCommits: points.length === 0 ? 0 : ratio(shown * 100, points.length),
    },
    baselines: {
      alwaysSilent: speaker(0, 0, 0, unfinished, hours),
      alwaysSpeak: speaker(points.length, unfinished, points.length - unfinished, unfinished, hours),
    },
    rules: rules.toSorted((a, b) => b.shown - a.shown || (a.rule < b.rule ? -1 : 1)),
    failures,
  }
}
