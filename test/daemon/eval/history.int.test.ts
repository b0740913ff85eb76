/** A repository's commits replayed: what the next commit mended is a hit, everything else a false alarm; nothing is run or written. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { labelsOf, workedHours } from "../../../src/daemon/eval/history/labels.ts"
import { pointedAt } from "../../../src/daemon/eval/history/score.ts"
import type { Point } from "../../../src/daemon/eval/history/commitsOf.ts"
import { runMeasure } from "../../../src/daemon/eval/measures.ts"
import { removeTree } from "../../removeTree.ts"

const minute = 60_000
const point = (atMs: number, files: ReadonlyArray<string>, over: Partial<Point> = {}): Point => ({
  sha: "",
  tree: "",
  before: null,
  parents: [],
  author: "ada",
  atMs,
  subject: "Work",
  files,
  ...over,
})

describe("labels", () => {
  it("a commit was not finished where its author's next one soon touches a same file", () => {
    const points = [
      point(0, ["a"]),
      point(10 * minute, ["a", "b"], { subject: "fix typo" }),
      point(20 * minute, ["a"], { author: "bob" }),
      point(50 * minute, ["b"]),
      point(60 * minute, ["c"]),
    ]
    const labels = points.map((each) => labelsOf(points).get(each)!)
    assert.deepStrictEqual(
      labels.map(({ unfinished }) => unfinished),
      [true, false, false, false, false],
    )
    assert.isTrue(labels[0]!.said)
    assert.strictEqual(labels[1]!.next, null)
    assert.strictEqual(labels[3]!.next, points[4]!)
  })
  it("counts what was worked between commits of one sitting", () => {
    assert.strictEqual(workedHours([point(0, []), point(30 * minute, []), point(600 * minute, [])]), 1)
  })
  it("what is pointed at is what a suggestion names", () => {
    const proposal = { title: "x in src/a.ts:3", why: [], actions: [] }
    assert.deepStrictEqual(pointedAt(proposal as never, ["src/a.ts", "src/b.ts"]), ["src/a.ts"])
  })
})

const commits: ReadonlyArray<readonly [minutes: number, files: Readonly<Record<string, string | null>>]> = [
  [0, { "src/a.ts": "const a = 1\n", "README.md": "# a\n" }],
  [120, { "src/a.ts": "const a = 1\ndebugger\n" }],
  // mended
  [125, { "src/a.ts": "const a = 1\nconst b = 2\n" }],
  [300, { "src/a.ts": "const a = 1\n<<<<<<< HEAD\nconst b = 2\n=======\nconst b = 3\n>>>>>>> other\n" }],
  // another file: not mended
  [305, { "README.md": "# b\n" }],
  [900, { "src/b.ts": "export {}\n" }],
]

describe("claw eval history", () => {
  it.live("counts hits and false alarms by rule, beside the baselines", () =>
    Effect.promise(async () => {
      const dir = mkdtempSync(join(tmpdir(), "claw-history-test-"))
      const marker = join(dir, "ran")
      const git = (args: ReadonlyArray<string>, at = 0) => {
        const date = `${1_700_000_000 + at * 60} +0000`
        execFileSync("git", [...args], {
          cwd: dir,
          env: {
            PATH: process.env["PATH"],
            HOME: dir,
            GIT_CONFIG_NOSYSTEM: "1",
            GIT_AUTHOR_DATE: date,
            GIT_COMMITTER_DATE: date,
          },
        })
      }
      try {
        git(["init", "-q", "-b", "main"])
        git(["config", "user.email", "ada@example.com"])
        git(["config", "user.name", "Ada"])
        for (const [minutes, files] of commits) {
          for (const [path, text] of Object.entries(files)) {
            mkdirSync(dirname(join(dir, path)), { recursive: true })
            writeFileSync(join(dir, path), text ?? "")
            git(["add", path])
          }
          git(["commit", "-qm", "Work"], minutes)
        }
        git(["config", "core.fsmonitor", `touch ${marker}`])
        git(["config", "filter.x.smudge", `touch ${marker}`])
        const { report, text } = await Effect.runPromise(
          runMeasure("history", { at: dir, seed: 1, users: 1, days: null, commits: null }, {
            node: process.execPath,
            args: [],
          } as never),
        )
        assert.strictEqual(report["commits"], commits.length)
        assert.strictEqual(report["unfinished"], 1)
        const rules = report["rules"] as ReadonlyArray<{ rule: string; hits: number; falseAlarms: number }>
        const of = (name: string) => rules.find(({ rule }) => rule === name)
        assert.strictEqual(of("leftovers-staged")?.hits, 1)
        assert.strictEqual(of("leftovers-staged")?.falseAlarms, 0)
        assert.strictEqual(of("conflict-markers")?.hits, 0)
        assert.isAbove(of("conflict-markers")?.falseAlarms ?? 0, 0)
        assert.match(text, /^always speak +6 +1 +5 /m)
        assert.isFalse(existsSync(marker))
      } finally {
        removeTree(dir)
      }
    }),
  )
})
