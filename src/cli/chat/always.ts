/**
 * Approving and asking no more, at the prompt: which of the offers, and for how long; one line of what exactly it would
 * allow stands above the yes. Pure.
 * Invariants: what cannot be granted cannot be chosen; where a grant does not count for this very call, it says so and
 * promises nothing; a key that came before the lines could be read chooses nothing.
 */
import { harmless } from "../../../tui/text.ts"
import type { Always, OffersView } from "../../rpc/grants.ts"
import { type Line, line, span, wrapLine } from "./styled.ts"
import type { Theme } from "./theme.ts"

export interface AlwaysChoice {
  readonly scope: Always["scope"]
  /** For one hour; else until it is revoked. */
  readonly hour: boolean
  readonly title: string
}

export interface Granting {
  readonly choices: ReadonlyArray<AlwaysChoice>
  /** Scopes that cannot be had, and why. */
  readonly lacking: ReadonlyArray<{ readonly scope: string; readonly title: string }>
  /** Why a grant does not count for this one. */
  readonly note: string | null
  readonly chosen: AlwaysChoice | null
}

const hourMs = 3_600_000

/** Null where nothing of it can be granted. */
export const granting = ({ note, offers }: OffersView): Granting | null =>
  offers.length === 0
    ? null
    : {
        choices: offers.flatMap(({ possible, scope, title }) =>
          possible ? [true, false].map((hour) => ({ scope, hour, title })) : [],
        ),
        lacking: offers.filter(({ possible }) => !possible),
        note,
        chosen: null,
      }

const howLong = ({ hour }: AlwaysChoice): string => (hour ? "for one hour" : "until you revoke it")

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
      ...wrapped(
        [span("  always  ", theme.strong)],
        `${chosen.title}, in this workspace, ${howLong(chosen)}`,
      ),
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
        `${choice.scope}: ${choice.title}, in this workspace, ${howLong(choice)}`,
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

export const alwaysOf = ({ hour, scope }: AlwaysChoice, now: number): Always => ({
  scope,
  untilMs: hour ? now + hourMs : null,
})

/** What is said once it was granted. */
export const grantedText = ({ note }: Granting, choice: AlwaysChoice): string =>
  `granted: ${choice.title}, in this workspace, ${howLong(choice)}${note === null ? "" : ` (${note})`}`
