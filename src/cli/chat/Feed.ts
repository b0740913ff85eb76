/**
 * A conversation as it comes over the wire, as lines that are printed once and lines that are shown for now.
 * Invariants: a line that was given out is never changed; an answer that was asked again, or came while nobody looked, is
 * whole once its event is there; what is thought is short and dim; all text is made harmless before it is a line.
 */
import { nearCeiling } from "../../domain/costs.ts"
import { harmless, harmlessLines } from "../../../tui/text.ts"
import type { OpenRequest, SessionItem, SessionPart, SessionSpent } from "../../rpc/sessions.ts"
import type { Drawing } from "./markdown.ts"
import { MarkdownStream } from "./MarkdownStream.ts"
import { type Line, line, span, wrapLine } from "./styled.ts"
import { resultNote, type ToolCall, toolLine } from "./toolLine.ts"

type Of<T extends SessionItem["_tag"]> = Extract<SessionItem, { readonly _tag: T }>

export interface FeedTotals {
  readonly working: boolean
  readonly model: string | null
  /** Null: that was not told yet. */
  readonly spent: SessionSpent | null
  /** Tokens of the newest prompt and its answer. */
  readonly context: number
}

const longestThought = 200

/** What is written where the stream of an answer does not go on from what was shown of it. */
const anew = "the answer was asked for again:"

export class Feed {
  #stream = new MarkdownStream()
  /** Text of the answer that is coming, as far as it was shown. */
  #seen = ""
  #thought = ""
  #calls = new Map<string, ToolCall>()
  #coming: ReadonlyArray<string> = []
  #open: ReadonlyArray<OpenRequest> = []
  #totals: FeedTotals = { working: false, model: null, spent: null, context: 0 }
  /** A blank line stands between blocks, and none before the first. */
  #begun = false
  /** Whether the last block was a line of a tool: those stand together. */
  #tools = false
  #words: Array<string> = []
  /** Of the answer that was coming when one began to look, only the whole is shown. */
  #blind = false
  /** What came since one follows said itself whether there is work; how it stood when one asked may be older. */
  #told = false

  get totals(): FeedTotals {
    return this.#totals
  }
  get open(): ReadonlyArray<OpenRequest> {
    return this.#open
  }
  /** What was said, oldest first, as far as it came by here. */
  get words(): ReadonlyArray<string> {
    return this.#words
  }
  /** Languages of code that is coming. */
  get fences(): ReadonlyArray<string> {
    return this.#stream.fences
  }

  #block(lines: ReadonlyArray<Line>, tool = false): ReadonlyArray<Line> {
    if (lines.length === 0) return []
    const gap = this.#begun && !(tool && this.#tools)
    this.#begun = true
    this.#tools = tool
    return gap ? [[], ...lines] : lines
  }

  #notice(text: string, drawing: Drawing, role: "dim" | "warn" | "bad" = "dim"): ReadonlyArray<Line> {
    return harmlessLines(text).flatMap((one) => wrapLine(line(one, drawing.theme[role]), drawing.cells))
  }

  /** What was thought, in a line, once something else follows. */
  #endThought(drawing: Drawing): ReadonlyArray<Line> {
    const words = this.#thought.replaceAll(/\s+/g, " ").trim()
    this.#thought = ""
    if (words === "") return []
    const short = words.length > longestThought ? `${words.slice(0, longestThought)}…` : words
    return this.#block(wrapLine(line(harmless(`thought: ${short}`), drawing.theme.dim), drawing.cells))
  }

  #text(text: string, drawing: Drawing): ReadonlyArray<Line> {
    const before = this.#endThought(drawing)
    const first = this.#seen === ""
    this.#seen += text
    const lines = this.#stream.push(text, drawing)
    if (lines.length === 0) return before
    // the first lines of an answer are a block, the others go on with it
    const fresh = first || !this.#streaming
    this.#streaming = true
    return [...before, ...(fresh ? this.#block(lines) : lines)]
  }
  #streaming = false

  #endText(drawing: Drawing): ReadonlyArray<Line> {
    const lines = this.#stream.end(drawing)
    const out = this.#streaming ? lines : this.#block(lines)
    this.#streaming = false
    this.#seen = ""
    return out
  }

  #answered({ parts, served, usage }: Of<"answered">, drawing: Drawing): ReadonlyArray<Line> {
    const whole = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")
    const thought = parts.flatMap((part) => (part.type === "reasoning" ? [part.text] : [])).join(" ")
    if (this.#thought === "" && this.#seen === "") this.#thought = thought
    const out: Array<Line> = []
    if (this.#seen !== "" && !whole.startsWith(this.#seen)) {
      out.push(...this.#endText(drawing), ...this.#block(this.#notice(anew, drawing)))
    }
    out.push(...this.#text(whole.slice(this.#seen.length), drawing), ...this.#endThought(drawing))
    out.push(...this.#endText(drawing))
    for (const part of parts)
      if (part.type === "tool-call") this.#calls.set(part.id, { name: part.name, params: part.params })
    this.#coming = []
    this.#totals = {
      ...this.#totals,
      model: served,
      context: usage.input + usage.cacheRead + usage.cacheWrite + usage.output,
    }
    return out
  }

  #said({ actor, files, text }: Of<"said">, drawing: Drawing): ReadonlyArray<Line> {
    const { cells, theme } = drawing
    const end = this.#endText(drawing)
    if (text.trim() !== "") this.#words.push(text)
    const whole = harmlessLines(text)
    const lines = whole.length > 60 ? [...whole.slice(0, 60), `… (${whole.length - 60} more lines)`] : whole
    const by = actor.startsWith("user:") && actor !== "user:cli" ? ` (${harmless(actor.slice(5))})` : ""
    const drawn = lines.flatMap((one, index) =>
      wrapLine([span(index === 0 ? "> " : "  ", theme.you), ...line(one, theme.strong)], cells, [span("  ")]),
    )
    const attached = files.map(({ bytes, cut, path }) =>
      line(`  + ${harmless(path)}, ${bytes} bytes${cut ? ", cut" : ""}`, theme.dim),
    )
    return [
      ...end,
      ...this.#block([...drawn, ...attached, ...(by === "" ? [] : [line(`  ${by}`, theme.dim)])]),
    ]
  }

  #results({ results }: Of<"results">, drawing: Drawing): ReadonlyArray<Line> {
    return results.flatMap(({ id, ok, text, tool }) => {
      const call = this.#calls.get(id) ?? { name: tool, params: null }
      this.#calls.delete(id)
      const drawn = toolLine(call, ok ? "done" : "failed", resultNote(text), drawing.theme)
      return this.#block(wrapLine(drawn, drawing.cells, [span("  ")]).slice(0, ok ? 2 : 6), true)
    })
  }

  #item(item: SessionItem, drawing: Drawing): ReadonlyArray<Line> {
    if (["answered", "results", "failed", "rested"].includes(item._tag)) this.#blind = false
    switch (item._tag) {
      case "said":
        this.#told = true
        this.#totals = { ...this.#totals, working: true }
        return this.#said(item, drawing)
      case "answered":
        return this.#answered(item, drawing)
      case "results":
        return this.#results(item, drawing)
      case "noted":
        return this.#block(this.#notice(item.text, drawing))
      case "rested": {
        this.#told = true
        this.#totals = { ...this.#totals, working: false }
        this.#calls.clear()
        this.#coming = []
        const end = [...this.#endThought(drawing), ...this.#endText(drawing)]
        return item.reason === "completed"
          ? end
          : [
              ...end,
              ...this.#block(this.#notice(item.message, drawing, item.reason === "failed" ? "bad" : "warn")),
            ]
      }
      case "changed": {
        const { model } = item
        if (model === undefined) return []
        this.#totals = { ...this.#totals, model }
        return this.#block(this.#notice(`${model} answers from here on`, drawing))
      }
      case "compacted":
        return this.#block(
          this.#notice(
            `${item.lines.length} ${item.lines.length === 1 ? "line stands" : "lines stand"} for what was said up to event ${item.upTo} (/why SEQ opens what one rests on)`,
            drawing,
          ),
        )
      case "warned":
        return this.#block(this.#notice(nearCeiling(item), drawing, "warn"))
      case "rewound":
        return this.#block(this.#notice(`back to before event ${item.to}`, drawing, "warn"))
      case "failed":
        // why is said by what follows: that it is asked again, or where the work ends, with what to do about it
        return [...this.#endThought(drawing), ...this.#endText(drawing)]
      case "stopped":
      case "prepared":
        return []
    }
  }

  /** One follows from here on. */
  begin(): void {
    this.#told = false
  }

  /** Lines that are final now. */
  take(part: SessionPart, drawing: Drawing): ReadonlyArray<Line> {
    switch (part._tag) {
      case "item":
        return this.#item(part.item, drawing)
      case "text":
        return this.#blind ? [] : this.#text(part.text, drawing)
      case "reasoning":
        if (!this.#blind) this.#thought += part.text
        return []
      case "tool":
        this.#coming = [...this.#coming, part.part.id]
        this.#calls.set(part.part.id, { name: part.part.name, params: part.part.params })
        return this.#endThought(drawing)
      case "again": {
        const after = part.afterMs === 0 ? "" : ` in ${Math.ceil(part.afterMs / 1000)} s`
        const out = [
          ...this.#endText(drawing),
          ...this.#block(this.#notice(`asked again${after} (${part.reason}), ${part.model}`, drawing)),
        ]
        this.#coming = []
        return out
      }
      case "open":
        this.#open = part.requests
        return []
      case "live":
        this.#blind = part.state === "working" && this.#calls.size === 0
        if (!this.#told) this.#totals = { ...this.#totals, working: part.state === "working" }
        return []
      case "spent": {
        const { _tag, ...spent } = part
        this.#totals = { ...this.#totals, spent }
        return []
      }
      case "paused":
        return []
    }
  }

  /** What is not final: the rest of an answer, what is being thought, calls under way but for the one that is asked about. */
  live(drawing: Drawing, asked: string | null = null): ReadonlyArray<Line> {
    const { theme } = drawing
    const tail = this.#stream.tail(drawing)
    const lines: Array<Line> = [...(tail.length > 0 && !this.#streaming && this.#begun ? [[]] : []), ...tail]
    const thought = this.#thought.replaceAll(/\s+/g, " ").trim()
    if (thought !== "") lines.push(line(harmless(`… ${thought.slice(-(drawing.cells - 2))}`), theme.dim))
    for (const id of this.#coming) {
      const call = this.#calls.get(id)
      if (call !== undefined) lines.push(toolLine(call, "called", "", theme))
    }
    for (const { question, state, suggestion, title } of this.#open) {
      if (question || suggestion === asked) continue
      lines.push(
        toolLine(
          { name: title, params: null },
          state,
          state === "asks" ? "waits for your approval" : "running",
          theme,
        ),
      )
    }
    return lines.length > 0 && tail.length === 0 && this.#begun && !this.#tools ? [[], ...lines] : lines
  }
}
