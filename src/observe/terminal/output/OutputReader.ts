/**
 * Reads what commands printed, where the user switched that on, for the records of one drained part of a spool.
 * Invariants: a record never waits longer than the limit; a means that fails again and again is left alone for a while
 * and that is said; nothing is asked for what ended so long ago that the screen shows something else.
 */
import { Effect } from "effect"
import type { Environment } from "../../../config/Directories.ts"
import type { SpoolItem } from "../splitRecords.ts"
import type { SpoolRecord } from "../spoolFormat.ts"
import type { WatchHealth } from "../SpoolWatch.ts"
import { ask, Unseen } from "./ask.ts"
import { loggedOutput } from "./loggedOutput.ts"
import { type Means, parseMeans } from "./means.ts"

export interface OutputOptions {
  readonly enabled: Effect.Effect<boolean>
  readonly shellsDir: string
  readonly env: Environment
  /** Is it worth knowing what this command printed? */
  readonly wants: (record: SpoolRecord) => boolean
  readonly redact: (text: string) => string
}

const limitMs = 400
const freshMs = 2_000
/** Of one drained part, the newest. */
const asksAtOnce = 8
const failuresInARow = 2
const restMs = 60_000

interface Wanted {
  readonly record: SpoolRecord
  readonly means: Means
}

/** A pane shows what was printed last; a `claw shell` remembers more. */
const wantedOf = (
  items: ReadonlyArray<SpoolItem>,
  options: OutputOptions,
  nowMs: number,
): ReadonlyArray<Wanted> => {
  const records = items.flatMap((item) => (item.kind === "record" ? [item.record] : []))
  return records
    .flatMap((record, index) => {
      const means = record.means === "" || !options.wants(record) ? null : parseMeans(record.means)
      if (means === null) return []
      const shown = index === records.length - 1 && nowMs - record.endedMs <= freshMs
      return means.kind === "shell" || shown ? [{ record, means }] : []
    })
    .slice(-asksAtOnce)
}

export class OutputReader {
  readonly #options: OutputOptions
  readonly #failures = new Map<Means["kind"], { count: number; untilMs: number }>()
  #health: WatchHealth | null = null

  constructor(options: OutputOptions) {
    this.#options = options
  }

  /** How it last went; null: nothing was tried yet. */
  get health(): WatchHealth | null {
    return this.#health
  }

  #went(kind: Means["kind"], problem: string | null): void {
    const failures = this.#failures.get(kind) ?? { count: 0, untilMs: 0 }
    failures.count = problem === null ? 0 : failures.count + 1
    if (failures.count >= failuresInARow) failures.untilMs = Date.now() + restMs
    this.#failures.set(kind, failures)
    this.#health = {
      state: problem === null ? "running" : "degraded",
      backend: kind,
      detail: problem ?? "",
    }
  }

  readonly #ask = Effect.fnUntraced(function* (this: OutputReader, { record, means }: Wanted) {
    if ((this.#failures.get(means.kind)?.untilMs ?? 0) > Date.now()) return null
    return yield* Effect.tryPromise({
      try: () => ask(means, record.command, { ...this.#options, limitMs }),
      catch: (error) => (error instanceof Unseen ? error.message : String(error)),
    }).pipe(
      Effect.timeoutOrElse({
        duration: limitMs,
        orElse: () => Effect.fail(`${means.kind} did not answer in time`),
      }),
      Effect.tap(() => Effect.sync(() => this.#went(means.kind, null))),
      Effect.catch((problem) =>
        Effect.as(
          Effect.sync(() => this.#went(means.kind, problem)),
          null,
        ),
      ),
      Effect.map((text) => (text === null ? null : loggedOutput(text, this.#options.redact))),
    )
  })

  /** The outputs there are, by record. */
  readonly read = Effect.fnUntraced(function* (this: OutputReader, items: ReadonlyArray<SpoolItem>) {
    const outputs = new Map<SpoolRecord, string>()
    if (!(yield* this.#options.enabled)) {
      this.#health = null
      return outputs
    }
    yield* Effect.forEach(
      wantedOf(items, this.#options, Date.now()),
      (wanted) =>
        Effect.map(this.#ask(wanted), (text) => {
          if (text !== null) outputs.set(wanted.record, text)
        }),
      { concurrency: asksAtOnce, discard: true },
    )
    return outputs
  })
}
