/** Files of rules: their mistakes, their tiers, and that the strictest wins. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { stricter, type VerdictKind } from "../../src/domain/action.ts"
import { evaluate, type RuleSet } from "../../policies/evaluate.ts"
import { explain } from "../../policies/explain.ts"
import { loadRuleSet } from "../../policies/load.ts"
import type { RuleFile, Tier } from "../../policies/rules.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { run, taken, workspace } from "./gate.ts"

const texts = readShipped(shippedDirectory(), ["default"])
const file = (text: string, tier: Tier = "user", of: string | null = null): RuleFile => ({
  file: "mine.toml",
  text,
  tier,
  workspace: of,
})
const withFiles = (...files: ReadonlyArray<RuleFile>): RuleSet =>
  loadRuleSet({ commands: texts.commands, files: [...texts.files, ...files] })
const given = (rules: RuleSet, command: string) => evaluate(rules, ...taken(run(command)))
const problems = (text: string) =>
  withFiles(file(text)).problems.map(({ line, column, message }) => `${line}:${column} ${message}`)

const rule = (...lines: ReadonlyArray<string>): string => ["[[rule]]", ...lines].join("\n")

describe("files with mistakes", () => {
  it.each([
    [
      rule('name = "a"', 'verdict = "ask"', 'effct = "read"'),
      '4:1 unknown key "effct", did you mean "effect"?',
    ],
    [
      rule('name = "a"', 'verdict = "maybe"', 'effect = "read"'),
      '3:1 "verdict" must be one of allow, audit, ask, deny',
    ],
    [
      rule('name = "a"', 'verdict = "ask"', 'class = ["workspce"]'),
      '4:1 "workspce" is no class, did you mean "workspace"?',
    ],
    [
      rule('name = "a"', 'verdict = "ask"', 'path = ["src/**", "^src/.*$"]'),
      '4:19 "^src/.*$" in "path": it looks like a regular expression',
    ],
    [
      rule('name = "a"', 'verdict = "ask"', 'path = "src/[ab"'),
      '"src/[ab" in "path": its brackets do not close',
    ],
    [rule('name = "a"', 'verdict = "ask"'), "1:1 a rule without conditions would match everything"],
    [rule('verdict = "ask"', 'effect = "read"'), '1:1 a rule needs "name"'],
    [
      rule('name = "a"', 'verdict = "ask"', 'program = "ls"', 'match = ["cat x"]'),
      '"a" does not match its example "cat x"',
    ],
    [
      rule('name = "a"', 'verdict = "ask"', 'program = "ls"', 'not_match = ["ls x"]'),
      '"a" matches "ls x", which stands in not_match',
    ],
    [
      rule('name = "a"', 'verdict = "ask"', 'program = "ls"', 'match = ["ls"]', 'not_match = ["ls"]'),
      "stands in both match and not_match",
    ],
    ['[[rule]\nname = "a"', "1:"],
    ["rule = 3", '1:1 "rule" must be written as [[rule]]'],
  ])("%j", (text, expected) => {
    expect(problems(text).join("\n")).toContain(expected)
    const rules = withFiles(file(text))
    expect(given(rules, "ls")).toMatchObject({ verdict: "deny", rule: "gate-broken" })
    expect(given(rules, "ls").reason).toContain("mine.toml:")
  })

  it("a gate without its built-in rules denies", () => {
    const rules = loadRuleSet({
      commands: texts.commands,
      files: texts.files.filter((each) => each.tier !== "builtin"),
    })
    expect(given(rules, "ls").verdict).toBe("deny")
  })
})

describe("tiers", () => {
  const allowMake = rule(
    'name = "make"',
    'verdict = "allow"',
    'argv = ["make", "test"]',
    'match = ["make test"]',
    'not_match = ["make install"]',
  )

  it("lets the user allow what nobody spoke of", () => {
    const verdict = given(withFiles(file(allowMake)), "make test")
    expect(verdict).toMatchObject({ verdict: "allow", rule: "make", file: "mine.toml", line: 1 })
    expect(given(withFiles(file(allowMake)), "make test > log").verdict).toBe("ask")
  })
  it("never lets anybody lift what is denied, or allow half of a call", () => {
    const all = rule(
      'name = "all"',
      'verdict = "allow"',
      'effect = ["read", "write", "delete", "exec", "net", "secret"]',
    )
    const rules = withFiles(file(all))
    for (const command of [
      "cat .env",
      "sudo make test",
      "rm -rf /",
      "curl http://169.254.169.254/",
      "touch .git/hooks/x",
    ])
      expect(given(rules, command).verdict).toBe("deny")
    expect(given(rules, "touch app/x").verdict).toBe("allow")
    expect(given(rules, "touch app/x &").verdict).toBe("ask")
  })
  it("a workspace may tighten, never loosen, and only itself", () => {
    const ask = rule('name = "no-docs"', 'verdict = "ask"', 'path = "docs/**"', 'effect = "read"')
    const rules = withFiles(file(`${ask}\n${allowMake}`, "workspace", workspace))
    expect(rules.broken).toBeNull()
    expect(rules.problems).toMatchObject([{ severity: "warning", line: 8 }])
    expect(given(rules, "cat docs/a.md").verdict).toBe("ask")
    expect(given(rules, "make test").verdict).toBe("ask")
    expect(given(withFiles(file(ask, "workspace", "/elsewhere")), "cat docs/a.md").verdict).toBe("allow")
  })
  it("a workspace's broken file denies there, and only there", () => {
    expect(given(withFiles(file("[[rule]]\nx = 1", "workspace", workspace)), "ls")).toMatchObject({
      verdict: "deny",
      rule: "workspace-policy-broken",
      file: "mine.toml",
    })
    expect(given(withFiles(file("[[rule]]\nx = 1", "workspace", "/elsewhere")), "ls").verdict).toBe("allow")
  })
})

describe("the law", () => {
  const kind = fc.constantFrom<VerdictKind>("allow", "audit", "ask", "deny")
  const made = fc.record({
    verdict: kind,
    condition: fc.constantFrom(
      'effect = "read"',
      'effect = "exec"',
      'effect = "write"',
      'class = "workspace"',
      'program = "ls"',
      'path = "app/**"',
      'tool = "bash"',
      'class = "read-only"',
    ),
  })
  const commands = [
    "ls",
    "cat app/main.ts",
    "touch app/x",
    "cat .env",
    "ls | wc -l",
    "ls $x",
    "make",
    "curl https://example.org",
  ]
  const textOf = (list: ReadonlyArray<{ verdict: VerdictKind; condition: string }>): string =>
    list.map((one, i) => rule(`name = "r${i}"`, `verdict = "${one.verdict}"`, one.condition)).join("\n")

  it("a rule that is not an allow never makes a verdict milder; an allow only where nobody spoke", () => {
    fc.assert(
      fc.property(
        fc.array(made, { maxLength: 4 }),
        made,
        fc.constantFrom(...commands),
        (before, added, command) => {
          const one = given(withFiles(file(textOf(before))), command).verdict
          const two = given(withFiles(file(textOf([...before, added]))), command)
          if (two.matched.some((match) => match.rule === `r${before.length}`) && one !== "ask")
            expect(stricter(one, two.verdict)).toBe(two.verdict)
          if (one === "deny") expect(two.verdict).toBe("deny")
          expect(two.matched.map((match) => match.verdict).reduce(stricter)).toBe(two.verdict)
        },
      ),
      { numRuns: 25 },
    )
  })
  it("a rule that fails denies", () => {
    const rules = withFiles()
    const failing = {
      ...rules,
      rules: [
        ...rules.rules,
        {
          ...rules.rules[0]!,
          conditions: [
            {
              key: "x",
              wants: "",
              holds: () => {
                throw new Error("broken")
              },
            },
          ],
        },
      ],
    }
    expect(given(failing, "ls")).toMatchObject({ verdict: "deny", rule: "rule-failed" })
  })
  it("is untouched by names from a prototype", () => {
    expect(
      evaluate(withFiles(), ...taken({ tool: "constructor", input: { ["__proto__"]: "x" } })).verdict,
    ).toBe("ask")
    expect(evaluate(withFiles(), ...taken({ tool: "git", input: { operation: "toString" } })).verdict).toBe(
      "ask",
    )
  })
})

describe("taint", () => {
  const rules = withFiles(
    file(
      rule('name = "touch"', 'verdict = "allow"', 'program = "touch"') +
        "\n" +
        rule('name = "w"', 'verdict = "allow"', 'effect = "write"'),
    ),
  )
  it("reads stay free, everything else asks, whatever was allowed", () => {
    expect(evaluate(rules, ...taken(run("touch app/x"))).verdict).toBe("allow")
    expect(evaluate(rules, ...taken(run("touch app/x"), "untrusted"))).toMatchObject({
      verdict: "ask",
      rule: "tainted",
    })
    expect(evaluate(rules, ...taken(run("git status"), "untrusted")).verdict).toBe("allow")
    expect(evaluate(rules, ...taken(run("cat .env"), "untrusted")).verdict).toBe("deny")
  })
})

describe("explaining", () => {
  it("shows the parse, each rule tried, the winner and the near misses", () => {
    const call = run("cat README.md | tee ../x")
    const told = explain(withFiles(), call, ...taken(call))
    expect(told.plain).toBe(true)
    expect(told.commands).toEqual([
      { argv: ["cat", "README.md"], column: 1 },
      { argv: ["tee", "../x"], column: 17 },
    ])
    expect(told.verdict.rule).toBe("outside-workspace")
    const write = told.effects.find((effect) => effect.effect?._tag === "write")!
    expect(write.tried.filter((tried) => tried.matched).map((tried) => tried.rule)).toEqual([
      "outside-workspace",
    ])
    expect(told.nearMisses.map((miss) => miss.rule)).toContain("git-directory")
  })
  it("says what is missing for a yes", () => {
    expect(given(withFiles(), "ls --odd").missing).toContain("ls with --odd is not in the table")
    expect(given(withFiles(), "frob x").missing).toContain("frob is not in the table")
    expect(given(withFiles(), "ls").missing).toBeNull()
  })
})

describe("digest", () => {
  const digest = (call: Parameters<typeof taken>[0]) => taken(call)[0].digest
  it("is bound to tool, input and place, not to the order of keys", () => {
    expect(digest({ tool: "write_file", input: { path: "a", content: "b" } })).toBe(
      digest({ tool: "write_file", input: { content: "b", path: "a" } }),
    )
    expect(digest(run("ls"))).toMatch(/^[0-9a-f]{64}$/)
    expect(digest(run("ls"))).not.toBe(digest(run("ls -l")))
    expect(digest(run("ls"))).not.toBe(digest({ ...run("ls"), cwd: `${workspace}/app` }))
  })
})
