/**
 * What the conversation at a terminal remembers, and what it shows of it. The loop (`runChat.ts`) hears keys and the
 * daemon and changes it; this draws it.
 * Invariant: what is committed is handed over once and forgotten here.
 */
import type { CommandRow } from "../../domain/command.ts"
import type { ChatLook } from "../../rpc/commands.ts"
import type { SessionView } from "../../rpc/sessions.ts"
import { type Asking, askingLines, isQuestion } from "./asking.ts"
import { emptyEditor, type EditorState } from "./editorState.ts"
import { Feed } from "./Feed.ts"
import { type Highlighter, languageOf } from "./highlight.ts"
import type { Drawing } from "./markdown.ts"
import { editorLines, type Menu, menuLines, stateLine } from "./prompt.ts"
import type { Frame, Size } from "./screen.ts"
import { type Line, line } from "./styled.ts"
import { defaultTheme, themes } from "./theme.ts"

/** Rows of the text one types, however low the screen is. */
const leastEdited = 3

export class Chat {
  editor: EditorState
  feed = new Feed()
  readonly rows: ReadonlyArray<CommandRow>
  view: SessionView
  window: number | null = null
  asking: Asking | null = null
  /** A no is being reasoned: what is typed goes with it. */
  reasoning = false
  menu: (Menu & { readonly from: number }) | null = null
  note: string | null = null
  theme: string
  workingSince: number | null = null
  readonly highlighter: Highlighter
  /** All of what waits for a yes was on the screen when it was last drawn. */
  askedWhole = false
  #committed: Array<Line> = []

  constructor(view: SessionView, highlighter: Highlighter, rows: ReadonlyArray<CommandRow>, look: ChatLook) {
    this.view = view
    this.highlighter = highlighter
    this.rows = rows
    this.theme = look.theme
    this.editor = { ...emptyEditor, vim: look.vim }
  }

  drawing({ columns }: Size): Drawing {
    return {
      cells: Math.max(8, columns - 1),
      theme: themes[this.theme] ?? themes[defaultTheme]!,
      highlighter: this.highlighter,
    }
  }

  commit(...lines: ReadonlyArray<Line>): void {
    this.#committed.push(...lines)
  }

  get committed(): boolean {
    return this.#committed.length > 0
  }

  /** Languages of the code that is coming. */
  get languages(): ReadonlyArray<string> {
    return this.feed.fences.flatMap((info) => languageOf(info) ?? [])
  }

  /** An approval has the keys: nothing is typed, and nothing was. */
  get asked(): boolean {
    return this.asking !== null && !isQuestion(this.asking) && this.editor.text === "" && !this.reasoning
  }

  /** Takes what is to be printed with it. */
  frame(size: Size, now: number): Frame {
    const drawing = this.drawing(size)
    const { cells, theme } = drawing
    const commit = this.#committed
    this.#committed = []
    const typing = this.editor.text !== ""
    const { asking, feed } = this
    const working =
      this.workingSince === null
        ? null
        : `working ${Math.round((now - this.workingSince) / 1000)} s, Ctrl-C stops`
    const edited = editorLines(
      this.editor,
      cells,
      theme,
      this.reasoning ? "why not?" : this.asked ? "" : "ask, or /help",
      Math.max(leastEdited, Math.floor(size.rows / 2)),
    )
    const below = [
      ...(this.menu === null ? [] : menuLines(this.menu, cells, theme)),
      stateLine(
        {
          model: feed.totals.model ?? this.view.model,
          spent: feed.totals.spent ?? this.view.spent,
          context: feed.totals.context,
          window: this.window,
          working,
          note: this.note,
        },
        cells,
        theme,
      ),
    ]
    // on a low screen the line one types in stays, and what is above it gives way
    const room = Math.max(0, size.rows - 1 - edited.lines.length - below.length)
    const asked =
      asking === null || this.reasoning ? null : askingLines(asking, theme, cells, typing, room - 2)
    const above = [
      ...feed.live(drawing, asking?.detail.suggestion.id ?? null),
      ...(asked === null ? [] : [[], ...asked.lines]),
      ...(this.reasoning ? [line("? why not? Enter sends it, Esc goes back", theme.warn)] : []),
      [],
    ]
    this.askedWhole = asked !== null && asked.whole && asked.lines.length < room
    const shown = above.length > room ? above.slice(above.length - room) : above
    return {
      commit,
      live: [...shown, ...edited.lines, ...below],
      cursor: { row: shown.length + edited.cursor.row, column: edited.cursor.column },
    }
  }
}
