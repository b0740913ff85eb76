/**
 * The canonical form of a request: without secrets, with its digest, and as what it adds to an earlier one, so that a
 * conversation writes each message once. Pure.
 * Invariants: what is sent is what was recorded, byte for byte in its canonical JSON; a record and those it rests on give
 * the request back exactly; redacting what is redacted changes nothing; what a turn costs here grows with what it adds, not
 * with the conversation: messages and tools are values that are never changed, and each is looked at once.
 */
import { hash } from "node:crypto"
import { Option, Schema } from "effect"
import { RequestRecord } from "../domain/events/model.ts"
import { type ModelMessage, ModelRequest } from "../domain/modelRequest.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"

/** JSON with the keys of every object in order, so that the same value is the same text on every machine. */
export const canonicalJson = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  // text is put together piece by piece: a list of the pieces for each value is what would cost here
  let text = ""
  if (Array.isArray(value)) {
    for (const member of value) text += text === "" ? canonicalJson(member) : `,${canonicalJson(member)}`
    return `[${text}]`
  }
  for (const key of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[key]
    if (member === undefined) continue
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

const isText = (mediaType: string): boolean =>
  /^(?:text\/|application\/(?:json|xml|javascript|x-|.*\+(?:json|xml)$))/.test(mediaType)

const redactFile = (file: Readonly<Record<string, unknown>>): unknown => {
  const { data, mediaType, ...rest } = file as { data: string; mediaType: string }
  const kept = redactPart(rest) as object
  const text = isText(mediaType) ? Buffer.from(data, "base64").toString("utf8") : ""
  const clean = redactSecrets(text)
  if (kept === rest && clean === text) return file
  return { ...kept, mediaType, data: clean === text ? data : Buffer.from(clean, "utf8").toString("base64") }
}

/** The same array where every member stays. */
const eachOf = <A>(values: ReadonlyArray<A>, change: (value: A) => unknown): unknown => {
  let changed: Array<unknown> | null = null
  for (const [at, value] of values.entries()) {
    const clean = change(value)
    if (clean !== value) (changed ??= [...values])[at] = clean
  }
  return changed ?? values
}

type Fields = Readonly<Record<string, unknown>>

/** The same object where every member stays. */
const membersOf = (value: Fields, change: (member: unknown, key: string) => unknown): Fields => {
  let changed: Record<string, unknown> | null = null
  for (const key of Object.keys(value)) {
    const member = value[key]
    const clean = change(member, key)
    if (clean !== member) (changed ??= { ...value })[key] = clean
  }
  return changed ?? value
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * Takes secrets out of every string, but for the bytes of files and what `kept` names. What holds none is given back itself,
 * so that nobody keeps a second copy of a conversation.
 */
const redactDeep = (value: unknown, kept?: (key: string) => boolean): unknown => {
  if (typeof value === "string") return redactSecrets(value)
  if (Array.isArray(value)) return eachOf(value as ReadonlyArray<unknown>, (one) => redactDeep(one, kept))
  if (!isObject(value)) return value
  const isFile = value["type"] === "file"
  return membersOf(value, (member, key) =>
    (isFile && key === "data") || kept?.(key) === true ? member : redactDeep(member, kept),
  )
}

/** What a vendor sealed is its own, and would not be taken back with a letter changed. */
const isSealed = (key: string): boolean =>
  key === "signature" || key === "data" || key.startsWith("encrypted_")

/** What a vendor says of a part is kept; a block that came as it stands is text like any other, but for its seals. */
const redactOptions = (options: unknown): unknown =>
  isObject(options)
    ? membersOf(options, (own) =>
        isObject(own)
          ? membersOf(own, (member, key) => (key === "block" ? redactDeep(member, isSealed) : member))
          : own,
      )
    : options

const redactPart = (part: unknown): unknown =>
  isObject(part)
    ? membersOf(part, (member, key) =>
        key === "type" ? member : key === "options" ? redactOptions(member) : redactDeep(member),
      )
    : part

/** Parts of a message or of an answer, without secrets. */
export const redactParts = <A extends object>(parts: ReadonlyArray<A>): ReadonlyArray<A> =>
  eachOf(parts, redactPart) as ReadonlyArray<A>

const redactMessage = (message: ModelMessage): ModelMessage => {
  if (typeof message.content === "string") return redactDeep(message) as ModelMessage
  const content = eachOf<object>(message.content, (part) =>
    (part as Fields)["type"] === "file" ? redactFile(part as Fields) : redactPart(part),
  )
  return content === message.content ? message : ({ ...message, content } as ModelMessage)
}

/** A part of a request without secrets, with all that is ever asked of it. */
interface Clean<A> {
  readonly value: A
  /** Canonical JSON. */
  readonly text: string
  readonly hash: string
  readonly bytes: number
  /** It asks a server to keep the prompt for an hour, which costs more. */
  readonly hourly: boolean
}

const cleanly = <A>(value: A): Clean<A> => {
  const text = canonicalJson(value)
  const hourly = text.includes('"ttl":"1h"') || text.includes('"ttl":"60m"')
  return { value, text, hash: sha256(text), bytes: Buffer.byteLength(text), hourly }
}

/** Made once for each value: values are never changed, so another value is another object. */
const onceEach = <A extends object>(make: (value: A) => Clean<A>): ((value: A) => Clean<A>) => {
  const made = new WeakMap<A, Clean<A>>()
  return (value) => {
    let clean = made.get(value)
    if (clean === undefined) made.set(value, (clean = make(value)))
    return clean
  }
}

/** A prompt is built of the same messages and tools turn after turn. */
const cleanMessage = onceEach<ModelMessage>((message) => cleanly(redactMessage(message)))
const cleanTools = onceEach<ModelRequest["tools"]>((tools) =>
  cleanly(redactDeep(tools) as ModelRequest["tools"]),
)

/** A request as it is recorded and sent. */
export interface Canonical {
  readonly request: ModelRequest
  readonly digest: string
  /** Of the canonical JSON of the whole. */
  readonly bytes: number
  /** Canonical JSON of each message. */
  readonly messages: ReadonlyArray<string>
  /** Canonical JSON of each other member. */
  readonly rest: Readonly<Record<string, string>>
  /** A message asks a server to keep the prompt for an hour. */
  readonly hourly: boolean
}

/** `"messages":[]` and a comma. */
const frameBytes = 14

const memberJson = (rest: Canonical["rest"]): string =>
  `{${Object.keys(rest)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${rest[key]}`)
    .join(",")}}`

export const canonicalOf = (request: ModelRequest): Canonical => {
  const { messages, tools, ...others } = request
  const clean = messages.map(cleanMessage)
  const known = cleanTools(tools)
  const plain = redactDeep(others) as typeof others
  const rest: Record<string, string> = {}
  for (const [key, value] of Object.entries(plain)) if (value !== undefined) rest[key] = canonicalJson(value)
  const plainText = memberJson(rest)
  rest["tools"] = known.text
  let hashes = ""
  let bytes = frameBytes + Math.max(0, clean.length - 1)
  let hourly = false
  for (const message of clean) {
    hashes += `${message.hash}\n`
    bytes += message.bytes
    hourly ||= message.hourly
  }
  return {
    request: {
      ...plain,
      tools: known.value,
      messages: clean.map(({ value }) => value),
    },
    digest: sha256(`${hashes}${known.hash}\n${plainText}`),
    bytes: bytes + Buffer.byteLength(plainText) + known.bytes + '"tools":,'.length,
    messages: clean.map(({ text }) => text),
    rest,
    hourly,
  }
}

/** What an earlier call of the same conversation sent. */
export interface Base {
  readonly call: string
  readonly messages: ReadonlyArray<string>
  readonly rest: Readonly<Record<string, string>>
}

const sameFrom = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  return at
}

const lengthOf = (texts: ReadonlyArray<string>): number => texts.reduce((sum, { length }) => sum + length, 0)

/**
 * What the request adds to that of `base`; all of it where that saves less than half, so that a conversation that was
 * compacted begins a new chain and no request rests on more than a window's worth of others.
 */
export const recordOf = ({ messages, rest }: Canonical, base: Base | null): Buffer => {
  const keep = base === null ? 0 : sameFrom(messages, base.messages)
  const kept = keep > 0 && lengthOf(messages.slice(0, keep)) >= lengthOf(messages.slice(keep))
  const on = base === null || !kept ? null : { call: base.call, keep }
  const own = messages.slice(on === null ? 0 : keep)
  const other =
    on === null
      ? rest
      : Object.fromEntries(Object.entries(rest).filter(([key, text]) => base?.rest[key] !== text))
  const isAlike = Object.keys(other).length === 0
  const head = `{"base":${canonicalJson(on)},"messages":[`
  return Buffer.from(`${head}${own.join(",")}],"rest":${isAlike ? "null" : memberJson(other)}}`, "utf8")
}

export const sha256 = (bytes: Uint8Array | string): string => hash("sha256", bytes, "hex")

const decodeRecord = Schema.decodeUnknownOption(Schema.fromJsonString(RequestRecord))
const decodeRequest = Schema.decodeUnknownOption(ModelRequest)

/** Null on what is no record. */
export const readRecord = (blob: Uint8Array): RequestRecord | null =>
  Option.getOrNull(decodeRecord(Buffer.from(blob).toString("utf8")))

/** A record and those it rests on, oldest first, as the request; null where they do not fit together. */
export const requestFrom = (records: ReadonlyArray<RequestRecord>): ModelRequest | null => {
  const messages: Array<unknown> = []
  let rest: RequestRecord["rest"] = null
  for (const record of records) {
    if (record.base !== null && record.base.keep > messages.length) return null
    messages.length = record.base?.keep ?? 0
    for (const message of record.messages) messages.push(message)
    rest = record.base === null ? record.rest : Object.assign({}, rest, record.rest)
  }
  return rest === null ? null : Option.getOrNull(decodeRequest({ ...rest, messages }))
}

/** `m_` and 16 hex digits: the same for the same cause, purpose and attempt, on every machine. */
export const modelCallId = (cause: string, purpose: string, attempt: number): string =>
  `m_${sha256(`${cause}\n${purpose}\n${attempt}`).slice(0, 16)}`
