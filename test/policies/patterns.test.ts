/** What is judged by its looks: regular expressions, text for display, packages. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isPresentable, remoteContent } from "../../policies/tools/display.ts"
import { judgePackage } from "../../policies/packages.ts"
import { judgePattern } from "../../policies/patterns.ts"

describe("regular expressions", () => {
  it.each([
    "^app/",
    "^[\\w.-]+$",
    "^(?:a|b|cd)+$",
    "\\.tsx?$",
    "^v\\d{1,3}\\.\\d{1,3}$",
    "colou?r",
    "^lib/.*\\.ts$",
    "",
    "\\u{1F600}",
  ])("%s is fine", (pattern) => expect(judgePattern(pattern)).toEqual({ ok: true }))
  it.each([
    "(a*)+",
    "(a|a)*x",
    "(?:\\d+)+$",
    "([^,]*,)*$",
    "a+a+$",
    "\\w*\\d*x",
    "(a?){30}",
    "a{5000}",
    "(?=x)y",
    "(?<!x)y",
    "(.)\\1",
    "(?<q>.)\\k<q>",
    "[b-a]",
    "(",
    "a{2}{3}",
    "x".repeat(2000),
    ".*a.*b.*c.*d",
  ])("%s is refused", (pattern) => expect(judgePattern(pattern).ok).toBe(false))
  it("answers for any text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."ab(|)*+?{1,}[]^$\\.d") }),
        (pattern) => typeof judgePattern(pattern).ok === "boolean",
      ),
    )
  })
})

describe("text for display", () => {
  it.each([
    "plain",
    "a\tb\nc",
    "na\u00efve",
    "e\u0301",
    "\u65e5\u672c",
    "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
    "\u2764\ufe0f",
  ])("%j may be shown", (text) => expect(isPresentable(text)).toBe(true))
  it.each([
    "\u001b[31m",
    "\u009b0m",
    "a\rb",
    "\u202ex",
    "a\u200bb",
    "x\u200dy",
    "\ufeffa",
    "a\u034fb",
    "e" + "\u0301".repeat(40),
    "a".repeat(20_000),
    "\u2028",
    "\ud800",
  ])("%j may not", (text) => expect(isPresentable(text)).toBe(false))
  it("sees what would be loaded from elsewhere", () => {
    expect(remoteContent("![a](https://x.example/y)")).toBe(true)
    expect(remoteContent("<IMG src=x>")).toBe(true)
    expect(remoteContent("see https://x.example/ (![not] an image)")).toBe(false)
  })
})

describe("packages", () => {
  const bad = (name: string, version: string | null) => name === "evil-pad" && version === "1.0.1"
  it.each([
    ["evil-pad@1.0.1", "deny"],
    ["good-name@npm:evil-pad@1.0.1", "deny"],
    ["a@npm:b@npm:evil-pad@1.0.1", "deny"],
    ["evil-pad@v1.0.1", "deny"],
    ["evil-pad@=1.0.1", "deny"],
    ["evil-pad@1.0.2", "allow"],
    ["@scope/thing@1.0.0", "allow"],
    ["expresss@4.0.0", "ask"],
    ["thing@1.0.0 integrity missing", "ask"],
    ["thing@git+https://x.example/a.git", "ask"],
    ["nonsense", "ask"],
  ])("%s: %s", (entry, expected) => expect(judgePackage(entry, bad).verdict).toBe(expected))
})
