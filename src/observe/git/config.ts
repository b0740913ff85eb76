/**
 * A reader of git's configuration syntax: sections, quoted subsections, continuation lines, comments, quotes and
 * escapes. It follows no include and runs nothing; git refuses a file with a syntax error, so does this (with the line).
 * Section and key are lower-cased as git does; a subsection keeps its case.
 */

export interface ConfigEntry {
  readonly section: string
  readonly subsection: string | null
  readonly key: string
  /** null: a key without `=`, which git reads as true. */
  readonly value: string | null
}

export type ParsedConfig =
  | { readonly entries: ReadonlyArray<ConfigEntry>; readonly badLine: null }
  | { readonly entries: ReadonlyArray<ConfigEntry>; readonly badLine: number }

const isSpace = (c: string | undefined): boolean => c === " " || c === "\t" || c === "\r"
const nameChar = /[A-Za-z0-9-]/

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b", "\\": "\\", '"': '"' }

export const parseConfig = (text: string): ParsedConfig => {
  const entries: Array<ConfigEntry> = []
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  let line = 1
  let section: string | null = null
  let subsection: string | null = null
  const bad = (): ParsedConfig => ({ entries, badLine: line })
  const skipLine = (): void => {
    while (at < text.length && text[at] !== "\n") at++
  }

  while (at < text.length) {
    const c = text[at]!
    if (c === "\n") {
      line++
      at++
    } else if (isSpace(c)) {
      at++
    } else if (c === "#" || c === ";") {
      skipLine()
    } else if (c === "[") {
      const header = readHeader(text, at + 1)
      if (header === null) return bad()
      section = header.section
      subsection = header.subsection
      at = header.next
    } else if (/[A-Za-z]/.test(c) && section !== null) {
      let end = at
      while (end < text.length && nameChar.test(text[end]!)) end++
      const key = text.slice(at, end).toLowerCase()
      at = end
      while (isSpace(text[at])) at++
      if (at >= text.length || text[at] === "\n" || text[at] === "#" || text[at] === ";") {
        skipLine()
        entries.push({ section, subsection, key, value: null })
        continue
      }
      if (text[at] !== "=") return bad()
      const value = readValue(text, at + 1)
      line += value.lines
      if (!value.ok) return bad()
      at = value.next
      entries.push({ section, subsection, key, value: value.text })
    } else {
      return bad()
    }
  }
  return { entries, badLine: null }
}

const readHeader = (
  text: string,
  from: number,
): { readonly section: string; readonly subsection: string | null; readonly next: number } | null => {
  let at = from
  while (at < text.length && /[A-Za-z0-9.-]/.test(text[at]!)) at++
  const name = text.slice(from, at)
  if (text[at] === "]") {
    const dot = name.indexOf(".")
    return dot < 0
      ? { section: name.toLowerCase(), subsection: null, next: at + 1 }
      : {
          section: name.slice(0, dot).toLowerCase(),
          subsection: name.slice(dot + 1).toLowerCase(),
          next: at + 1,
        }
  }
  if (!isSpace(text[at])) return null
  while (isSpace(text[at])) at++
  if (text[at] !== '"') return null
  at++
  let subsection = ""
  while (at < text.length && text[at] !== '"') {
    if (text[at] === "\n") return null
    if (text[at] === "\\") at++
    subsection += text[at] ?? ""
    at++
  }
  if (text[at] !== '"' || text[at + 1] !== "]") return null
  return { section: name.toLowerCase(), subsection, next: at + 2 }
}

const readValue = (
  text: string,
  from: number,
): { readonly ok: boolean; readonly text: string; readonly next: number; readonly lines: number } => {
  let at = from
  let out = ""
  let pending = ""
  let quoted = false
  let lines = 0
  const end = (ok: boolean) => ({ ok, text: out, next: at, lines })
  for (;;) {
    const c = text[at]
    if (c === undefined || c === "\n") return end(!quoted)
    if (!quoted && (c === "#" || c === ";")) {
      while (at < text.length && text[at] !== "\n") at++
      return end(true)
    }
    if (c === "\\") {
      const next = text[at + 1] === "\r" && text[at + 2] === "\n" ? "\r\n" : text[at + 1]
      if (next === "\n" || next === "\r\n") {
        lines++
        at += 1 + next.length
        continue
      }
      const escaped = next === undefined ? undefined : escapes[next]
      if (escaped === undefined) return end(false)
      out += pending + escaped
      pending = ""
      at += 2
    } else if (c === '"') {
      out += pending
      pending = ""
      quoted = !quoted
      at++
    } else if (!quoted && isSpace(c)) {
      if (out !== "" || pending !== "") pending += c
      at++
    } else {
      out += pending + c
      pending = ""
      at++
    }
  }
}

/** The last value of a key, as git takes it; undefined where it is not set. */
export const lastValue = (
  entries: ReadonlyArray<ConfigEntry>,
  section: string,
  subsection: string | null,
  key: string,
): string | null | undefined =>
  entries.findLast(
    (entry) => entry.section === section && entry.subsection === subsection && entry.key === key,
  )?.value

/** git's reading of a boolean; `null` (no value) is true. */
export const isTrue = (value: string | null | undefined): boolean =>
  value === null || (value !== undefined && /^(true|yes|on|[1-9]\d*)$/i.test(value))
