/** Patches read in both forms, and what is wrong with one named with its line. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { readPatch } from "../../src/domain/patch/readPatch.ts"

const parts = (text: string) => {
  const patch = readPatch(text)
  if ("problem" in patch) assert.fail(`line ${patch.line}: ${patch.problem}`)
  return patch.parts
}
const envelope = (...lines: ReadonlyArray<string>) =>
  ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n")

describe("the envelope", () => {
  it("adds, updates, moves and deletes", () => {
    assert.deepStrictEqual(
      parts(
        envelope(
          "*** Add File: a/new.ts",
          "+one",
          "+",
          "*** Update File: b.ts",
          "*** Move to: c.ts",
          "@@ class A",
          "@@ run()",
          " kept",
          "-old",
          "+now",
          "*** End of File",
          "*** Delete File: d.ts",
        ),
      ),
      [
        { _tag: "add", path: "a/new.ts", text: "one\n\n" },
        {
          _tag: "update",
          path: "b.ts",
          moveTo: "c.ts",
          hunks: [
            {
              anchor: "run()",
              at: null,
              old: ["kept", "old"],
              now: ["kept", "now"],
              atEnd: true,
              endsLine: null,
            },
          ],
        },
        { _tag: "delete", path: "d.ts", content: null },
      ],
    )
  })

  it("takes line ends of any kind, and an empty line as an empty line that stays", () => {
    const text = envelope("*** Update File: a", " one", "", "-two").replaceAll("\n", "\r\n")
    const [part] = parts(text)
    assert.deepStrictEqual(part?._tag === "update" ? part.hunks[0]?.old : null, ["one", "", "two"])
  })

  it("is refused with the line where it goes wrong", () => {
    for (const [text, line, reason] of [
      ["*** Begin Patch\n*** Add File: a\n+x\n", 4, /does not end with/],
      [envelope("*** Update File: a", "x"), 3, /begins with a space/],
      [envelope("*** Update File: a"), 3, /nothing is changed in a/],
      [envelope("*** Rename File: a"), 2, /expected "\*\*\* Add File/],
      [envelope("*** Add File:  "), 2, /names no file/],
      [`${envelope("*** Delete File: a")}rm -rf /\n`, 4, /comes behind/],
      [envelope(), 1, /changes nothing/],
      ["", 1, /changes nothing/],
    ] as const) {
      const patch = readPatch(text)
      assert.isTrue("problem" in patch, text)
      if (!("problem" in patch)) continue
      assert.match(patch.problem, reason)
      assert.strictEqual(patch.line, line, text)
    }
  })
})

describe("a unified diff", () => {
  it("updates, adds, deletes and renames", () => {
    assert.deepStrictEqual(
      parts(`diff --git a/x.ts b/x.ts
index 1..2 100644
--- a/x.ts
+++ b/x.ts
@@ -3,2 +3,2 @@ function f() {
 kept
-old
+now
\\ No newline at end of file
--- /dev/null
+++ b/n.ts
@@ -0,0 +1 @@
+new
--- a/gone.ts\t2026-01-01
+++ /dev/null
@@ -1 +0,0 @@
-was
diff --git a/o.ts b/p.ts
similarity index 100%
rename from o.ts
rename to p.ts
`),
      [
        {
          _tag: "update",
          path: "x.ts",
          moveTo: null,
          hunks: [
            { anchor: null, at: 3, old: ["kept", "old"], now: ["kept", "now"], atEnd: true, endsLine: false },
          ],
        },
        { _tag: "add", path: "n.ts", text: "new\n" },
        { _tag: "delete", path: "gone.ts", content: ["was"] },
        { _tag: "update", path: "o.ts", moveTo: "p.ts", hunks: [] },
      ],
    )
  })

  it("is refused where it is binary, changes a mode, counts wrongly or leaves a line over", () => {
    for (const [text, reason] of [
      ["diff --git a/x b/x\nGIT binary patch\n", /binary/],
      ["diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", /header other than/],
      [
        "diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n",
        /header other/,
      ],
      ["--- a/x\n+++ b/x\n@@ -1,3 +1,1 @@\n-a\n", /fewer lines/],
      ["--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+c\n", /expected a line that begins "--- "/],
      ["--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", /two files/],
      ["--- a/x\n+++ b/x\n", /without a hunk/],
      ['--- "a/\\303\\244"\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n', /escapes/],
      ["please run this\n", /expected a line that begins "--- "/],
    ] as const) {
      const patch = readPatch(text)
      assert.isTrue("problem" in patch, text)
      if ("problem" in patch) assert.match(patch.problem, reason, text)
    }
  })
})

describe("any text", () => {
  it("is a patch or a problem, never an exception", () => {
    const piece = FastCheck.constantFrom(
      "*** Begin Patch",
      "*** End Patch",
      "*** Add File: a",
      "*** Update File: b",
      "*** Move to: c",
      "*** End of File",
      "@@",
      "@@ -1,2 +3 @@",
      "--- a/x",
      "+++ b/x",
      "+++ /dev/null",
      "diff --git a/x b/x",
      "rename from x",
      " k",
      "-o",
      "+n",
      "\\ No newline at end of file",
      "",
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(piece, { maxLength: 12 }), (lines) => {
        const patch = readPatch(lines.join("\n"))
        return "problem" in patch ? patch.problem !== "" : patch.parts.length > 0
      }),
      { numRuns: 3000 },
    )
  })
})
