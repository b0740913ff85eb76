/**
 * Whether an answer is JSON of the wanted schema. Pure. Schemas are JSON Schema 2020-12, as far as Effect reads it.
 * Invariant: a fault is one line that a model can mend; a schema that cannot be read is said when the conversation is opened.
 */
import { Result, Schema, SchemaRepresentation } from "effect"
import { bareJson } from "../../domain/bareJson.ts"

type JsonSchema = Readonly<Record<string, unknown>>

const readers = new WeakMap<
  JsonSchema,
  Result.Result<(value: unknown) => Result.Result<unknown, string>, string>
>()

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").slice(0, 400)

const readerOf = (schema: JsonSchema) => {
  const known = readers.get(schema)
  if (known !== undefined) return known
  const { $defs = {}, $schema: _, ...root } = schema
  const made = Result.try({
    try: () => {
      const document = {
        dialect: "draft-2020-12" as const,
        schema: root,
        definitions: $defs as Record<string, never>,
      }
      const decode = Schema.decodeUnknownResult(
        SchemaRepresentation.fromJsonSchemaDocument(document, {
          patterns: "ignore",
        }) as Schema.Decoder<unknown>,
      )
      return (value: unknown) => Result.mapError(decode(value), oneLine)
    },
    catch: oneLine,
  })
  readers.set(schema, made)
  return made
}

/** Why it is no schema that can be asked for; null where it is one. */
export const schemaFault = (schema: JsonSchema): string | null => {
  const reader = readerOf(schema)
  return Result.isFailure(reader) ? reader.failure : null
}

/** The answer as JSON, or what is wrong with it. */
export const readAnswer = (schema: JsonSchema, text: string): Result.Result<unknown, string> => {
  const parsed = Result.try({ try: (): unknown => JSON.parse(bareJson(text)), catch: oneLine })
  if (Result.isFailure(parsed)) return Result.fail(`it is not JSON (${parsed.failure})`)
  const reader = readerOf(schema)
  if (Result.isFailure(reader)) return Result.fail(`the schema cannot be read: ${reader.failure}`)
  const fitting = reader.success(parsed.success)
  return Result.isFailure(fitting) ? Result.fail(fitting.failure) : Result.succeed(parsed.success)
}

export const answerFault = (schema: JsonSchema, text: string): string | null => {
  const answer = readAnswer(schema, text)
  return Result.isFailure(answer) ? answer.failure : null
}
