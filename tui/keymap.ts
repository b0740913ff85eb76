/**
 * The one table of keys: what each does, where, and why it may be impossible now. Dispatch, the hints line, the
 * help, the palette and the README's table are all read from it.
 * Invariants: one command for a key in a context; `y` and `n` mean yes and no in a confirm dialog only; a command
 * that cannot run has a reason a person understands; nothing that answers works in the timeline.
 */
import { bind, type Binding, type Context } from "./binding.ts"
import { dialogBindings } from "./dialogKeys.ts"
import {
  answerReason,
  approveReason,
  copyReason,
  editReason,
  otherReason,
  outputReason,
  rejectReason,
  retryReason,
  snoozeReason,
  undoReason,
  whyReason,
} from "./able.ts"
import type { Model, Panel } from "./model.ts"

export type { Binding, CommandId, Context } from "./binding.ts"

const panels: ReadonlyArray<Context> = ["queue", "detail", "log"]
const past: ReadonlyArray<Context> = ["timeline"]
export const everywhere: ReadonlyArray<Context> = [...panels, ...past]
const lists: ReadonlyArray<Context> = [...everywhere, "choose", "help", "palette", "tools"]
const suggestion: ReadonlyArray<Context> = ["queue", "detail"]
const dialogs: ReadonlyArray<Context> = [
  "confirm",
  "choose",
  "reason",
  "answer",
  "filter",
  "goto",
  "palette",
  "help",
  "tools",
  "form",
  "always",
  "grants",
  "conflicts",
  "agents",
  "talk",
  "word",
  "stop",
  "inbox",
]
export const inThePast = "this is the past (esc goes back to now)"

const timelineReason = (model: Model): string | null =>
  model.connection !== "connected"
    ? "not connected to the daemon"
    : model.log.head === 0
      ? "the log is empty"
      : null

export const bindings: ReadonlyArray<Binding> = [
  bind("approve", ["a"], "approve: do what is shown", suggestion, {
    hint: "approve",
    name: "approve",
    answers: true,
    disabledReason: approveReason,
  }),
  bind("always", ["A"], "approve, and ask no more about its like: choose what exactly", suggestion, {
    hint: "always",
    name: "always",
    answers: true,
    disabledReason: approveReason,
  }),
  bind("edit", ["e"], "edit the actions in $EDITOR, then look again", suggestion, {
    hint: "edit",
    name: "edit",
    answers: true,
    disabledReason: editReason,
  }),
  bind(
    "other",
    ["o"],
    "another fix of the same rule, judged and shown before it can be approved",
    suggestion,
    {
      hint: "other fix",
      name: "other",
      answers: true,
      disabledReason: otherReason,
    },
  ),
  bind("answer", ["w"], "answer a question, by its options or in words", suggestion, {
    hint: "answer",
    name: "answer",
    answers: true,
    disabledReason: answerReason,
  }),
  bind("reject", ["x"], "reject, with a reason", suggestion, {
    hint: "reject",
    name: "reject",
    answers: true,
    disabledReason: rejectReason,
  }),
  bind("snooze", ["z"], "snooze", suggestion, {
    hint: "snooze",
    name: "snooze",
    answers: true,
    disabledReason: snoozeReason,
  }),
  bind("undo", ["u"], "undo what the selected, or else the last, approval did", panels, {
    hint: "undo",
    name: "undo",
    answers: true,
    disabledReason: undoReason,
  }),
  bind("retry", ["."], "ask once more for what failed, judged as things are now", suggestion, {
    hint: "retry",
    name: "retry",
    answers: true,
    disabledReason: retryReason,
  }),
  bind("why", ["@"], "why: the causal chain of the selected item or event", panels, {
    hint: "why",
    name: "why",
    disabledReason: whyReason,
  }),
  bind("open", ["enter"], "details", ["queue", "log"], {
    hint: "details",
    name: "show",
    disabledReason: whyReason,
  }),
  bind("timeline", ["t"], "timeline: everything as it was (from the log or a chain: at that event)", panels, {
    hint: "timeline",
    name: "timeline",
    disabledReason: timelineReason,
  }),
  bind("event-back", ["left", "h"], "one event back", past, { hint: "back" }),
  bind("event-on", ["right", "l"], "one event on", past, { hint: "on" }),
  bind("ten-back", ["S-left"], "ten events back", past),
  bind("ten-on", ["S-right"], "ten events on", past),
  bind("hundred-back", ["["], "a hundred events back", past),
  bind("hundred-on", ["]"], "a hundred events on", past),
  bind("leap-back", ["<"], "a twentieth of the log back", past),
  bind("leap-on", [">"], "a twentieth of the log on", past),
  bind("top", ["g", "home"], "the first event", past),
  bind("bottom", ["G", "end"], "the newest event", past),
  bind("next-decision", ["n"], "next decision that was no silence", past, { hint: "decision" }),
  bind("previous-decision", ["N"], "previous decision that was no silence", past),
  bind("chain-on", ["c"], "next step of the causal chain", past, { hint: "chain" }),
  bind("chain-back", ["C", "backspace"], "step before in the causal chain", past),
  bind(
    "open",
    ["enter"],
    "next step of the chain; from the queue: where the selected item was decided",
    past,
  ),
  bind("go-to", ["/"], "go to a seq or a time: 1234, 14:30, 2026-11-22 14:30, 2h (ago)", past, {
    hint: "go to",
    name: "goto",
    disabledReason: timelineReason,
  }),
  bind("now", ["escape", "q", "t"], "back to now", past, { hint: "now" }),
  bind("down", ["j", "down"], "down", everywhere),
  bind("up", ["k", "up"], "up", everywhere),
  bind("down", ["down", "C-n"], "down", ["choose", "help", "palette", "tools"]),
  bind("up", ["up", "C-p"], "up", ["choose", "help", "palette", "tools"]),
  bind("down", ["j"], "down", ["choose"]),
  bind("up", ["k"], "up", ["choose"]),
  bind("top", ["g", "home"], "first", panels),
  bind("bottom", ["G", "end"], "last (the log follows there)", panels),
  bind("half-down", ["C-d"], "half a page down", lists),
  bind("half-up", ["C-u"], "half a page up", lists),
  bind("page-down", ["pagedown", "C-f"], "page down", lists),
  bind("page-up", ["pageup", "C-b"], "page up", lists),
  bind("next-panel", ["tab"], "next panel", everywhere, { hint: "panel" }),
  bind("previous-panel", ["S-tab"], "previous panel", everywhere),
  bind("panel-queue", ["1"], "queue", everywhere, { name: "queue" }),
  bind("panel-detail", ["2"], "detail", everywhere, { name: "detail" }),
  bind("panel-log", ["3"], "log", everywhere, { name: "log" }),
  bind(
    "filter",
    ["/"],
    "filter (queue: a leading ! inverts; log: type:git.* for types); find in the detail",
    panels,
    {
      hint: "filter",
      name: "filter",
    },
  ),
  bind("next-match", ["n"], "next match", panels),
  bind("previous-match", ["N"], "previous match", panels),
  bind("pause", ["p"], "pause, or resume: nothing runs while paused", panels, {
    hint: "pause",
    answers: true,
    disabledReason: (model) => (model.connection === "connected" ? null : "not connected"),
  }),
  bind("tool", ["!"], "run a tool: pick it, fill it in, hear the gate, run it", panels, {
    hint: "run a tool",
    name: "tool",
    disabledReason: (model) => (model.connection === "connected" ? null : "not connected to the daemon"),
  }),
  bind("output", ["O"], "what the last tool that was run from here printed", panels, {
    name: "output",
    disabledReason: outputReason,
  }),
  bind("grants", ["R"], "what you always allowed, to be taken back", panels, {
    name: "grants",
    disabledReason: (model) => (model.connection === "connected" ? null : "not connected"),
  }),
  bind("agents", ["s"], "conversations and agents: what they do, stop one, send one a word", panels, {
    name: "agents",
    disabledReason: (model) => (model.connection === "connected" ? null : "not connected"),
  }),
  bind("memory", ["m"], "memories that wait for a yes or no", panels, {
    name: "memory",
    disabledReason: (model) => (model.connection === "connected" ? null : "not connected"),
  }),
  bind("copy", ["y"], "copy (OSC 52)", everywhere, { name: "copy", disabledReason: copyReason }),
  bind("reload", ["r"], "read everything again", everywhere, { name: "reload" }),
  bind("zoom", ["+"], "this panel on the whole screen, and back", everywhere, { name: "zoom" }),
  bind("redraw", ["C-l"], "draw the screen again", [...everywhere, ...dialogs]),
  bind("suspend", ["C-z"], "to the shell; fg comes back", everywhere),
  bind("palette", [":"], "commands by name", everywhere, { hint: "commands" }),
  bind("help", ["?"], "keys that work here; type to filter", everywhere, { hint: "help", name: "help" }),
  bind("back", ["escape"], "back", panels),
  bind("quit", ["q"], "back, or quit", panels, { hint: "quit", name: "quit" }),
  bind("interrupt", ["C-c"], "quit at once", [...everywhere, ...dialogs]),
  ...dialogBindings,
]

export const contextOf = (model: Model): Context =>
  model.dialog?._tag ?? (model.timeline === null ? model.panel : "timeline")

export const bindingFor = (context: Context, key: string): Binding | null =>
  bindings.find((binding) => binding.contexts.includes(context) && binding.keys.includes(key)) ?? null

const titles: Readonly<Record<string, string>> = {
  escape: "esc",
  pagedown: "PgDn",
  pageup: "PgUp",
  down: "↓",
  up: "↑",
  left: "←",
  right: "→",
  "S-tab": "shift-tab",
  "S-left": "shift-←",
  "S-right": "shift-→",
}

export const keyTitle = (key: string): string => titles[key] ?? key.replace(/^C-/, "ctrl-")

const keysTitle = (binding: Binding): string => binding.keys.map(keyTitle).join(" ")

/** What can be done here, now, in a word each: the hints line. */
export const hints = (model: Model): ReadonlyArray<Binding> => {
  const context = contextOf(model)
  return bindings.filter(
    (binding) =>
      binding.hint !== undefined &&
      binding.contexts.includes(context) &&
      binding.disabledReason(model) === null,
  )
}

export interface PaletteEntry {
  readonly name: string
  readonly binding: Binding
  readonly reason: string | null
}

/** Named commands, filtered by the first word of what was typed. */
export const paletteEntries = (model: Model, typed: string): ReadonlyArray<PaletteEntry> => {
  const word = typed.trimStart().split(/\s+/)[0]!.toLowerCase()
  const all = bindings.flatMap((binding) => {
    const names =
      binding.id === "pause" ? ["pause", "resume"] : binding.name === undefined ? [] : [binding.name]
    return names.map((name) => {
      const paused = model.status?.paused === true
      const idle =
        name === "resume" && !paused ? "it is not paused" : name === "pause" && paused ? "it is paused" : null
      const past = model.timeline !== null && !binding.contexts.includes("timeline") ? inThePast : null
      return { name, binding, reason: past ?? idle ?? binding.disabledReason(model) }
    })
  })
  return all
    .filter(({ name, binding }) => name.includes(word) || binding.title.toLowerCase().includes(word))
    .toSorted((a, b) => Number(b.name.startsWith(word)) - Number(a.name.startsWith(word)))
}

export interface HelpEntry {
  readonly keys: string
  readonly title: string
  readonly reason: string | null
}

export const helpEntries = (
  model: Model,
  context: Panel | "timeline",
  typed: string,
): ReadonlyArray<HelpEntry> => {
  const word = typed.trim().toLowerCase()
  return bindings
    .filter((binding) => binding.contexts.includes(context))
    .map((binding) => ({
      keys: keysTitle(binding),
      title: binding.title,
      reason: binding.disabledReason({
        ...model,
        panel: context === "timeline" ? model.panel : context,
        dialog: null,
      }),
    }))
    .filter((entry) => `${entry.keys} ${entry.title}`.toLowerCase().includes(word))
}
