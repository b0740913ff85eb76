/** Reading behind a position: exactly once, whatever git or the user does to the reflog in between. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { readTail, type Position } from "../../../src/observe/git/reflog.ts"
import { readStash } from "../../../src/observe/git/stash.ts"
import { commit, git, newRepository, tempFolder, write } from "./harness.ts"

const never = Number.POSITIVE_INFINITY
const sha = (n: number): string => String(n).padStart(40, "0")
const line = (n: number, sec = 1_000 + n): string =>
  `${sha(n - 1)} ${sha(n)} N <n@x> ${sec} +0000\tcommit: number ${n}\n`
const lines = (...numbers: ReadonlyArray<number>): string => numbers.map((n) => line(n)).join("")

const numbers = (file: string, position: Position | undefined, since = never) => {
  const tail = readTail(file, position, since)
  return { read: tail.lines.map((one) => Number(one.new)), end: tail.end }
}

const logOf = (text: string) =>
  Effect.map(tempFolder, (folder) => {
    const file = path.join(folder, "HEAD")
    fs.writeFileSync(file, text)
    return file
  })

describe("reflog", () => {
  it.live("starts at the end, then reads what is added; a line without its end waits", () =>
    Effect.gen(function* () {
      const file = yield* logOf(lines(1, 2, 3))
      const first = numbers(file, undefined)
      assert.deepStrictEqual(first.read, [])
      fs.appendFileSync(file, lines(4) + line(5).slice(0, -3))
      const second = numbers(file, first.end)
      assert.deepStrictEqual(second.read, [4])
      fs.appendFileSync(file, line(5).slice(-3))
      assert.deepStrictEqual(numbers(file, second.end).read, [5])
      assert.deepStrictEqual(numbers(file, numbers(file, second.end).end).read, [])
    }),
  )

  it.live("with a moment to count from, lines since then are new", () =>
    Effect.gen(function* () {
      const file = yield* logOf(lines(1, 2, 3))
      assert.deepStrictEqual(numbers(file, undefined, 1_002).read, [2, 3])
      assert.deepStrictEqual(numbers(file, undefined, 0).read, [1, 2, 3])
    }),
  )

  it.live("a rewritten reflog is found again by its marks", () =>
    Effect.gen(function* () {
      const file = yield* logOf(lines(1, 2, 3, 4, 5, 6))
      const { end } = numbers(file, undefined)
      const again = (text: string) => {
        fs.writeFileSync(file, text)
        return numbers(file, end).read
      }
      assert.deepStrictEqual(again(lines(5, 6, 7, 8)), [7, 8], "old lines expired")
      assert.deepStrictEqual(again(lines(1, 2, 3, 4, 5, 7)), [7], "the newest line was deleted")
      assert.deepStrictEqual(again(lines(1, 2, 3, 4, 5)), [], "only deleted")
      assert.deepStrictEqual(again(lines(1, 4, 9)), [9], "three of the marked lines are gone")
      assert.deepStrictEqual(again(lines(1, 2, 8, 9)), [8, 9], "all marked lines are gone: by time")
      assert.deepStrictEqual(again(""), [], "emptied")
      assert.deepStrictEqual(again("garbage\n\0\n" + lines(6, 7)), [7], "garbage between")
      const rewritten = lines(4, 5, 6, 7).replaceAll(`${sha(5)} ${sha(6)}`, `${sha(1)} ${sha(6)}`)
      assert.deepStrictEqual(again(rewritten), [7], "old names rewritten")
      fs.rmSync(file)
      assert.deepStrictEqual(numbers(file, end).read, [], "gone")
      assert.deepStrictEqual(again(lines(6, 7)), [7], "and there again")
    }),
  )

  it.live("equal lines are counted, not mixed up", () =>
    Effect.gen(function* () {
      const reset = `${sha(3)} ${sha(3)} N <n@x> 2000 +0000\treset: moving to HEAD\n`
      const file = yield* logOf(lines(1, 2) + reset)
      const { end } = numbers(file, undefined)
      fs.appendFileSync(file, reset)
      const next = numbers(file, end)
      assert.deepStrictEqual(next.read, [3])
      assert.deepStrictEqual(numbers(file, next.end).read, [])
    }),
  )

  it.live("very long lines and bytes that are no text survive", () =>
    Effect.gen(function* () {
      const file = yield* logOf(line(1))
      const { end } = numbers(file, undefined)
      const long = Buffer.concat([
        Buffer.from(`${sha(1)} ${sha(2)} N <n@x> 1002 +0000\tcommit: `),
        Buffer.alloc(20_000, 0xe9),
        Buffer.from("\n"),
      ])
      fs.appendFileSync(file, long)
      const next = numbers(file, end)
      assert.deepStrictEqual(next.read, [2])
      fs.appendFileSync(file, line(3))
      assert.deepStrictEqual(numbers(file, next.end).read, [3])
    }),
  )

  it.live("git's own expiry and deletion lose and repeat nothing", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      for (let n = 0; n < 6; n++) commit(folder, "a.txt", `${n}\n`, `old ${n}`)
      const file = path.join(folder, ".git/logs/HEAD")
      const { end } = numbers(file, undefined)
      git(folder, "reflog", "delete", "--rewrite", "HEAD@{0}")
      git(folder, "reflog", "delete", "--rewrite", "HEAD@{3}")
      commit(folder, "a.txt", "new\n", "new")
      assert.deepStrictEqual(
        readTail(file, end, never).lines.map((one) => one.message),
        ["commit: new"],
      )
    }),
  )
})

describe("stash", () => {
  it.live("pushed, dropped in the middle, popped, cleared", () =>
    Effect.gen(function* () {
      const folder = newRepository(path.join(yield* tempFolder, "repo"))
      const file = path.join(folder, ".git/logs/refs/stash")
      const subjects = new Map<string, string>()
      let at = readStash(file, undefined, subjects).position
      const changes = () => {
        const read = readStash(file, at, subjects)
        at = read.position
        assert.deepStrictEqual(readStash(file, at, subjects).changes, [])
        return read.changes.map(
          ({ action, count, subject }) => `${action} ${count} ${subject.split(": ").at(-1)}`,
        )
      }
      const push = (name: string) => {
        write(folder, "a.txt", `stash ${name}\n`)
        git(folder, "stash", "push", "-q", "-m", name)
      }
      push("one")
      push("two")
      assert.deepStrictEqual(changes(), ["pushed 1 one", "pushed 2 two"])
      push("three")
      git(folder, "stash", "drop", "-q", "stash@{1}")
      assert.deepStrictEqual(changes(), ["dropped 1 two", "pushed 2 three"])
      git(folder, "stash", "pop", "-q")
      assert.deepStrictEqual(changes(), ["dropped 1 three"])
      git(folder, "stash", "clear")
      assert.deepStrictEqual(changes(), ["dropped 0 one"])
    }),
  )
})
