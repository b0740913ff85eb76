/**
 * A tool's JSON schema as fields one can fill in: for the command line's `key=value`, for the form of the TUI, and for
 * the reference. Pure.
 * Invariant: it only translates; whether an input fits is the tool's own word, so what it does not understand is asked
 * for as JSON and never refused here.
 */
import { Result } from "effect"
import { nearest } from "./nearest.ts"

export type JsonObject = Readonly<Record<string, unknown>>

export interface Field {
  readonly name: string
  readonly required: boolean
  readonly kind: "text" | "integer" | "number" | "boolean" | "choice" | "texts" | "json"
  /** What may be chosen from, where `kind` is `choice`. */
  readonly choices: ReadonlyArray<string>
  readonly description: string
  /** `1 to 100000`, `at most 500 characters` ...; empty where there is none. */
  readonly limits: string
}

/** One way to fill in the input; a tool with several has a name for each (`operation=commit`). */
export interface Form {
  readonly name: string | null
  /** Values that belong to the form and are not asked for. */
  readonly fixed: JsonObject
  readonly fields: ReadonlyArray<Field>
}

/** Whether an input of this form can change nothing. */
export const onlyReads = ({ fixed }: Form, readOnlyForms: ReadonlyArray<JsonObject>): boolean =>
  readOnlyForms.some((one) => Object.entries(one).every(([name, value]) => fixed[name] === value))

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
const texts = (value: unknown): ReadonlyArray<string> =>
  listOf(value).filter((each) => typeof each === "string")

/** References followed, `allOf` folded into one, the null of an "or null" left out. */
const plain = (schema: unknown, root: JsonObject, depth = 0): JsonObject => {
  if (!isObject(schema) || depth > 8) return {}
  const reference = schema["$ref"]
  const name = typeof reference === "string" ? /^#\/(?:\$defs|definitions)\/(.+)$/.exec(reference)?.[1] : null
  const definitions = root["$defs"]
  const referred =
    name !== null && name !== undefined && isObject(definitions)
      ? plain(definitions[name], root, depth + 1)
      : {}
  const parts = listOf(schema["allOf"]).map((part) => plain(part, root, depth + 1))
  const whole: JsonObject = Object.assign({}, referred, schema, ...parts)
  const choices = listOf(whole["anyOf"]).map((one) => plain(one, root, depth + 1))
  const real = choices.filter((one) => one["type"] !== "null")
  return choices.length > real.length && real.length === 1 ? { ...real[0], ...describedBy(whole) } : whole
}

const describedBy = (schema: JsonObject): JsonObject =>
  typeof schema["description"] === "string" ? { description: schema["description"] } : {}

const kindOf = (schema: JsonObject, root: JsonObject): Field["kind"] => {
  if (schema["enum"] !== undefined)
    return texts(schema["enum"]).length === listOf(schema["enum"]).length ? "choice" : "json"
  switch (schema["type"]) {
    case "string":
      return "text"
    case "integer":
      return "integer"
    case "number":
      return "number"
    case "boolean":
      return "boolean"
    case "array":
      return plain(schema["items"], root)["type"] === "string" ? "texts" : "json"
    default:
      return "json"
  }
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null)

const range = (least: number | null, most: number | null, unit: string): string => {
  const one = (most ?? least) === 1 ? unit.replace(/ies$/, "y").replace(/s$/, "") : unit
  const of = unit === "" ? "" : ` ${one}`
  if (least !== null && most !== null) return `${least} to ${most}${of}`
  if (least !== null) return `at least ${least}${of}`
  return most === null ? "" : `at most ${most}${of}`
}

const limitsOf = (schema: JsonObject): string =>
  [
    range(numberOf(schema["minimum"]), numberOf(schema["maximum"]), ""),
    range(numberOf(schema["minLength"]), numberOf(schema["maxLength"]), "characters"),
    range(numberOf(schema["minItems"]), numberOf(schema["maxItems"]), "entries"),
  ]
    .filter((part) => part !== "")
    .join("; ")

const fieldOf = (name: string, schema: unknown, required: boolean, root: JsonObject): Field => {
  const own = plain(schema, root)
  const description = own["description"]
  return {
    name,
    required,
    kind: kindOf(own, root),
    choices: texts(own["enum"]),
    description: typeof description === "string" ? description : "",
    limits: limitsOf(own),
  }
}

const propertiesOf = (schema: JsonObject): ReadonlyArray<readonly [string, unknown]> =>
  Object.entries(isObject(schema["properties"]) ? schema["properties"] : {})

const formOf = (schema: JsonObject, root: JsonObject, several: boolean): Form => {
  const required = texts(schema["required"])
  const fields = propertiesOf(schema).map(([name, property]) =>
    fieldOf(name, property, required.includes(name), root),
  )
  const fixed = several ? fields.filter((field) => field.required && field.choices.length === 1) : []
  return {
    name: fixed.length === 0 ? null : fixed.map((field) => `${field.name}=${field.choices[0]}`).join(" "),
    fixed: Object.fromEntries(fixed.map((field) => [field.name, field.choices[0]])),
    fields: fields.filter((field) => !fixed.includes(field)),
  }
}

/** Every way to fill in an input of this schema. */
export const formsOf = (inputSchema: JsonObject): ReadonlyArray<Form> => {
  const members = listOf(inputSchema["anyOf"])
  return members.length === 0
    ? [formOf(plain(inputSchema, inputSchema), inputSchema, false)]
    : members.map((member) => formOf(plain(member, inputSchema), inputSchema, true))
}

/** What a field takes, in words. */
export const kindTitle = (field: Field): string => {
  switch (field.kind) {
    case "choice":
      return field.choices.join(" | ")
    case "texts":
      return "list of text"
    case "integer":
      return "whole number"
    case "boolean":
      return "true | false"
    case "json":
      return "JSON"
    default:
      return field.kind
  }
}

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The value that was meant by a typed text; the failure says what would be one. */
export const valueOf = (field: Field, text: string): Result.Result<unknown, string> => {
  const wrong = (wanted: string) => Result.fail(`${field.name} takes ${wanted}, not ${JSON.stringify(text)}`)
  switch (field.kind) {
    case "text":
      return Result.succeed(text)
    case "choice":
      return field.choices.includes(text) ? Result.succeed(text) : wrong(`one of ${field.choices.join(", ")}`)
    case "integer":
      return /^-?\d{1,15}$/.test(text.trim()) ? Result.succeed(Number(text)) : wrong("a whole number")
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text))
        ? Result.succeed(Number(text))
        : wrong("a number")
    case "boolean":
      return text === "true" || text === "false" ? Result.succeed(text === "true") : wrong("true or false")
    case "texts": {
      const list = text.trimStart().startsWith("[") ? asJson(text) : [text]
      return Array.isArray(list) ? Result.succeed(list) : wrong("a text, or a JSON list of them")
    }
    case "json": {
      const value = asJson(text)
      // a union of text and something else takes bare text too
      return Result.succeed(value === undefined ? text : value)
    }
  }
}

const fits = (form: Form, given: ReadonlyMap<string, string>): boolean =>
  Object.entries(form.fixed).every(([name, value]) => given.get(name) === value)

const unknownKey = (key: string, names: ReadonlyArray<string>): string => {
  const near = nearest(key, names)
  return `unknown key ${JSON.stringify(key)}${near === null ? `; there are ${names.join(", ")}` : `: did you mean ${near}?`}`
}

/** A key of which the schema says nothing, where it takes any: JSON, or else text. */
const anyField = (name: string): Field => ({
  name,
  required: false,
  kind: "json",
  choices: [],
  description: "",
  limits: "",
})

/** `key=value` words as an input; a key of a list may come several times. */
export const inputFromWords = (
  inputSchema: JsonObject,
  words: ReadonlyArray<string>,
): Result.Result<JsonObject, string> => {
  const pairs: Array<readonly [string, string]> = []
  for (const word of words) {
    const at = word.indexOf("=")
    if (at <= 0) return Result.fail(`${JSON.stringify(word)} is neither JSON nor key=value`)
    pairs.push([word.slice(0, at), word.slice(at + 1)])
  }
  const forms = formsOf(inputSchema)
  const form = forms.find((one) => fits(one, new Map(pairs))) ?? (forms.length === 1 ? forms[0] : undefined)
  if (form === undefined) {
    const names = forms.flatMap((one) => (one.name === null ? [] : [one.name]))
    const typed = pairs.map(([key, value]) => `${key}=${value}`).find((pair) => nearest(pair, names) !== null)
    const near = typed === undefined ? null : nearest(typed, names)
    return Result.fail(`expected one of ${names.join(", ")}${near === null ? "" : `: did you mean ${near}?`}`)
  }
  const open = inputSchema["additionalProperties"] === true
  const input: Record<string, unknown> = { ...form.fixed }
  for (const [key, text] of pairs) {
    if (Object.hasOwn(form.fixed, key)) continue
    const field = form.fields.find(({ name }) => name === key) ?? (open ? anyField(key) : undefined)
    if (field === undefined) {
      const names = [...Object.keys(form.fixed), ...form.fields.map(({ name }) => name)]
      return Result.fail(unknownKey(key, names))
    }
    const value = valueOf(field, text)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    const before = input[key]
    if (before === undefined) input[key] = value.success
    else if (Array.isArray(before) && Array.isArray(value.success)) input[key] = [...before, ...value.success]
    else return Result.fail(`${key} is given twice`)
  }
  return Result.succeed(input)
}
