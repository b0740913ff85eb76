import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { partsOf } from "../../../src/decide/corrections/line.ts"
import { asked } from "../../../src/decide/corrections/correct.ts"
import { corrected, type World } from "./given.ts"

const bit = fc.constantFrom(
  ..."git npm cd cat rm sudo docker yarn tar sed ln comit tset mian 'a b' \"c\" && | ; > -p --force / ./x $(y) `z` ' \" \\ é 漢 \u202e \n".split(
    " ",
  ),
)
const line = fc.array(bit, { maxLength: 8 }).map((bits) => bits.join(" "))
const said = fc.constantFrom(
  "Did you mean ",
  "The most similar commands are\n\t",
  "command not found",
  "No such file or directory",
  "Is a directory",
  "permission denied",
  "unknown command: ",
  "error: pathspec 'mian' did not match any file(s) known to git",
  "EADDRINUSE :::3000",
  "usage: git ",
  "    git push --set-upstream ",
  'File "x", line 3',
  "\n",
  " `x` ",
)
const output = fc.array(fc.oneof(said, bit), { maxLength: 12 }).map((bits) => bits.join(""))
const world: World = {
  programs: ["git", "npm", "cat", "ls"],
  files: ["x", "a b", "README.md"],
  dirs: ["src"],
  branches: ["main"],
  scripts: ["test"],
  portOwner: 7,
}

describe("for any command and output", () => {
  const input = fc.record({
    command: fc.oneof(line, fc.string({ unit: "binary", maxLength: 60 })),
    output: fc.option(fc.oneof(output, fc.string({ unit: "binary", maxLength: 200 }))),
    exit: fc.option(fc.constantFrom(1, 2, 126, 127, 128)),
  })
  it("corrections are total, the same each time, and each is one other, harmless line", () => {
    let made = 0
    fc.assert(
      fc.property(input, ({ command, output: text, exit }) => {
        const rest = { ...(text === null ? {} : { output: text }), ...(exit === null ? {} : { exit }) }
        asked({ command, dir: ".", ...rest })
        const once = corrected(command, rest, world)
        assert.deepStrictEqual(corrected(command, rest, world), once)
        made += once.length
        for (const each of once) {
          assert.notStrictEqual(each.command, command.trim())
          // oxlint-disable-next-line no-control-regex
          assert.notMatch(each.command, /[\u0000-\u0008\u000a-\u001f\u007f\u202e]/)
        }
        assert.strictEqual(new Set(once.map((each) => each.command)).size, once.length)
      }),
      { numRuns: 600 },
    )
    assert.isAbove(made, 10)
  })
  it("words of a line stand where they say, in order", () => {
    fc.assert(
      fc.property(fc.oneof(line, fc.string({ maxLength: 60 })), (text) => {
        let last = 0
        for (const { start, end } of partsOf(text).flat()) {
          assert.isAtLeast(start, last)
          assert.isAbove(end, start)
          assert.isAtMost(end, text.length)
          last = end
        }
      }),
      { numRuns: 500 },
    )
  })
})
