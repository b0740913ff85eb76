/**
 * How many tokens a request may have, from its bytes. Pure.
 * Invariant: too many rather than too few: where nothing was measured a token is taken for 2.5 bytes of JSON, less than
 * English, code and most scripts need; images and other files are counted apart, because their bytes say nothing.
 */
import type { ModelRequest } from "../domain/modelRequest.ts"

/** Bytes of canonical JSON that make a token, where this model was not measured. */
export const cautiousBytes = 2.5
/** Measured ratios beyond these come from requests that were no text. */
const [least, most] = [1.2, 4.5] as const
/** A measured ratio is an average; this request may be denser. */
const margin = 1.15
/** More than vendors count for the largest picture they take. */
const tokensOfImage = 5_000

export interface Measured {
  readonly bytes: number
  readonly tokens: number
}

/** `bytes` of the whole canonical request; `measured`: what earlier answers of the model were counted at. */
export const estimateTokens = (
  request: Pick<ModelRequest, "messages">,
  bytes: number,
  measured: Measured | undefined,
): number => {
  let images = 0
  let text = bytes
  for (const { content, role } of request.messages) {
    if (role !== "user") continue
    for (const part of content) {
      if (part.type !== "file" || !part.mediaType.startsWith("image/")) continue
      images += tokensOfImage
      text -= part.data.length
    }
  }
  const perToken =
    measured === undefined || measured.tokens === 0
      ? cautiousBytes
      : Math.min(most, Math.max(least, measured.bytes / measured.tokens)) / margin
  return Math.ceil(Math.max(0, text) / perToken) + images
}
