/**
 * What becomes of the log as it grows: appending behind a long log beside appending to a short one, and from the long
 * one's own measures what a thousand million events come to (see `growth.ts`).
 */
import { join } from "node:path"
import { Effect } from "effect"
import { type BenchRow, limited } from "../../src/domain/bench.ts"
import type { Event } from "../../src/domain/event.ts"
import { Chunk } from "../chunk.ts"
import { type Growth, growthAt, maxEventsOfLog, type Measured } from "../growth.ts"
import { lmdbBackend } from "../LmdbBackend.ts"
import { LmdbLogStore } from "../LmdbLogStore.ts"
import { LogStore } from "../LogStore.ts"
import { defaultMapSize } from "../mapSize.ts"
import { chunkTerms, keyBytes } from "../terms.ts"
import { type BenchPart, type BenchWorld, compared, median, perSecond } from "./BenchPart.ts"
import { mixDraft } from "./mix.ts"

const many = 1e9
const depthGoal = 6
const batch = 1000
const perTurn = 10_000
const gib = 2 ** 30

/** The first chunks stand for all. */
const measure = async (dir: string, events: number): Promise<Measured> => {
  const backend = lmdbBackend({ dir, readOnly: true })
  const sample = backend.chunksFrom(1, 8 * 2 ** 20).map(({ bytes }) => new Chunk(Buffer.from(bytes)))
  await backend.close()
  const held = sample.reduce((sum, { count }) => sum + count, 0)
  const pages = sample.reduce((sum, { bytes }) => sum + Math.ceil((bytes.length + 16) / 4096), 0)
  const terms = sample.reduce((sum, chunk) => sum + chunkTerms(chunk.first, chunk.entries()).length, 0)
  const scale = events / held
  return {
    events,
    chunks: sample.length * scale,
    chunkPages: pages / sample.length,
    terms: terms * scale,
    termKeyBytes: keyBytes,
  }
}

const sayGrowth = ({ events, fileBytes, chunkDepth, termDepth, commitPages }: Growth): string =>
  `${Math.floor(events / 1e6)} M: ${(fileBytes / gib).toFixed(1)} GiB, depth ${chunkDepth} and ${termDepth}, ${commitPages} pages a chunk`

const growing = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir, events } = await world.filled()
  const measured = await measure(dir, events)
  const steps = [1e6, 1e7, 1e8, many, maxEventsOfLog].map((count) => growthAt(count, measured))
  const last = growthAt(many, measured)
  return [
    {
      ...limited("log.growth.depth", last.termDepth, "levels of the index at 1,000 M events", depthGoal),
      note: steps.map(sayGrowth).join("; "),
    },
    limited("log.growth.file", last.fileBytes / gib, "GiB at 1,000 M events", defaultMapSize / gib),
  ]
}

const appendTo = (dir: string, from: number) =>
  Effect.runPromise(
    LogStore.use(
      Effect.fnUntraced(function* (log) {
        let ms = 0
        let cause: string | null = null
        for (let at = 0; at < perTurn; at += batch) {
          const drafts = Array.from({ length: batch }, (_, n) => mixDraft(from + at + n, cause))
          const start = performance.now()
          const events: ReadonlyArray<Event> = yield* log.append(drafts)
          ms += performance.now() - start
          cause = events.at(-1)!.id
        }
        return ms
      }),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir }))),
  )

const appending = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir } = await world.filled()
  const short = join(world.dir, "short")
  const long: Array<number> = []
  const young: Array<number> = []
  const turns = world.quick ? 5 : 11
  for (let turn = -1; turn < turns; turn++) {
    const old = await appendTo(dir, (turn + 1) * perTurn)
    const fresh = await appendTo(short, (turn + 1) * perTurn)
    if (turn < 0) continue
    long.push(old)
    young.push(fresh)
  }
  return [
    compared({
      name: "log.growth.append",
      unit: "events/s",
      claw: perSecond(perTurn, median(long)),
      peer: "a new log",
      peerValue: perSecond(perTurn, median(young)),
      goal: 0.8,
    }),
  ]
}

export const growthParts: ReadonlyArray<BenchPart> = [
  { rows: ["log.growth.depth", "log.growth.file"], run: growing },
  { rows: ["log.growth.append"], run: appending },
]
