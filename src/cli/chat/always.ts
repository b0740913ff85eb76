/**
 * Approving and asking no more, at the prompt: which of the offers, and for how long; one line of what exactly it would
 * allow stands above the yes. Pure.
 * Invariants: what cannot be granted cannot be chosen; where a grant does not count for this very call, it says so and
 * promises nothing; a key that came before the lines could be read chooses nothing.
 */
import { type AlwaysChoice, choicesOf, howLong, where } from "../../../tui/grants.ts"
import { harmless } from "../../../tui/text.ts"
import type { OffersView } from "../../rpc/grants.ts"
import { type Line, line, span, wrapLine } from "./styled.ts"
import type { Theme } from "./theme.ts"

export interface Granting {
  readonly choices: ReadonlyArray<AlwaysChoice>
  /** Scopes that cannot be had, and why. */
  readonly lacking: ReadonlyArray<{ readonly scope: string; readonly title: string }>
  /** Why a grant does not count for this one. */
  readonly note: string | null
  readonly chosen: AlwaysChoice | null
}

/** Null where nothing of it can be granted. */
export const granting = (offered: OffersView): Granting | null => {
  if (offered.offers.length === 0) return null
  const all = choicesOf(offered)
  return {
    choices: all.filter(({ possible }) => possible),
    lacking: all.filter(({ possible }) => !possible),
    note: offered.note,
    chosen: null,
  }
}

export const grantingLines = (
  { choices, chosen, lacking, note }: Granting,
  theme: Theme,
  cells: number,
): ReadonlyArray<Line> => {
  const wrapped = (start: Line, text: string, style = {}) =>
    wrapLine([...start, ...line(harmless(text), style)], cells, [span("      ")])
  const warned = note === null ? [] : wrapped([span("  ! ", theme.warn)], note, theme.warn)
  if (chosen !== null)
    return [
      ...wrapped([span("  always  ", theme.strong)], `${chosen.title}${where(chosen)}, ${howLong(chosen)}`),
      ...warned,
      line(
        note === null
          ? "  y do it, and ask no more about that    Esc back"
          : "  y do it, and grant it; here it is asked again all the same    Esc back",
        theme.key,
      ),
    ]
  return [
    ...choices.flatMap((choice, index) =>
      wrapped(
        [span(`  ${index + 1} `, theme.key)],
        `${choice.scope}: ${choice.title}${where(choice)}, ${howLong(choice)}`,
      ),
    ),
    ...lacking.flatMap(({ scope, title }) => wrapped([span("  – ")], `${scope}: ${title}`, theme.dim)),
    ...warned,
    line(`${choices.length === 0 ? "" : "  choose by number  "}  Esc back`, theme.key),
  ]
}

export type GrantingAct =
  | { readonly _tag: "none" }
  | { readonly _tag: "back" }
  | { readonly _tag: "choose"; readonly choice: AlwaysChoice }
  | { readonly _tag: "grant"; readonly choice: AlwaysChoice }

export const grantingKey = ({ choices, chosen }: Granting, key: string): GrantingAct => {
  if (key === "escape") return { _tag: "back" }
  if (chosen !== null) return key === "y" ? { _tag: "grant", choice: chosen } : { _tag: "none" }
  const choice = /^[1-9]$/.test(key) ? choices[Number(key) - 1] : undefined
  return choice === undefined ? { _tag: "none" } : { _tag: "choose", choice }
}

/** What is said once it was granted. */
export const grantedText = ({ note }: Granting, choice: AlwaysChoice): string =>
  `granted: ${choice.title}${where(choice)}, ${howLong(choice)}${note === null ? "" : ` (${note})`}`
