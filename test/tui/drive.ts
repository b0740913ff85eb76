/** Drives the pure step by hand: messages in, commands out, with a clock of its own. */
import { contextOf } from "../../tui/keymap.ts"
import type { Command, Message, Size } from "../../tui/messages.ts"
import { initialModel, type Model } from "../../tui/model.ts"
import { textOf } from "../../tui/spans.ts"
import { update } from "../../tui/update.ts"
import { view } from "../../tui/view/view.ts"
import type { Detail, Moment } from "../../src/rpc/shapes.ts"
import { type Mark, markPage } from "../../tui/marks.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { detail, event, moment, nowMs, status } from "./samples.ts"

type Said = Message extends infer M ? (M extends Message ? Omit<M, "at"> : never) : never

export class Driver {
  model: Model
  now = nowMs
  commands: Array<Command> = []

  constructor(size: Size = { columns: 120, rows: 36 }) {
    this.model = initialModel(size, this.now)
  }

  tell(said: Said): ReadonlyArray<Command> {
    const step = update(this.model, { ...said, at: this.now } as Message)
    this.model = step.model
    this.commands.push(...step.commands)
    return step.commands
  }

  wait(ms: number): this {
    this.now += ms
    return this
  }

  /** A key alone in its read, a second after the one before. */
  key(key: string, options: { readonly burst?: boolean; readonly after?: number } = {}) {
    this.wait(options.after ?? 1_000)
    const text = key === "space" ? " " : [...key].length === 1 ? key : null
    return this.tell({ _tag: "Input", input: { _tag: "key", key, text, burst: options.burst ?? false } })
  }

  keys(...keys: ReadonlyArray<string>): this {
    for (const key of keys) this.key(key)
    return this
  }

  type(text: string): this {
    for (const char of text) this.key(char === " " ? "space" : char)
    return this
  }

  /** A connected screen with these rows, their plans known, and a log of `head` events. */
  connect(
    rows: ReadonlyArray<Suggestion>,
    details: ReadonlyArray<Detail> = rows.map((row) => detail(row)),
    head = 40,
  ): this {
    this.tell({ _tag: "Connected", head })
    this.tell({ _tag: "StatusCame", status: status() })
    this.tell({ _tag: "QueueCame", visible: rows })
    this.tell({ _tag: "RecentCame", all: rows })
    this.answer(details)
    return this.wait(1_000)
  }

  /** Answers what was asked for, as a daemon would. */
  answer(details: ReadonlyArray<Detail>): this {
    const asked = this.commands
    this.commands = []
    for (const command of asked) {
      if (command._tag === "LoadDetail") {
        const found = details.find((one) => one.suggestion.id === command.id)
        if (found !== undefined) this.tell({ _tag: "DetailCame", id: command.id, detail: found })
      } else if (command._tag === "LoadRange") {
        const { from, to } = command
        const events = Array.from({ length: to - from + 1 }, (_, index) => event(from + index))
        this.tell({ ...command, _tag: "RangeCame", events })
      }
    }
    return this
  }

  /** Answers what the timeline asks for, until it asks for nothing more. */
  serve(
    momentOf: (seq: number) => Moment = (seq) => moment(seq),
    marks: ReadonlyArray<Mark> = [],
    seqAt: (atMs: number) => number = () => 0,
  ): this {
    while (this.commands.length > 0) {
      const asked = this.commands
      this.commands = []
      for (const command of asked) {
        if (command._tag === "LoadMoment") {
          const { point } = command
          const seq = "seq" in point ? point.seq : seqAt(point.atMs)
          this.tell({ _tag: "MomentCame", point, moment: momentOf(seq) })
        } else if (command._tag === "LoadMarks") {
          const page = marks.filter((mark) => mark.seq <= command.to).slice(-markPage)
          this.tell({ _tag: "MarksCame", to: command.to, marks: page })
        } else if (command._tag === "LoadRange") {
          const { from, to } = command
          const events = Array.from({ length: to - from + 1 }, (_, index) => event(from + index))
          this.tell({ ...command, _tag: "RangeCame", events })
        }
      }
    }
    return this
  }

  sent<T extends Command["_tag"]>(tag: T): ReadonlyArray<Extract<Command, { _tag: T }>> {
    return this.commands.filter((command): command is Extract<Command, { _tag: T }> => command._tag === tag)
  }

  get context() {
    return contextOf(this.model)
  }

  get notice(): string {
    return this.model.notice?.text ?? ""
  }

  get screen(): string {
    return view(this.model).map(textOf).join("\n")
  }
}
