/**
 * Every tool there is, held to its own schema: what is missing, too much, of another type or huge is an `input` error
 * that names the tool and the key in a line or two, so that whoever called can mend it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Tool } from "../../src/act/Tool.ts"
import { withTools } from "./toolFixture.ts"

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const huge = "h".repeat(50 * 1024 * 1024)
const longest = 1500

/** JSON types a property takes. */
const typesOf = (schema: unknown): ReadonlySet<string> => {
  if (!isObject(schema)) return new Set()
  const own = [schema["type"]].flat().filter((type) => typeof type === "string")
  const literal = Array.isArray(schema["enum"]) ? schema["enum"].map((value) => typeof value) : []
  const constant = "const" in schema ? [typeof schema["const"]] : []
  const parts = ["anyOf", "oneOf", "allOf"].flatMap((key) =>
    Array.isArray(schema[key]) ? schema[key].flatMap((part) => [...typesOf(part)]) : [],
  )
  return new Set([...own, ...literal, ...constant, ...parts])
}

const samples: ReadonlyArray<readonly [type: string, value: unknown]> = [
  ["null", null],
  ["boolean", true],
  ["number", 7],
  ["string", "text"],
  ["array", [[]]],
  ["object", { surplus: 1 }],
]
const takes = (types: ReadonlySet<string>, type: string): boolean =>
  types.has(type) || (type === "number" && types.has("integer"))

/** The form of a union that this example is of. */
const formOf = (schema: Json, example: Json): Json => {
  const forms = Array.isArray(schema["anyOf"]) ? schema["anyOf"].filter(isObject) : [schema]
  return (
    forms.find((form) => Object.keys(example).every((key) => key in (form["properties"] as Json))) ??
    forms[0]!
  )
}
const requiredOf = (form: Json): ReadonlyArray<string> =>
  Array.isArray(form["required"]) ? form["required"].map(String) : []
const without = (input: Json, key: string): Json =>
  Object.fromEntries(Object.entries(input).filter(([name]) => name !== key))

const own = JSON.parse(`{"__proto__": {}}`) as Json

interface Case {
  readonly what: string
  readonly input: unknown
  /** What the message must name; null where the input as a whole is wrong. */
  readonly names: string | null
}

const nested = (key: string, property: unknown, example: Json): ReadonlyArray<Case> => {
  const list = example[key]
  if (!isObject(property) || !isObject(property["items"]) || !Array.isArray(list) || !isObject(list[0]))
    return []
  const [first] = list
  const inItem = (item: Json): Json => ({ ...example, [key]: [item] })
  return [
    ...requiredOf(property["items"]).map((inner) => ({
      what: `${key}[0] without ${inner}`,
      input: inItem(without(first, inner)),
      names: inner,
    })),
    { what: `${key}[0] with a surplus key`, input: inItem({ ...first, surplus: 1 }), names: "surplus" },
    ...Object.keys(first).map((inner) => ({
      what: `${key}[0].${inner} huge`,
      input: inItem({ ...first, [inner]: huge }),
      names: key,
    })),
  ]
}

const casesOf = (tool: Tool): ReadonlyArray<Case> => {
  const example = tool.examples[0]!
  const whole: ReadonlyArray<Case> = [null, undefined, [], "text", 7, true].map((input) => ({
    what: `${JSON.stringify(input)} as input`,
    input,
    names: null,
  }))
  if (tool.inputSchema["additionalProperties"] === true) {
    return [...whole, { what: "a huge string", input: { any: huge }, names: null }]
  }
  return [
    ...whole,
    ...tool.examples.flatMap((one): ReadonlyArray<Case> => {
      const form = formOf(tool.inputSchema, one)
      const properties = Object.entries(form["properties"] as Json)
      return [
        ...requiredOf(form).map((key) => ({ what: `without ${key}`, input: without(one, key), names: key })),
        ...properties.flatMap(([key, property]): ReadonlyArray<Case> => {
          const types = typesOf(property)
          return [
            ...samples
              .filter(([type]) => !takes(types, type))
              .map(([type, value]) => ({
                what: `${key}: ${type}`,
                input: { ...one, [key]: value },
                names: key,
              })),
            { what: `${key}: huge`, input: { ...one, [key]: huge }, names: key },
            { what: `${key}: a list of one huge`, input: { ...one, [key]: [huge] }, names: key },
            ...nested(key, property, one),
          ]
        }),
      ]
    }),
    { what: "a surplus key", input: { ...example, surplus_key: 1 }, names: "surplus_key" },
    { what: "an own __proto__", input: { ...example, ...own }, names: "__proto__" },
    { what: "constructor", input: { ...example, constructor: 1 }, names: "constructor" },
    { what: "a hostile key", input: { ...example, "\u001b[2J": 1 }, names: "[2J" },
    { what: "a huge key", input: { ...example, [huge]: 1 }, names: "hhhh" },
  ]
}

describe("every tool", () => {
  it.live("has examples that fit, and a closed schema with every field described", () =>
    withTools(({ registry }) =>
      Effect.gen(function* () {
        assert.isAtLeast(registry.tools.length, 15)
        for (const tool of registry.tools) {
          assert.isNotEmpty(tool.examples, tool.name)
          for (const example of tool.examples) yield* tool.check(example)
          if (tool.name === "StructuredOutput") continue
          const forms = Array.isArray(tool.inputSchema["anyOf"])
            ? (tool.inputSchema["anyOf"] as ReadonlyArray<Json>)
            : [tool.inputSchema]
          for (const form of forms) {
            assert.strictEqual(form["additionalProperties"], false, tool.name)
            for (const key of requiredOf(form)) assert.property(form["properties"], key, tool.name)
          }
        }
      }),
    ),
  )

  it.live(
    "says of every input that does not fit what is wrong with it",
    () =>
      withTools(({ plan, registry }) =>
        Effect.gen(function* () {
          for (const tool of registry.tools) {
            for (const { input, names, what } of casesOf(tool)) {
              const of = `${tool.name}: ${what}`
              const checked = yield* Effect.result(tool.check(input))
              assert.strictEqual(checked._tag, "Failure", of)
              const error = yield* Effect.flip(plan(tool.name, input as Json))
              assert.strictEqual(error.reason, "input", `${of}: ${error.message}`)
              assert.isAtMost(error.message.length, longest, of)
              assert.include(error.message, tool.name, of)
              assert.notMatch(error.message, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, of)
              if (names !== null) assert.include(error.message, names, `${of}: ${error.message}`)
            }
          }
        }),
      ),
    60_000,
  )
})
