/** The rules found for an effect by the index are those that speak of it, in the set's order. */
import fc from "fast-check"
import { expect, it } from "vitest"
import { compile } from "../../policies/compile.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import { loadRuleFile, ruleMatches } from "../../policies/rules.ts"
import { rulesFor } from "../../policies/ruleIndex.ts"
import { run, scope, shipped, tree } from "./gate.ts"

const conditions = [
  `program = "git"`,
  `program = ["git", "npm"]`,
  `program = "g*"`,
  `argv = ["npm", "run", "*"]`,
  `argv = ["*", "push"]`,
  `path = "app/**"`,
  `path = "app/main.ts"`,
  `path = "**/*.ts"\neffect = ["write", "delete"]`,
  `path = "~/x*"`,
  `host = "*.example"`,
  `port = 443`,
  `class = "runs"`,
  `not_class = "runs"`,
  `kind = "*"`,
  `actor = "claw"`,
  `tool = "bash"`,
  `effect = "net"`,
]
const commands = [
  "git push",
  "git status",
  "npm run build",
  "npm install",
  "rm app/main.ts",
  "cat app/main.ts ~/xyz",
  "touch app/new.ts README.md",
  "curl https://api.example/x",
  "curl -d hunter2-hunter2 https://other.org",
  "node x.js > app/out.ts",
  "ls",
]

const rulesOf = (list: ReadonlyArray<string>) =>
  loadRuleFile({
    file: "own.toml",
    tier: "user",
    workspace: null,
    text: list.map((condition, n) => `[[rule]]\nname = "r-${n}"\nverdict = "ask"\n${condition}\n`).join("\n"),
  })

it("leaves out no rule that matches, and keeps their order", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...conditions), { minLength: 1, maxLength: 24 }), (list) => {
      const { rules, problems } = rulesOf(list)
      expect(problems).toEqual([])
      for (const command of commands) {
        const { seen, tool } = compile(run(command), scope, memoryOracle(tree), shipped.table)
        for (const each of [...seen, null]) {
          const matches = (from: typeof rules) =>
            from.filter((rule) => ruleMatches(rule, { seen: each, tool, scope })).map(({ name }) => name)
          expect(matches(rulesFor(rules, each))).toEqual(matches(rules))
        }
      }
    }),
    { numRuns: 60 },
  )
})

it("asks only the rules that can be about an effect", () => {
  const many = Array.from({ length: 200 }, (_, n) => `argv = ["tool${n}", "x"]`)
  const { rules } = rulesOf([...many, `path = "app/**"`])
  const seen = (command: string) => compile(run(command), scope, memoryOracle(tree), shipped.table).seen
  const exec = seen("tool7 x").find(({ effect }) => effect._tag === "exec")!
  const read = seen("cat app/main.ts").find(({ effect }) => effect._tag === "read")!
  expect(rulesFor(rules, exec).map(({ name }) => name)).toEqual(["r-7"])
  expect(rulesFor(rules, read).map(({ name }) => name)).toEqual(["r-200"])
})
