/** NotebookEdit: one cell, everything else byte for byte; every nbformat; broken notebooks refused. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as FastCheck from "fast-check"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { editNotebook, type NotebookEdit } from "../../src/act/notebook.ts"
import { put } from "./sandboxFixture.ts"
import { undoOf, withTools } from "./toolFixture.ts"

const edit = (more: Partial<NotebookEdit>): NotebookEdit => ({
  cell: null,
  source: "",
  type: null,
  mode: "replace",
  ...more,
})
const edited = (text: string, more: Partial<NotebookEdit>): string => {
  const result = editNotebook(text, edit(more))
  if ("problem" in result) assert.fail(result.problem)
  return result.text
}

/** Keys in no order a library would write, numbers and escapes as somebody typed them. */
const odd = `{
 "nbformat_minor": 5,
 "metadata": {"x-unknown": {"10": 1, "2": 1.50, "e": "\\u00e9"}, "kernelspec": {}},
 "cells": [
  {
   "source": ["import os\\n", "os.name"],
   "cell_type": "code",
   "id": "aaa", "execution_count": 7,
   "outputs": [{"output_type": "stream", "name": "stdout", "text": ["posix"]}],
   "metadata": {"collapsed": false, "mine": [1.0]}
  },
  {"id": "bbb", "cell_type": "markdown", "metadata": {}, "source": "# Title"}
 ],
 "nbformat": 4
}

`

describe("a notebook", () => {
  it("has one cell replaced: its outputs are cleared, and no other byte moves", () => {
    const after = edited(odd, { cell: "aaa", source: "1\n2" })
    assert.strictEqual(
      after,
      odd
        .replace('["import os\\n", "os.name"]', '[\n    "1\\n",\n    "2"\n   ]')
        .replace('"execution_count": 7', '"execution_count": null')
        .replace('[{"output_type": "stream", "name": "stdout", "text": ["posix"]}]', "[]"),
    )
    assert.strictEqual(
      edited(odd, { cell: "cell-1", source: "## Other" }),
      odd.replace('"# Title"', '"## Other"'),
    )
  })

  it("has cells inserted after another or at the top, with an id of their own where ids are", () => {
    for (const [cell, at] of [
      [null, 0],
      ["aaa", 1],
      ["bbb", 2],
    ] as const) {
      const after = edited(odd, { cell, mode: "insert", source: "x = 1\n", type: "code" })
      const { cells } = JSON.parse(after) as { cells: ReadonlyArray<Record<string, unknown>> }
      assert.deepStrictEqual([cells.length, cells[at]?.["cell_type"]], [3, "code"])
      assert.deepStrictEqual([cells[at]?.["source"], cells[at]?.["outputs"]], [["x = 1\n"], []])
      assert.match(String(cells[at]?.["id"]), /^[0-9a-f]{8}$/)
      assert.include(after, '"x-unknown": {"10": 1, "2": 1.50, "e": "\\u00e9"}')
      assert.isTrue(after.endsWith("}\n\n"))
    }
    const twice = edited(edited(odd, { mode: "insert", source: "x" }), { mode: "insert", source: "x" })
    const ids = (JSON.parse(twice) as { cells: ReadonlyArray<{ id: string }> }).cells.map(({ id }) => id)
    assert.strictEqual(new Set(ids).size, 4)
  })

  it("has a cell deleted, and one made another kind", () => {
    const without = JSON.parse(edited(odd, { cell: "aaa", mode: "delete" })) as {
      cells: ReadonlyArray<unknown>
    }
    assert.deepStrictEqual(without.cells, [
      { id: "bbb", cell_type: "markdown", metadata: {}, source: "# Title" },
    ])
    const other = JSON.parse(edited(odd, { cell: "aaa", source: "text", type: "markdown" })) as {
      cells: ReadonlyArray<Record<string, unknown>>
    }
    assert.deepStrictEqual(Object.keys(other.cells[0] ?? {}), ["source", "cell_type", "id", "metadata"])
  })

  it("of an older format has its text where that format keeps it", () => {
    const v3 = `{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "a", "outputs": []}]}]}`
    assert.strictEqual(edited(v3, { cell: "cell-0", source: "b" }), v3.replace('"a"', '"b"'))
    assert.include(
      JSON.stringify(JSON.parse(edited(v3, { mode: "insert", source: "# t", type: "markdown" }))),
      '{"cells":[{"cell_type":"markdown","metadata":{},"source":"# t"}',
    )
    const v1 = `{"nbformat": 1, "cells": [{"cell_type": "code", "code": "a", "prompt_number": 3}]}`
    assert.include(edited(v1, { cell: "cell-0", source: "b" }), '"code": "b"')
    const v44 = `{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}`
    assert.notInclude(edited(v44, { mode: "insert", source: "x" }), '"id"')
  })

  it("that is broken, or a call that names no cell, is refused with the reason", () => {
    for (const [text, more, reason] of [
      ["{", { cell: "a" }, /not JSON \(line 1\)/],
      ['{\n"cells": [],\n}', { cell: "a" }, /not JSON \(line 3\)/],
      ["// x\n{}", { cell: "a" }, /not JSON/],
      ["[]", { cell: "a" }, /nbformat is missing/],
      ['{"nbformat": 5, "cells": []}', { cell: "a" }, /nbformat 5 is not known/],
      ['{"nbformat": 4}', { cell: "a" }, /cells is not a list/],
      ['{"nbformat": 4, "cells": [3]}', { cell: "a" }, /not a list of cells/],
      [odd, { cell: "zzz" }, /no cell zzz; there are aaa, bbb/],
      [odd, { cell: "cell-2" }, /no cell cell-2/],
      [odd, { mode: "delete" }, /edit_mode delete needs cell_id/],
    ] as const) {
      const result = editNotebook(text, edit(more))
      assert.isTrue("problem" in result, text)
      if ("problem" in result) assert.match(result.problem, reason)
    }
  })

  it("of any shape keeps what is not in the cell, and holds the text that was given", () => {
    const notebook = FastCheck.record({
      cells: FastCheck.array(
        FastCheck.record({
          cell_type: FastCheck.constantFrom("code", "markdown", "raw"),
          source: FastCheck.oneof(FastCheck.string(), FastCheck.array(FastCheck.string(), { maxLength: 3 })),
          metadata: FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue()),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      metadata: FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue()),
      nbformat: FastCheck.constant(4),
    })
    FastCheck.assert(
      FastCheck.property(
        notebook,
        FastCheck.nat(),
        FastCheck.string({ unit: "binary" }),
        FastCheck.constantFrom(undefined, 1, 2, "\t"),
        (value, at, source, indent) => {
          const text = `${JSON.stringify(value, null, indent)}\n`
          const index = at % value.cells.length
          const after = edited(text, { cell: `cell-${index}`, source })
          const parsed = JSON.parse(after) as typeof value
          const cell = parsed.cells[index]!
          const found = typeof cell.source === "string" ? cell.source : cell.source.join("")
          assert.strictEqual(found, source)
          const same = JSON.parse(text) as typeof value
          assert.deepStrictEqual(parsed.metadata, same.metadata)
          assert.deepStrictEqual(
            parsed.cells.filter((_, other) => other !== index),
            same.cells.filter((_, other) => other !== index),
          )
          const start = text.indexOf('"cells"')
          assert.strictEqual(after.slice(0, start), text.slice(0, start))
          assert.isTrue(after.endsWith("}\n"))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe("NotebookEdit", () => {
  it.live("shows the change, writes it, and takes it back", () =>
    withTools(({ place, plan }) =>
      Effect.gen(function* () {
        yield* Effect.promise(() => put(place, { "n.ipynb": odd, "bin.ipynb": "a\0b" }))
        const planned = yield* plan("NotebookEdit", {
          notebook_path: "n.ipynb",
          cell_id: "bbb",
          new_source: "# New",
        })
        assert.strictEqual(planned.summary, "Edit n.ipynb: replace markdown cell 1")
        assert.include(planned.preview ?? "", "# New")
        const result = yield* planned.run
        const path = join(place.workspace, "n.ipynb")
        assert.strictEqual(readFileSync(path, "utf8"), odd.replace("# Title", "# New"))
        yield* undoOf(place, planned, result)
        assert.strictEqual(readFileSync(path, "utf8"), odd)

        for (const [input, reason] of [
          [{ notebook_path: "n.ipynb", cell_id: "bbb" }, /edit_mode replace needs new_source/],
          [{ notebook_path: "n.ipynb", cell_id: "q", new_source: "" }, /there is no cell q/],
          [{ notebook_path: "bin.ipynb", cell_id: "q", new_source: "" }, /bin.ipynb is binary/],
          [{ notebook_path: "none.ipynb", cell_id: "q", new_source: "" }, /does not exist/],
          [{ notebook_path: "n.ipynb", cell_id: "bbb", new_source: "", kind: 1 }, /unknown key "kind"/],
        ] as const) {
          const error = yield* Effect.flip(plan("NotebookEdit", input))
          assert.match(error.message, reason)
        }
      }),
    ),
  )
})
