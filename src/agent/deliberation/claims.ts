/**
 * Whether what a model claims stands in what it cites. Pure.
 * What can be checked is checked: every path, number, quoted and code-spanned text of a claim must occur in one of the cited
 * pieces. What a claim means beyond that is the reader's to judge, who sees the same pieces.
 * Invariants: a piece that was not given cannot be cited; a claim that cites nothing is none.
 */
import type { Piece } from "./pieces.ts"

const flat = (text: string): string => text.replaceAll(/\s+/g, " ").trim().toLowerCase()

const quoted = [
  /`([^`\n]{1,400})`/g,
  /"([^"\n]{2,400})"/g,
  /\u201c([^\u201d\n]{2,400})\u201d/g,
  /(?<![\p{L}\p{N}])'([^'\n]{2,400})'(?![\p{L}\p{N}])/gu,
]
const pathLike = /(?:~?\/|\.{1,2}\/)?[\w@.-]+(?:\/[\w@.-]+)+|\b[\w-]{2,}\.[A-Za-z][A-Za-z0-9]{0,5}\b/g
const numberLike = /(?<![\w.])\d+(?:\.\d+)*(?![\w])/g
/** `#12`, `seq 12`: names of pieces, and no claims. */
const citation = /(?:#|\bseqs?\.? ?)\d+(?:(?:, ?| and )#?\d+)*/gi

interface Checkable {
  readonly text: string
  readonly kind: "path" | "number" | "quote"
}

const checkables = (claim: string): ReadonlyArray<Checkable> => {
  const found: Array<Checkable> = []
  let rest = claim.replaceAll(citation, " ")
  for (const pattern of quoted) {
    for (const match of rest.matchAll(pattern)) found.push({ text: match[1]!, kind: "quote" })
    rest = rest.replaceAll(pattern, " ")
  }
  for (const match of rest.matchAll(pathLike)) found.push({ text: match[0], kind: "path" })
  rest = rest.replaceAll(pathLike, " ")
  for (const match of rest.matchAll(numberLike)) found.push({ text: match[0], kind: "number" })
  return found
}

const holdsNumber = (text: string, number: string): boolean => {
  const escaped = number.replaceAll(".", "\\.")
  return new RegExp(`(?<![\\d.])${escaped}(?![\\d])`).test(text)
}

const trimmed = (path: string): string => path.replace(/[.:,;]+$/, "")

/**
 * What of a claim does not stand in these texts; null: all of it does. Of a plan, which says what is to become, only the
 * paths are held to it.
 */
export const unfounded = (
  claim: string,
  texts: ReadonlyArray<string>,
  what: "claim" | "plan" = "claim",
): string | null => {
  const hay = texts.map(flat)
  for (const { kind, text } of checkables(claim)) {
    if (what === "plan" && kind !== "path") continue
    const wanted = flat(kind === "path" ? trimmed(text) : text)
    if (wanted === "") continue
    const held = hay.some((one) => (kind === "number" ? holdsNumber(one, wanted) : one.includes(wanted)))
    if (!held) return text.slice(0, 120)
  }
  return null
}

/** Those of the cited pieces that were given. */
export const citedOf = (pieces: ReadonlyArray<Piece>, seqs: ReadonlyArray<number>): ReadonlyArray<Piece> =>
  pieces.filter(({ seq }) => seqs.includes(seq))

const sentencesOf = (text: string): ReadonlyArray<string> =>
  text
    .split(/(?<=[.!?])\s+(?=[\p{Lu}`"'\d])|\n+/u)
    .map((one) => one.trim())
    .filter((one) => one !== "")

export interface Checked {
  /** What holds, in its words. */
  readonly text: string
  readonly dropped: ReadonlyArray<string>
}

/** A text sentence by sentence: what its citations do not hold is taken out. */
export const checkedText = (text: string, texts: ReadonlyArray<string>): Checked => {
  const kept: Array<string> = []
  const dropped: Array<string> = []
  for (const sentence of sentencesOf(text)) {
    const fault = unfounded(sentence, texts)
    if (fault === null) kept.push(sentence)
    else dropped.push(`${JSON.stringify(fault)} is not in what it cites: ${sentence.slice(0, 200)}`)
  }
  return { text: kept.join(" "), dropped }
}
