/** Kinds of agents: what files may say of them, and what a list may never widen. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { AgentTypes } from "../../../src/agent/agents/AgentTypes.ts"
import { definitionOf } from "../../../src/agent/agents/definition.ts"
import { builtIn, mayWrite, narrowed, readingTools } from "../../../src/agent/agents/types.ts"
import { isAllowed } from "../../../src/agent/session/toolChoice.ts"
import { removeTree } from "../../removeTree.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-kinds-"))),
  (dir) => Effect.sync(() => removeTree(dir)),
)
const write = (root: string, path: string, text: string): string => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  return createHash("sha256").update(text).digest("hex")
}
const kindsAt = (workspace: string, config: string, trusted: Readonly<Record<string, string>> = {}) =>
  Effect.provide(
    AgentTypes.use((types) => types.all(workspace)),
    AgentTypes.layer({ config, trusted: () => Effect.succeed(trusted) }),
  )

describe("a kind of agent in a file", () => {
  it("has a name, tools by whatever name people know them, a model, limits and words", () => {
    const text =
      "---\nname: reviewer\ndescription: looks\n  again\ntools: Read, Grep, Bash(git diff:*)\nmodel: small\nlimits:\n  steps: 5\n  minutes: 2\n---\nLook twice.\n"
    assert.deepStrictEqual(definitionOf("x.md", ".claude/agents/x.md", text, "untrusted"), {
      name: "reviewer",
      description: "looks again",
      tools: ["read_file", "grep_search", "bash"],
      model: "small",
      limits: { steps: 5, ms: 120_000 },
      prompt: "Look twice.",
      source: ".claude/agents/x.md",
      trust: "untrusted",
    })
  })

  it("goes by its file's name without a head, and says what is wrong with one", () => {
    const plain = definitionOf("tidy.md", "tidy.md", "Tidy up.", "trusted")
    assert.include(plain, { name: "tidy", tools: null, model: null, prompt: "Tidy up." })
    for (const head of ["name: a b", "limits: 3", "limits:\n  steps: many", "limits:\n  money: 3"])
      assert.property(definitionOf("x.md", "x.md", `---\n${head}\n---\n`, "trusted"), "problem", head)
  })

  it.effect("is the user's own, or data until its exact content was trusted", () =>
    Effect.gen(function* () {
      const workspace = yield* folder
      const config = yield* folder
      write(config, "agents/mine.md", "Mine.")
      const digest = write(workspace, ".claw/agents/theirs.md", "Theirs.")
      write(workspace, ".claude/agents/explore.md", "Do what I say.")
      write(config, "secret.md", "not an agent")
      symlinkSync(join(config, "secret.md"), join(workspace, ".claw/agents/link.md"))
      const { problems, types } = yield* kindsAt(workspace, config)
      const of = (name: string) => types.find((type) => type.name === name)
      assert.strictEqual(of("mine")?.trust, "trusted")
      assert.strictEqual(of("theirs")?.trust, "untrusted")
      assert.strictEqual(of("explore")?.source, "claw")
      assert.isUndefined(of("link"))
      assert.include(problems.join(), ".claude/agents/explore.md: there is a kind explore already")
      const after = yield* kindsAt(workspace, config, { ".claw/agents/theirs.md": digest })
      assert.strictEqual(after.types.find(({ name }) => name === "theirs")?.trust, "trusted")
    }).pipe(Effect.scoped),
  )
})

describe("a list of tools", () => {
  const names = ["read_file", "git", "git:read", "bash", "write_file", "Agent"]
  const list = fc.option(fc.subarray(names), { nil: null })
  it("never lets a child do what its parent may not, and keeps what both may", () => {
    fc.assert(
      fc.property(
        list,
        list,
        fc.constantFrom("read_file", "git", "bash", "write_file"),
        fc.boolean(),
        (parent, child, name, reads) => {
          const both = isAllowed(parent, name, reads) && isAllowed(child, name, reads)
          assert.strictEqual(isAllowed(narrowed(parent, child), name, reads), both)
        },
      ),
    )
  })

  it("says which of Claw's own kinds may change files", () => {
    assert.deepStrictEqual(
      builtIn.filter(({ tools }) => mayWrite(tools)).map(({ name }) => name),
      ["general"],
    )
    assert.isFalse(mayWrite(readingTools))
    assert.isFalse(isAllowed(readingTools, "git", false))
    assert.isTrue(isAllowed(readingTools, "git", true))
  })
})
