/**
 * A word and the files that come with it, as events. Pure.
 * Invariants: no secret of either reaches the log; a text is cut and says so, an image is whole or refused.
 */
import { createHash } from "node:crypto"
import type { Trust } from "../../domain/action.ts"
import { draft, type EventDraft, type PayloadOf } from "../../domain/event.ts"
import type { Surface } from "../../domain/events/acted.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { type SessionError, wrong } from "../SessionError.ts"
import { imageTypes } from "../session/prompt.ts"
import { header } from "./drafts.ts"

/** A file, an image or piped text that goes with a word. */
export interface SaidFile {
  readonly path: string
  readonly mediaType: string
  readonly content: Uint8Array
}

const mostFiles = 50
const mostText = 400_000
const longestWord = 1_000_000
/** Of an image, as providers take it. */
const largestImage = 5 * 1024 * 1024
const titleLength = 80

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true })
const encoder = new TextEncoder()

type Attached = PayloadOf<"session.attached">["files"][number]

const attached = ({
  content,
  mediaType,
  path,
}: SaidFile): { readonly file: Attached; readonly blob: Uint8Array } => {
  const own = { path: redactSecrets(path), bytes: content.length, mediaType }
  if (imageTypes.has(mediaType)) return { file: { ...own, hash: sha256(content), cut: false }, blob: content }
  const text = redactSecrets(decoder.decode(content))
  const blob = encoder.encode(text.slice(0, mostText))
  return { file: { ...own, hash: sha256(blob), cut: text.length > mostText }, blob }
}

/** Why it cannot be said; null where it can. */
export const wordFault = (text: string, files: ReadonlyArray<SaidFile>): SessionError | null => {
  if (text.trim() === "" && files.length === 0) return wrong("there is nothing to say")
  if (text.length > longestWord)
    return wrong(`a word has at most ${longestWord} characters: put it into a file`)
  if (files.length > mostFiles) return wrong(`at most ${mostFiles} files go with a word`)
  const image = files.find(
    ({ content, mediaType }) => imageTypes.has(mediaType) && content.length > largestImage,
  )
  if (image !== undefined) return wrong(`${neutralise(image.path)} is larger than the 5 MB an image may have`)
  const binary = files.find(
    ({ content, mediaType }) => !imageTypes.has(mediaType) && content.subarray(0, 8_192).includes(0),
  )
  return binary === undefined
    ? null
    : wrong(`${neutralise(binary.path)} is neither text nor an image a model can see (PNG, JPEG, GIF, WebP)`)
}

const titleOf = (text: string, files: ReadonlyArray<SaidFile>): string => {
  const line = text.trim() === "" ? (files[0]?.path ?? "") : text.trim().split("\n")[0]!
  const clean = neutralise(redactSecrets(line))
  return clean.length > titleLength ? `${clean.slice(0, titleLength - 1)}\u2026` : clean
}

export const wordDrafts = (word: {
  readonly session: string
  readonly workspace: string
  readonly text: string
  readonly files: ReadonlyArray<SaidFile>
  readonly surface: Surface | null
  readonly actor: string
  readonly untitled: boolean
  /** Of the text; absent: trusted. */
  readonly trust?: Trust
}): ReadonlyArray<EventDraft> => {
  const { actor, files, session, surface, text } = word
  const parts = files.map(attached)
  const from = { actor, trust: word.trust ?? ("trusted" as const) }
  return [
    ...(parts.length === 0
      ? []
      : [
          {
            ...draft(
              "session.attached",
              { session, files: parts.map(({ file }) => file) },
              header(word, { ...from, trust: "untrusted" }),
            ),
            blobs: parts.map(({ blob }) => blob),
          },
        ]),
    draft("session.said", { session, text: redactSecrets(text), surface }, header(word, from)),
    ...(word.untitled
      ? [draft("session.changed", { session, title: titleOf(text, files) }, header(word, from))]
      : []),
  ]
}
