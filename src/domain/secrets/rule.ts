/**
 * What a rule for one kind of secret is: data. A token rule knows a token by its own form (a keyword that
 * is part of it), a named rule knows a value by the name it is assigned to.
 * Invariants: patterns are bounded (no unlimited repetition, no nested quantifiers), tried only where a
 * keyword was seen, so that the whole search is linear in the text.
 */

export interface TokenRule {
  readonly id: string
  /** Literal parts of the token, compared without case; the pattern decides about case. */
  readonly keywords: ReadonlyArray<string>
  /** Sticky where the token begins. Group 1, if any, is the secret. */
  readonly pattern: RegExp
  /** How many characters before its keyword the token begins: each of these is tried. */
  readonly back: ReadonlyArray<number>
  /** Bits per character below which the token is a placeholder. */
  readonly entropy: number
  /** The token may begin inside a word. */
  readonly anywhere: boolean
}

export interface NamedRule {
  readonly id: string
  /** The name holds one of these, compared without case. */
  readonly words: ReadonlyArray<string>
  /** The whole value. */
  readonly value: RegExp
  readonly entropy: number
}

export interface TokenOptions {
  readonly back?: ReadonlyArray<number>
  readonly entropy?: number
  readonly anywhere?: boolean
  readonly flags?: string
  /** What may not follow the token; word characters and `-` if not given. */
  readonly end?: string
}

const wordEnd = "(?![A-Za-z0-9_-])"

/** A token that begins with one of its keywords, or holds it `back` characters in. */
export const token = (
  id: string,
  keyword: string | ReadonlyArray<string>,
  body: string,
  options: TokenOptions = {},
): TokenRule => ({
  id,
  keywords: typeof keyword === "string" ? [keyword] : keyword,
  pattern: new RegExp(`${body}${options.end ?? wordEnd}`, `y${options.flags ?? ""}`),
  back: options.back ?? [0],
  entropy: options.entropy ?? 2.5,
  anywhere: options.anywhere ?? false,
})

export const named = (
  id: string,
  words: string | ReadonlyArray<string>,
  value: string,
  entropy = 2.5,
): NamedRule => ({
  id,
  words: typeof words === "string" ? [words] : words,
  value: new RegExp(`^(?:${value})$`, "i"),
  entropy,
})

export const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
