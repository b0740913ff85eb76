/**
 * One slip after another as the best-known corrector names them, with what the tools print, of ten years ago and of
 * today. Nothing is known of the exit: what was printed has to be enough.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Memory } from "../../../src/decide/Decider.ts"
import { corrected, noMemory, type World } from "./given.ts"

type Slip = readonly [
  command: string,
  output: string,
  first: string,
  world?: World,
  history?: ReadonlyArray<string>,
]

const memoryOf = (lines: ReadonlyArray<string> | undefined): Memory =>
  lines === undefined
    ? noMemory
    : { commands: lines.map((command) => ({ seq: 0, command, cwd: ".", exit: 0, atMs: 0 })) }

/** A test a slip; by the name of the correction. */
export const correctsByName = (slips: Readonly<Record<string, ReadonlyArray<Slip>>>): void => {
  describe("corrections by name", () => {
    for (const [name, rows] of Object.entries(slips))
      describe(name, () => {
        for (const [command, output, first, world, history] of rows)
          it(`${command} -> ${first}`, () => {
            assert.strictEqual(corrected(command, { output }, world, memoryOf(history))[0]?.command, first)
          })
      })
  })
}
