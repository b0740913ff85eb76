/**
 * Bytes on disk an event of the mix, beside the same events as plain JSON lines (the export form) and as the values
 * of a classic-level store with its compression: a log written in batches, and one grown an event at a time.
 */
import { lstatSync, mkdirSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect, Stream } from "effect"
import type { BenchRow } from "../../src/domain/bench.ts"
import type { Event } from "../../src/domain/event.ts"
import { LmdbLogStore } from "../LmdbLogStore.ts"
import { dataFile, lmdbBackend } from "../LmdbBackend.ts"
import { LogStore } from "../LogStore.ts"
import { type BenchPart, type BenchWorld, compared } from "./BenchPart.ts"
import { mixDraft } from "./mix.ts"
import { levelWrite } from "./peers.ts"

const mapSize = 32 * 2 ** 30
const goal = 0.6

const folderBytes = (dir: string): number =>
  readdirSync(dir).reduce((sum, name) => sum + lstatSync(join(dir, name)).size, 0)

/** Bytes of the pages in use; the file has room reserved behind them. */
const usedBytes = async (dir: string): Promise<number> => {
  const backend = lmdbBackend({ dir, mapSize, readOnly: true })
  const bytes = backend.usedBytes()
  await backend.close()
  return Math.min(bytes, statSync(join(dir, dataFile)).size)
}

const linesOf = (dir: string) =>
  LogStore.use((log) => log.exportLines().pipe(Stream.runCollect)).pipe(
    Effect.provide(LmdbLogStore.layer({ dir, mapSize })),
    Effect.runPromise,
  )

const measure = async (
  world: BenchWorld,
  name: string,
  count: number,
  batch: number,
): Promise<ReadonlyArray<BenchRow>> => {
  const base = join(world.dir, name)
  mkdirSync(base)
  const dir = join(base, "log")
  await Effect.runPromise(
    LogStore.use(
      Effect.fnUntraced(function* (log) {
        // As in a day: what follows from another event comes soon after it.
        let cause: string | null = null
        for (let at = 0; at < count; at += batch) {
          const drafts = Array.from({ length: batch }, (_, n) => mixDraft(at + n, cause))
          const events: ReadonlyArray<Event> = yield* log.append(drafts)
          cause = events.at(-1)!.id
        }
      }),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize }))),
  )
  const claw = (await usedBytes(dir)) / count
  const lines = await linesOf(dir)
  const jsonl = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) / count
  const path = join(base, "level")
  const level = await levelWrite(path, lines)
  const row = { unit: "bytes an event", claw, least: true }
  return [
    compared({ ...row, name: `log.disk.${name}`, peer: "JSON lines", peerValue: jsonl, goal }),
    compared({
      ...row,
      name: `log.disk.${name}_level`,
      peer: "classic-level",
      peerValue: level ? folderBytes(path) / count : null,
      goal: 1,
    }),
  ]
}

export const sizeParts: ReadonlyArray<BenchPart> = [
  {
    rows: ["log.disk.batches", "log.disk.batches_level"],
    run: (world) => measure(world, "batches", world.quick ? 20_000 : 100_000, 1000),
  },
  {
    rows: ["log.disk.singly", "log.disk.singly_level"],
    run: (world) => measure(world, "singly", world.quick ? 2_000 : 5_000, 1),
  },
]
