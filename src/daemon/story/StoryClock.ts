/**
 * The clock of a throw-away world: the system's clock and an offset that only grows. Who sleeps wakes when the offset
 * jumps past his time, in the order in which the times lie.
 * Invariants: it never goes back; between two jumps it runs as the system's does; `outside` knows of each time the
 * system wrote down what was shown here then.
 */
import { type Clock, Duration, Effect } from "effect"
import type { Outside } from "../../observe/OutsideTime.ts"

interface Sleeper {
  readonly dueMs: number
  readonly wake: () => void
  timer: NodeJS.Timeout
}

/** The longest a timer of Node can be set. */
const longestTimerMs = 2 ** 31 - 1
const nanos = 1_000_000n

const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000

export class StoryClock implements Clock.Clock {
  #aheadMs = 0
  /** Since which time of the system it has been how far ahead; oldest first. */
  readonly #jumps: Array<{ readonly sinceMs: number; readonly aheadMs: number }> = []
  readonly #sleepers = new Set<Sleeper>()

  currentTimeMillisUnsafe(): number {
    return Date.now() + this.#aheadMs
  }
  readonly currentTimeMillis = Effect.sync(() => this.currentTimeMillisUnsafe())
  currentTimeNanosUnsafe(): bigint {
    return BigInt(this.currentTimeMillisUnsafe()) * nanos
  }
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  monotonicTimeNanosUnsafe(): bigint {
    return process.hrtime.bigint() + BigInt(this.#aheadMs) * nanos
  }
  readonly monotonicTimeNanos = Effect.sync(() => this.monotonicTimeNanosUnsafe())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const ms = Duration.toMillis(duration)
    if (ms <= 0) return Effect.yieldNow
    if (!Number.isFinite(ms)) return Effect.never
    return Effect.callback((resume) => {
      const dueMs = this.#elapsedMs() + ms
      const sleeper: Sleeper = {
        dueMs,
        wake: () => {
          this.#sleepers.delete(sleeper)
          clearTimeout(sleeper.timer)
          resume(Effect.void)
        },
        timer: this.#timer(dueMs, () => this.#due(sleeper)),
      }
      this.#sleepers.add(sleeper)
      return Effect.sync(() => {
        this.#sleepers.delete(sleeper)
        clearTimeout(sleeper.timer)
      })
    })
  }

  /** Whether somebody would wake within so long, if nothing jumped. */
  wakesWithin(ms: number): boolean {
    const until = this.#elapsedMs() + ms
    for (const { dueMs } of this.#sleepers) if (dueMs <= until) return true
    return false
  }

  /** Whole milliseconds; a time that is past changes nothing. */
  advanceTo(ms: number): void {
    const by = Math.ceil(ms) - this.currentTimeMillisUnsafe()
    if (by <= 0) return
    this.#aheadMs += by
    this.#jumps.push({ sinceMs: Date.now(), aheadMs: this.#aheadMs })
    const elapsed = this.#elapsedMs()
    for (const sleeper of [...this.#sleepers].toSorted((a, b) => a.dueMs - b.dueMs)) {
      if (sleeper.dueMs <= elapsed) sleeper.wake()
      else {
        clearTimeout(sleeper.timer)
        sleeper.timer = this.#timer(sleeper.dueMs, () => this.#due(sleeper))
      }
    }
  }

  readonly outside: Outside = (systemMs) =>
    systemMs + (this.#jumps.findLast(({ sinceMs }) => sinceMs <= systemMs)?.aheadMs ?? 0)

  #elapsedMs(): number {
    return monotonicMs() + this.#aheadMs
  }

  /** Node counts a timer from when the turn of its loop began, and so may fire it early: who is woken has slept. */
  #due(sleeper: Sleeper): void {
    if (this.#elapsedMs() >= sleeper.dueMs) return sleeper.wake()
    sleeper.timer = this.#timer(sleeper.dueMs, () => this.#due(sleeper))
  }

  #timer(dueMs: number, wake: () => void): NodeJS.Timeout {
    return setTimeout(wake, Math.min(Math.max(1, dueMs - this.#elapsedMs()), longestTimerMs))
  }
}
