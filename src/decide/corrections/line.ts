/**
 * A command line as a corrector edits it: simple commands with the place of every word, so that a correction changes
 * one word and leaves the rest of what the user typed byte for byte. Words keep their quotes in the text; reading
 * one undoes them. A line that does not parse (an open quote, a substitution across words) has no parts.
 * It decides nothing about safety: that is the gate's work.
 */

export interface Word {
  /** As the program would get it, where no expansion is involved. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** One simple command of the line, without leading assignments and redirections. */
export type Part = ReadonlyArray<Word>

/** The end of a quoted or substituted stretch that begins at `at`, or -1 where it never ends. */
const closing = (text: string, at: number): number => {
  const opener = text[at]!
  if (opener === "'" || opener === "`") return text.indexOf(opener, at + 1)
  if (opener === '"') {
    for (let i = at + 1; i < text.length; i += 1) {
      if (text[i] === "\\") i += 1
      else if (text[i] === '"') return i
    }
    return -1
  }
  let depth = 0
  for (let i = at; i < text.length; i += 1) {
    if (text[i] === "(") depth += 1
    if (text[i] === ")" && (depth -= 1) === 0) return i
  }
  return -1
}

const wordAt = (text: string, start: number): Word | null => {
  let read = ""
  let i = start
  for (; i < text.length; i += 1) {
    const c = text[i]!
    if (/[\s;|&<>()]/.test(c)) break
    if (c === "\\") {
      if (i + 1 >= text.length) return null
      read += text[i + 1]!
      i += 1
    } else if (c === "'" || c === '"' || c === "`" || (c === "$" && text[i + 1] === "(")) {
      const from = c === "$" ? i + 1 : i
      const end = closing(text, from)
      if (end < 0) return null
      read += c === "'" || c === '"' ? text.slice(i + 1, end) : text.slice(i, end + 1)
      i = end
    } else read += c
  }
  return { text: read, start, end: i }
}

const assignment = /^[A-Za-z_]\w*=/

interface Read {
  readonly parts: ReadonlyArray<Part>
  /** What is read from or written to, of all commands. */
  readonly redirected: ReadonlyArray<Word>
}

const nothing: Read = { parts: [], redirected: [] }

const read = (text: string): Read => {
  const parts: Array<Array<Word>> = [[]]
  const targets: Array<Word> = []
  let redirected = false
  for (let i = 0; i < text.length;) {
    const c = text[i]!
    if (/\s/.test(c) && c !== "\n") {
      i += 1
    } else if (c === ">" || c === "<") {
      redirected = true
      i += 1
      if (text[i] === c || text[i] === "&") i += 1
    } else if (/[\n;|&()]/.test(c)) {
      parts.push([])
      redirected = false
      i += 1
    } else {
      const word = wordAt(text, i)
      if (word === null) return nothing
      i = word.end
      const descriptor = /^\d$/.test(word.text) && /[<>]/.test(text[i] ?? "")
      const leading = parts.at(-1)!.length === 0 && assignment.test(word.text)
      if (redirected) targets.push(word)
      else if (!descriptor && !leading) parts.at(-1)!.push(word)
      redirected = false
    }
  }
  return { parts: parts.filter((part) => part.length > 0), redirected: targets }
}

/** The simple commands of a line in order; empty where it does not parse. */
export const partsOf = (text: string): ReadonlyArray<Part> => read(text).parts

/** The files that redirections of a line name, in order. */
export const redirectedIn = (text: string): ReadonlyArray<Word> => read(text).redirected
