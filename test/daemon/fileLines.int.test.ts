/** Lines of a file end at a newline and nowhere else. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileLines } from "../../src/daemon/fileLines.ts"
import { temporaryDir } from "../log-store/temporary.ts"

const linesOf = async (path: string) => {
  const lines: Array<string> = []
  for await (const line of fileLines(path)) lines.push(line)
  return lines
}

it.effect("lines end at a newline, not at what else Unicode takes for one", () =>
  Effect.gen(function* () {
    const path = join(yield* temporaryDir, "lines")
    const long = "é".repeat(70_000)
    const lines = ['{"detail":"a\u2028b\u2029c\u0085d\u000be"}', "", long, "\r", "last"]
    for (const end of ["", "\n"]) {
      writeFileSync(path, lines.join("\n") + end)
      assert.deepStrictEqual(yield* Effect.promise(() => linesOf(path)), lines)
    }
    writeFileSync(path, "")
    assert.deepStrictEqual(yield* Effect.promise(() => linesOf(path)), [])
  }),
)
