/**
 * A bar on a terminal's stderr for what takes a while; nothing at all on a pipe.
 * Invariants: results on stdout are never mixed with it, because the line is cleared at the end, also of a failure; it
 * is not drawn before the work has taken long enough to ask oneself.
 */
import { Effect } from "effect"

export interface Progress {
  /** How much of how much is done. */
  readonly at: (done: number, total: number) => void
  readonly clear: () => void
}

/** Quicker work needs no bar. */
const silentMs = 300
const drawEveryMs = 80
const cells = 24

/** One line, without its carriage return. Pure. */
export const bar = (what: string, done: number, total: number, ms: number, columns: number): string => {
  const share = total <= 0 ? 1 : Math.min(1, done / total)
  const full = Math.round(share * cells)
  const rate = ms <= 0 ? 0 : Math.round((done / ms) * 1_000)
  const text = `${what} [${"#".repeat(full)}${" ".repeat(cells - full)}] ${String(Math.floor(share * 100)).padStart(3)} %  ${done.toLocaleString("en")} of ${total.toLocaleString("en")}  ${rate.toLocaleString("en")}/s`
  return text.slice(0, Math.max(0, columns - 1))
}

const none: Progress = { at: () => undefined, clear: () => undefined }

/** The stream it draws on: stderr, or a stand-in of a test. */
export interface BarOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly write: (text: string) => unknown
}

export const progressOn = (output: BarOutput, what: string, now: () => number): Progress => {
  if (output.isTTY !== true) return none
  const started = now()
  let drawn = Number.NEGATIVE_INFINITY
  let visible = false
  return {
    at: (done, total) => {
      const at = now()
      if (at - started < silentMs || at - drawn < drawEveryMs) return
      drawn = at
      visible = true
      output.write(`\r${bar(what, done, total, at - started, output.columns || 80)}\u001b[K`)
    },
    clear: () => {
      if (visible) output.write("\r\u001b[K")
      visible = false
    },
  }
}

/** A bar for as long as `use` takes. */
export const withProgress = <A, E, R>(
  what: string,
  use: (progress: Progress) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const progress = progressOn(process.stderr, what, () => performance.now())
    return Effect.ensuring(
      use(progress),
      Effect.sync(() => progress.clear()),
    )
  })
