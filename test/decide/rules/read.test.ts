/** Rules of the user's own: patterns and files, with each mistake at its place. */
import { assert, describe, it } from "@effect/vitest"
import { compilePattern, firstBound } from "../../../src/decide/rules/patterns.ts"
import { readRules, showRuleProblem } from "../../../src/decide/rules/read.ts"

const good = `
[[correction]]
name = "deploy-environment"
reason = "deploy wants to know where"
program = "deploy"
typed = "run {target}"
says = "missing --env for {target}"
answer = { add = "--env staging", after = "run" }
match = [{ command = "deploy run web", output = "error: missing --env for web", gives = "deploy run --env staging web" }]
no_match = [{ command = "deploy run web", output = "error: no such target web" }]
`

const problemsOf = (text: string): ReadonlyArray<string> =>
  readRules("team.toml", text).problems.map(showRuleProblem)

const bound = (pattern: string, text: string): Readonly<Record<string, string>> | null => {
  const found = firstBound(compilePattern(pattern), text)
  return found === null ? null : Object.fromEntries(found)
}

describe("patterns", () => {
  it("take a word, the rest of a line, any blanks and any quotes", () => {
    assert.deepStrictEqual(bound("no '{x}' in {y}", "there is no `a-b` in\n  src."), { x: "a-b", y: "src" })
    assert.deepStrictEqual(bound("try: {line...}", "Try: git push -u\nthen"), { line: "git push -u" })
    assert.deepStrictEqual(bound("{x} is gone", "alas, app.log is gone"), { x: "app.log" })
    assert.deepStrictEqual(bound("{x} is {x}", "a is b, c is c"), { x: "c" })
    assert.deepStrictEqual(bound("^{x}: bad", "say x: bad\n y: bad"), { x: "y" })
    assert.isNull(bound("a.b", "axb"))
  })
})

describe("rule files", () => {
  it("reads a rule of ten lines", () => {
    const { rules, problems } = readRules("team.toml", good)
    assert.deepStrictEqual(problems, [])
    assert.deepStrictEqual(
      rules.map(({ name }) => name),
      ["deploy-environment"],
    )
  })
  it("says file, line, key and what was meant", () => {
    assert.deepStrictEqual(problemsOf(good.replace("program =", "progam =")), [
      'team.toml:5: correction[0].progam: unknown key, did you mean "program"?',
    ])
    assert.deepStrictEqual(problemsOf(good.replace("add =", "ad =")), [
      'team.toml:8: correction[0].answer.ad: unknown key, did you mean "add"?',
    ])
    assert.deepStrictEqual(problemsOf(good.replace("gives =", "givs =")), [
      'team.toml:9: correction[0].match[0].givs: unknown key, did you mean "gives"?',
    ])
    assert.deepStrictEqual(problemsOf(good.replace("[[correction]]", "[[corection]]")), [
      'team.toml:2: corection: unknown key, did you mean "correction"?',
    ])
    assert.deepStrictEqual(problemsOf(`[[correction]]\nname = "X"\nanswer = "y"`).slice(0, 1), [
      "team.toml:2: correction[0].name: Expected a string matching the RegExp ^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$",
    ])
  })
  it("holds a rule to its examples", () => {
    assert.deepStrictEqual(problemsOf(good.replace("staging web", "staging api")), [
      'team.toml:9: correction[0].match[0].gives: "deploy run web" gives "deploy run --env staging web", not "deploy run --env staging api"',
    ])
    assert.deepStrictEqual(problemsOf(good.replace("no such target web", "missing --env for web")), [
      'team.toml:10: correction[0].no_match[0]: "deploy run web" gives "deploy run --env staging web", and should give nothing',
    ])
    assert.deepStrictEqual(problemsOf(good.replace("error: missing --env for web", "ok")), [
      'team.toml:9: correction[0].match[0]: "deploy run web" gives nothing',
    ])
  })
  it("wants placeholders bound, edits whole, lists known, and something to go by", () => {
    const rule = (rest: string): ReadonlyArray<string> =>
      problemsOf(`[[correction]]\nname = "x"\n${rest}`).map((line) => line.replace(/^[^ ]+ /, ""))
    assert.deepStrictEqual(rule(`program = "x"\nanswer = "x {y}"`), [
      'correction[0].answer: {y} is bound by neither "typed" nor "says"',
    ])
    assert.deepStrictEqual(rule(`program = "x"\nanswer = { replace = "a" }`), [
      'correction[0].answer: "replace" and "with" go together',
    ])
    assert.deepStrictEqual(rule(`program = "x"\nsays = "a {B}"\nanswer = "x"`), [
      "correction[0].says: a placeholder is {name} or {name...}, in lower case",
    ])
    assert.deepStrictEqual(rule(`answer = "ls"`), [
      'correction[0]: a rule without "program" and "says" would answer every failure',
    ])
    assert.deepStrictEqual(
      rule(`program = "x"\nnear = { word = "{program}", among = "@branchs" }\nanswer = "x {near}"`),
      ['correction[0].near.among: "@branchs" is no list (@branches, @scripts, @subcommands, @files)'],
    )
  })
  it("leaves out a broken rule and keeps the rest; a name is one rule's", () => {
    const { rules, problems } = readRules("team.toml", `${good}\n[[correction]]\nname = "y"\n${good}`)
    assert.deepStrictEqual(
      rules.map(({ name }) => name),
      ["deploy-environment"],
    )
    assert.strictEqual(problems.length, 2)
    assert.include(showRuleProblem(problems[1]!), 'the name "deploy-environment" is taken')
  })
  it("reads what a program gave, without lines", () => {
    const rule = { name: "x", program: "x", answer: "y" }
    const read = readRules("/c/claw.config.ts", JSON.stringify({ correction: [rule, { ...rule, nmae: 1 }] }))
    assert.deepStrictEqual(read.rules, [rule])
    assert.deepStrictEqual(read.problems.map(showRuleProblem), [
      '/c/claw.config.ts: correction[1].nmae: unknown key, did you mean "name"?',
    ])
    for (const text of ["", "[", "1", "null"]) assert.deepStrictEqual(readRules("x.ts", text).rules, [], text)
  })
  it("is no TOML, too long, or not a list", () => {
    assert.match(problemsOf("[[correction]")[0]!, /^team\.toml:1: /)
    assert.match(problemsOf(`# ${"x".repeat(70_000)}`)[0]!, /longer than/)
    assert.deepStrictEqual(problemsOf("correction = 1"), [
      "team.toml:1: correction: write rules as [[correction]]",
    ])
  })
})
