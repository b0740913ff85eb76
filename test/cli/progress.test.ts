/** The bar: on a terminal only, not for what is quick, and gone at the end. */
import { describe, expect, it } from "vitest"
import { bar, progressOn } from "../../src/cli/progress.ts"

const screen = (isTTY: boolean) => {
  const written: Array<string> = []
  return { written, isTTY, columns: 100, write: (text: string) => written.push(text) }
}

describe("the progress bar", () => {
  it("says how much of how much is done, and how fast, on one line", () => {
    expect(bar("replay", 250_000, 1_000_000, 500, 120)).toBe(
      "replay [######                  ]  25 %  250,000 of 1,000,000  500,000/s",
    )
    expect(bar("replay", 5, 0, 0, 120)).toContain("100 %")
    expect(bar("replay", 1, 2, 1, 20)).toHaveLength(19)
  })

  it("is silent on a pipe", () => {
    const out = screen(false)
    const progress = progressOn(out, "replay", () => 0)
    progress.at(1, 2)
    progress.clear()
    expect(out.written).toEqual([])
  })

  it("is not drawn for what is quick, nor more often than the eye needs, and is cleared", () => {
    const out = screen(true)
    let now = 0
    const progress = progressOn(out, "replay", () => now)
    for (now = 0; now < 300; now += 50) progress.at(now, 1_000)
    progress.clear()
    expect(out.written).toEqual([])
    for (now = 300; now < 700; now += 10) progress.at(now, 1_000)
    expect(out.written.length).toBe(5)
    expect(out.written.every((text) => text.startsWith("\r") && !text.includes("\n"))).toBe(true)
    progress.clear()
    progress.clear()
    expect(out.written.slice(5)).toEqual(["\r\u001b[K"])
  })
})
