/**
 * Reads the plain part of YAML that programs write into lockfiles: nested block maps of scalars, by
 * lines and in linear time (a whole YAML parser needs half a second for a large lockfile). Flow values
 * and list items are kept as text. Whatever lies outside that part goes to the whole parser, so that
 * an unusual layout is read all the same and a broken one is refused.
 */
import { parseAllDocuments } from "yaml"
import { isRecord, Malformed } from "./lockEntry.ts"

export type Tree = Map<string, Tree | string>

const wholeParserLimit = 4 * 1024 * 1024

const unquote = (text: string): string | null => {
  if (text.startsWith("'")) return text.endsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : null
  if (!text.startsWith('"')) return text
  if (!text.endsWith('"') || text.length < 2) return null
  const inner = text.slice(1, -1)
  return inner.includes("\\") ? null : inner
}

const line = /^( *)('(?:[^']|'')*'|"[^"\\]*"|[^\s'"#&*!|>%@`{}[\],?-][^\n]*?|-?[^\s\n:]+):(?: +(\S.*))?$/
const complexKey = /^( *)\? +(\S.*)$/
const item = /^ *- /
const simpleFlow = /^(?:\{[^{}]*\}|\[[^[\]]*\])$/

const valueOf = (raw: string): string | null => {
  const text = raw.replace(/\s+#.*$/, "").trimEnd()
  const first = text[0]
  if (first === "{" || first === "[") return simpleFlow.test(text) ? text : null
  if (first === "|" || first === ">" || first === "&" || first === "*" || first === "!") return null
  return unquote(text)
}

/** Null where a line is not of the plain part. */
const readPlain = (text: string): Tree | null => {
  const root: Tree = new Map()
  const open: Array<{ readonly indent: number; readonly map: Tree }> = [{ indent: 0, map: root }]
  let last: { readonly indent: number; readonly parent: Tree; readonly key: string } | null = null
  let question: { readonly indent: number; readonly key: string } | null = null
  for (const each of text.split("\n")) {
    let row = each.endsWith("\r") ? each.slice(0, -1) : each
    if (row === "---") {
      open.length = 1
      last = null
      continue
    }
    if (/^\s*(?:#|$)/.test(row)) continue
    if (row.includes("\t")) return null
    if (item.test(row)) continue
    const asked = complexKey.exec(row)
    if (asked !== null) {
      const key = unquote(asked[2]!)
      if (key === null) return null
      question = { indent: asked[1]!.length, key }
      continue
    }
    if (question !== null) {
      // `? key` then `: first: value`: the map under the key begins on the colon's own line.
      const answer = /^( *):( +)(\S.*)$/.exec(row)
      if (answer === null || answer[1]!.length !== question.indent) return null
      while (open.length > 1 && open.at(-1)!.indent > question.indent) open.pop()
      const parent = descend(open, last, question.indent)
      if (parent === null) return null
      parent.set(question.key, "")
      last = { indent: question.indent, parent, key: question.key }
      row = `${" ".repeat(question.indent + 1 + answer[2]!.length)}${answer[3]!}`
      question = null
    }
    const match = line.exec(row)
    if (match === null) return null
    const indent = match[1]!.length
    const key = unquote(match[2]!)
    const value = match[3] === undefined ? "" : valueOf(match[3])
    if (key === null || value === null || key === "<<") return null
    while (open.length > 1 && open.at(-1)!.indent > indent) open.pop()
    const parent = descend(open, last, indent)
    if (parent === null) return null
    // A key twice in one map (multi-document files apart) hides one of the two.
    const before = parent.get(key)
    if (before === undefined || typeof before === "string") parent.set(key, value)
    last = { indent, parent, key }
  }
  return question === null ? root : null
}

const descend = (
  open: Array<{ readonly indent: number; readonly map: Tree }>,
  last: { readonly indent: number; readonly parent: Tree; readonly key: string } | null,
  indent: number,
): Tree | null => {
  const top = open.at(-1)!
  if (top.indent === indent) return top.map
  if (last === null || indent <= last.indent || last.parent.get(last.key) !== "") return null
  const map: Tree = new Map()
  last.parent.set(last.key, map)
  open.push({ indent, map })
  return map
}

const toTree = (value: object): Tree => {
  const root: Tree = new Map()
  const waiting: Array<{ readonly from: object; readonly to: Tree }> = [{ from: value, to: root }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [key, each] of Object.entries(next.from)) {
      if (isRecord(each)) {
        const inner: Tree = new Map()
        next.to.set(key, inner)
        waiting.push({ from: each, to: inner })
      } else next.to.set(key, Array.isArray(each) ? "[]" : String(each ?? ""))
    }
  }
  return root
}

export const readBlockYaml = (text: string): Tree | Malformed => {
  const plain = readPlain(text)
  if (plain !== null) return plain
  if (text.length > wholeParserLimit) return new Malformed("unusual YAML, too large to read whole")
  const merged: Tree = new Map()
  const documents = parseAllDocuments(text, { logLevel: "silent", schema: "failsafe" })
  for (const document of documents) {
    if (!("errors" in document) || document.errors.length > 0)
      return new Malformed(`not YAML: ${document.errors?.[0]?.message.split("\n")[0] ?? "empty"}`)
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    if (value === null || value === undefined || value === "") continue
    if (!isRecord(value)) return new Malformed("not a YAML map")
    for (const [key, each] of toTree(value)) {
      const before = merged.get(key)
      if (before instanceof Map && each instanceof Map) for (const [k, v] of each) before.set(k, v)
      else merged.set(key, each)
    }
  }
  return merged
}

export const mapAt = (tree: Tree, key: string): Tree | null => {
  const value = tree.get(key)
  return value instanceof Map ? value : null
}

export const textAt = (tree: Tree, key: string): string | null => {
  const value = tree.get(key)
  return typeof value === "string" && value !== "" ? value : null
}
