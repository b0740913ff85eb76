/**
 * Reads `name = value` out of any notation around a place in a text: shells, configuration, JSON, XML,
 * YAML, programs, headers, command-line flags, also inside strings with escaped quotes. A reading looks
 * at a bounded stretch of text and never backtracks over more than a few characters.
 */

export interface Assignment {
  readonly name: string
  readonly nameStart: number
  readonly value: string
  readonly valueStart: number
  readonly valueEnd: number
  readonly quoted: boolean
  /** How the name and the value are joined: `=`, `:`, `flag` for `--name value`, and so on. */
  readonly operator: string
  /** The name is a command-line flag. */
  readonly flag: boolean
  /** What follows the value. */
  readonly next: string
}

const nameReach = 64
const valueReach = 1024

const isNameCharacter = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95 || c === 45 || c === 46

const closers = /(?:\\{0,2}["'`]|[\])]){0,4}[ \t]{0,20}/y
const annotation = /(?:\??:[ \t]{0,3})?[A-Za-z][\w<>[\].&']{0,30}[ \t]{1,4}(?=:?=[^=>])/y
const operators = /(=>|->|:{1,3}=|\|\|=?|[?+.]=|={1,3}(?!>)|:(?![:/])|,|>)[ \t]{0,20}/y
const opener = /(?:[fburFBUR@$]{0,2}|\[\]byte\(|new \w{1,20}\(|\(|\{)[ \t]{0,2}(\\{0,2}["'`])/y
const bare = /[^\s"'`<>,;|&()[\]{}\\]{1,1024}/y
const bareShell = /[^\s"'`;|&()<>\\]{1,1024}/y
const flagValue = /[ \t]{1,4}/y
/** Commands that give a name its value without any sign between them. */
const setting = /(?:^|[\s;&])(?:ENV|setx|setenv|set -[gUux]{1,4}|config(?:ure)? set)[ \t]{1,4}$/
const wide = /\s{0,40}/y

/** Where the sticky pattern ends at `at`, or -1. */
const after = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

const quotedValue = (text: string, at: number, quote: string): { end: number; next: number } | null => {
  const limit = Math.min(text.length, at + valueReach)
  for (let i = at; i < limit; i++) {
    if (text.startsWith(quote, i)) return { end: i, next: i + quote.length }
    const c = text[i]
    if (c === "\n" && quote !== "`") return null
    if (quote.length === 1 && c === "\\") i++
  }
  return null
}

const nameAround = (text: string, start: number, end: number): { from: number; to: number } => {
  let from = start
  while (from > 0 && start - from < nameReach && isNameCharacter(text.charCodeAt(from - 1))) from--
  let to = end
  while (to < text.length && to - end < nameReach && isNameCharacter(text.charCodeAt(to))) to++
  return { from, to }
}

/** The assignment to the name that holds the stretch `start..end`, or null where there is none. */
export const readAssignment = (text: string, start: number, end: number): Assignment | null => {
  const { from, to } = nameAround(text, start, end)
  // A dot or dash at the end belongs to the operator (`.=`, `->`) or to prose.
  let nameEnd = to
  while (nameEnd > end && (text[nameEnd - 1] === "." || text[nameEnd - 1] === "-")) nameEnd--
  let at = after(closers, text, nameEnd)
  if (at === -1) at = nameEnd
  let operator: string
  const flag = text.startsWith("-", from)
  const flagged = flag && at > nameEnd && /^[ \t]+$/.test(text.slice(nameEnd, at))
  const annotated = after(annotation, text, at)
  operators.lastIndex = annotated === -1 ? at : annotated
  const match = operators.exec(text)
  if (match !== null) {
    operator = match[1]!
    at = operators.lastIndex
  } else if (flagged || setting.test(text.slice(Math.max(0, from - 24), from))) {
    operator = "flag"
    at = after(flagValue, text, nameEnd)
    if (at === -1) return null
  } else return null
  const name = text.slice(from, nameEnd).replace(/^[-.]+/, "")
  if (operator === ">") {
    // Only an XML element: `a > b` assigns nothing.
    if (text[from - 1] !== "<") return null
    at = after(wide, text, at)
  }
  opener.lastIndex = at
  const opened = opener.exec(text)
  if (opened !== null) {
    const valueStart = opener.lastIndex
    const closed = quotedValue(text, valueStart, opened[1]!)
    if (closed === null) return null
    const value = text.slice(valueStart, closed.end)
    return {
      name,
      nameStart: from,
      value,
      valueStart,
      valueEnd: closed.end,
      quoted: true,
      operator,
      flag,
      next: text.slice(closed.next, closed.next + 1),
    }
  }
  if (operator === "," || operator === "||") return null
  const spaced = /\s/.test(text[at - 1] ?? "")
  const pattern = operator === "flag" || (operator === "=" && !spaced) ? bareShell : bare
  const valueEnd = after(pattern, text, at)
  if (valueEnd === -1) return null
  const value = text.slice(at, valueEnd)
  return {
    name,
    nameStart: from,
    value,
    valueStart: at,
    valueEnd,
    quoted: false,
    operator: operator === ":" && !spaced ? "tight-colon" : operator,
    flag,
    next: text.slice(valueEnd, valueEnd + 1),
  }
}
