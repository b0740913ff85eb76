/** Marks are taken out wherever the stream is cut, and nothing else is. */
import fc from "fast-check"
import { Buffer } from "node:buffer"
import { describe, expect, it } from "vitest"
import { isMark, MarkFilter } from "../../../src/cli/shell/MarkFilter.ts"
import type { Mark } from "../../../src/domain/shellMarks.ts"

const nonce = "0123456789abcdef0123456789abcdef"
const other = "f".repeat(32)
const began = (command: number, by = nonce): string => `\u001b]133;C;claw=${by};${command}\u0007`
const ended = (command: number, exit: string, by = nonce): string =>
  `\u001b]133;D;${exit};claw=${by};${command}\u0007`

const through = (chunks: ReadonlyArray<string>) => {
  const filter = new MarkFilter(nonce)
  const marks: Array<Mark> = []
  let shown = ""
  for (const chunk of chunks)
    for (const piece of filter.push(Buffer.from(chunk, "latin1")))
      if (isMark(piece)) marks.push(piece)
      else shown += piece.toString("latin1")
  return { shown: shown + filter.flush().toString("latin1"), marks }
}
const cutAt = (text: string, cuts: ReadonlyArray<number>): ReadonlyArray<string> => {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length]
  return places.slice(1).map((end, n) => text.slice(places[n], end))
}

describe("MarkFilter", () => {
  it("takes its own marks out, wherever the stream is cut", () => {
    const foreign = fc.constantFrom(
      "\u001b",
      "\u001b]",
      "\u001b]133;",
      "\u001b]133;A\u0007",
      "\u001b]133;D;0\u001b\\",
      "\u001b[2J",
      `\u001b]133;C;claw=${nonce}`,
      began(9, other),
      ended(3, "0", other),
      `\u001b]133;C;claw=${nonce};x\u0007`,
      "text\r\n",
      "\u0007",
    )
    const own = fc.tuple(fc.nat(999), fc.boolean())
    fc.assert(
      fc.property(
        fc.array(fc.oneof(foreign, own), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (parts, cuts) => {
          // an unfinished mark takes the next one's beginning into itself, as a terminal would
          const whole = parts.map((part) => (typeof part === "string" ? `${part}.` : part))
          const text = whole
            .map((part) => (typeof part === "string" ? part : part[1] ? began(part[0]) : ended(part[0], "1")))
            .join("")
          const { shown, marks } = through(cutAt(text, cuts))
          expect(shown).toBe(whole.filter((part) => typeof part === "string").join(""))
          expect(marks.map(({ command }) => command)).toEqual(
            whole.flatMap((part) => (typeof part === "string" ? [] : [part[0]])),
          )
        },
      ),
    )
  })

  it("tells a command that is recorded from one that is to be forgotten", () => {
    expect(through([began(1) + ended(1, "130") + began(2) + ended(2, "")]).marks).toEqual([
      { kind: "began", command: 1 },
      { kind: "ended", command: 1, exit: 130 },
      { kind: "began", command: 2 },
      { kind: "ended", command: 2, exit: null },
    ])
  })

  it("holds no more than a mark may be long, and nothing that cannot become one", () => {
    const filter = new MarkFilter(nonce)
    const shown = (text: string): number =>
      filter.push(Buffer.from(text)).reduce((sum, piece) => sum + (isMark(piece) ? 0 : piece.length), 0)
    expect(shown("plain")).toBe(5)
    expect(filter.holds).toBe(false)
    expect(shown("x\u001b")).toBe(1)
    expect(filter.holds).toBe(true)
    expect(shown("[A")).toBe(3)
    expect(shown(`\u001b]133;${"a".repeat(200)}`)).toBe(206)
    expect(filter.holds).toBe(false)
  })
})
