/**
 * Texts with placeholders, as rules written as data have them: `{name}` is one word, `{name...}` the rest of a line, a
 * blank is any run of blanks, and one kind of quote is as good as another. Every other letter stands for itself.
 * Invariants: what is built is linear enough for any text (words are bounded, nothing nests); a placeholder named twice
 * has to be the same both times.
 */
export type Bound = ReadonlyMap<string, string>

const placeholder = /\{([a-z_]+)(\.\.\.)?\}/g
const quotes = "['\"`‘’“”]"
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")

/** Letters as they stand; blanks and quotes by kind. */
const literal = (text: string): string =>
  text
    .split(/(\s+|['"`‘’“”])/)
    .map((piece) => (/^\s+$/.test(piece) ? "\\s{1,200}" : /^['"`‘’“”]$/.test(piece) ? quotes : escape(piece)))
    .join("")

/** Null where a placeholder is written wrong. */
export const placeholdersIn = (text: string): ReadonlyArray<string> | null => {
  const names = [...text.matchAll(placeholder)].map(([, name]) => name!)
  return /[{}]/.test(text.replace(placeholder, "")) ? null : names
}

const maxPlaceholders = 4

/** Why a text could take long to look for; null where it cannot. */
export const costly = (text: string): string | null => {
  const found = [...text.matchAll(placeholder)]
  if (found.filter(([, , rest]) => rest !== undefined).length > 1) return "no more than one {name...}"
  if (found.length > maxPlaceholders) return `no more than ${maxPlaceholders} placeholders`
  return text.includes("}{") ? "something has to stand between two placeholders" : null
}

/** Names that stand for more than a word. */
export const stretchesIn = (texts: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set(
    texts.flatMap((text) =>
      [...text.matchAll(placeholder)].flatMap(([, name, rest]) => (rest === undefined ? [] : [name!])),
    ),
  )

export const compilePattern = (text: string): RegExp => {
  // what begins with a placeholder begins with a word, so that a long word is not tried at each of its letters
  let out = text.startsWith("^") ? "^[ \\t]*" : text.startsWith("{") ? "(?<![^\\s'\"`‘“])" : ""
  let from = text.startsWith("^") ? 1 : 0
  const seen = new Set<string>()
  for (const match of text.matchAll(placeholder)) {
    const [whole, name = "", rest] = match
    out += literal(text.slice(from, match.index))
    from = match.index + whole.length
    const bare = text[from] === undefined || /\s/.test(text[from]!)
    // where another follows in the same word, this one ends at the letter between: else all cuts would be tried
    const between = /^[^\s{}]+\{/.test(text.slice(from)) ? text[from]! : ""
    const word =
      rest === undefined
        ? `[^\\s'"\`‘’“”${escape(between)}]{1,200}${bare ? "?(?=[.,:;)]{0,3}(?:\\s|$))" : "?"}`
        : `${match.index === 0 ? "(?=\\S)" : ""}[^\\n]{1,500}?(?=\\s*(?:\\n|$))`
    out += seen.has(name) ? `\\k<${name}>` : `(?<${name}>${word})`
    seen.add(name)
  }
  return new RegExp(out + literal(text.slice(from)), "gim")
}

const boundBy = (match: RegExpMatchArray): Bound => new Map(Object.entries(match.groups ?? {}))

/** What the first place that fits binds; null where none does. */
export const firstBound = (pattern: RegExp, text: string): Bound | null => {
  for (const match of text.matchAll(pattern)) return boundBy(match)
  return null
}

const maxEach = 12

export const eachBound = (pattern: RegExp, text: string): ReadonlyArray<Bound> => {
  const out: Array<Bound> = []
  for (const match of text.matchAll(pattern)) if (out.push(boundBy(match)) >= maxEach) break
  return out
}

/** The words behind a program against words of a rule; null where they do not fit. */
export const boundWords = (wanted: ReadonlyArray<string>, words: ReadonlyArray<string>): Bound | null => {
  const fit = (w: number, at: number, bound: ReadonlyMap<string, string>): Bound | null => {
    const each = wanted[w]
    if (each === undefined) return at === words.length ? bound : null
    if (each === "...") {
      for (let skip = at; skip <= words.length; skip += 1) {
        const found = fit(w + 1, skip, bound)
        if (found !== null) return found
      }
      return null
    }
    const word = words[at]
    if (word === undefined) return null
    const name = /^\{([a-z_]+)\}$/.exec(each)?.[1]
    if (name === undefined) return each.split("|").includes(word) ? fit(w + 1, at + 1, bound) : null
    const before = bound.get(name)
    return word.startsWith("-") || (before !== undefined && before !== word)
      ? null
      : fit(w + 1, at + 1, new Map([...bound, [name, word]]))
  }
  return words.length > maxWords ? null : fit(0, 0, new Map())
}

const maxWords = 60

/** The text with its placeholders filled; null where one is not bound, or where `safe` refuses what it is. */
export const filled = (
  text: string,
  bound: Bound,
  safe: (word: string, name: string) => string | null,
): string | null => {
  let refused = false
  const out = text.replaceAll(placeholder, (_, name: string) => {
    const word = bound.get(name)
    const made = word === undefined ? null : safe(word, name)
    if (made === null) refused = true
    return made ?? ""
  })
  return refused ? null : out
}
