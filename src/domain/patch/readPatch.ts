/** A patch in either form, or what is wrong with it and where. Pure and total. */
import { envelopeParts, isEnvelope } from "./envelope.ts"
import { Lines, type Patch, WrongPatch } from "./patch.ts"
import { unifiedParts } from "./unified.ts"

export const readPatch = (text: string): Patch => {
  const lines = new Lines(text)
  try {
    const parts = isEnvelope(lines) ? envelopeParts(lines) : unifiedParts(lines)
    return parts.length === 0 ? { problem: "the patch changes nothing", line: 1 } : { parts }
  } catch (error) {
    if (error instanceof WrongPatch) return { problem: error.message, line: error.line }
    throw error
  }
}
