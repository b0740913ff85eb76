/**
 * Whether lines of a text are shown in it and not meant: inside a string of many lines, a heredoc or a block of code. Told
 * by the delimiters that programming languages share, without parsing any of them. Pure.
 * Invariant: both ends are there, the one before the lines and the other behind them, and none between.
 */

/** Opens and closes by the same sign; as many before as make it open. */
const toggling: ReadonlyArray<RegExp> = [/"""/g, /'''/g]
/** Strings in backticks that may span lines. */
const backticks = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|go|dart)$/i
const backtick = /(?<!\\)`/g

const pairs: ReadonlyArray<readonly [open: RegExp, close: RegExp]> = [
  [/\br#+"/g, /"#+/g],
  [/\bR"[^\s()\\]{0,16}\(/g, /\)[^\s()\\]{0,16}"/g],
  [/<(?:pre|code|listing)\b[^>]*>/gi, /<\/(?:pre|code|listing)>/gi],
  [/\\begin\{(?:verbatim|lstlisting|minted)\}/g, /\\end\{(?:verbatim|lstlisting|minted)\}/g],
]

const fence = /^\s{0,3}(`{3,}|~{3,})/
/** `<<EOF`, `<<-'EOF'`, `<<~EOF`, and `<<<EOF` of PHP. */
const heredoc = /<<<?[-~]?\s?(["']?)([A-Za-z_]\w*)\1/g

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
const lastAt = (text: string, pattern: RegExp): number => {
  let at = -1
  for (const match of text.matchAll(pattern)) at = match.index
  return at
}

const inToggled = (before: string, inside: string, after: string, sign: RegExp): boolean =>
  count(before, sign) % 2 === 1 && count(inside, sign) === 0 && count(after, sign) > 0

const inFence = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): boolean => {
  let open: string | null = null
  for (const line of before) {
    const sign = fence.exec(line)?.[1]
    if (sign === undefined) continue
    if (open === null) open = sign
    else if (sign.startsWith(open)) open = null
  }
  return open !== null && after.some((line) => fence.exec(line)?.[1]?.startsWith(open) === true)
}

const inHeredoc = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): boolean =>
  before.some((line, at) =>
    [...line.matchAll(heredoc)].some(([, , word]) => {
      const ends = (each: string): boolean => new RegExp(`^\\s*${word}\\b`).test(each)
      return !before.slice(at + 1).some(ends) && after.some(ends)
    }),
  )

/** A plain quotation mark ends the line before, and one stands behind. */
const inPlainQuotes = (before: ReadonlyArray<string>, after: string): boolean => {
  const [, mark] = /(?:^|[\s=(,:[])(["'])\\?$/.exec(before.at(-1) ?? "") ?? []
  return mark !== undefined && after.includes(mark)
}

/** `from` and `to`: the first and the last of the lines, by index. */
export const isQuoted = (path: string, lines: ReadonlyArray<string>, from: number, to: number): boolean => {
  const before = lines.slice(0, from)
  const after = lines.slice(to + 1)
  const [head, body, tail] = [before, lines.slice(from, to + 1), after].map((part) => part.join("\n"))
  const signs = backticks.test(path) ? [...toggling, backtick] : toggling
  return (
    signs.some((sign) => inToggled(head!, body!, tail!, sign)) ||
    pairs.some(([open, close]) => lastAt(head!, open) > lastAt(head!, close) && count(tail!, close) > 0) ||
    inFence(before, after) ||
    inHeredoc(before, after) ||
    inPlainQuotes(before, tail!)
  )
}
