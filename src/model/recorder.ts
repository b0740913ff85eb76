/**
 * The canonical form of a request: without secrets, with its digest, and as what it adds to an earlier one, so that a
 * conversation writes each message once. Pure.
 * Invariants: what is sent is what was recorded, byte for byte in its canonical JSON; a record and those it rests on give
 * the request back exactly; redacting what is redacted changes nothing.
 */
import { createHash } from "node:crypto"
import { Option, Schema } from "effect"
import { RequestRecord } from "../domain/events/model.ts"
import { ModelRequest } from "../domain/modelRequest.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"

/** JSON with the keys of every object in order, so that the same value is the same text on every machine. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(",")}}`
}

const isText = (mediaType: string): boolean =>
  /^(?:text\/|application\/(?:json|xml|javascript|x-|.*\+(?:json|xml)$))/.test(mediaType)

const redactFile = (file: Readonly<Record<string, unknown>>): unknown => {
  const { data, mediaType, ...rest } = file as { data: string; mediaType: string }
  const kept = redactDeep(rest) as object
  if (!isText(mediaType)) return { ...kept, mediaType, data }
  const text = Buffer.from(data, "base64").toString("utf8")
  const clean = redactSecrets(text)
  return { ...kept, mediaType, data: clean === text ? data : Buffer.from(clean, "utf8").toString("base64") }
}

/** Takes secrets out of every string, but for what a vendor says of its own parts (`options`) and the bytes of files. */
export const redactDeep = (value: unknown): unknown => {
  if (typeof value === "string") return redactSecrets(value)
  if (Array.isArray(value)) return value.map(redactDeep)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      // what a vendor signed is its own, and would not be taken back with a letter changed
      key === "options"
        ? member
        : (value as { type?: unknown }).type === "file" && key === "data"
          ? member
          : redactDeep(member),
    ]),
  )
}

const redactMessage = (message: ModelRequest["messages"][number]): ModelRequest["messages"][number] =>
  message.role === "user"
    ? {
        ...message,
        content: message.content.map((part) =>
          part.type === "file" ? (redactFile(part) as typeof part) : (redactDeep(part) as typeof part),
        ),
      }
    : (redactDeep(message) as typeof message)

interface Clean {
  readonly message: ModelRequest["messages"][number]
  readonly text: string
}

/** A prompt is built of the same messages turn after turn: each is searched for secrets once. */
const cleaned = new WeakMap<object, Clean>()

const cleanOf = (message: ModelRequest["messages"][number]): Clean => {
  const before = cleaned.get(message)
  if (before !== undefined) return before
  const redacted = redactMessage(message)
  const text = canonicalJson(redacted)
  // as it was where nothing was taken out, so that whoever sends it holds no second copy
  const clean = { message: canonicalJson(message) === text ? message : redacted, text }
  cleaned.set(message, clean)
  return clean
}

/** A request as it is recorded and sent. */
export interface Canonical {
  readonly request: ModelRequest
  readonly digest: string
  readonly bytes: number
  /** Canonical JSON of each message, and of all the rest. */
  readonly messages: ReadonlyArray<string>
  readonly rest: string
}

export const canonicalOf = (request: ModelRequest): Canonical => {
  const { messages, ...others } = request
  const clean = messages.map(cleanOf)
  const rest = redactDeep(others) as Omit<ModelRequest, "messages">
  const texts = clean.map(({ text }) => text)
  const keys = Object.keys(rest).toSorted()
  const before = keys.filter((key) => key < "messages")
  const member = (key: string) => `${JSON.stringify(key)}:${canonicalJson(rest[key as keyof typeof rest])}`
  const hash = createHash("sha256")
  let bytes = 0
  const put = (text: string): void => {
    hash.update(text)
    bytes += Buffer.byteLength(text)
  }
  put(`{${before.map((key) => `${member(key)},`).join("")}"messages":[`)
  texts.forEach((text, at) => put(at === 0 ? text : `,${text}`))
  put(
    `]${keys
      .slice(before.length)
      .map((key) => `,${member(key)}`)
      .join("")}}`,
  )
  return {
    request: { ...rest, messages: clean.map(({ message }) => message) },
    digest: hash.digest("hex"),
    bytes,
    messages: texts,
    rest: canonicalJson(rest),
  }
}

/** What an earlier call of the same conversation sent. */
export interface Base {
  readonly call: string
  readonly messages: ReadonlyArray<string>
  readonly rest: string
}

const sameFrom = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  return at
}

export const recordOf = ({ messages, request, rest }: Canonical, base: Base | null): Buffer => {
  const keep = base === null ? 0 : sameFrom(messages, base.messages)
  const on = base === null || keep === 0 ? null : { call: base.call, keep }
  const own = messages.slice(on === null ? 0 : keep)
  const alike = on !== null && base?.rest === rest
  const { messages: _, ...others } = request
  const head = `{"base":${canonicalJson(on)},"messages":[`
  return Buffer.from(`${head}${own.join(",")}],"rest":${alike ? "null" : canonicalJson(others)}}`, "utf8")
}

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

const decodeRecord = Schema.decodeUnknownOption(Schema.fromJsonString(RequestRecord))
const decodeRequest = Schema.decodeUnknownOption(ModelRequest)

/** Null on what is no record. */
export const readRecord = (blob: Uint8Array): RequestRecord | null =>
  Option.getOrNull(decodeRecord(Buffer.from(blob).toString("utf8")))

/** A record and those it rests on, oldest first, as the request; null where they do not fit together. */
export const requestFrom = (records: ReadonlyArray<RequestRecord>): ModelRequest | null => {
  let messages: ReadonlyArray<unknown> = []
  let rest: unknown = null
  for (const record of records) {
    if (record.base !== null && record.base.keep > messages.length) return null
    messages = [...messages.slice(0, record.base?.keep ?? 0), ...record.messages]
    rest = record.rest ?? rest
  }
  return rest === null ? null : Option.getOrNull(decodeRequest({ ...(rest as object), messages }))
}

/** `m_` and 16 hex digits: the same for the same cause, purpose and attempt, on every machine. */
export const modelCallId = (cause: string, purpose: string, attempt: number): string =>
  `m_${sha256(`${cause}\n${purpose}\n${attempt}`).slice(0, 16)}`
