/** A tool's schema as fields, and typed words as an input: what is meant is found, what is wrong is said with a way out. */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { jsonSchemaOf } from "../../src/act/defineTool.ts"
import { formsOf, inputFromWords, kindTitle } from "../../src/domain/toolFields.ts"

const one = jsonSchemaOf(
  Schema.Struct({
    path: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(40)).annotate({
      description: "where",
    }),
    limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 }))),
    ratio: Schema.optionalKey(Schema.Finite),
    deep: Schema.optionalKey(Schema.Boolean),
    mode: Schema.optionalKey(Schema.Literals(["files", "lines"])),
    names: Schema.optionalKey(Schema.Array(Schema.String)),
    edits: Schema.optionalKey(Schema.Array(Schema.Struct({ old: Schema.String }))),
    note: Schema.optionalKey(Schema.NullOr(Schema.String).annotate({ description: "or none" })),
  }),
)
const several = jsonSchemaOf(
  Schema.Union([
    Schema.Struct({ operation: Schema.Literal("stage"), paths: Schema.Array(Schema.String) }),
    Schema.Struct({ operation: Schema.Literal("commit"), message: Schema.String }),
    Schema.Struct({ operation: Schema.Literal("status") }),
  ]),
)
const named = jsonSchemaOf(
  Schema.Struct({ at: Schema.Struct({ line: Schema.Int }).annotate({ identifier: "Place" }) }),
)

const typed = (...words: ReadonlyArray<string>) => Result.getOrThrow(inputFromWords(one, words))
const wrong = (schema: typeof one, ...words: ReadonlyArray<string>) => {
  const result = inputFromWords(schema, words)
  assert.isTrue(Result.isFailure(result), JSON.stringify(result))
  return Result.isFailure(result) ? result.failure : ""
}

describe("fields", () => {
  it("have kind, limits and description of their schema", () => {
    const [form] = formsOf(one)
    assert.deepStrictEqual(
      form?.fields.map((field) => [field.name, field.required, kindTitle(field), field.limits]),
      [
        ["path", true, "text", "1 to 40 characters"],
        ["limit", false, "whole number", "1 to 9"],
        ["ratio", false, "number", ""],
        ["deep", false, "true | false", ""],
        ["mode", false, "files | lines", ""],
        ["names", false, "list of text", ""],
        ["edits", false, "JSON", ""],
        ["note", false, "text", ""],
      ],
    )
    assert.strictEqual(form?.fields[0]?.description, "where")
    assert.strictEqual(form?.fields.at(-1)?.description, "or none")
  })
  it("of a union come in a form for each member, without the word that names it", () => {
    assert.deepStrictEqual(
      formsOf(several).map(({ name, fields }) => [name, fields.map((field) => field.name)]),
      [
        ["operation=stage", ["paths"]],
        ["operation=commit", ["message"]],
        ["operation=status", []],
      ],
    )
  })
  it("behind a reference are asked for as JSON", () => {
    assert.deepStrictEqual(
      formsOf(named)[0]?.fields.map(({ name, kind }) => [name, kind]),
      [["at", "json"]],
    )
  })
})

describe("words", () => {
  it("become values of the field's kind", () => {
    assert.deepStrictEqual(typed("path=a=b.txt", "limit=3", "ratio=0.5", "deep=true", "mode=lines"), {
      path: "a=b.txt",
      limit: 3,
      ratio: 0.5,
      deep: true,
      mode: "lines",
    })
    assert.deepStrictEqual(typed("path=", "names=a", "names=b"), { path: "", names: ["a", "b"] })
    assert.deepStrictEqual(typed('names=["a b","c"]', 'edits=[{"old":"x"}]'), {
      names: ["a b", "c"],
      edits: [{ old: "x" }],
    })
  })
  it("choose the form that they name", () => {
    assert.deepStrictEqual(
      Result.getOrThrow(inputFromWords(several, ["operation=commit", "message=as is"])),
      { operation: "commit", message: "as is" },
    )
  })
  it("may be any where the tool takes any", () => {
    const open = { type: "object", properties: {}, additionalProperties: true }
    assert.deepStrictEqual(Result.getOrThrow(inputFromWords(open, ["answer=42", "note=in words"])), {
      answer: 42,
      note: "in words",
    })
  })
  it("that are wrong are answered with what was likely meant, or with all there is", () => {
    assert.include(wrong(one, "pth=a"), "did you mean path?")
    assert.include(wrong(one, "zzzzzz=a"), "there are path, limit")
    assert.include(wrong(one, "limit=x"), "a whole number")
    assert.include(wrong(one, "mode=file"), "one of files, lines")
    assert.include(wrong(one, "deep=yes"), "true or false")
    assert.include(wrong(one, "path=a", "path=b"), "given twice")
    assert.include(wrong(one, "README.md"), "neither JSON nor key=value")
    assert.include(wrong(several, "operation=comit"), "did you mean operation=commit?")
    assert.include(wrong(several, "message=x"), "operation=stage, operation=commit")
    assert.include(wrong(several, "operation=commit", "mesage=x"), "did you mean message?")
  })
})
