/**
 * Globs for the search tools: `*`, `?`, `[a-z]`, `{a,b}`, `**`. A pattern without a slash means any depth. Pure.
 * Invariant: matching takes at most length of pattern times length of path steps, whatever the pattern.
 */

type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "any" }
  | { readonly kind: "rest" }
  | {
      readonly kind: "class"
      readonly negated: boolean
      readonly ranges: ReadonlyArray<readonly [string, string]>
    }
type Segment = "deep" | ReadonlyArray<Piece>

export interface Glob {
  readonly alternatives: ReadonlyArray<ReadonlyArray<Segment>>
}

const maxAlternatives = 200

/** `{a,b}` written out; null where it would be too many or does not close. */
const expand = (pattern: string): ReadonlyArray<string> | null => {
  const open = pattern.indexOf("{")
  if (open === -1) return [pattern]
  let depth = 0
  const cuts: Array<number> = []
  for (let at = open; at < pattern.length; at++) {
    const c = pattern[at]
    if (c === "{") depth++
    else if (c === "}") {
      depth--
      if (depth === 0) {
        const edges = [open, ...cuts, at]
        const result: Array<string> = []
        for (let i = 0; i + 1 < edges.length; i++) {
          const option = pattern.slice(edges[i]! + 1, edges[i + 1])
          const rest = expand(pattern.slice(0, open) + option + pattern.slice(at + 1))
          if (rest === null || result.length + rest.length > maxAlternatives) return null
          result.push(...rest)
        }
        return result
      }
    } else if (c === "," && depth === 1) cuts.push(at)
  }
  return null
}

const characterClass = (text: string): Piece => {
  const negated = text.startsWith("!") || text.startsWith("^")
  const body = [...(negated ? text.slice(1) : text)]
  const ranges: Array<readonly [string, string]> = []
  for (let at = 0; at < body.length; at++) {
    const isRange = body[at + 1] === "-" && body[at + 2] !== undefined
    ranges.push([body[at]!, isRange ? body[at + 2]! : body[at]!])
    if (isRange) at += 2
  }
  return { kind: "class", negated, ranges }
}

const segment = (text: string): Segment | null => {
  if (text === "**") return "deep"
  const pieces: Array<Piece> = []
  const characters = [...text]
  for (let at = 0; at < characters.length; at++) {
    const c = characters[at]!
    if (c === "*") {
      if (pieces.at(-1)?.kind !== "rest") pieces.push({ kind: "rest" })
    } else if (c === "?") pieces.push({ kind: "any" })
    else if (c === "[") {
      const close = characters.indexOf("]", at + 2)
      if (close === -1) return null
      pieces.push(characterClass(characters.slice(at + 1, close).join("")))
      at = close
    } else if (c === "\\" && at + 1 < characters.length)
      pieces.push({ kind: "text", text: characters[++at]! })
    else pieces.push({ kind: "text", text: c })
  }
  return pieces
}

/** Null where the pattern is no glob: an open bracket or brace, too many alternatives. */
export const parseGlob = (pattern: string): Glob | null => {
  const expanded = expand(pattern.replace(/^\.?\//, ""))
  if (expanded === null) return null
  const alternatives: Array<ReadonlyArray<Segment>> = []
  for (const one of expanded) {
    const parts = (one.includes("/") ? one : `**/${one}`).split("/").filter((part) => part !== "")
    const segments = parts.map(segment)
    if (segments.some((part) => part === null)) return null
    alternatives.push(segments as ReadonlyArray<Segment>)
  }
  return { alternatives }
}

const fits = (piece: Piece, c: string): boolean => {
  switch (piece.kind) {
    case "text":
      return piece.text === c
    case "class":
      return piece.negated !== piece.ranges.some(([from, to]) => c >= from && c <= to)
    default:
      return true
  }
}

/** Wildcards by going back to the last star only. */
const matchWith = <P, C>(
  pattern: ReadonlyArray<P>,
  subject: ReadonlyArray<C>,
  isStar: (piece: P) => boolean,
  fit: (piece: P, c: C) => boolean,
): boolean => {
  let p = 0
  let s = 0
  let star = -1
  let from = 0
  while (s < subject.length) {
    if (p < pattern.length && isStar(pattern[p]!)) {
      star = p++
      from = s
    } else if (p < pattern.length && fit(pattern[p]!, subject[s]!)) {
      p++
      s++
    } else if (star !== -1) {
      p = star + 1
      s = ++from
    } else return false
  }
  while (p < pattern.length && isStar(pattern[p]!)) p++
  return p === pattern.length
}

const matchSegment = (pieces: Segment, name: string): boolean =>
  pieces !== "deep" && matchWith(pieces, [...name], (piece) => piece.kind === "rest", fits)

export const matchesGlob = (glob: Glob, path: string): boolean => {
  const names = path.split("/")
  return glob.alternatives.some((segments) =>
    matchWith(segments, names, (one) => one === "deep", matchSegment),
  )
}
