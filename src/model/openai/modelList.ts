/**
 * What `/models` says, as far as it says it. OpenAI lists names and an end date; local servers and gateways add what they
 * know in fields of their own, which are read where they stand.
 */
import type { ModelInfo } from "../Provider.ts"
import { fieldsOf, natural } from "../wire/parts.ts"

type Fields = Readonly<Record<string, unknown>>

/** Listed beside models that answer, and of no use here. */
const others =
  /embed|whisper|tts|transcribe|dall-e|moderation|image|realtime|audio|sora|davinci|babbage|rerank/i

const strings = (value: unknown): ReadonlyArray<string> | null =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : null

const firstNatural = (...values: ReadonlyArray<unknown>): number | null => {
  for (const value of values) {
    const found = natural(value)
    if (found !== null && found > 0) return found
  }
  return null
}

const dateOf = (value: unknown): string | null =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, 10) : null

const idIn = (model: Fields): string | null => {
  const { id } = model
  return typeof id === "string" && /^\S{1,300}$/.test(id) ? id : null
}

export const openaiModel = (provider: string, model: Fields): ModelInfo | null => {
  const id = idIn(model)
  if (id === null || others.test(id)) return null
  return {
    name: `${provider}/${id}`,
    window: firstNatural(model["context_window"], model["context_length"]),
    maxOutput: null,
    tools: true,
    images: true,
    thinking: true,
    structured: true,
    caching: "automatic",
    resumes: false,
    retires: dateOf(model["shutdown_date"]),
  }
}

export const chatModel = (provider: string, model: Fields): ModelInfo | null => {
  const id = idIn(model)
  if (id === null || /embed|rerank|whisper/i.test(id)) return null
  const meta = fieldsOf(model["meta"])
  const top = fieldsOf(model["top_provider"])
  const can = strings(model["capabilities"])
  const takes = strings(model["supported_parameters"])
  const sees = strings(fieldsOf(model["architecture"])["input_modalities"])
  return {
    name: `${provider}/${id}`,
    window: firstNatural(
      model["loaded_context_length"],
      model["max_model_len"],
      model["context_length"],
      model["context_window"],
      model["max_context_length"],
      meta["n_ctx"],
      meta["n_ctx_train"],
    ),
    maxOutput: firstNatural(top["max_completion_tokens"], model["max_completion_tokens"]),
    // A server that says what it can and leaves tools out has none; one that says nothing is asked.
    tools:
      takes === null
        ? can === null || can.some((one) => /^tools?(_use)?$/.test(one))
        : takes.includes("tools"),
    images: sees?.includes("image") ?? can?.some((one) => /^(vision|multimodal)$/.test(one)) ?? false,
    thinking: takes?.includes("reasoning") ?? can?.includes("thinking") ?? false,
    structured: takes?.includes("structured_outputs") ?? true,
    caching: "automatic",
    resumes: false,
    retires: dateOf(model["expiration_date"]),
  }
}
