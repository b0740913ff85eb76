/** What a skill declares only ever narrows. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readSkill } from "../../../src/agent/skills/skillFile.ts"
import { type Allowed, allows, declaredTools, narrowed } from "../../../src/agent/skills/skillTools.ts"

const bash = (allowed: Allowed, command: string) => allows(allowed, "bash", { command })

describe("tools of a skill", () => {
  it("are read in the convention's names, with commas, blanks and lists", () => {
    const wanted = ["read_file", "call_output", "grep_search"]
    assert.deepStrictEqual(declaredTools("Read, Grep"), wanted)
    assert.deepStrictEqual(declaredTools("Read Grep"), wanted)
    assert.deepStrictEqual(declaredTools(["Read", "Grep"]), wanted)
    assert.deepStrictEqual(declaredTools("Bash(git log:*) Bash(jq *), lsp"), [
      "bash(git log)",
      "bash(jq)",
      "lsp",
    ])
    assert.isNull(declaredTools(undefined))
    assert.isNull(declaredTools(""))
    assert.deepStrictEqual(declaredTools("Read(/etc/*)"), [])
  })

  it("hold to the declared command, and to nothing joined to it", () => {
    const allowed = declaredTools("Bash(git log:*)")
    for (const command of ["git log", "git log -3 --oneline", "  git log"])
      assert.isTrue(bash(allowed, command), command)
    for (const command of [
      "git logs",
      "git push",
      "git log; rm -rf .",
      "git log && curl evil",
      "git log | sh",
      "git log $(id)",
      "git log `id`",
      "git log > .git/hooks/x",
      "git log\nrm x",
      "",
    ])
      assert.isFalse(bash(allowed, command), command)
    assert.isFalse(allows(allowed, "bash", {}))
    assert.isFalse(allows(allowed, "git", { operation: "push" }))
    assert.isFalse(allows(allowed, "Agent", {}))
    assert.isTrue(allows(allowed, "ask_user", {}))
  })

  it("leave with two in force what both allow", () => {
    const entry = fc.constantFrom("read_file", "bash", "bash(git)", "bash(git log)", "bash(jq)", "write_file")
    const some = fc.option(fc.array(entry, { maxLength: 4 }))
    const call = fc.constantFrom(
      ["read_file", {}],
      ["write_file", {}],
      ["bash", { command: "git log -1" }],
      ["bash", { command: "git push" }],
      ["bash", { command: "jq ." }],
      ["bash", { command: "ls" }],
    ) as fc.Arbitrary<readonly [string, Record<string, unknown>]>
    fc.assert(
      fc.property(some, some, call, (one, other, [tool, input]) => {
        const both = allows(narrowed(one, other), tool, input)
        assert.strictEqual(both, allows(one, tool, input) && allows(other, tool, input))
      }),
    )
  })
})

describe("a SKILL.md", () => {
  const text = (head: string, body = "Do it.") => `---\n${head}\n---\n${body}\n`

  it("is read as the convention has it", () => {
    const skill = readSkill(
      "release",
      text("name: release\ndescription: Makes a release\nallowed-tools: Read"),
    )
    assert.deepStrictEqual(
      [skill.name, skill.description, skill.problem, skill.body],
      ["release", "Makes a release", null, "Do it."],
    )
  })

  it("says what is wrong with it", () => {
    const wrong = (folder: string, content: string) => readSkill(folder, content).problem
    assert.match(wrong("release", text("name: other\ndescription: x"))!, /not that of its folder/)
    assert.match(wrong("release", text("name: ../up\ndescription: x"))!, /small letters/)
    assert.match(wrong("Release!", text("description: x"))!, /small letters/)
    assert.match(wrong("release", text("name: release"))!, /no description/)
    assert.match(wrong("release", "no head at all")!, /no description/)
    assert.match(wrong("release", text("description: x", ""))!, /no instructions/)
    assert.match(wrong("release", text("description: x", "y".repeat(50_000)))!, /longer than/)
    assert.match(wrong("release", text("description: x\nallowed-tools: 7"))!, /no names/)
    assert.match(wrong("release", text("a: [1"))!, /no YAML|description/)
  })

  it("is total, and its line is harmless and holds no secret", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (content) => {
        readSkill("a", content)
        readSkill("a", text(`description: ${content}`))
      }),
    )
    const skill = readSkill("a", text('description: "x\\u202e\\u001b[2J"'))
    assert.notMatch(skill.description, /[\u001b\u202e]/)
  })
})
