/**
 * Runs the measures that need no table: a repository's history, made weeks, and what was learned in a log or in made
 * weeks. The JSON object, and a text a person reads; always being silent and always speaking stand beside.
 */
import { Effect, Stream } from "effect"
import { mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { reflexes } from "../../decide/registry.ts"
import type { Event } from "../../domain/event.ts"
import { LogStore } from "../../../log-store/LogStore.ts"
import { openRepository } from "../../observe/git/openRepository.ts"
import type { Entry } from "../entry.ts"
import { overLog } from "./overLog.ts"
import { EvalError, type Evaluated } from "./Evaluated.ts"
import { historyText, learningText, soakText } from "./figures.ts"
import { commitsOf } from "./history/commitsOf.ts"
import { labelsOf } from "./history/labels.ts"
import { replay } from "./history/replay.ts"
import { scoreHistory } from "./history/score.ts"
import { TreeFolder } from "./history/TreeFolder.ts"
import { LearningRun, scoreLearning } from "./learning.ts"
import { scoreSoak } from "./soak/scoreSoak.ts"
import { makeWeeks, startOf } from "./soak/weeks.ts"

export type MeasureName = "history" | "soak" | "learning"

export interface MeasureChoice {
  /** The repository; the folder of the log. */
  readonly at: string | null
  readonly seed: number
  readonly users: number
  readonly days: number | null
  readonly commits: number | null
}

const failed = (what: string) => (error: unknown) =>
  new EvalError({ message: `${what}: ${error instanceof Error ? error.message : String(error)}` })

/** The newest so many commits, unless more are asked for. */
const usualCommits = 20_000

const history = async (repository: string, limit: number): Promise<Evaluated> => {
  const { head, objects } = openRepository(await realpath(repository))
  const root = await realpath(await mkdtemp(join(tmpdir(), "claw-history-")))
  try {
    if (head.sha === null) throw new Error("there is no commit yet")
    const found = commitsOf(objects, head.sha, limit)
    const folder = new TreeFolder(objects, root)
    const said = await replay(found.points, folder)
    const report = await scoreHistory(found, labelsOf(found.points), said, reflexes, folder)
    return { report: { ...report }, text: historyText(report) }
  } finally {
    objects.close()
    await rm(root, { recursive: true, force: true })
  }
}

const seedsOf = ({ seed, users }: MeasureChoice): ReadonlyArray<number> =>
  Array.from({ length: users }, (_, index) => seed + index)

const week = 5

const soak = async (choice: MeasureChoice): Promise<Evaluated> => {
  const seeds = seedsOf(choice)
  const days = choice.days ?? week
  const weeks: Array<Awaited<ReturnType<typeof makeWeeks>>> = []
  for (const seed of seeds) weeks.push(await makeWeeks({ seed, days }))
  const report = scoreSoak(weeks, seeds, days)
  return { report: { ...report }, text: soakText(report) }
}

/** The first so many of ten days are learned from. */
const earlierShare = 0.6

const learningMade = async (choice: MeasureChoice): Promise<Evaluated> => {
  const days = choice.days ?? 2 * week
  const fromMs = startOf(Math.round(days * earlierShare))
  const runs: Array<ReturnType<LearningRun["finish"]>> = []
  for (const seed of seedsOf(choice)) {
    const events: Array<Event> = []
    // shown without regard to what was learned, so that of everything it is known how it was taken
    await makeWeeks({ seed, days, attention: { learn: false }, onEvent: (event) => events.push(event) })
    const later = events.find(({ at }) => Date.parse(at) >= fromMs)
    const run = new LearningRun(reflexes, later?.seq ?? events.length + 1)
    for (const event of events) run.take(event)
    runs.push(run.finish())
  }
  const report = scoreLearning(runs)
  return { report: { ...report }, text: learningText(report) }
}

const dayOf = ({ at }: Event): string => at.slice(0, 10)

const learningLog = (dir: string, entry: Entry): Effect.Effect<Evaluated, EvalError> =>
  overLog(
    dir,
    entry,
    Effect.gen(function* () {
      const store = yield* LogStore
      const days = new Map<string, number>()
      yield* Stream.runForEach(store.read({}), (event) =>
        Effect.sync(() => {
          if (event.type === "decision.shown" && !days.has(dayOf(event))) days.set(dayOf(event), event.seq)
        }),
      )
      const first = [...days.values()]
      const from = first[Math.ceil(first.length * earlierShare)]
      if (from === undefined)
        return yield* new EvalError({ message: "something must have been shown on three days at least" })
      const run = new LearningRun(reflexes, from)
      yield* Stream.runForEach(store.read({}), (event) => Effect.sync(() => run.take(event)))
      const report = scoreLearning([run.finish()])
      return { report: { ...report }, text: learningText(report) }
    }),
  )

export const runMeasure = (
  name: MeasureName,
  choice: MeasureChoice,
  entry: Entry,
): Effect.Effect<Evaluated, EvalError> => {
  const { at, commits } = choice
  if (name === "learning" && at !== null) return learningLog(at, entry)
  if (name === "learning")
    return Effect.tryPromise({ try: () => learningMade(choice), catch: failed("learning") })
  if (name === "soak") return Effect.tryPromise({ try: () => soak(choice), catch: failed("soak") })
  const repository = at ?? "."
  return Effect.tryPromise({
    try: () => history(repository, commits ?? usualCommits),
    catch: failed(repository),
  })
}
