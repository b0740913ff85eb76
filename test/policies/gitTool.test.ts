/** The typed git operations before the gate: what reads is allowed, what changes asks, what must not be seen is denied; any input has an answer. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gitArgv, readingOperations } from "../../policies/tools/gitArgv.ts"
import { compileGit, type Operation } from "../../src/act/gitOperations.ts"
import { judge, tool } from "./gate.ts"

describe("git operations before the gate", () => {
  it.each([
    ["status", {}, "allow"],
    ["status", { untracked: "all", ignored: true, paths: ["app"] }, "allow"],
    ["diff", {}, "allow"],
    ["diff", { staged: true, context: 0, revision: "main..topic", paths: ["README.md"] }, "allow"],
    ["log", { limit: 5, author: "ada", grep: "fix", since: "2.weeks", all: true }, "allow"],
    ["show", { revision: "HEAD~2" }, "allow"],
    ["blame", { path: "README.md", from: 1, to: 9 }, "allow"],
    ["branch-list", { remotes: true }, "allow"],
    ["tag-list", {}, "allow"],
    ["stash-list", {}, "allow"],
    ["diff", { paths: [".env"] }, "deny"],
    ["log", { paths: ["/home/ada/.ssh/id_ed25519"] }, "deny"],
    ["blame", { path: ".env" }, "deny"],
    ["show", { paths: ["to-home/notes.txt"] }, "deny"],
    ["commit", { message: "x" }, "ask"],
    ["stage", { paths: ["README.md"] }, "ask"],
    ["restore", { paths: ["README.md"] }, "ask"],
    ["restore", { paths: [".git/config"] }, "deny"],
    ["merge-start", { name: "topic" }, "ask"],
    ["rebase-start", { upstream: "main" }, "ask"],
    ["cherry-pick-start", { commits: ["main"] }, "ask"],
    ["revert-start", { commits: ["main"] }, "ask"],
    ["branch-delete", { name: "topic", unmerged: true }, "ask"],
    ["tag-create", { name: "v2" }, "ask"],
    ["tag-delete", { name: "v1" }, "ask"],
    ["stash-drop", { index: 1 }, "ask"],
    ["rebase-abort", {}, "ask"],
    ["revert-skip", {}, "ask"],
    ["nothing-known", {}, "ask"],
    ["__proto__", {}, "ask"],
  ] as const)("%s %o: %s", (operation, more, expected) => {
    expect(tool("git", { operation, ...more })).toBe(expected)
  })

  it("judges exactly what is run", () => {
    const inputs: ReadonlyArray<Operation> = [
      { operation: "merge-start", name: "topic", how: "no-ff" },
      { operation: "rebase-start", upstream: "main", onto: "next" },
      { operation: "revert-start", commits: ["a", "b~1"], mainline: 1 },
      { operation: "tag-create", name: "v2", message: "--x", at: "main" },
      { operation: "stash-pop", index: 2 },
      { operation: "branch-delete", name: "topic" },
      { operation: "rebase-skip" },
    ]
    for (const input of inputs) expect(gitArgv(input)).toStrictEqual(compileGit(input).argv)
  })

  it("lets no text be an option, and has an answer for any input", () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        "--output=x",
        "-O",
        "--exec=id",
        "x",
        true,
        3,
        null,
        [],
        ["--upload-pack=x", "y"],
        {},
      ),
      fc.string(),
    )
    const key = fc.constantFrom(
      "revision",
      "paths",
      "path",
      "name",
      "at",
      "upstream",
      "onto",
      "commits",
      "message",
      "limit",
      "context",
      "author",
      "how",
      "index",
      "from",
      "to",
    )
    const known = [
      "merge-start",
      "rebase-start",
      "cherry-pick-start",
      "revert-start",
      "branch-delete",
      "tag-create",
      "stash-pop",
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...readingOperations, ...known),
        fc.dictionary(key, value),
        (operation, more) => {
          const argv = gitArgv({ operation, ...more }) ?? []
          const end = argv.indexOf("--")
          for (const [at, word] of argv.entries()) {
            if (!word.startsWith("-") || (end >= 0 && at > end)) continue
            expect(word).not.toMatch(/^(?:--output|-O|--exec|--upload-pack)/)
          }
          judge({ tool: "git", input: { operation, ...more } })
        },
      ),
    )
  })
})
