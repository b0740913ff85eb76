/** Answers of the reading git operations, as a person sees them. */
import { describe, expect, it } from "vitest"
import type { CallResult } from "../../src/domain/callResult.ts"
import { resultText } from "../../src/domain/resultText.ts"

const sha = "435955a0ac7e090abc23db0d989a0b8d2a6db521"
const commit = {
  commit: sha,
  parents: [],
  author: "Ada",
  email: "ada@example.com",
  at: "2026-11-22T18:03:56+00:00",
  subject: "First",
  body: "",
}
const result = (operation: string, head: string, tail = ""): CallResult => ({
  v: 1,
  suggestion: "s_1",
  call: "s_1#0",
  tool: "git",
  input: { operation },
  edited: false,
  outcome: "done",
  ok: true,
  exit: 0,
  text: head,
  output: { head, tail, bytes: head.length + tail.length, blob: null },
  durationMs: 1,
  problem: null,
  verdict: null,
  undoable: false,
})
const shown = (operation: string, answer: object) =>
  resultText(result(operation, `${JSON.stringify(answer)}\n`))
const clean = {
  branch: "main",
  commit: sha,
  upstream: null,
  ahead: 0,
  behind: 0,
  stashes: 0,
  clean: true,
  entries: [],
}

describe("an answer of git", () => {
  it("about the working tree has a line for each file", () => {
    expect(shown("status", clean)).toBe("on main, at 435955a0\nnothing changed")
    const entries = [
      { path: "a.ts", staged: ".", worktree: "M" },
      { path: "new.ts", from: "old.ts", staged: "R", worktree: "." },
      { path: "x", staged: "?", worktree: "?" },
    ]
    const answer = { ...clean, upstream: "origin/main", ahead: 2, stashes: 1, entries, more: 7 }
    expect(shown("status", answer)).toBe(
      "on main, at 435955a0; 2 ahead of and 0 behind origin/main; 1 stashed\n M a.ts\nR  old.ts -> new.ts\n?? x\n… and 7 more",
    )
  })
  it("with a patch is that patch", () => {
    const patch = "diff --git a/a b/a\n@@ -1 +1 @@\n-one\n+two\n"
    expect(shown("diff", { files: [], patch })).toBe(patch.trimEnd())
    expect(shown("diff", { files: [], patch: "" })).toBe("no differences")
    expect(shown("show", { commit, files: [], patch })).toBe(
      `435955a0  2026-11-22 18:03  Ada  First\n\n${patch.trimEnd()}`,
    )
  })
  it("about commits, lines, branches, tags and the stash is a line each", () => {
    expect(shown("log", { commits: [{ ...commit, body: "Why\n\nso\n" }], cut: true })).toBe(
      "435955a0  2026-11-22 18:03  Ada  First\n    Why\n    \n    so\n… cut: git had more to say",
    )
    expect(shown("blame", { lines: [{ ...commit, line: 1, text: "# Shop" }] })).toBe(
      "435955a0  Ada  2026-11-22  1  # Shop",
    )
    const branches = [
      {
        name: "main",
        object: sha,
        current: true,
        at: "",
        subject: "First",
        upstream: "origin/main",
        track: "ahead 1",
      },
      { name: "x", object: sha, at: "", subject: "Second" },
    ]
    expect(shown("branch-list", { branches })).toBe(
      "* main  435955a0  [origin/main: ahead 1]  First\n  x     435955a0  Second",
    )
    expect(shown("tag-list", { tags: [] })).toBe("no tags")
    expect(shown("stash-list", { stashes: [{ index: 0, commit: sha, at: commit.at, subject: "WIP" }] })).toBe(
      "stash@{0}  2026-11-22 18:03  WIP",
    )
  })
  it("that is too long to be kept whole still shows its patch, and says how long it was", () => {
    const patch = Array.from({ length: 4000 }, (_, at) => `+line "${at}" \u001b\\`).join("\n")
    const text = JSON.stringify({ files: [], patch })
    for (const cut of [8000, 8001, 8002, 8003, 8004, 8005, 8006, 8007]) {
      const printed = resultText(result("diff", text.slice(0, cut), text.slice(-cut)))!
      expect(printed).toContain('+line "0" \u001b\\\n+line "1"')
      expect(printed).toContain('+line "3998" \u001b\\\n+line "3999" \u001b\\')
      expect(printed).not.toContain("\\n")
      expect(printed).toContain(`(${2 * cut} bytes in all)`)
    }
  })
  it("that is none, or of something that failed, stays as it was printed", () => {
    expect(resultText(result("status", "not json"))).toBe("not json")
    expect(resultText(result("status", "[1]"))).toBe("[1]")
    expect(resultText(result("toString", "{}"))).toBe("{}")
    expect(resultText({ ...result("status", JSON.stringify(clean)), ok: false })).toContain(`{"branch"`)
    expect(resultText({ ...result("status", JSON.stringify(clean)), tool: "bash" })).toContain(`{"branch"`)
    expect(resultText({ ...result("status", ""), output: null })).toBeNull()
  })
})
