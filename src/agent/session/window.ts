/**
 * How full a model's window is. Pure. What the server counted for the last answer is taken as it is; what came since is
 * estimated.
 * It is full when no more than 20 % are left, or 20,000 tokens of a window above 200,000 (Crush's bounds), or when the
 * longest answer would not fit any more.
 */
import type { AnswerPart } from "../../domain/modelRequest.ts"
import { type Block, shownBlocks, type Turn } from "./blocks.ts"
import { tokensOf } from "./since.ts"
import type { Transcript } from "./transcript.ts"

/** Bytes of a token of plain English and code; a low figure, so that the estimate is rather too high. */
const bytesOfToken = 3.5
/** What servers count an image at, at most. */
const imageTokens = 1_600

export const tokensIn = (bytes: number): number => Math.ceil(bytes / bytesOfToken)

const partBytes = (part: AnswerPart): number =>
  part.type === "tool-call" ? part.name.length + (JSON.stringify(part.params) ?? "").length : part.text.length

const resultBytes = (turn: Turn): number => {
  let bytes = 0
  for (const { text } of turn.results.values()) bytes += text.length + 80
  return bytes
}

export const blockTokens = (block: Block): number => {
  switch (block._tag) {
    case "word": {
      const files = block.entry.files.reduce(
        (sum, { bytes, mediaType }) => sum + (mediaType.startsWith("image/") ? imageTokens : tokensIn(bytes)),
        0,
      )
      return tokensIn(block.entry.text.length) + files
    }
    case "note":
      return tokensIn(block.entry.text.length)
    case "turn":
      return tokensIn(block.answer.parts.reduce((sum, part) => sum + partBytes(part), resultBytes(block)))
  }
}

const frontTokens = (transcript: Transcript): number => {
  const sections = (transcript.prepared?.sections ?? []).reduce((sum, { bytes }) => sum + bytes, 0)
  const lines = (transcript.compacted?.lines ?? []).reduce((sum, { text }) => sum + text.length + 20, 0)
  return tokensIn(sections + lines)
}

const sumOf = (blocks: ReadonlyArray<Block>): number =>
  blocks.reduce((sum, block) => sum + blockTokens(block), 0)

/** Of the next prompt. A server that counted nothing said nothing. */
const promptTokens = (transcript: Transcript): number => {
  const blocks = shownBlocks(transcript)
  const after = transcript.compacted?.seq ?? 0
  const counted = blocks.findLastIndex(
    (block) => block._tag === "turn" && block.answer.seq > after && tokensOf(block) > 0,
  )
  const turn = blocks[counted]
  return turn === undefined || turn._tag !== "turn"
    ? frontTokens(transcript) + sumOf(blocks)
    : tokensOf(turn) + tokensIn(resultBytes(turn)) + sumOf(blocks.slice(counted + 1))
}

/** Tokens a prompt may have before it is to be made shorter; null: nobody knows. */
export const roomOf = (window: number | null, maxOutput: number): number | null => {
  if (window === null) return null
  const left = window > 200_000 ? 20_000 : window * 0.2
  return Math.max(0, window - Math.max(left, Math.min(maxOutput, window / 2)))
}

export const isFull = (
  transcript: Transcript,
  { maxOutput, window }: { readonly window: number | null; readonly maxOutput: number },
): boolean => {
  const room = roomOf(window, maxOutput)
  return room !== null && promptTokens(transcript) > room && shownBlocks(transcript).length > 1
}
