/** What a request is called where it names itself nothing. */
import { assert, describe, it } from "@effect/vitest"
import { titleOf } from "../../src/loop/callRequest.ts"

const titled = (tool: string, input: Readonly<Record<string, unknown>>) =>
  titleOf([{ tool, input }], undefined)

describe("the title of a call", () => {
  it("names the first text of its input", () => {
    assert.strictEqual(titled("edit_file", { path: "a.ts", old_string: "b" }), "edit_file: a.ts")
    assert.strictEqual(titled("Sleep", { duration_ms: 5 }), "Sleep")
  })
  it("names the files of a patch, and what there is where it is none", () => {
    const patch =
      "*** Begin Patch\n*** Update File: a\u001b.md\n@@\n-b\n+c\n*** Add File: d.txt\n+e\n*** End Patch\n"
    const title = titled("apply_patch", { patch })
    assert.match(title, /^apply_patch: a.*\.md, d\.txt$/)
    assert.notInclude(title, "\u001b")
    assert.strictEqual(titled("apply_patch", { patch: "no patch" }), "apply_patch: no patch")
  })
})
