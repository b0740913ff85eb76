/** The pure parts of background commands: the spool of what was printed, what follows in it, and lines that are watched for. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { lineMatches, LineWatch } from "../../../src/act/tasks/lineWatch.ts"
import { redactFollowing } from "../../../src/act/tasks/redactFollowing.ts"
import { Spool } from "../../../src/act/tasks/Spool.ts"
import { taskIdOf } from "../../../src/act/tasks/Tasks.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const same = (text: string): string => text
const hide = (text: string): string => text.replace(/BEGIN[^]*?END/g, "[gone]").replaceAll("hunter2", "***")

const reading = (
  spool: Spool,
  from: number,
  more: { ended?: boolean; limit?: number; redact?: typeof same } = {},
) =>
  spool.read({ from, limit: more.limit ?? 100_000, ended: more.ended ?? false, redact: more.redact ?? same })

describe("the spool of a running command", () => {
  it("gives each line once, by cursor, and the last without its end only when it is over", () => {
    const spool = new Spool()
    spool.add(bytes("one\ntw"))
    const first = reading(spool, 0)
    assert.deepStrictEqual(first, { text: "one\n", from: 0, next: 4, missed: 0 })
    spool.add(bytes("o\nthree"))
    const second = reading(spool, first.next)
    assert.strictEqual(second.text, "two\n")
    assert.strictEqual(reading(spool, second.next).text, "")
    assert.strictEqual(reading(spool, second.next, { ended: true }).text, "three")
  })

  it("holds no more than its bound, and says how much was missed", () => {
    const spool = new Spool()
    for (let n = 0; n < 40_000; n++) spool.add(bytes(`line ${n}\n`))
    const part = reading(spool, 0, { limit: 10_000_000, ended: true })
    assert.isAtMost(part.text.length, 256 * 1024)
    assert.isAtLeast(part.text.length, 255 * 1024)
    assert.match(part.text, /^line \d+\n/)
    assert.isTrue(part.text.endsWith("line 39999\n"))
    assert.strictEqual(part.missed, spool.bytes - part.text.length)
    assert.strictEqual(part.next, spool.bytes)
  })

  it("takes one piece of any size", () => {
    const spool = new Spool()
    spool.add(new Uint8Array(8 * 1024 ** 2).fill(97))
    const part = reading(spool, 0, { limit: 10_000_000 })
    assert.strictEqual(part.text.length, 256 * 1024)
    assert.strictEqual(part.missed + part.text.length, 8 * 1024 ** 2)
  })

  it("whatever the pieces and the size of the answers, what is read is what was printed", () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "é", "漢", "😀"), maxLength: 12 }), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(
        texts,
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (parts, limit, cut) => {
          const spool = new Spool()
          let from = 0
          let read = ""
          const take = (ended: boolean): void => {
            for (;;) {
              const part = reading(spool, from, { limit, ended })
              assert.strictEqual(part.missed, 0)
              read += part.text
              if (part.next === from) return
              from = part.next
            }
          }
          const all = bytes(parts.join(""))
          for (let at = 0; at < all.length; at += cut) {
            spool.add(all.subarray(at, at + cut))
            take(false)
          }
          take(true)
          assert.strictEqual(read, parts.join(""))
        },
      ),
      { numRuns: 300 },
    )
  })

  it("takes out a secret that spans two answers", () => {
    const spool = new Spool()
    spool.add(bytes("a\nBEGIN\nkey\n"))
    const first = reading(spool, 0, { redact: hide })
    spool.add(bytes("more\nEND\nb hunter2\n"))
    const second = reading(spool, first.next, { redact: hide })
    assert.notInclude(second.text, "more")
    assert.isTrue(second.text.endsWith("\nb ***\n"), second.text)
  })
})

describe("what follows, without secrets", () => {
  it("is what was added where nothing is secret", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        assert.strictEqual(redactFollowing(a, b, same), b)
      }),
    )
  })
  it("does not end in half a character", () => {
    assert.strictEqual(
      redactFollowing("x\ud83d", "\ude00y", (text) => text),
      "\ud83d\ude00y".slice(0),
    )
  })
})

describe("a pattern for lines", () => {
  it("is literal, but for stars", () => {
    assert.isTrue(lineMatches("FAIL", "a FAIL b"))
    assert.isFalse(lineMatches("FAIL", "a fail b"))
    assert.isTrue(lineMatches("a*c*e", "xabcdex"))
    assert.isFalse(lineMatches("c*a", "abc"))
    assert.isFalse(lineMatches("(a+)+$", "aaaa"))
    assert.isTrue(lineMatches("(a+)+$", "x(a+)+$x"))
    assert.isTrue(lineMatches("*", ""))
  })
})

describe("watched lines", () => {
  const watch = (match: string | null = null, redact = same) => new LineWatch(match, redact)

  it("come whole, in order, also where characters are cut between pieces", () => {
    const lines = watch()
    const all = bytes("eins\r\nzwei ä漢\nlast")
    for (const byte of all) lines.add(Uint8Array.of(byte))
    assert.deepStrictEqual(lines.burst(0), { lines: ["eins", "zwei ä漢"], dropped: 0 })
    lines.end()
    assert.deepStrictEqual(lines.burst(0), { lines: ["last"], dropped: 0 })
    assert.isNull(lines.burst(0))
  })

  it("of which only some match", () => {
    const lines = watch("ERROR*time")
    lines.add(bytes("ok\nERROR: a timeout\nERROR\ntime ERROR\n"))
    assert.deepStrictEqual(lines.burst(0)?.lines, ["ERROR: a timeout"])
  })

  it("are cut where they are long, and say so", () => {
    const lines = watch()
    lines.add(new Uint8Array(3_000_000).fill(120))
    lines.add(bytes("\nnext\n"))
    const burst = lines.burst(0)
    assert.strictEqual(burst?.lines[0], `${"x".repeat(2000)} [2998000 more characters]`)
    assert.strictEqual(burst?.lines[1], "next")
  })

  it("of a flood are few, and the rest is counted", () => {
    const lines = watch()
    let seen = 0
    let dropped = 0
    let total = 0
    for (let ms = 0; ms <= 60_000; ms += 200) {
      for (let n = 0; n < 500; n++) lines.add(bytes(`${total++}\n`))
      const burst = lines.burst(ms)
      seen += burst?.lines.length ?? 0
      dropped += burst?.dropped ?? 0
    }
    for (let ms = 61_000; lines.waiting; ms += 1000) {
      const burst = lines.burst(ms)
      seen += burst?.lines.length ?? 0
      dropped += burst?.dropped ?? 0
    }
    assert.strictEqual(seen + dropped, total)
    assert.isAtMost(seen, 200 + 5 * 60 + 100 + 1)
    assert.isAtLeast(seen, 200)
  })

  it("show no secret, also one over several lines and bursts", () => {
    const lines = watch(null, hide)
    lines.add(bytes("x hunter2\nBEGIN\nbody one\n"))
    const first = lines.burst(0)
    lines.add(bytes("body two\nEND\nafter\n"))
    const second = lines.burst(200)
    assert.strictEqual(first?.lines[0], "x ***")
    assert.notInclude(second?.lines.join("\n") ?? "", "body two")
    assert.strictEqual(second?.lines.at(-1), "after")
  })
})

describe("a task's id", () => {
  it("is the call's, always the same", () => {
    assert.strictEqual(taskIdOf("s_1#0"), taskIdOf("s_1#0"))
    assert.notStrictEqual(taskIdOf("s_1#0"), taskIdOf("s_1#1"))
    assert.match(taskIdOf("s_1#0"), /^t_[0-9a-f]{12}$/)
  })
})
