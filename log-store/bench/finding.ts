/**
 * Finding and verifying in a log of the mix: a selective query of each sort, a text that is nowhere beside a raw
 * scan, and the whole verification by as many processes as there are cores beside threads that do nothing but hash the
 * same bytes, with as many calls.
 */
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { mkdirSync } from "node:fs"
import { Worker } from "node:worker_threads"
import { Effect, Stream } from "effect"
import { type BenchRow, limited } from "../../src/domain/bench.ts"
import { emptyCommit } from "../Backend.ts"
import { headerText, kindText, sha256 } from "../canonical.ts"
import { Chunk, inline } from "../chunk.ts"
import { type LmdbBackend, lmdbBackend } from "../LmdbBackend.ts"
import { LmdbLogStore } from "../LmdbLogStore.ts"
import { LogStore, type Query } from "../LogStore.ts"
import { Reader } from "../Reader.ts"
import { verifyInChild } from "../verifier.ts"
import { type BenchPart, type BenchWorld, compared, median, perSecond } from "./BenchPart.ts"
import { mixDraft } from "./mix.ts"
import { LmdbPeer } from "./peers.ts"

const mapSize = 32 * 2 ** 30
const batch = 1000
const peerEvents = 300_000
const selectiveGoalMs = 100
/** Events whose bytes the threads hash over and over. */
const hashedEvents = 40_000

/** What the store makes by itself once it is left in peace. */
const sketchAll = async (dir: string, events: number): Promise<void> => {
  const backend = lmdbBackend({ dir, mapSize })
  const reader = new Reader(backend, () => undefined)
  const { sketches } = reader
  for (let block = sketches.next(events); sketches.lastOf(block) < events; block++) {
    const step = sketches.make(reader, block)
    let records = step()
    while (records === null) records = step()
    await backend.commit({ ...emptyCommit, records })
  }
  await backend.close()
}

const queries = (correlationId: string): ReadonlyArray<Query> => [
  { paths: ["src/server/routes/checkout17.tsx"] },
  { paths: ["docs/parser211.tsx"], types: ["git.commit"], reverse: true, limit: 5 },
  { exit: { code: 137, not: false } },
  { command: "git push --force origin" },
  { correlationId },
]

const selective = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir, events } = await world.filled()
  await sketchAll(dir, events)
  const slowest: Array<number> = []
  await Effect.runPromise(
    LogStore.use(
      Effect.fnUntraced(function* (log) {
        const some = yield* log
          .read({ types: ["decision.shown"], limit: 1, reverse: true })
          .pipe(Stream.runCollect)
        for (const query of queries(some[0]?.correlationId ?? "none")) {
          const times: Array<number> = []
          for (let turn = -1; turn < (world.quick ? 5 : 9); turn++) {
            const start = performance.now()
            yield* Stream.runDrain(log.read(query))
            if (turn >= 0) times.push(performance.now() - start)
          }
          slowest.push(median(times))
        }
      }),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize }))),
  )
  const row = limited("log.query.selective", Math.max(...slowest), "ms", selectiveGoalMs)
  return [
    {
      ...row,
      note: `by path, path and type, exit, command, correlation: ${slowest.map((ms) => ms.toFixed(1)).join(", ")} ms over ${events} events`,
    },
  ]
}

const grep = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir, events } = await world.filled()
  const place = join(world.dir, "grep")
  mkdirSync(place)
  const peer = new LmdbPeer(place)
  for (let at = 0; at < Math.min(events, peerEvents); at += batch)
    await peer.append(
      Array.from({ length: batch }, (_, n) => mixDraft(at + n)),
      batch,
    )
  const claw: Array<number> = []
  const raw: Array<number> = []
  await Effect.runPromise(
    LogStore.use(
      Effect.fnUntraced(function* (log) {
        for (let turn = -1; turn < (events > 2_000_000 ? 2 : 5); turn++) {
          const start = performance.now()
          yield* Stream.runDrain(log.read({ grep: "ECONNREFUSED" }))
          const ms = performance.now() - start
          const theirs = peer.scan()
          if (turn < 0) continue
          claw.push(perSecond(events, ms))
          raw.push(perSecond(theirs.count, theirs.ms))
        }
      }),
    ).pipe(Effect.provide(LmdbLogStore.layer({ dir, mapSize }))),
  )
  await peer.close()
  return [
    compared({
      name: "log.grep",
      unit: "events/s",
      claw: median(claw),
      peer: "lmdb-js getRange",
      peerValue: median(raw),
      goal: 0.5,
    }),
  ]
}

/** What verifying hashes: each event's payload and header, one behind the other, and where each ends. */
const hashedBytes = (backend: LmdbBackend): { readonly bytes: Buffer; readonly ends: Uint32Array } => {
  const texts: Array<string> = []
  for (let at = 1; texts.length < 2 * hashedEvents;) {
    const stored = backend.chunkAt(at)
    const chunk = stored === undefined ? undefined : new Chunk(stored.bytes)
    if (chunk === undefined || chunk.last < at) break
    let prevHash = chunk.prevHash
    for (const e of chunk.entries()) {
      const payloadHash = e.place === inline ? sha256(e.payload) : e.payload
      const kind = kindText(e.type, e.v, e.workspace, e.actor, e.trust)
      texts.push(
        e.payload,
        headerText(e.seq, e.id, e.at, kind, e.causationId, e.correlationId, payloadHash, prevHash, e.blobs),
      )
      prevHash = e.hash
    }
    at = chunk.last + 1
  }
  let end = 0
  const ends = Uint32Array.from(texts, (text) => (end += Buffer.byteLength(text)))
  return { bytes: Buffer.from(texts.join("")), ends }
}

/** Hashes for about a second; answers with messages a millisecond, and with bytes a millisecond in one go. */
const hashingThread = `
const { parentPort, workerData } = require("node:worker_threads")
const { hash } = require("node:crypto")
const bytes = Buffer.from(workerData.bytes)
const messages = []
let from = 0
for (const end of workerData.ends) { messages.push(bytes.subarray(from, end)); from = end }
for (const message of messages) hash("sha256", message, "hex")
parentPort.postMessage(null)
parentPort.once("message", () => {
  let count = 0
  const start = performance.now()
  while (performance.now() - start < 1000) {
    for (const message of messages) hash("sha256", message, "hex")
    count += messages.length
  }
  parentPort.postMessage(count / (performance.now() - start))
})
`

/** Messages a second that as many threads as there are cores hash together. */
const hashTogether = async (data: ReturnType<typeof hashedBytes>): Promise<number> => {
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(hashingThread, { eval: true, workerData: data }),
  )
  const next = (worker: Worker) =>
    new Promise<number | null>((resolve, reject) => {
      worker.once("message", resolve)
      worker.once("error", reject)
    })
  await Promise.all(workers.map(next))
  const rates = workers.map(next)
  for (const worker of workers) worker.postMessage("go")
  const sum = (await Promise.all(rates)).reduce<number>((total, rate) => total + (rate ?? 0), 0)
  await Promise.all(workers.map((worker) => worker.terminate()))
  return sum * 1000
}

const verifying = async (world: BenchWorld): Promise<ReadonlyArray<BenchRow>> => {
  const { dir, events } = await world.filled()
  const backend = lmdbBackend({ dir, mapSize, readOnly: true })
  const data = hashedBytes(backend)
  await backend.close()
  const { node, args } = world.verifier
  const claw: Array<number> = []
  const bare: Array<number> = []
  for (let turn = 0; turn < (events > 2_000_000 ? 2 : 4); turn++) {
    let ms = 0
    const report = await Effect.runPromise(
      verifyInChild(node, args, dir, "full", {
        atLeast: 1,
        took: (took) => {
          ms = took
        },
      }),
    )
    if (!report.ok) throw new Error(`the log of the benchmark does not verify: ${report.failure?.message}`)
    claw.push(perSecond(events, ms))
    bare.push((await hashTogether(data)) / 2)
  }
  const row = compared({
    name: "log.verify",
    unit: "events/s",
    claw: median(claw),
    peer: "bare SHA-256",
    peerValue: median(bare),
    goal: 0.7,
  })
  return [
    {
      ...row,
      note: `${availableParallelism()} processes, their start not counted; the peer: as many threads, the same bytes, a call for each payload and header`,
    },
  ]
}

export const findParts: ReadonlyArray<BenchPart> = [
  { rows: ["log.query.selective"], run: selective },
  { rows: ["log.grep"], run: grep },
  { rows: ["log.verify"], run: verifying },
]
