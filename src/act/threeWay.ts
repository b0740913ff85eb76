/**
 * Taking one change out from under another: a clean three-way merge of what is there with what was there before, over
 * what the call left. And the differences a person is shown to decide by.
 * Invariant: a merge is whole or none: no conflict markers, no guess where both sides touched the same lines. Pure.
 */
import { createTwoFilesPatch } from "diff"
import { diff3Merge } from "node-diff3"
import { textOf } from "./fileText.ts"

const maxBytes = 1024 * 1024
const maxLines = 20_000
const maxShown = 16 * 1024

const plainText = (bytes: Uint8Array | null): string | null => {
  if (bytes === null || bytes.length > maxBytes) return null
  const found = textOf(bytes)
  // a content that does not come out as it went in is no text
  return "binary" in found || !Buffer.from(found.text, "utf8").equals(bytes) ? null : found.text
}

/** Worth keeping as what a call left: with it a later change can be told from the call's. */
export const mergeBase = (bytes: Uint8Array, holdsSecret: (bytes: Uint8Array) => boolean): boolean =>
  bytes.length <= maxBytes && !bytes.includes(0) && !holdsSecret(bytes)

const linesOf = (text: string): Array<string> => text.split(/(?<=\n)/)

/** Null where there is no clean one. */
export const threeWay = (
  mine: Uint8Array | null,
  base: Uint8Array | null,
  back: Uint8Array | null,
): Uint8Array | null => {
  const [a, o, b] = [plainText(mine), plainText(base), plainText(back)]
  if (a === null || o === null || b === null) return null
  const [mineLines, baseLines, backLines] = [linesOf(a), linesOf(o), linesOf(b)]
  if (Math.max(mineLines.length, baseLines.length, backLines.length) > maxLines) return null
  const regions = diff3Merge(mineLines, baseLines, backLines, { excludeFalseConflicts: true })
  const merged: Array<string> = []
  for (const region of regions) {
    if (region.ok === undefined) return null
    for (const line of region.ok) merged.push(line)
  }
  return new TextEncoder().encode(merged.join(""))
}

/** A unified diff, bounded; null where there is none to show. */
export const difference = (name: string, from: Uint8Array | null, to: Uint8Array | null): string | null => {
  const [old, now] = [plainText(from), plainText(to)]
  if (old === null || now === null) return null
  const patch = createTwoFilesPatch(name, name, old, now, undefined, undefined, {
    context: 2,
    maxEditLength: 4000,
    timeout: 200,
  }) as string | undefined
  if (patch === undefined) return null
  return patch.length > maxShown ? `${patch.slice(0, maxShown)}\n[cut]\n` : patch
}
