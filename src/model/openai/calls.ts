/** How calls and their results are written in both of OpenAI's protocols, which have no place for more than text. */
import type { ModelMessage } from "../../domain/modelRequest.ts"

type ResultPart = Extract<ModelMessage, { role: "tool" }>["content"][number]

/** Always the JSON of an object: chat templates of local servers parse it and fail on anything else. */
export const argumentsOf = (params: unknown): string =>
  JSON.stringify(
    typeof params === "object" && params !== null && !Array.isArray(params) ? params : { unparsed: params },
  )

/** The protocols do not say that a call failed, so the text does. */
export const outputOf = ({ isFailure, result }: ResultPart): string => {
  const text = typeof result === "string" ? result : JSON.stringify(result)
  return isFailure ? `Error: ${text}` : text
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Whether a schema is within what `strict` takes: each object closed and all its properties required. */
export const isStrict = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.every(isStrict)
  if (!isObject(schema)) return true
  const { properties, required } = schema
  if (schema["type"] === "object" || properties !== undefined) {
    if (schema["additionalProperties"] !== false || !isObject(properties)) return false
    const named = Array.isArray(required) ? required : []
    if (!Object.keys(properties).every((name) => named.includes(name))) return false
  }
  return Object.values(schema).every(isStrict)
}
