/** A chain of plain commands as a line of quoted words: what was judged, and nothing for the shell to take apart. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { execFileSync } from "node:child_process"
import { readPlain } from "../../policies/shell/plain.ts"
import { plainLine } from "../../src/act/shellCommand.ts"

const judgedOf = (command: string) => {
  const plain = readPlain(command)
  return plain.ok ? plain.commands.map(({ argv }) => argv) : []
}
const lineOf = (command: string) => plainLine(command, judgedOf(command))

describe("a chain of plain commands", () => {
  it("is made anew from its words", () => {
    assert.strictEqual(
      lineOf(`git status --short; ls -la | head -n 3 && LANG=C grep "a b" 'it' || echo no`),
      "'git' 'status' '--short' ; 'ls' '-la' | 'head' '-n' '3' && 'env' 'LANG=C' 'grep' 'a b' 'it' || 'echo' 'no'",
    )
  })

  it("is none where it is not plain, or not what was judged", () => {
    for (const command of ["ls; $(touch x)", "ls > x; pwd", "ls; for a in b; do c; done", "ls &", "a `b`; c"])
      assert.isNull(plainLine(command, [["ls"], ["pwd"]]), command)
    assert.isNull(plainLine("ls; pwd", [["ls"], ["rm"]]))
    assert.isNull(plainLine("ls; pwd", [["ls"]]))
    assert.isNull(plainLine("ls; pwd", [["ls"], ["pwd"], ["rm"]]))
  })

  it("gives a program exactly the words that were judged, whatever they are", () => {
    const word = FastCheck.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/[\0\n]/.test(text))
    FastCheck.assert(
      FastCheck.property(FastCheck.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const command = `printf %s; printf [%s] ${words.map((text) => `'${text}'`).join(" ")}`
        const judged = judgedOf(command)
        const line = plainLine(command, judged)
        if (line === null) return judged.length === 0
        const said = execFileSync("bash", ["--noprofile", "--norc", "-c", line], { encoding: "utf8" })
        assert.strictEqual(
          said,
          judged[1]!
            .slice(2)
            .map((text) => `[${text}]`)
            .join(""),
        )
        return true
      }),
      { numRuns: 60 },
    )
  })
})
