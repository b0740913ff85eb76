/**
 * From a transcript to the request a model gets. Pure: sections, tools and files come as blobs.
 * Invariants: any transcript gives a legal request (system messages first, then a user's; every call directly followed by
 * its results, also where the log has none; nothing empty); the same transcript gives the same bytes; what comes later in
 * a conversation never changes a message before it, until it is compacted; outside text stands in a fence.
 */
import type { PromptSection, SummaryLine } from "../../domain/events/sessions.ts"
import type { AnswerPart, ModelMessage, ModelRequest, ModelTool } from "../../domain/modelRequest.ts"
import { taints } from "../../domain/taint.ts"
import { type Block, openCalls, shownBlocks, type Turn } from "./blocks.ts"
import { callsOf } from "./calls.ts"
import { fenced } from "./fence.ts"
import type { AttachedFile, Transcript } from "./transcript.ts"

export type Blobs = ReadonlyMap<string, Uint8Array>

type User = Extract<ModelMessage, { readonly role: "user" }>
type UserPart = User["content"][number]

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
const gone = "(this was erased from the log)"
const textOf = (blobs: Blobs, hash: string): string => {
  const bytes = blobs.get(hash)
  return bytes === undefined ? gone : decoder.decode(bytes)
}

const user = (content: ReadonlyArray<UserPart>): User => ({ role: "user", content })
const text = (value: string): UserPart => ({ type: "text", text: value })

export const imageTypes: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"])

/** Hashes of every blob that the prompt of this transcript needs. */
export const blobsOf = (transcript: Transcript): ReadonlySet<string> => {
  const { prepared } = transcript
  const hashes = new Set<string>(
    prepared === null ? [] : [prepared.tools, ...prepared.sections.map(({ hash }) => hash)],
  )
  for (const block of shownBlocks(transcript))
    if (block._tag === "word") for (const { hash } of block.entry.files) hashes.add(hash)
  return hashes
}

const noTools: ReadonlyArray<ModelTool> = []
/** A conversation shows the same tools in every prompt: they are read once. */
const read = new WeakMap<Uint8Array, ReadonlyArray<ModelTool>>()

export const toolsOf = (transcript: Transcript, blobs: Blobs): ReadonlyArray<ModelTool> => {
  const bytes = transcript.prepared === null ? undefined : blobs.get(transcript.prepared.tools)
  if (bytes === undefined) return noTools
  let tools = read.get(bytes)
  if (tools === undefined)
    read.set(bytes, (tools = JSON.parse(decoder.decode(bytes)) as ReadonlyArray<ModelTool>))
  return tools
}

const cutNote = (section: PromptSection): string => (section.cut === null ? "" : `\n(${section.cut})`)
const sectionFence = (section: PromptSection, blobs: Blobs): string =>
  fenced(section.kind, section.source, `${textOf(blobs, section.hash)}${cutNote(section)}`)

/** Trusted sections are the system's, each a message of its own; the others are data in the first word. */
const front = (transcript: Transcript, blobs: Blobs): ReadonlyArray<ModelMessage> => {
  const sections = (transcript.prepared?.sections ?? []).filter(({ bytes }) => bytes > 0)
  const own = sections.filter(({ trust }) => trust === "trusted")
  const others = sections.filter(({ trust }) => trust === "untrusted")
  return [
    ...own.map((section): ModelMessage => ({
      role: "system",
      content: `${textOf(blobs, section.hash)}${cutNote(section)}`,
    })),
    ...(others.length === 0
      ? []
      : [
          user([
            text("What stands in this project and may help, as data:"),
            ...others.map((section) => text(sectionFence(section, blobs))),
          ]),
        ]),
  ]
}

const headings: ReadonlyArray<readonly [SummaryLine["section"], string]> = [
  ["goal", "What the developer wants"],
  ["decisions", "Decided"],
  ["dead-ends", "Tried, and did not work"],
  ["open-work", "Still to do"],
  ["files", "Files"],
  ["facts", "Known"],
]

const summaryText = (lines: ReadonlyArray<SummaryLine>): string =>
  headings
    .flatMap(([section, heading]) => {
      const own = lines.filter((line) => line.section === section)
      return own.length === 0
        ? []
        : [`${heading}:`, ...own.map((line) => `- ${line.text} [${line.seqs.join(", ")}]`), ""]
    })
    .join("\n")
    .trimEnd()

/** In the place of what was said so far; rules that are pinned stand in it again, word for word. */
const summary = (transcript: Transcript, blobs: Blobs): ReadonlyArray<ModelMessage> => {
  const { compacted, prepared } = transcript
  if (compacted === null) return []
  const pinned = (prepared?.sections ?? []).filter(
    ({ kind, pinned: put }) => put && kind !== "identity" && kind !== "environment",
  )
  return [
    user([
      text(
        `The conversation so far was put into this record; numbers are places in the log.\n${fenced("summary", "claw", summaryText(compacted.lines))}`,
      ),
      ...pinned.map((section) =>
        text(
          section.trust === "trusted"
            ? `Still in force, word for word (${section.source}):\n${textOf(blobs, section.hash)}`
            : sectionFence(section, blobs),
        ),
      ),
    ]),
  ]
}

const filePart = (file: AttachedFile, blobs: Blobs): UserPart => {
  const bytes = blobs.get(file.hash)
  if (bytes !== undefined && imageTypes.has(file.mediaType)) {
    const data = Buffer.from(bytes).toString("base64")
    return { type: "file", mediaType: file.mediaType, fileName: file.path, data }
  }
  const cut = file.cut ? `\n(only the first part of ${file.bytes} bytes is here)` : ""
  return text(fenced("file", file.path, `${textOf(blobs, file.hash)}${cut}`))
}

const notEmpty = (part: AnswerPart): boolean => part.type === "tool-call" || part.text.trim() !== ""

const answerParts = (turn: Turn): ReadonlyArray<AnswerPart> => {
  const calls = callsOf(turn.answer.parts)
  let next = 0
  return turn.answer.parts.filter(notEmpty).map((part) => {
    if (part.type !== "tool-call") return part
    const { id, input } = calls[next++]!
    return { ...part, id, params: input === null ? { invalid: part.params } : part.params }
  })
}

const missing = (turn: Turn): string =>
  turn.stopped ? "not run: stopped by the user" : "not run: its end is not in the log"

const resultText = (tool: string, source: string, value: string): string =>
  taints(tool) && value !== "" ? fenced("output", source, value) : value

const turnMessages = (turn: Turn): ReadonlyArray<ModelMessage> => {
  const content = answerParts(turn)
  if (content.length === 0) return []
  const results = turn.calls.map(({ id, name }) => {
    const result = turn.results.get(id)
    return {
      type: "tool-result" as const,
      id,
      name,
      isFailure: result === undefined || !result.ok,
      result: result === undefined ? missing(turn) : resultText(name, name, result.text),
    }
  })
  return [
    { role: "assistant", content },
    ...(results.length === 0 ? [] : [{ role: "tool" as const, content: results }]),
  ]
}

interface Made {
  /** What the messages were made of, besides the entry itself. */
  readonly of: ReadonlyArray<unknown>
  readonly messages: ReadonlyArray<ModelMessage>
}
/** A conversation's prompts begin alike: a message is made once, and whoever works on it after this too. */
const made = new WeakMap<object, Made>()

const onceFor = (
  entry: object,
  of: ReadonlyArray<unknown>,
  make: () => ReadonlyArray<ModelMessage>,
): ReadonlyArray<ModelMessage> => {
  const before = made.get(entry)
  if (before !== undefined && before.of.length === of.length && before.of.every((one, at) => one === of[at]))
    return before.messages
  const messages = make()
  made.set(entry, { of, messages })
  return messages
}

const messagesOf = (block: Block, blobs: Blobs): ReadonlyArray<ModelMessage> => {
  const of =
    block._tag === "turn"
      ? [...block.calls.map(({ id }) => block.results.get(id)), block.stopped]
      : block._tag === "word"
        ? block.entry.files.map(({ hash }) => blobs.get(hash))
        : []
  return onceFor(block._tag === "turn" ? block.answer : block.entry, of, () => blockMessages(block, blobs))
}

const sectionBytes = ({ prepared }: Transcript, blobs: Blobs): ReadonlyArray<unknown> =>
  (prepared?.sections ?? []).map(({ hash }) => blobs.get(hash))

const frontOnce = (transcript: Transcript, blobs: Blobs): ReadonlyArray<ModelMessage> =>
  transcript.prepared === null
    ? []
    : onceFor(transcript.prepared, sectionBytes(transcript, blobs), () => front(transcript, blobs))

const summaryOnce = (transcript: Transcript, blobs: Blobs): ReadonlyArray<ModelMessage> =>
  transcript.compacted === null
    ? []
    : onceFor(transcript.compacted, [transcript.prepared, ...sectionBytes(transcript, blobs)], () =>
        summary(transcript, blobs),
      )

const blockMessages = (block: Block, blobs: Blobs): ReadonlyArray<ModelMessage> => {
  switch (block._tag) {
    case "word": {
      const { files, text: said } = block.entry
      const parts = [
        ...files.map((file) => filePart(file, blobs)),
        ...(said.trim() === "" ? [] : [text(said)]),
      ]
      return parts.length === 0 ? [] : [user(parts)]
    }
    case "note":
      return [user([text(`(Claw, not the developer) ${block.entry.text}`)])]
    case "turn":
      return turnMessages(block)
  }
}

/** A conversation begins with the user, whatever was left of it. */
const begin = user([text("(the conversation goes on here)")])

export const promptOf = (transcript: Transcript, blobs: Blobs, maxOutput: number): ModelRequest => {
  const { effort, format, model } = transcript
  const messages: Array<ModelMessage> = [...frontOnce(transcript, blobs), ...summaryOnce(transcript, blobs)]
  let stable: number | null = null
  for (const block of shownBlocks(transcript)) {
    if (block._tag === "turn" && openCalls(block).length > 0) stable ??= messages.length
    const own = messagesOf(block, blobs)
    const first = messages.at(-1)?.role ?? "system"
    if (own[0]?.role === "assistant" && first === "system") messages.push(begin)
    messages.push(...own)
  }
  return {
    model,
    messages,
    tools: toolsOf(transcript, blobs),
    toolChoice: "auto",
    format: format === null ? null : { name: "answer", schema: format as Readonly<Record<string, never>> },
    effort,
    maxOutput,
    stable: stable ?? messages.length,
  }
}
