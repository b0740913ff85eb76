/**
 * Brace expansion on the raw text of a word, as bash does it before everything else: `{a,b}`, `{1..3}`, nested.
 * Quotes, escapes and `${` are stepped over. Bounded: past the limit the rest stays as it is, and the caller
 * counts the word as unknown.
 */

const mostExpansions = 64

/** Index just past the quoted, escaped or `$`-braced piece that starts at `at`; `at + 1` where none does. */
const step = (text: string, at: number): number => {
  const c = text[at]!
  if (c === "\\") return at + 2
  if (c === "'" || c === '"') {
    for (let i = at + 1; i < text.length; i++) {
      if (c === '"' && text[i] === "\\") i++
      else if (text[i] === c) return i + 1
    }
    return text.length
  }
  if (c === "$" && (text[at + 1] === "{" || text[at + 1] === "(")) {
    const open = text[at + 1]!
    const close = open === "{" ? "}" : ")"
    let depth = 0
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === "\\") i++
      else if (text[i] === open) depth++
      else if (text[i] === close && --depth === 0) return i + 1
    }
    return text.length
  }
  return at + 1
}

interface Brace {
  readonly start: number
  readonly end: number
  readonly parts: ReadonlyArray<string>
}

const sequence = (body: string): ReadonlyArray<string> | null => {
  const match = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.-?\d+)?$/.exec(body)
  if (match === null) return null
  const [, from = "", to = ""] = match
  const letters = /[A-Za-z]/.test(from)
  const first = letters ? from.charCodeAt(0) : Number(from)
  const last = letters ? to.charCodeAt(0) : Number(to)
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return null
  const count = Math.min(Math.abs(last - first) + 1, mostExpansions)
  const sign = last < first ? -1 : 1
  return Array.from({ length: count }, (_, i) =>
    letters ? String.fromCharCode(first + i * sign) : String(first + i * sign),
  )
}

const firstBrace = (text: string): Brace | null => {
  for (let at = 0; at < text.length; at = step(text, at)) {
    if (text[at] !== "{") continue
    const cuts: Array<number> = []
    let depth = 0
    for (let i = at; i < text.length;) {
      const c = text[i]!
      if (c === "{") depth++
      else if (c === "}" && --depth === 0) {
        const body = text.slice(at + 1, i)
        const edges = [at, ...cuts, i]
        const parts =
          cuts.length > 0 ? edges.slice(1).map((edge, n) => text.slice(edges[n]! + 1, edge)) : sequence(body)
        if (parts !== null) return { start: at, end: i + 1, parts }
        break
      } else if (c === "," && depth === 1) cuts.push(i)
      i = step(text, i)
    }
  }
  return null
}

export const expandBraces = (text: string): ReadonlyArray<string> => {
  let waiting = [text]
  const done: Array<string> = []
  while (waiting.length > 0) {
    const [head = "", ...rest] = waiting
    const brace = done.length + rest.length >= mostExpansions ? null : firstBrace(head)
    if (brace === null) {
      done.push(head)
      waiting = rest
    } else {
      const before = head.slice(0, brace.start)
      const after = head.slice(brace.end)
      waiting = [...brace.parts.map((part) => before + part + after), ...rest]
    }
  }
  return done
}
