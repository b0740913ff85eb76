/** The keys of dialogs, as lines of the key table. `y` and `n` mean yes and no in a confirm dialog only. */
import { bind, type Binding, type Context } from "./binding.ts"
import { waitingOne } from "./memories.ts"
import { sayReason, stopReason } from "./minds.ts"
import type { Model } from "./model.ts"

const grantLists: ReadonlyArray<Context> = ["always", "grants"]
const minds: ReadonlyArray<Context> = ["agents", "talk"]

const waitingReason = (model: Model): string | null => (waitingOne(model) === null ? "nothing waits" : null)

export const dialogBindings: ReadonlyArray<Binding> = [
  bind("yes", ["y"], "yes", ["confirm"], { hint: "yes", answers: true }),
  bind("no", ["n", "escape", "q"], "no", ["confirm"], { hint: "no" }),
  bind("other-button", ["tab", "S-tab", "left", "right", "h", "l"], "other button", ["confirm"], {
    hint: "switch",
  }),
  bind("accept", ["enter"], "take the marked one", ["confirm", "choose", "palette"], {
    hint: "take it",
    answers: true,
  }),
  bind("digit", ["1", "2", "3", "4", "5", "6", "7", "8", "9"], "take that one", ["choose"], {
    answers: true,
  }),
  bind("down", ["j", "down", "C-n"], "down", grantLists),
  bind("up", ["k", "up", "C-p"], "up", grantLists),
  bind("accept", ["enter"], "approve, and allow the marked one from now on", ["always"], {
    hint: "allow it",
    answers: true,
  }),
  bind("digit", ["1", "2", "3", "4", "5", "6"], "allow that one", ["always"], { answers: true }),
  bind("revoke", ["enter"], "take the marked one back", ["grants"], { hint: "take it back", answers: true }),
  bind("cancel", ["escape", "q"], "cancel", grantLists, { hint: "cancel" }),
  bind("keep-mine", ["k", "1"], "keep what changed since, take back the rest", ["conflicts"], {
    hint: "keep mine",
    answers: true,
  }),
  bind("merge", ["m", "2"], "keep what changed since, and take the call's change out of it", ["conflicts"], {
    hint: "merge",
    answers: true,
  }),
  bind("cancel", ["escape", "q", "3"], "leave everything as it is", ["conflicts"], { hint: "leave it" }),
  bind("down", ["down", "j", "C-n"], "down", ["conflicts"]),
  bind("up", ["up", "C-p"], "up", ["conflicts"]),
  bind("accept", ["enter"], "done", ["reason"], { hint: "reject", answers: true }),
  bind("accept", ["enter"], "done", ["answer"], { hint: "answer", answers: true }),
  bind("accept", ["enter"], "done", ["filter"], { hint: "done" }),
  bind("accept", ["enter"], "go there", ["goto"], { hint: "go there" }),
  bind("accept", ["enter"], "fill it in", ["tools"], { hint: "fill it in" }),
  bind("accept", ["enter"], "ask the gate; then run it", ["form"], {
    hint: "ask the gate, run",
    answers: true,
  }),
  bind("next-field", ["tab", "down", "C-n"], "next field", ["form"], { hint: "next field" }),
  bind("previous-field", ["S-tab", "up", "C-p"], "previous field", ["form"]),
  bind("raw", ["C-o"], "the input as JSON, and back", ["form"], { hint: "JSON" }),
  bind("edit-input", ["C-g"], "the input in $EDITOR", ["form"], { hint: "editor" }),
  bind("example", ["C-x"], "the first example", ["form"], { hint: "example" }),
  bind("cancel", ["escape"], "back to the list", ["form"], { hint: "back" }),
  bind("cancel", ["escape"], "cancel", ["reason", "answer", "filter", "goto", "palette", "help", "tools"], {
    hint: "cancel",
  }),
  bind("cancel", ["escape", "q"], "cancel", ["choose"], { hint: "cancel" }),
  bind("accept", ["enter"], "its last words, and what it waits for", ["agents"], { hint: "look" }),
  bind("say", ["w"], "send it a word", minds, { hint: "send a word", disabledReason: sayReason }),
  bind("stop", ["x"], "stop it, after a question", minds, { hint: "stop", disabledReason: stopReason }),
  bind("down", ["j", "down", "C-n"], "down", minds),
  bind("up", ["k", "up", "C-p"], "up", minds),
  bind("half-down", ["C-d"], "half a page down", minds),
  bind("half-up", ["C-u"], "half a page up", minds),
  bind("page-down", ["pagedown", "C-f"], "page down", minds),
  bind("page-up", ["pageup", "C-b"], "page up", minds),
  bind("cancel", ["escape", "q"], "back", minds, { hint: "back" }),
  bind("accept", ["a"], "remember it from now on", ["inbox"], {
    hint: "remember it",
    answers: true,
    disabledReason: waitingReason,
  }),
  bind("reject", ["x"], "turn it down; it is not proposed again", ["inbox"], {
    hint: "turn it down",
    answers: true,
    disabledReason: waitingReason,
  }),
  bind("down", ["j", "down", "C-n"], "down", ["inbox"]),
  bind("up", ["k", "up", "C-p"], "up", ["inbox"]),
  bind("cancel", ["escape", "q"], "back", ["inbox"], { hint: "back" }),
  bind("accept", ["enter"], "send it", ["word"], { hint: "send it", answers: true }),
  bind("cancel", ["escape"], "cancel", ["word"], { hint: "cancel" }),
  bind("accept", ["enter"], "stop it", ["stop"], { hint: "stop it", answers: true }),
  bind("cancel", ["escape", "q", "n"], "leave it", ["stop"], { hint: "leave it" }),
]
