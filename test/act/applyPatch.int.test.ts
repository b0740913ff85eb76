/** apply_patch on real files: exactly, wholly or not at all, and back again. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FastCheck from "fast-check"
import { createTwoFilesPatch } from "diff"
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { readPatch } from "../../src/domain/patch/readPatch.ts"
import { applyHunks } from "../../src/act/applyHunks.ts"
import type { Place } from "./sandboxFixture.ts"
import { put } from "./sandboxFixture.ts"
import { undoOf, withTools } from "./toolFixture.ts"

const envelope = (...lines: ReadonlyArray<string>) =>
  ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n")
const read = (place: Place, path: string) => readFileSync(join(place.workspace, path), "utf8")
const putAll = (place: Place, files: Readonly<Record<string, string>>) =>
  Effect.promise(() => put(place, files))

describe("apply_patch", () => {
  it.live("changes, adds, moves and removes files as one, shows it before, and takes it back exactly", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putAll(place, { "a.ts": "one\ntwo\nthree\n", "b.sh": "#!/bin/sh\necho b\n", "gone.ts": "x\n" })
        chmodSync(join(place.workspace, "b.sh"), 0o755)
        const before = ["a.ts", "b.sh", "gone.ts"].map((path) => {
          const found = statSync(join(place.workspace, path), { bigint: true })
          return [read(place, path), found.mode, found.mtimeNs]
        })
        const patch = envelope(
          "*** Update File: a.ts",
          "@@",
          " one",
          "-two",
          "+2",
          "*** Add File: deep/er/n.ts",
          "+new",
          "*** Update File: b.sh",
          "*** Move to: bin/b.sh",
          "@@",
          "-echo b",
          "+echo moved",
          "*** Delete File: gone.ts",
        )
        const planned = yield* plan("apply_patch", { patch })
        assert.include(planned.summary, "Patch a.ts, deep/er/n.ts, bin/b.sh and 2 more")
        for (const line of ["-two", "+2", "+new", "+echo moved", "-x"])
          assert.include(planned.preview ?? "", line)
        assert.isTrue(planned.undo.possible)
        const result = yield* planned.run
        assert.strictEqual(read(place, "a.ts"), "one\n2\nthree\n")
        assert.strictEqual(read(place, "deep/er/n.ts"), "new\n")
        assert.strictEqual(read(place, "bin/b.sh"), "#!/bin/sh\necho moved\n")
        assert.strictEqual(statSync(join(place.workspace, "bin/b.sh")).mode & 0o777, 0o755)
        assert.isFalse(existsSync(join(place.workspace, "gone.ts")))
        assert.isFalse(existsSync(join(place.workspace, "b.sh")))

        yield* undoOf(place, planned, result)
        assert.deepStrictEqual(
          ["a.ts", "b.sh", "gone.ts"].map((path) => {
            const found = statSync(join(place.workspace, path), { bigint: true })
            return [read(place, path), found.mode, found.mtimeNs]
          }),
          before,
        )
        for (const path of ["deep", "bin"]) assert.isFalse(existsSync(join(place.workspace, path)), path)
      }),
    ),
  )

  it.live("writes nothing where one file does not fit, is not there, is outside, or changed since", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putAll(place, { "a.ts": "one\n", "same.ts": "x\ny\nx\ny\n", ".git/config": "[core]\n" })
        symlinkSync("/etc", join(place.workspace, "etc"))
        writeFileSync(join(place.workspace, "bin.dat"), Buffer.from([0, 1, 2]))
        const ok = ["*** Update File: a.ts", "@@", "-one", "+1"]
        for (const [lines, reason] of [
          [["*** Update File: none.ts", "@@", "-a", "+b"], /none.ts does not exist/],
          [["*** Update File: same.ts", "@@", " x", "-y", "+z"], /hunk 1: it fits in 2 places/],
          [["*** Update File: same.ts", "@@", " x", "-nope"], /no place in the file has its line 2: "nope"/],
          [["*** Update File: same.ts", "@@ there", "-x"], /there is no line "there"/],
          [["*** Add File: same.ts", "+x"], /exists already/],
          [["*** Add File: ../out.ts", "+x"], /outside the workspace/],
          [["*** Add File: etc/x", "+x"], /outside the workspace/],
          [["*** Update File: .git/config", "@@", "-[core]"], /belongs to git/],
          [["*** Update File: bin.dat", "@@", "-x"], /is binary/],
          [["*** Update File: same.ts", "*** Move to: a.ts"], /a.ts exists already/],
          [["*** Update File: a.ts", "@@", "-one", "+2"], /is named twice/],
          [["*** Delete File: .git/config"], /belongs to git/],
        ] as const) {
          const error = yield* Effect.flip(plan("apply_patch", { patch: envelope(...ok, ...lines) }))
          assert.match(error.message, reason)
          assert.strictEqual(read(place, "a.ts"), "one\n")
        }
        const wrong = yield* Effect.flip(plan("apply_patch", { patch: "hello" }))
        assert.strictEqual(wrong.reason, "input")
        assert.match(wrong.message, /line 1: expected/)

        const planned = yield* plan("apply_patch", {
          patch: envelope(...ok, "*** Update File: same.ts", "@@ x", "@@", "+new", " y", "-x"),
        })
        yield* putAll(place, { "same.ts": "mine\n" })
        const error = yield* Effect.flip(planned.run)
        assert.match(error.message, /same.ts changed since this was planned; nothing was written/)
        assert.deepStrictEqual([read(place, "a.ts"), read(place, "same.ts")], ["one\n", "mine\n"])
      }),
    ),
  )

  it.live("says before that a file with a secret cannot come back", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* putAll(place, { "s.txt": "planted-secret\nx\n" })
        const planned = yield* plan("apply_patch", {
          patch: envelope("*** Update File: s.txt", "@@", "-x", "+y"),
        })
        assert.deepStrictEqual([planned.undo.possible, planned.blobs.length], [false, 0])
        assert.match(planned.undo.reason ?? "", /s.txt holds a secret/)
      }),
    ),
  )
})

describe("hunks", () => {
  it("of a diff made by another program give its other side, whatever the line ends", () => {
    const line = FastCheck.constantFrom("a", "b", "c", "d", "", "e f")
    const end = FastCheck.constantFrom("\n", "\r\n")
    const text = FastCheck.tuple(FastCheck.array(line, { maxLength: 12 }), FastCheck.boolean(), end).map(
      ([lines, closed, mark]) => lines.join(mark) + (closed && lines.length > 0 ? mark : ""),
    )
    FastCheck.assert(
      FastCheck.property(text, text, (before, after) => {
        const now = before.includes("\r\n")
          ? after.replaceAll(/\r?\n/g, "\r\n")
          : after.replaceAll("\r\n", "\n")
        if (before === now || before === "" || now === "") return true
        const patch = readPatch(createTwoFilesPatch("a/x", "b/x", before, now))
        if ("problem" in patch) throw new Error(patch.problem)
        const [part] = patch.parts
        if (part?._tag !== "update") return false
        const applied = applyHunks(before, part.hunks)
        return "text" in applied && applied.text === now
      }),
      { numRuns: 3000, seed: 7 },
    )
  })
})
