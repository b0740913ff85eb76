/**
 * What waits for the person at the prompt: a call to approve, with what it does, to what, and how it can be undone, or a
 * question in words. Pure.
 * Invariants: one key answers an approval, and only a key that was pressed by itself once it could be read: nothing that was
 * pasted, typed ahead or came in a burst; what is not of low risk, has no sandbox or no
 * way back is asked twice; what has no room on the screen says so, and is not approved before all of it was printed; the words
 * are those of `claw show`, made harmless.
 */
import { harmless, harmlessLines } from "../../../tui/text.ts"
import { isFinal, promptOf } from "../../domain/prompt.ts"
import type { Detail } from "../../rpc/shapes.ts"
import { type Granting, type GrantingAct, grantingKey, grantingLines } from "./always.ts"
import { type Line, line, span, wrapLine } from "./styled.ts"
import type { Theme } from "./theme.ts"

export interface Asking {
  readonly detail: Detail
  /** A first yes was given, and a second one is needed. */
  readonly sure: boolean
  /** An answer is on its way. */
  readonly sent: boolean
  /** Since when it can be read, in ms of the clock. */
  readonly since: number
  /** All of it was printed above. */
  readonly printed: boolean
  /** Which of its like are to be asked no more is being chosen. */
  readonly granting?: Granting
}

/** A key that comes sooner was meant for something else. */
const readMs = 300
/** Rows of it that are there however low the screen is. */
const leastRows = 3

export const isQuestion = ({ detail }: Asking): boolean => detail.suggestion.question !== undefined

const twice = ({ detail }: Asking): boolean =>
  detail.suggestion.risk !== "low" || detail.plans.some((plan) => plan.sandbox === "none" || isFinal(plan))

const diffStyle = (text: string, theme: Theme) =>
  text.startsWith("+") ? theme.good : text.startsWith("-") ? theme.bad : theme.dim

const previewLines = (preview: string, theme: Theme, cells: number): ReadonlyArray<Line> =>
  harmlessLines(preview.trimEnd())
    .filter((text) => !/^=+$/.test(text))
    .flatMap((text) => wrapLine([span("    "), ...line(text, diffStyle(text, theme))], cells, [span("    ")]))

/** Everything, to be printed once. */
export const wholeLines = ({ detail }: Asking, theme: Theme, cells: number): ReadonlyArray<Line> =>
  detail.plans.flatMap((plan) => {
    const { does, to, undo } = promptOf(plan, detail.suggestion.workspace)
    const wrapped = (text: string, style = {}) =>
      wrapLine([span("  "), ...line(text, style)], cells, [span("    ")])
    return [
      ...wrapped(does, theme.strong),
      ...wrapped(`${to}; ${undo}`, plan.sandbox === "none" || !plan.undoable ? theme.warn : theme.dim),
      ...wrapped(`${plan.verdict.verdict}: ${harmless(plan.verdict.reason)}`, theme.dim),
      ...(plan.problem === null ? [] : wrapped(harmless(plan.problem), theme.bad)),
      ...(plan.preview === null ? [] : previewLines(plan.preview, theme, cells)),
    ]
  })

const questionLines = ({ detail }: Asking, theme: Theme, cells: number): ReadonlyArray<Line> => {
  const { question } = detail.suggestion
  if (question === undefined) return []
  return [
    ...harmlessLines(question.text).flatMap((text) =>
      wrapLine([span("? ", theme.warn), ...line(text)], cells),
    ),
    ...question.options.map((option, index): Line => [
      span(`  ${index + 1} `, theme.key),
      ...line(harmless(option)),
    ]),
    line(
      question.options.length === 0
        ? "  answer in words"
        : `  answer by number or name${question.multiple ? ", several with commas" : ""}`,
      theme.dim,
    ),
  ]
}

/** What was wrapped for the frame before: one is drawn many times. */
const wrapped = new WeakMap<
  Detail,
  { readonly cells: number; readonly theme: Theme; readonly lines: ReadonlyArray<Line> }
>()
const wholeOnce = (asking: Asking, theme: Theme, cells: number): ReadonlyArray<Line> => {
  const before = wrapped.get(asking.detail)
  if (before?.cells === cells && before.theme === theme) return before.lines
  const lines = wholeLines(asking, theme, cells)
  wrapped.set(asking.detail, { cells, theme, lines })
  return lines
}

/** `rows`: how much room there is. `whole`: nothing of what would be approved is left out. */
export const askingLines = (
  asking: Asking,
  theme: Theme,
  cells: number,
  typing: boolean,
  rows: number,
): { readonly lines: ReadonlyArray<Line>; readonly whole: boolean } => {
  if (isQuestion(asking)) return { lines: questionLines(asking, theme, cells), whole: true }
  const title = line(harmless(asking.detail.suggestion.title), theme.warn)
  const keys = asking.sent
    ? "  ..."
    : typing
      ? "  send or clear what you type (Esc) to answer"
      : asking.sure
        ? "  y once more: do it    n no"
        : "  y yes    a always    n no    r no, and say why    d show all    Esc later"
  const { granting } = asking
  const answers =
    granting === undefined || asking.sent || typing
      ? [line(keys, theme.key)]
      : grantingLines(granting, theme, cells)
  const all: ReadonlyArray<Line> = asking.printed
    ? [line("  all of it is printed above", theme.dim)]
    : wholeOnce(asking, theme, cells)
  const room = Math.max(leastRows, rows - 1 - answers.length)
  const whole = all.length <= room
  const shown = whole
    ? all
    : [
        ...all.slice(0, room - 1),
        line(`    … ${all.length - room + 1} more lines: d or y shows them`, theme.warn),
      ]
  return { lines: [[span("? ", theme.warn), ...title], ...shown, ...answers], whole }
}

export type AskingAct =
  | { readonly _tag: "none" }
  | { readonly _tag: "sure" }
  | { readonly _tag: "approve" }
  | { readonly _tag: "reject" }
  | { readonly _tag: "reason" }
  | { readonly _tag: "whole" }
  | { readonly _tag: "later" }
  | { readonly _tag: "always" }
  | Exclude<GrantingAct, { readonly _tag: "none" }>

const none: AskingAct = { _tag: "none" }

/** What a key says to an approval. */
export const askingKey = (asking: Asking, key: string, burst: boolean, now: number): AskingAct => {
  if (asking.sent || burst || now - asking.since < readMs) return none
  if (asking.granting !== undefined) return grantingKey(asking.granting, key)
  switch (key) {
    case "a":
      return asking.sure ? none : { _tag: "always" }
    case "y":
      return twice(asking) && !asking.sure ? { _tag: "sure" } : { _tag: "approve" }
    case "n":
      return { _tag: "reject" }
    case "r":
      return { _tag: "reason" }
    case "d":
      return { _tag: "whole" }
    case "escape":
      return { _tag: "later" }
    default:
      return none
  }
}
