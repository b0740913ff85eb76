/** Work is bounded: text made to be long, deep or wide comes to a verdict, and never to a milder one. */
import { expect, it } from "vitest"
import { judge, run } from "./gate.ts"

const nested = (depth: number, open: string, close: string, core: string): string =>
  open.repeat(depth) + core + close.repeat(depth)

it.each([
  ["a long chain", "ls;".repeat(3300), ["deny"]],
  ["deep substitutions", `echo ${nested(300, "$(", ")", "ls")}`, ["deny"]],
  ["deep substitutions with words", `echo ${nested(100, "$(echo ", ")", "ls")}`, ["ask", "deny"]],
  ["brackets without end", "(".repeat(5000), ["deny"]],
  ["wrappers in wrappers", `${"env ".repeat(2000)}ls`, ["deny"]],
  ["wrappers around a removal", `${"nice timeout 5 xargs ".repeat(300)}rm -rf /`, ["deny"]],
  ["shells in shells", nested(12, "sh -c ", "", "ls"), ["ask", "deny"]],
  ["braces", `echo ${"{a,b}".repeat(30)}`, ["ask", "deny"]],
  ["braces in braces", `echo ${nested(200, "{a,{b,", "}}", "c")}`, ["ask", "deny"]],
  ["variables that grow", `${"a=$a$a;".repeat(60)} cat $a`, ["ask", "deny"]],
  ["a hundred functions", "f(){ f|f;};".repeat(500), ["deny"]],
  ["a million characters", `${"ls;".repeat(350_000)}rm -rf /`, ["deny"]],
  ["a removal behind ten thousand characters", `echo ${"a ".repeat(5100)}; rm -rf /`, ["deny"]],
  ["a removal behind sixty commands", `${"true; ".repeat(60)}rm -rf /`, ["deny"]],
  ["a path longer than any", `cat ${"a/".repeat(3000)}`, ["deny"]],
])("%s", (_, command, expected) => expect(expected).toContain(judge(run(command)).verdict))

it.each([
  ["lists", [] as unknown, (inner: unknown): unknown => [inner]],
  ["objects", {} as unknown, (inner: unknown): unknown => ({ inner })],
])("an input of %s, nested without end, is denied and has a digest", (_, innermost, around) => {
  let value = innermost
  for (let depth = 0; depth < 50_000; depth++) value = around(value)
  for (const tool of ["bash", "StructuredOutput", "nobody_knows"]) {
    const { digest, rule, verdict } = judge({ tool, input: { command: value } })
    expect([verdict, rule]).toEqual(["deny", "unbounded"])
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
  }
})
