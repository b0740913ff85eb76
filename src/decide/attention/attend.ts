/**
 * Attention's turn after each event: whatever waits is judged, shown or held back, and said in the log.
 * Invariants: pure; each reason of withholding is said once per suggestion; showing is decided once, here.
 */
import type { Event } from "../../domain/event.ts"
import { put, shownDraft, withheldDraft, withRule } from "../endings.ts"
import type { MachineState, Shown, Tracked } from "../state.ts"
import { spent } from "./allowance.ts"
import { release, withhold } from "./keeping.ts"
import { circumstancesOf, forecastOf, isPulled, isQuiet, judge, wasUnlikely, type Word } from "./judge.ts"
import { noPopUp, poppedLately } from "./popUp.ts"
import { boundaryMs } from "./presence.ts"

const isReady = (item: Tracked): boolean =>
  (item.phase === "waiting" || item.phase === "snoozed") && item.calls.every((call) => call.judged)

const snoozing = (item: Tracked, now: number): boolean =>
  item.phase === "snoozed" && item.snoozedUntilMs !== null && item.snoozedUntilMs > now

/** How it is seen now, for what is learned from its end. */
export const shownAt = (state: MachineState, item: Tracked, boundary: string | null): Shown => ({
  atMs: state.nowMs,
  circumstances: circumstancesOf(item, boundary),
  raw: forecastOf(state, item, boundary).raw,
})

type Showing = Extract<Word, { readonly show: string }>

/** What is urgent, snoozed or for the digest takes nothing of the hour's allowance. */
const isFree = (item: Tracked, { boundary }: Showing): boolean =>
  item.urgent || item.mode === "digest" || item.phase === "snoozed" || isPulled(boundary)

const show = (state: MachineState, item: Tracked, event: Event, word: Showing): MachineState => {
  const { boundary } = word
  const counted = withRule(state, item.rule, (rule) => ({ ...rule, lastShownMs: state.nowMs }))
  const popUp = noPopUp(state, item)
  const expected = forecastOf(state, item, boundary)
  const { keeping } = state.attention
  const attention = {
    ...counted.attention,
    keeping: wasUnlikely(item) ? release(keeping, expected) : keeping,
    ...(isFree(item, word) ? {} : spent(state, item)),
    poppedMs: popUp === null ? [...poppedLately(state), state.nowMs] : state.attention.poppedMs,
  }
  const shown = item.shown ?? shownAt(state, item, boundary)
  const tracked = counted.tracked.map((each): Tracked =>
    each.id === item.id
      ? {
          ...each,
          phase: "shown",
          shown,
          looked: each.looked || state.attention.looking,
          snoozedUntilMs: null,
        }
      : each,
  )
  return put(
    { ...counted, attention, tracked },
    shownDraft(item, event, { reason: word.show, boundary, popUp, keep: expected.p }),
  )
}

type Holding = Extract<Word, { readonly withhold: string }>

const hold = (
  state: MachineState,
  item: Tracked,
  event: Event,
  { unlikely, until, withhold: reason }: Holding,
): MachineState => {
  const kind = reason.replace(/\d+/g, "")
  if (item.said.includes(kind)) return state
  const tracked = state.tracked.map((each) =>
    each.id === item.id ? { ...each, said: [...each.said, kind] } : each,
  )
  const { attention } = state
  const keeping = unlikely === undefined ? attention.keeping : withhold(attention.keeping, unlikely)
  return put(
    { ...state, attention: { ...attention, keeping }, tracked },
    withheldDraft(item, event, reason, until),
  )
}

const timingRank = { command: 0, settled: 1, next: 2, boundary: 2 } as const

/** Urgent first, then what answers a command just run, then the youngest: help is about what was just done. */
const order = (a: Tracked, b: Tracked): number =>
  Number(b.urgent) - Number(a.urgent) || timingRank[a.timing] - timingRank[b.timing] || b.madeSeq - a.madeSeq

/** A person came to look: what is shown is before his eyes. */
const looked = (state: MachineState, event: Event): MachineState => {
  const { boundary, looking } = state.attention
  const asked = boundary !== null && boundary.seq === event.seq && isPulled(boundary.kind)
  if (!asked && !looking) return state
  if (state.tracked.every((item) => item.looked || item.phase !== "shown")) return state
  return {
    ...state,
    tracked: state.tracked.map((item) => (item.phase === "shown" ? { ...item, looked: true } : item)),
  }
}

export const attend = (before: MachineState, event: Event): MachineState => {
  const waiting = before.tracked.filter((item) => isReady(item) && !snoozing(item, before.nowMs))
  const after = waiting.toSorted(order).reduce((state, item) => {
    const word = judge(state, item)
    return "show" in word ? show(state, item, event, word) : hold(state, item, event, word)
  }, before)
  return looked(after, event)
}

/** Times at which attention must look again though nothing else happens. */
export const attentionTimes = (state: MachineState): ReadonlyArray<number> => {
  const { attention, nowMs, settings } = state
  const quietEnds = isQuiet(state) ? (attention.lastEditMs ?? nowMs) + settings.quietAfterEditMs : null
  return state.tracked.flatMap((item) => {
    const times: Array<number> = []
    if (item.expiresAtMs !== null && item.phase !== "approved") times.push(item.expiresAtMs)
    if (snoozing(item, nowMs)) times.push(item.snoozedUntilMs!)
    if (quietEnds !== null && !item.urgent && isReady(item) && !snoozing(item, nowMs)) {
      const lasts = attention.boundary !== null && attention.boundary.atMs + boundaryMs > quietEnds
      if (lasts || item.timing === "settled" || item.phase === "snoozed") times.push(quietEnds)
    }
    return times
  })
}
