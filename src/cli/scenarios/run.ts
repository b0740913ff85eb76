/**
 * `claw eval scenarios`: plays the stories of a folder, each in a world of its own and as many at once as there is room
 * for, judges them, and prints the figures. Runs behind the first one have other pauses, and must come to the same.
 */
import { Console, Effect, Exit as EffectExit, Result } from "effect"
import { availableParallelism } from "node:os"
import { seeded } from "../../daemon/eval/random.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { builtEntry } from "../bench/built.ts"
import { fail } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import { json } from "../output.ts"
import { type Failure, type Judged, judgeStory } from "./judgeStory.ts"
import { loadStories } from "./loadStories.ts"
import { type Jitter, playStory } from "./playStory.ts"
import { type Report, reportText, type Unlike } from "./report.ts"
import { score } from "./score.ts"
import type { Story } from "./Story.ts"

export interface Choice {
  readonly dir: string
  readonly only: string | null
  readonly jobs: number | null
  readonly runs: number
  readonly seed: number
  readonly json: boolean
}

/** Pauses are so much shorter or longer than the story says. */
const spread = 0.05
const asWritten: Jitter = () => 1

const jitterOf = (run: number, story: number, seed: number): Jitter => {
  if (run === 0) return asWritten
  const random = seeded(seed * 1_000_003 + run * 1_009 + story)
  return () => 1 + spread * (2 * random.share() - 1)
}

/** What was decided to be seen, and at which step. */
const decisions = (judged: Judged | null): string => {
  if (judged === null) return "it could not be played"
  const { shows, story } = judged
  const told = shows.map(
    ({ need, proposal, step }) =>
      `${proposal.rule}${proposal.urgent ? " (urgent)" : ""} at line ${story.steps[step]?.line ?? 1}${need === null ? ", a false alarm" : ""}`,
  )
  return told.length === 0 ? "nothing" : told.join("; ")
}

/** Stories that came to different decisions in their runs, with what each run showed. */
const unlikeOf = (stories: ReadonlyArray<Story>, outcomes: ReadonlyArray<Outcome>): ReadonlyArray<Unlike> =>
  stories.flatMap((story, index) => {
    const shown = outcomes
      .filter((_, at) => at % stories.length === index)
      .map(({ judged }) => decisions(judged))
    return new Set(shown).size === 1 ? [] : [{ story: story.name, file: story.file, shown }]
  })

interface Outcome {
  readonly story: Story
  /** Null where it could not be played. */
  readonly judged: Judged | null
  readonly failures: ReadonlyArray<Failure>
}

const play = (story: Story, jitter: Jitter) =>
  Effect.exit(playStory(story, jitter)).pipe(
    Effect.map((exit): Outcome => {
      if (EffectExit.isSuccess(exit)) {
        const judged = judgeStory(story, exit.value)
        return { story, judged, failures: judged.failures }
      }
      const found = [String(exit.cause).split("\n").slice(0, 4).join(" ")]
      const { file, name } = story
      const failure: Failure = {
        story: name,
        file,
        line: 1,
        kind: "broken",
        expected: "the story can be played",
        found,
      }
      return { story, judged: null, failures: [failure] }
    }),
  )

export const runScenarios = Effect.fn("scenarios")(function* (choice: Choice) {
  const loaded = loadStories(choice.dir, choice.only)
  if (Result.isFailure(loaded)) return yield* fail(loaded.failure)
  const stories = loaded.success
  const invocation = yield* Invocation
  // as it is installed, also from a clone whose sources change meanwhile
  const entry = yield* builtEntry(invocation.entry)
  const plays = Array.from({ length: choice.runs }, (_, run) =>
    stories.map((story, index) => ({ story, jitter: jitterOf(run, index, choice.seed) })),
  ).flat()
  const outcomes = yield* Effect.forEach(plays, ({ jitter, story }) => play(story, jitter), {
    concurrency: choice.jobs ?? availableParallelism(),
  }).pipe(Effect.provideService(Invocation, { ...invocation, entry }))
  const first = outcomes.slice(0, stories.length)
  const judged = first.flatMap((one) => (one.judged === null ? [] : [one.judged]))
  const report: Report = {
    v: 1,
    name: "scenarios",
    stories: stories.length,
    runs: choice.runs,
    ...score(judged),
    unlike: choice.runs === 1 ? null : unlikeOf(stories, outcomes),
    failures: first.flatMap((one) => one.failures),
  }
  yield* choice.json ? json(report) : Console.log(neutraliseLines(reportText(report)))
}, Effect.scoped)
