/** Corrections of any command with any output: bounded, of one line, and without end or surprise in no case. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { partsOf } from "../../../src/decide/corrections/line.ts"
import { canonical } from "../../../src/decide/canonical.ts"
import { applying, asked } from "../../../src/decide/corrections/correct.ts"
import type { Facts } from "../../../src/decide/Decider.ts"
import { corrected, factsIn, noMemory, type World } from "./given.ts"

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
  it("a rule reads no other facts than those it asks for", () => {
    const commands = fc.constantFrom(
      "cp a b/c",
      "mv a b/",
      "touch b/c/d",
      "cd srcc/x",
      "cat srcc/x",
      "./rnu.sh",
      "echo x > srcc/a",
      "git log mian..x",
      "git commit -m a b",
      "git mv x b/c",
      "git checkout mian",
      "git add srcc/x",
      "grep x src",
      "ln -s a x",
      "mkdir b/c",
      "rm src",
      "python3 -m sqc.x",
      "python foo",
      "go run foo",
      "npm run tset",
      "make tset",
      "gradle tset",
      "workon x",
      "ip link set eth9",
      "gti status",
      "gitstatus",
    )
    let read = 0
    fc.assert(
      fc.property(commands, input, fc.boolean(), (command, { output: text, exit }, own) => {
        const said = own
          ? `bash: ${command.split(" ").at(-1)}: No such file or directory\nfatal: pathspec 'b' did not match any files\nfatal: ambiguous argument 'mian..x': unknown revision\nNo module named sqc.x\nrenaming 'x' failed: No such file or directory`
          : text
        const failure = {
          command,
          dir: ".",
          ...(said === null ? {} : { output: said }),
          ...(exit === null ? {} : { exit }),
        }
        for (const { correction, failed } of applying(failure)) {
          if (correction.data !== undefined) continue
          const asks = (correction.asks?.(failed, failed.dir) ?? []).map(canonical)
          const facts: Facts = {
            all: [],
            get: (request) => {
              read += 1
              assert.include(asks, canonical(request), correction.name)
              return factsIn(world).get(request)
            },
          }
          correction.correct(failed, { facts, memory: noMemory, dir: failed.dir, editor: null })
        }
      }),
      { numRuns: 1_500 },
    )
    assert.isAbove(read, 100)
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
