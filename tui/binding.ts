/** What a key does, where, and when it cannot: the shape of one line of the key table. */
import type { Model, Panel } from "./model.ts"

export type Context =
  | Panel
  | "timeline"
  | "confirm"
  | "choose"
  | "always"
  | "grants"
  | "reason"
  | "answer"
  | "filter"
  | "goto"
  | "palette"
  | "help"
  | "tools"
  | "form"
  | "conflicts"
  | "agents"
  | "talk"
  | "word"
  | "stop"
  | "inbox"

export type CommandId =
  | "down"
  | "up"
  | "top"
  | "bottom"
  | "half-down"
  | "half-up"
  | "page-down"
  | "page-up"
  | "next-panel"
  | "previous-panel"
  | "panel-queue"
  | "panel-detail"
  | "panel-log"
  | "open"
  | "back"
  | "quit"
  | "interrupt"
  | "filter"
  | "next-match"
  | "previous-match"
  | "palette"
  | "help"
  | "approve"
  | "always"
  | "grants"
  | "revoke"
  | "keep-mine"
  | "merge"
  | "edit"
  | "answer"
  | "reject"
  | "snooze"
  | "undo"
  | "retry"
  | "why"
  | "timeline"
  | "now"
  | "event-back"
  | "event-on"
  | "ten-back"
  | "ten-on"
  | "hundred-back"
  | "hundred-on"
  | "leap-back"
  | "leap-on"
  | "next-decision"
  | "previous-decision"
  | "chain-on"
  | "chain-back"
  | "go-to"
  | "pause"
  | "copy"
  | "reload"
  | "redraw"
  | "other"
  | "suspend"
  | "zoom"
  | "yes"
  | "no"
  | "other-button"
  | "accept"
  | "digit"
  | "cancel"
  | "tool"
  | "output"
  | "next-field"
  | "previous-field"
  | "raw"
  | "example"
  | "edit-input"
  | "agents"
  | "stop"
  | "say"
  | "memory"

export interface Binding {
  readonly id: CommandId
  readonly keys: ReadonlyArray<string>
  readonly title: string
  readonly contexts: ReadonlyArray<Context>
  /** Its word in the hints line; without one it is only in the help. */
  readonly hint?: string
  /** It answers a question or changes what Claw does: never by keys that came in a burst. */
  readonly answers?: true
  /** Its name in the palette: that of the command line where there is one. */
  readonly name?: string
  /** Null where it can run. */
  readonly disabledReason: (model: Model) => string | null
}

const always = (): null => null

export const bind = (
  id: CommandId,
  keys: ReadonlyArray<string>,
  title: string,
  contexts: ReadonlyArray<Context>,
  more: Partial<Pick<Binding, "hint" | "name" | "answers" | "disabledReason">> = {},
): Binding => ({ id, keys, title, contexts, disabledReason: always, ...more })
