/** docs/tools.md says what the tools' definitions say, and the definitions say all that it should. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { docPath, listedTools, toolsDoc } from "../../build/toolsDoc.ts"
import { formsOf } from "../../src/domain/toolFields.ts"

const tools = await Effect.runPromise(listedTools)

it.effect("docs/tools.md is up to date", () =>
  Effect.gen(function* () {
    const page = yield* toolsDoc
    assert.isTrue(
      readFileSync(docPath, "utf8") === page,
      "docs/tools.md is out of date: run node build/toolsDoc.ts",
    )
  }),
)

describe.each(tools.map((tool) => [tool.name, tool] as const))("%s", (_name, tool) => {
  it("has a purpose that ends, and a schema that is closed", () => {
    assert.match(tool.description, /^[A-Z].*[.]/s)
    const forms = tool.inputSchema["anyOf"] ?? [tool.inputSchema]
    for (const form of forms as ReadonlyArray<Record<string, unknown>>) {
      // one whose fields its caller chooses has none of its own
      const open = Object.keys(form["properties"] ?? {}).length === 0
      if (!open) assert.strictEqual(form["additionalProperties"], false)
    }
  })

  it("says of each field what it is", () => {
    const silent = formsOf(tool.inputSchema)
      .flatMap(({ fields }) => fields)
      .filter(({ description }) => description === "")
    assert.deepStrictEqual(
      silent.map(({ name }) => name),
      [],
      `fields of ${tool.name} without a description (annotate before a check that JSON Schema cannot say)`,
    )
  })

  it("has examples that fit its schema, and says what can be taken back where it changes something", () => {
    assert.isNotEmpty(tool.examples, `${tool.name} has no example`)
    for (const example of tool.examples) Effect.runSync(tool.check(example))
    if (!tool.hints.readOnly) assert.isNotNull(tool.undo, `${tool.name} does not say what can be undone`)
  })
})
