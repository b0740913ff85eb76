/**
 * The model-based run: random commands, so many at a time, on a fresh log and a fresh model. What differs is shrunk by
 * fast-check to the few commands that still differ, and thrown as they read.
 */
import fc from "fast-check"
import { commandsFor } from "./modelCommands.ts"
import { Model } from "./Model.ts"
import { type Kind, RealLog } from "./RealLog.ts"

export interface ModelRun {
  readonly kind: Kind
  readonly runs: number
  /** Commands of one run, at most. */
  readonly commands: number
  readonly seed: number
}

/** Answers how many commands were carried out. Throws the smallest story that goes wrong. */
export const runModel = async ({ kind, runs, commands, seed }: ModelRun): Promise<number> => {
  let steps = 0
  const stories = fc.commands(
    commandsFor(kind).flatMap(({ arbitrary, weight }) => Array.from({ length: weight }, () => arbitrary)),
    { maxCommands: commands, size: "max" },
  )
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const model = new Model()
      const real = new RealLog(kind, () => model.now)
      try {
        await fc.asyncModelRun(
          () => ({ model, real }),
          counting(story, () => steps++),
        )
      } finally {
        await real.close()
      }
    }),
    { numRuns: runs, seed },
  )
  return steps
}

type Story = Parameters<typeof fc.asyncModelRun<Model, RealLog, false, Model>>[1]
const counting = function* (story: Story, count: () => void): Generator<fc.AsyncCommand<Model, RealLog>> {
  for (const command of story) {
    count()
    yield command as fc.AsyncCommand<Model, RealLog>
  }
}
