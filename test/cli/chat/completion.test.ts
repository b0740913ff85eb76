/** What a word at the cursor is completed from, and which files a text names. */
import { assert, describe, it } from "@effect/vitest"
import { quoted, wantedAt } from "../../../src/cli/chat/completion.ts"
import { mentioned } from "../../../src/cli/chat/attach.ts"

describe("completion and files", () => {
  it("tells a file from a command from words", () => {
    const of = (text: string) => wantedAt(text, text.length, [])
    assert.deepStrictEqual(of("see @src/ma"), { from: 5, word: "src/ma", source: { _tag: "files" } })
    assert.isNull(of("mail a@b"))
    assert.isNull(of("hello"))
    assert.isNull(of("/etc/hosts is wro"))
    assert.deepStrictEqual(of('see @"my fi'), { from: 5, word: "my fi", source: { _tag: "files" } })
  })

  it("completes a path with a space so that it is read back whole", () => {
    assert.deepStrictEqual(["a b.txt", "my dir/", "my dir/c.txt", "plain.txt"].map(quoted), [
      '"a b.txt"',
      '"my dir/',
      '"my dir/c.txt"',
      "plain.txt",
    ])
    assert.deepStrictEqual(mentioned(`see @${quoted("a b.txt")} and`), ["a b.txt"])
  })

  it("finds the files a word names", () => {
    assert.deepStrictEqual(mentioned('see @a.ts, (@src/b.ts) and @"c d.txt" but a@b.c @a.ts.'), [
      "a.ts",
      "src/b.ts",
      "c d.txt",
    ])
  })
})
