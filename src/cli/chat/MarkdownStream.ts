/**
 * Markdown that comes in pieces, as lines that are final and a rest that is not. Pure but for the place it remembers.
 * Invariants: a line that was given out is never changed by what follows; however the text was cut into pieces, the lines
 * are the same; a fence gives its lines out one by one, a list its items, all else waits for its end.
 */
import { marked, type Token, type Tokens } from "marked"
import { blockLines, codeLines, type Drawing, itemLines, numberOf } from "./markdown.ts"
import type { Line } from "./styled.ts"

/** Of a fence, so many characters before the newest line are read with it for its colours. */
const colourWindow = 2 * 1024

interface Fence {
  readonly mark: string
  readonly indent: number
  readonly info: string
  /** Whole lines so far, from the last place where reading began anew. */
  readonly code: string
  readonly given: number
}

interface Place {
  /** Not given out yet. */
  readonly pending: string
  readonly fence: Fence | null
  /** Number of the next item, where the last unit was an item of an ordered list; -1: of a bullet list. */
  readonly list: number | null
  /** Whether a block came before, so that a blank line stands between. */
  readonly begun: boolean
}

const start: Place = { pending: "", fence: null, list: null, begun: false }

export interface Given {
  readonly lines: ReadonlyArray<Line>
  readonly place: Place
}

const opening = /^( {0,3})(`{3,}|~{3,})([^\n]*)\n/
const opened = (text: string): { readonly fence: Fence; readonly length: number } | null => {
  const found = opening.exec(text)
  if (found === null) return null
  const [all, indent, mark, info] = found
  if (mark!.startsWith("`") && info!.includes("`")) return null
  return {
    fence: { mark: mark!, indent: indent!.length, info: info!, code: "", given: 0 },
    length: all.length,
  }
}

const closes = (text: string, { mark }: Fence): boolean => {
  const found = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(text)
  return found !== null && found[1]![0] === mark[0] && found[1]!.length >= mark.length
}

const unindented = (text: string, indent: number): string => text.replace(new RegExp(`^ {0,${indent}}`), "")

/** Whole lines of an open fence, with their colours. */
const inFence = (place: Place, fence: Fence, drawing: Drawing, ended: boolean): Given | null => {
  const { pending } = place
  let at = 0
  let code = fence.code
  let closed = false
  while (!closed) {
    const next = pending.indexOf("\n", at)
    if (next < 0 && (!ended || at >= pending.length)) break
    const text = pending.slice(at, next < 0 ? pending.length : next)
    at = next < 0 ? pending.length : next + 1
    if (closes(text, fence)) closed = true
    else code += `${unindented(text, fence.indent)}\n`
  }
  if (at === 0) return null
  const body = code.slice(0, -1)
  const lines = code === "" ? [] : codeLines(body, fence.info, drawing)
  const fresh = lines.slice(fence.given)
  const rest = pending.slice(at)
  if (closed || ended) return { lines: fresh, place: { ...place, pending: rest, fence: null } }
  const anew = code.length > colourWindow
  return {
    lines: fresh,
    place: {
      ...place,
      pending: rest,
      fence: { ...fence, code: anew ? "" : code, given: anew ? 0 : lines.length },
    },
  }
}

/** Nothing that follows can change it: what ends by a line of its own, or by an empty one. */
const isWhole = ({ type }: Token, raw: string): boolean =>
  type === "heading" || type === "hr"
    ? raw.endsWith("\n")
    : (type === "paragraph" || type === "table") && /\n[ \t]*\n$/.test(raw)

const blank = (place: Place, lines: ReadonlyArray<Line>): ReadonlyArray<Line> =>
  place.begun && lines.length > 0 ? [[], ...lines] : lines

/** The first so many items of a list. */
const items = (list: Tokens.List, count: number, place: Place, drawing: Drawing): Given => {
  const goesOn = place.list !== null && list.ordered === place.list >= 0
  const first = goesOn && list.ordered ? place.list : null
  const given = list.items.slice(0, count)
  const lines = given.flatMap((item, index) => itemLines(item, numberOf(list, index, first), drawing))
  const length = given.reduce((sum, { raw }) => sum + raw.length, 0)
  return {
    lines: goesOn ? lines : blank(place, lines),
    place: {
      ...place,
      pending: place.pending.slice(length),
      list: list.ordered ? numberOf(list, count, first) : -1,
      begun: true,
    },
  }
}

/**
 * Where a reference leads may come behind it, when its line was given out long since: no reference is a link, then, so that
 * it does not depend on how much had come.
 */
const lexed = (text: string): ReadonlyArray<Token> => {
  const lexer = new marked.Lexer()
  lexer.tokens.links = new Proxy({}, { set: () => true })
  return lexer.lex(text)
}

/** Reads a text once, also where what was asked for last is its beginning and was given out since. */
const makeReader = () => {
  let rest: { readonly text: string; readonly tokens: ReadonlyArray<Token> } = { text: "", tokens: [] }
  return {
    read: (text: string): ReadonlyArray<Token> => {
      if (rest.text !== text || text === "") rest = { text, tokens: lexed(text) }
      return rest.tokens
    },
    /** The first token was given out. */
    drop: (): void => {
      const [first, ...tokens] = rest.tokens
      rest = { text: rest.text.slice(first?.raw.length ?? 0), tokens }
    },
  }
}
type Reader = ReturnType<typeof makeReader>

/** What can be given out next; null: nothing yet. */
const unit = (place: Place, drawing: Drawing, ended: boolean, reader: Reader): Given | null => {
  const { fence, pending } = place
  if (fence !== null) return inFence(place, fence, drawing, ended)
  // what a line is shows at its end
  const text = ended ? pending : pending.slice(0, pending.lastIndexOf("\n") + 1)
  if (text === "") return null
  const empty = /^(?:[ \t]*\n)+/.exec(text)
  if (empty !== null) return { lines: [], place: { ...place, pending: pending.slice(empty[0].length) } }
  const open = opened(text)
  if (open !== null) {
    const next = pending.slice(open.length)
    return {
      lines: place.begun ? [[]] : [],
      place: { pending: next, fence: open.fence, list: null, begun: true },
    }
  }
  const [first, ...others] = reader.read(text)
  if (first === undefined) return null
  const follows = others.some(({ type }) => type !== "space")
  if (first.type === "list") {
    const list = first as Tokens.List
    const count = follows || ended ? list.items.length : list.items.length - 1
    return count === 0 ? null : items(list, count, place, drawing)
  }
  const space = others[0]?.type === "space" ? others[0].raw : ""
  if (!follows && !ended && !isWhole(first, first.raw + space)) return null
  reader.drop()
  return {
    lines: blank(place, blockLines(first, drawing)),
    place: { ...place, pending: pending.slice(first.raw.length), list: null, begun: true },
  }
}

export class MarkdownStream {
  #place: Place = start

  /** Lines that are final now. */
  push(text: string, drawing: Drawing): ReadonlyArray<Line> {
    this.#place = { ...this.#place, pending: this.#place.pending + text.replaceAll("\r", "") }
    return this.#drain(drawing, false)
  }

  /** The rest, final too; it begins anew after it. */
  end(drawing: Drawing): ReadonlyArray<Line> {
    const lines = this.#drain(drawing, true)
    this.#place = start
    return lines
  }

  /** What is not final yet, as it would be drawn now. */
  tail(drawing: Drawing): ReadonlyArray<Line> {
    const before = this.#place
    const lines = this.#drain(drawing, true)
    this.#place = before
    return lines
  }

  /** Info strings of fences in what is held, so that their languages can be loaded before they are drawn. */
  get fences(): ReadonlyArray<string> {
    const { fence, pending } = this.#place
    const held = [...pending.matchAll(/^ *(?:`{3,}|~{3,})([^\s`]+)/gm)].map((found) => found[1]!)
    return fence === null ? held : [fence.info, ...held]
  }

  #drain(drawing: Drawing, ended: boolean): ReadonlyArray<Line> {
    const out: Array<Line> = []
    const reader = makeReader()
    for (;;) {
      const given = unit(this.#place, drawing, ended, reader)
      if (given === null) return out
      out.push(...given.lines)
      this.#place = given.place
    }
  }
}
