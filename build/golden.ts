/**
 * Writes the golden log of the present format: a small log with everything in it that a log of this format can hold, which
 * the tests of every later version still read.
 *
 *   node build/golden.ts            writes test/fixtures/golden/format-<N>, which must not be there yet
 *   node build/golden.ts --again    while the format is not released: writes it anew
 *
 * What is in it: real observations, decisions and verdicts of a made day, payloads in the chunk and beside it, blobs,
 * texts of several scripts, checkpoints, an erasure, an archive, segments, and the export of it all.
 */
import { Effect, Stream } from "effect"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { LmdbLogStore } from "../log-store/LmdbLogStore.ts"
import { LogStore } from "../log-store/LogStore.ts"
import { emptyFolding, foldOn } from "../log-store/Folding.ts"
import { logFormat } from "../log-store/records.ts"
import {
  archiveDir,
  putSegment,
  resealSegments,
  sealSegments,
  segmentContent,
  segmentName,
} from "../log-store/segments.ts"
import { exportJsonl } from "../log-store/transfer.ts"
import { draft } from "../src/domain/event.ts"
import { projections } from "../src/loop/projections.ts"
import { writeDay } from "./day/writeDay.ts"

const { values } = parseArgs({ options: { again: { type: "boolean", default: false } } })
const folder = join(import.meta.dirname, "..", "test", "fixtures", "golden", `format-${logFormat}`)
if (existsSync(folder)) {
  if (!values.again) throw new Error(`${folder} is there already; --again writes it anew`)
  rmSync(folder, { recursive: true })
}
const dir = join(folder, "log")
mkdirSync(folder, { recursive: true })

const segment = 100
const texts = [
  "plain",
  "día soleado",
  "日本語のテキスト",
  "🦀 \u200b\u202e\u0007",
  "\u2028\u2029 ends of lines",
]

const health = (detail: string, blobs?: ReadonlyArray<Uint8Array>) =>
  draft(
    "daemon.health",
    { component: "golden", state: "running", backend: null, detail },
    { actor: "daemon", ...(blobs === undefined ? {} : { blobs }) },
  )
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const fill = Effect.gen(function* () {
  const log = yield* LogStore
  yield* log.append(texts.map((text) => health(text)))
  yield* log.append([
    health("a large payload ".repeat(600)),
    health("a blob that packs", [bytes("undo ".repeat(400))]),
    health("a blob that does not, and the one before again", [
      Uint8Array.from({ length: 700 }, (_, n) => (n * n * 31) % 251),
      bytes("undo ".repeat(400)),
    ]),
    health("a secret that is erased below", [bytes("the secret's blob")]),
  ])
  const { seq } = yield* log.head
  yield* sealSegments(log, dir, { size: segment, atLeast: 1 })

  const file = segmentName(1, segment)
  const content = yield* segmentContent(log, 1, segment)
  const sha256 = yield* Effect.promise(() => putSegment(join(dir, archiveDir), content))
  const old: Array<number> = []
  yield* log
    .read({ from: 1, to: segment, types: ["fs.*", "terminal.*"] })
    .pipe(Stream.runForEach((event) => Effect.sync(() => old.push(event.seq))))
  yield* log.archive(old, { from: 1, to: segment, file, sha256, reason: "older than 90d" }, "daemon")
  yield* log.erase([seq, segment + 7], "a secret slipped through", "user:cli")
  yield* resealSegments(log, dir, [1, seq, segment + 7])
  yield* sealSegments(log, dir, { size: segment, atLeast: 1 })
  yield* log.settle

  const head = yield* log.head
  const folding = emptyFolding(projections)
  yield* foldOn(log, folding, head.seq)
  for (const { projection, seq, state } of folding.parts) yield* log.saveCheckpoint(projection, seq, state)
  const types: Record<string, number> = {}
  yield* log.read({}).pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        types[event.type] = (types[event.type] ?? 0) + 1
      }),
    ),
  )
  const lines = yield* exportJsonl(log).pipe(Stream.runCollect)
  writeFileSync(join(folder, "export.jsonl"), lines.map((line) => `${line}\n`).join(""))
  const expected = {
    format: logFormat,
    head,
    types,
    archived: old,
    erased: [segment + 7, seq],
    workspaces: folding.states.control.workspaces,
    suggestions: Object.keys(folding.states.queue.suggestions).sort(),
    texts,
  }
  writeFileSync(join(folder, "expected.json"), `${JSON.stringify(expected, null, 2)}\n`)
  // last of all: without unused pages, and without room for commits to come
  yield* log.compact
  return head
})

await Effect.runPromise(writeDay(dir, { events: 400, seed: 1, home: "/home/dev" }))
const head = await Effect.runPromise(
  Effect.scoped(fill.pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize: 2 ** 28 })))),
)
for (const name of ["log.mdb-lock", "WRITER"]) rmSync(join(dir, name), { force: true })
process.stdout.write(`${folder}: ${head.seq} events, head ${head.hash}\n`)
