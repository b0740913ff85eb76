/**
 * Whether a suggestion may be seen now, with the reason either way. Urgent: at once. Others: around a boundary, never
 * within the quiet after an edit nor in quiet hours, within the hour's allowance, and only where it is likely enough to
 * be kept; a rule that was refused holds back, one under its bar is silent. Who opens the TUI or asks for the digest sees
 * all of it; what was made for the digest is also seen by who returns from away.
 * Pure.
 */
import { type MachineState, type Tracked, within } from "../state.ts"
import { ruleRecord } from "../endings.ts"
import { allowanceOf } from "./allowance.ts"
import { type Circumstances, type Forecast, forecast, isWorth, threshold } from "./keeping.ts"
import { boundaryMs } from "./presence.ts"
import { quietUntilMs } from "./quietHours.ts"
import { backOffMs, keptOf } from "./standing.ts"

export type Word =
  | { readonly show: string; readonly boundary: string | null }
  /** `unlikely`: because of its forecast alone. */
  | { readonly withhold: string; readonly until: number | null; readonly unlikely?: Forecast }

const withhold = (reason: string, until: number | null = null): Word => ({ withhold: reason, until })

/** Moments at which a person came to look for himself. */
const pulled: ReadonlySet<string> = new Set(["tui-opened", "asked"])
export const isPulled = (kind: string | null): boolean => kind !== null && pulled.has(kind)

/**
 * Gone on to something else since: neither who comes back to the same edits has, nor who ends what was at work when the
 * files were written (an editor, or a switch to files of another branch).
 */
const wentOn = (
  { begunMs, byEdit, seq }: NonNullable<MachineState["attention"]["boundary"]>,
  { madeMs, madeSeq }: Tracked,
): boolean => seq > madeSeq && begunMs !== null && begunMs >= madeMs && !byEdit

const openKind = ({ attention: { boundary }, nowMs }: MachineState, item: Tracked): string | null =>
  boundary !== null &&
  within(nowMs, boundary.atMs, boundaryMs) &&
  (item.timing !== "next" || wentOn(boundary, item))
    ? boundary.kind
    : null

/** The boundary at which this item may be seen now, or null. */
const openBoundary = (state: MachineState, item: Tracked): string | null =>
  // the user named the time himself
  item.phase === "snoozed"
    ? "snooze-over"
    : (openKind(state, item) ?? (item.timing === "settled" ? "edits-settled" : null))

export const isQuiet = (state: MachineState): boolean =>
  within(state.nowMs, state.attention.lastEditMs, state.settings.quietAfterEditMs)

export const circumstancesOf = (item: Tracked, boundary: string | null): Circumstances => ({
  workspace: item.workspace,
  moment: boundary ?? "at once",
  about: item.about,
})

export const forecastOf = (state: MachineState, item: Tracked, boundary: string | null): Forecast =>
  forecast(state.attention.keeping, item.rule, circumstancesOf(item, boundary))

const percent = (share: number): string => `${Math.round(share * 100)} %`

interface Held {
  readonly reason: string
  readonly until: number | null
  readonly unlikely?: Forecast
}

const unlikely = "not likely enough to be kept here and now"
/** It was withheld for its forecast before. */
export const wasUnlikely = ({ said }: Tracked): boolean => said.some((reason) => reason.startsWith(unlikely))

/** What speaks against its rule, or against its being kept. */
const unwanted = (state: MachineState, item: Tracked, boundary: string): Held | null => {
  const { bar, costs, learn } = state.settings
  const rule = ruleRecord(state, item.rule)
  if (rule.silentSince !== null) {
    const { length } = rule.past
    const reason = `its rule is silent: of the last ${length} shown ${keptOf(rule)} were kept, and its bar is ${percent(bar.share)}; accepting one restores it`
    return { reason, until: null }
  }
  const gap = backOffMs(rule)
  if (gap > 0 && within(state.nowMs, rule.lastShownMs, gap)) {
    const until = (rule.lastShownMs ?? state.nowMs) + gap
    return { reason: "its rule was dismissed repeatedly and holds back", until }
  }
  const expected = forecastOf(state, item, boundary)
  if (!learn || expected.p >= threshold(costs)) return null
  // what was withheld once is accounted for
  if (!wasUnlikely(item) && isWorth(state.attention.keeping, expected, costs)) return null
  const { kept, lost } = expected.rule
  const reason = `${unlikely}: ${percent(expected.p)}, shown from ${percent(threshold(costs))} on (its rule: ${kept} kept, ${lost} not)`
  return { reason, until: null, unlikely: expected }
}

const heldBack = (state: MachineState, item: Tracked, boundary: string): Held | null => {
  if (isPulled(boundary)) return null
  const against = unwanted(state, item, boundary)
  if (against !== null) return against
  const { quietHours, timeZone } = state.settings
  const until = quietUntilMs(quietHours, timeZone, state.nowMs)
  if (until !== null) return { reason: "quiet hours", until }
  if (item.mode === "digest") return null
  const { free, nextMs } = allowanceOf(state, item)
  return free ? null : { reason: "the hour's allowance is used up; it waits in the digest", until: nextMs }
}

export const judge = (state: MachineState, item: Tracked): Word => {
  if (item.urgent) return { show: "urgent", boundary: null }
  if (state.attention.paused) return withhold("Claw is paused")
  const boundary = openBoundary(state, item)
  if (item.mode === "digest" && boundary !== "return" && !isPulled(boundary) && item.phase !== "snoozed")
    return withhold("kept for the digest")
  if (boundary === null) return withhold("waits for a boundary")
  if (isQuiet(state)) {
    return withhold(
      "a file was just edited",
      (state.attention.lastEditMs ?? state.nowMs) + state.settings.quietAfterEditMs,
    )
  }
  if (item.phase === "snoozed") return { show: "its snooze is over", boundary }
  const held = heldBack(state, item, boundary)
  if (held !== null)
    return {
      withhold: held.reason,
      until: held.until,
      ...(held.unlikely === undefined ? {} : { unlikely: held.unlikely }),
    }
  if (item.mode === "digest" || isPulled(boundary)) return { show: `digest at ${boundary}`, boundary }
  return {
    show: boundary === "edits-settled" ? "the edits have settled" : `at a boundary: ${boundary}`,
    boundary,
  }
}
