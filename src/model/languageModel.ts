/**
 * A `Provider` as a `LanguageModel` of `effect/ai`, for whatever is written against that service. Calls made through it are
 * not recorded, retried or limited: what Claw itself asks goes through `Models`.
 * Invariant: what a provider can carry goes to and fro unchanged (`requestOf`, and the parts of the answer).
 */
import { Duration, Effect, Layer, Stream } from "effect"
import { AiError, LanguageModel, type Prompt, type Response, Tool } from "effect/ai"
import type { Effort, ModelMessage, ModelRequest } from "../domain/modelRequest.ts"
import { answerOf, wholePartsOf } from "./answer.ts"
import type { ModelError } from "./ModelError.ts"
import type { Credential, Provider } from "./Provider.ts"

export interface LanguageModelOptions {
  /** `provider/id`. */
  readonly model: string
  readonly credential: Credential
  readonly maxOutput: number
  readonly effort?: Effort
}

type MessageOf<R extends ModelMessage["role"]> = Extract<ModelMessage, { role: R }>
type UserPart = MessageOf<"user">["content"][number]
type AssistantPart = MessageOf<"assistant">["content"][number]
type ToolPart = MessageOf<"tool">["content"][number]

const optionsOf = ({ options }: { readonly options: object }) =>
  Object.keys(options).length === 0 ? {} : { options: options as NonNullable<ModelMessage["options"]> }

const base64Of = (data: Prompt.FilePart["data"]): string => {
  if (typeof data === "string") return data
  // An address is not fetched for anybody; the model gets to read it.
  return Buffer.from(data instanceof URL ? data.href : data).toString("base64")
}

const userPart = (part: Prompt.UserMessagePart): UserPart =>
  part.type === "text"
    ? { type: "text", text: part.text, ...optionsOf(part) }
    : {
        type: "file",
        mediaType: part.data instanceof URL ? "text/uri-list" : part.mediaType,
        ...(part.fileName === undefined ? {} : { fileName: part.fileName }),
        data: base64Of(part.data),
        ...optionsOf(part),
      }

const assistantParts = (part: Prompt.AssistantMessagePart): ReadonlyArray<AssistantPart> => {
  switch (part.type) {
    case "text":
    case "reasoning":
      return [{ type: part.type, text: part.text, ...optionsOf(part) }]
    case "tool-call":
      return [
        {
          type: "tool-call",
          id: part.id,
          name: part.name,
          params: (part.params ?? null) as null,
          ...optionsOf(part),
        },
      ]
    default:
      return []
  }
}

const toolParts = (part: Prompt.ToolMessagePart): ReadonlyArray<ToolPart> =>
  part.type !== "tool-result"
    ? []
    : [
        {
          type: "tool-result",
          id: part.id,
          name: part.name,
          isFailure: part.isFailure,
          result: (part.result ?? null) as null,
          ...optionsOf(part),
        },
      ]

const messageOf = (message: Prompt.Message): ModelMessage => {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content, ...optionsOf(message) }
    case "user":
      return { role: "user", content: message.content.map(userPart), ...optionsOf(message) }
    case "assistant":
      return { role: "assistant", content: message.content.flatMap(assistantParts), ...optionsOf(message) }
    case "tool":
      return { role: "tool", content: message.content.flatMap(toolParts), ...optionsOf(message) }
  }
}

/** The canonical request of what `effect/ai` asks. */
const requestOf = (
  asked: LanguageModel.ProviderOptions,
  { effort, maxOutput, model }: LanguageModelOptions,
): ModelRequest => {
  const { prompt, responseFormat, toolChoice, tools } = asked
  const only = typeof toolChoice === "object" && "oneOf" in toolChoice ? toolChoice : null
  const messages = prompt.content.map(messageOf)
  return {
    model,
    messages,
    tools: tools
      .filter(({ name }) => only === null || only.oneOf.includes(name))
      .map((tool) => ({
        name: tool.name,
        description: Tool.getDescription(tool) ?? "",
        inputSchema: Tool.getJsonSchema(tool) as ModelRequest["tools"][number]["inputSchema"],
      })),
    toolChoice: only === null ? (toolChoice as ModelRequest["toolChoice"]) : (only.mode ?? "auto"),
    format:
      responseFormat.type === "text"
        ? null
        : {
            name: responseFormat.objectName,
            schema: Tool.getJsonSchemaFromSchema(responseFormat.schema) as NonNullable<
              ModelRequest["format"]
            >["schema"],
          },
    effort: effort ?? null,
    maxOutput,
    stable: messages.filter(({ role }) => role === "system").length,
  }
}

const reasonOf = (error: ModelError): AiError.AiErrorReason => {
  const { message: description, reason, retryAfterMs, requestId, status } = error
  const metadata = { claw: { reason, cure: error.cure, requestId, status } }
  switch (reason) {
    case "credentials":
      return new AiError.AuthenticationError({ kind: "InvalidKey", description, metadata })
    case "rate-limit":
      return new AiError.RateLimitError({
        metadata,
        ...(retryAfterMs === null ? {} : { retryAfter: Duration.millis(retryAfterMs) }),
      })
    case "spend-limit":
    case "paused":
      return new AiError.QuotaExhaustedError({ metadata })
    case "bad-request":
    case "context":
    case "not-found":
      return new AiError.InvalidRequestError({ description, metadata })
    case "content-filter":
      return new AiError.ContentPolicyError({ description, metadata })
    case "malformed":
      return new AiError.InvalidResponseError({ description, metadata })
    case "network":
    case "timeout":
    case "stalled":
      return new AiError.NetworkError({
        reason: "TransportError",
        method: "POST",
        url: error.provider,
        description,
      })
    default:
      return new AiError.InternalProviderError({ description, metadata })
  }
}

const aiError = (method: string) => (error: ModelError) =>
  AiError.make({ module: `claw/${error.provider}`, method, reason: reasonOf(error) })

export const languageModelLayer = (
  provider: Provider,
  options: LanguageModelOptions,
): Layer.Layer<LanguageModel.LanguageModel> =>
  Layer.effect(
    LanguageModel.LanguageModel,
    LanguageModel.make({
      generateText: (asked) =>
        provider.stream(requestOf(asked, options), options.credential).pipe(
          Stream.runCollect,
          Effect.map((parts): Array<Response.PartEncoded> => wholePartsOf(answerOf(parts))),
          Effect.mapError(aiError("generateText")),
        ),
      streamText: (asked) =>
        Stream.mapError(
          provider.stream(requestOf(asked, options), options.credential),
          aiError("streamText"),
        ),
    }),
  )
