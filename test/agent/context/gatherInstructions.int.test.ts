/** Files of instructions: which are found, in which order, and that none leads out of the workspace. */
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { gatherInstructions } from "../../../src/agent/context/gatherInstructions.ts"

let base: string
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "claw-rules-")))
})
afterEach(() => rm(base, { recursive: true, force: true }))

const put = async (files: Readonly<Record<string, string | Buffer>>) => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(base, name)), { recursive: true })
    await writeFile(join(base, name), content)
  }
}
const gather = (folder = "", trusted: Readonly<Record<string, string>> = {}) =>
  Effect.runPromise(
    gatherInstructions({
      workspace: join(base, "w"),
      folder,
      home: join(base, "home"),
      config: join(base, "config"),
      trusted,
    }),
  )
const sources = async (...given: Parameters<typeof gather>) =>
  (await gather(...given)).sections.map(({ source }) => source.replace(`${base}/`, ""))

describe("instructions", () => {
  it("come from the user, then from the top down to the work, what is imported before what names it", async () => {
    await put({
      "home/.claude/CLAUDE.md": "own one",
      "config/CLAW.md": "own two",
      "w/AGENTS.md": "top, see @docs/style.md",
      "w/docs/style.md": "style, see @more.md",
      "w/docs/more.md": "more",
      "w/.cursor/rules/a.mdc": "---\nalwaysApply: true\n---\ncursor",
      "w/.github/copilot-instructions.md": "copilot",
      "w/src/CLAUDE.md": "in src",
      "w/lib/CLAUDE.md": "in lib",
    })
    expect(await sources("src/deep")).toEqual([
      "home/.claude/CLAUDE.md",
      "config/CLAW.md",
      ".github/copilot-instructions.md",
      ".cursor/rules/a.mdc",
      "docs/more.md",
      "docs/style.md",
      "AGENTS.md",
      "src/CLAUDE.md",
    ])
  })

  it("are trusted by exact content alone, the user's own always", async () => {
    await put({ "w/AGENTS.md": "a", "w/CLAUDE.md": "b", "config/CLAW.md": "c" })
    const digest = createHash("sha256").update("a").digest("hex")
    const { sections } = await gather("", { "AGENTS.md": digest, "CLAUDE.md": digest })
    expect(sections.map(({ text, trust }) => `${text} ${trust}`)).toEqual([
      "c trusted",
      "a trusted",
      "b untrusted",
    ])
  })

  it("are never read through a link, from a pipe's place or out of the workspace", async () => {
    await put({ "secret.md": "outside", "w/CLAUDE.md": "see @../secret.md and @inner/secret.md", "w/x": "" })
    await symlink(join(base, "secret.md"), join(base, "w", "AGENTS.md"))
    await symlink(base, join(base, "w", "inner"))
    const { sections } = await gather()
    expect(sections.map(({ source }) => source)).toEqual(["CLAUDE.md"])
    expect(sections[0]!.cut).toContain("../secret.md")
  })

  it("come once: a copy, and a ring of imports", async () => {
    await put({
      "w/AGENTS.md": "same",
      "w/CLAUDE.md": "same\n",
      "w/CLAW.md": "ring @a.md",
      "w/a.md": "a @b.md",
      "w/b.md": "b @a.md @CLAW.md",
    })
    expect(await sources()).toEqual(["AGENTS.md", "b.md", "a.md", "CLAW.md"])
  })

  it("are bounded a file and in all, and say so", async () => {
    const lines = (name: string) => `${name} ${"x".repeat(19_000)}`
    await put({
      "w/AGENTS.md": `${"long ".repeat(10_000)}`,
      "w/CLAUDE.md": lines("b"),
      "w/CLAW.md": lines("c"),
      "w/src/AGENTS.md": lines("d"),
      "w/src/CLAUDE.md": lines("e"),
    })
    const { leftOut, sections } = await gather("src")
    expect(sections[0]!.text.length).toBe(20_000)
    expect(sections[0]!.cut).toMatch(/^the last 29999 of 49999/)
    expect(sections.reduce((sum, { text }) => sum + text.length, 0)).toBe(60_000)
    expect(leftOut).toEqual(["src/CLAUDE.md"])
  })

  it("hold no secret, and nothing that is no text", async () => {
    const key = `ghp_${"aB3dE5fG7h".repeat(4).slice(0, 36)}`
    await put({ "w/AGENTS.md": `token ${key}`, "w/CLAUDE.md": Buffer.from([0, 1, 2, 3]) })
    const { sections } = await gather()
    expect(sections.length).toBe(1)
    expect(sections[0]!.text).not.toContain(key)
  })
})
