/**
 * The log's benchmarks, part by part, in a folder of their own that is removed again. A part is one entry in `parts`.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type { BenchRow } from "../../src/domain/bench.ts"
import type { Event } from "../../src/domain/event.ts"
import { LmdbLogStore } from "../LmdbLogStore.ts"
import { LogStore } from "../LogStore.ts"
import { appendParts } from "./appending.ts"
import type { BenchPart, BenchWorld, FilledLog } from "./BenchPart.ts"
import { findParts } from "./finding.ts"
import { growthParts } from "./growing.ts"
import { mixDraft } from "./mix.ts"
import { readParts } from "./reading.ts"
import { sizeParts } from "./size.ts"

const parts: ReadonlyArray<BenchPart> = [
  ...appendParts,
  ...readParts,
  ...findParts,
  ...sizeParts,
  ...growthParts,
]

export const logRows = parts.flatMap(({ rows }) => rows)

export interface BenchOptions {
  /** A directory on the disk to be measured; a folder is made in it and removed again. */
  readonly dir: string
  /** A few seconds instead of a minute. */
  readonly quick: boolean
  /** How long the logs that are read are; null: as long as fits the time. */
  readonly events: number | null
  /** Whether a row is asked for. */
  readonly wanted: (row: string) => boolean
  readonly verifier: BenchWorld["verifier"]
}

const batch = 1000

const fill = async (dir: string, events: number): Promise<FilledLog> => {
  await Effect.runPromise(
    LogStore.use(
      Effect.fnUntraced(function* (log) {
        // What follows from another event comes soon after it.
        let cause: string | null = null
        for (let at = 0; at < events; at += batch) {
          const drafts = Array.from({ length: Math.min(batch, events - at) }, (_, n) =>
            mixDraft(at + n, cause),
          )
          const stored: ReadonlyArray<Event> = yield* log.append(drafts)
          cause = stored.at(-1)!.id
        }
      }),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir }))),
  )
  return { dir, events }
}

export const benchLog = async (options: BenchOptions): Promise<ReadonlyArray<BenchRow>> => {
  const dir = mkdtempSync(join(options.dir, "claw-bench-log-"))
  const events = options.events ?? (options.quick ? 100_000 : 1_000_000)
  let filling: Promise<FilledLog> | undefined
  const filled = () => (filling ??= fill(join(dir, "filled"), events))
  const rows: Array<BenchRow> = []
  try {
    for (const part of parts) {
      if (!part.rows.some(options.wanted)) continue
      rows.push(
        ...(await part.run({ dir, quick: options.quick, events, verifier: options.verifier, filled })),
      )
    }
    return rows
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
