/**
 * Makes a tool from one Effect Schema: the input is decoded against it and the JSON schema derived from it, so the
 * two cannot differ.
 * Invariant: an input that does not fit is a typed `input` error which says what is wrong and what is allowed, in a
 * line or two, never with the whole value.
 */
import { realpath } from "node:fs/promises"
import { Effect, Schema } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, refused, wrongInput } from "./attempt.ts"
import { inside } from "./paths.ts"
import type { Tool, ToolContext, ToolError, ToolHints, ToolPlan } from "./Tool.ts"

/** No single string of an input may be larger, whatever its schema says. */
const maxText = 8 * 1024 * 1024

export interface ToolDefinition<A> {
  readonly name: string
  readonly description: string
  readonly input: Schema.Decoder<A>
  readonly hints: ToolHints
  /** Absent: listed. */
  readonly listed?: boolean
  /** Inputs that fit the schema, the plainest first: for the reference and for whoever fills in a form. */
  readonly examples?: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** Absent: it is as its hints say, whatever the input. */
  readonly readOnlyForms?: Tool["readOnlyForms"]
  readonly off?: Effect.Effect<string | null>
  /** What of a run can be taken back and what cannot, in a sentence. A tool that changes nothing needs none. */
  readonly undo?: string
  /** Sizes, times and counts where it stops, one a line. */
  readonly limits?: ReadonlyArray<string>
  readonly plan: (input: A, context: ToolContext) => Effect.Effect<ToolPlan, ToolError>
}

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Every object of the schema is closed. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const)
  const result = Object.fromEntries(entries)
  return result["type"] === "object" && result["properties"] !== undefined
    ? { ...result, additionalProperties: false }
    : result
}

export const jsonSchemaOf = (schema: Schema.Top): JsonObject => {
  const document = Schema.toJsonSchemaDocument(schema)
  const body = closed(document.schema) as JsonObject
  const definitions = document.definitions
  return Object.keys(definitions).length === 0 ? body : { ...body, $defs: closed(definitions) }
}

/** The forms an input may have: one, or the members of a union. */
const formsOf = (schema: JsonObject): ReadonlyArray<JsonObject> =>
  Array.isArray(schema["anyOf"]) ? schema["anyOf"].filter(isObject) : [schema]

const literalsOf = (property: unknown): ReadonlyArray<unknown> =>
  isObject(property) && Array.isArray(property["enum"]) ? property["enum"] : []

/** What names a form: its keys with a single literal (`operation: "commit"`). */
const namesOf = (form: JsonObject): ReadonlyArray<readonly [key: string, literal: unknown]> =>
  Object.entries(isObject(form["properties"]) ? form["properties"] : {}).flatMap(([key, property]) => {
    const [only, ...more] = literalsOf(property)
    return only === undefined || more.length > 0 ? [] : [[key, only] as const]
  })

/** Of a union, the form whose name fits the input. */
const formFor = (forms: ReadonlyArray<JsonObject>, input: JsonObject): JsonObject | undefined =>
  forms.length === 1
    ? forms[0]
    : forms.find((form) => namesOf(form).some(([key, literal]) => input[key] === literal))

const unknownKeys = (schema: JsonObject, input: JsonObject): string | null => {
  const forms = formsOf(schema)
  const form = formFor(forms, input)
  if (form === undefined) {
    const choices = new Map<string, Array<string>>()
    for (const [key, literal] of forms.flatMap(namesOf)) {
      choices.set(key, [...(choices.get(key) ?? []), String(literal)])
    }
    const said = [...choices].map(([key, literals]) => `${key}: ${literals.join(", ")}`)
    return `expected one of ${said.join("; or of ")}`
  }
  const allowed = Object.keys(isObject(form["properties"]) ? form["properties"] : {})
  const unknown = Object.keys(input).filter((key) => !allowed.includes(key))
  if (unknown.length === 0) return null
  const names = unknown.slice(0, 5).map((key) => JSON.stringify(neutralise(key.slice(0, 60))))
  return `unknown ${names.length === 1 ? "key" : "keys"} ${names.join(", ")}; allowed: ${allowed.join(", ")}`
}

/** No input is nested deeper. */
const deepest = 32

const tooLong = (value: unknown, key: string, depth = 0): string | null => {
  if (typeof value === "string") return value.length > maxText ? `${key} is longer than 8 MiB` : null
  if (typeof value !== "object" || value === null) return null
  if (depth > deepest) return `${key} is nested too deep`
  const items: ReadonlyArray<unknown> = Object.values(value)
  if (items.length > 10_000) return `${key} has more than 10000 entries`
  for (const item of items) {
    const problem = tooLong(item, key, depth + 1)
    if (problem !== null) return problem
  }
  return null
}

/** Folders are real ones from here on: what tools compare and open is the same thing. */
const realContext = (context: ToolContext): Effect.Effect<ToolContext, ToolError> =>
  attempt("find the workspace", async () => {
    const [workspace, cwd, home] = await Promise.all([
      realpath(context.workspace),
      realpath(context.cwd),
      realpath(context.home).catch(() => context.home),
    ])
    if (!inside(workspace, cwd)) throw refused("the current folder is outside the workspace")
    return { ...context, workspace, cwd, home }
  })

export const defineTool = <A>(definition: ToolDefinition<A>): Tool => {
  const inputSchema = jsonSchemaOf(definition.input)
  const decode = Schema.decodeUnknownEffect(definition.input, { onExcessProperty: "error" })
  const wrong = (problem: string): ToolError => wrongInput(`${definition.name}: ${problem}`)
  const fitting = Effect.fnUntraced(function* (input: unknown) {
    if (!isObject(input)) return yield* wrong("the input is not an object")
    for (const [key, value] of Object.entries(input)) {
      const problem = tooLong(value, neutralise(key.slice(0, 60)))
      if (problem !== null) return yield* wrong(problem)
    }
    const unknown = unknownKeys(inputSchema, input)
    if (unknown !== null) return yield* wrong(unknown)
    return yield* decode(input).pipe(
      Effect.mapError((error) => wrong(neutralise(error.message.replaceAll(/\s+/g, " ")).slice(0, 400))),
    )
  })
  const plan: Tool["plan"] = Effect.fn(`Tool.${definition.name}`)(function* (input, context) {
    return yield* definition.plan(yield* fitting(input), yield* realContext(context))
  })
  return {
    name: definition.name,
    description: definition.description,
    inputSchema,
    hints: definition.hints,
    listed: definition.listed ?? true,
    examples: definition.examples ?? [],
    readOnlyForms: definition.readOnlyForms ?? [],
    ...(definition.off === undefined ? {} : { off: definition.off }),
    undo: definition.undo ?? null,
    limits: definition.limits ?? [],
    check: (input) => Effect.asVoid(fitting(input)),
    plan,
  }
}
