/**
 * Every page of a small log zeroed, filled with noise, with a bit flipped, cut off, exchanged, overwritten with another;
 * and so many random ones of a larger one. Each is found or harmless: no reader is shown anything but what was
 * written, and nothing kills the daemon that its child did not meet first. What was sealed is recovered whole.
 */
import { spawn } from "node:child_process"
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Stream } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { sealSegments } from "../../log-store/segments.ts"
import { draft } from "../../src/domain/event.ts"
import { caseOf, mapSize, pageSize, type PageResult } from "./pageCases.ts"
import { compileCache, type Findings, inTemporary } from "./steps.ts"

/** A log whose first `sealed` events are in segments; its events as JSON beside it. Answers pages and events. */
const makeLog = (base: string, batches: number, sealedShare: number) => {
  const dir = join(base, "whole")
  return LogStore.use((store) =>
    Effect.gen(function* () {
      let sealed = 0
      for (let n = 0; n < batches; n++) {
        yield* store.append(
          Array.from({ length: 1 + (n % 5) }, (_, m) =>
            draft(
              "daemon.stopped",
              {
                reason: `${n}.${m} ${"r".repeat((n * 37) % 300)}${n % 11 === 3 ? "l".repeat(5000 + n) : ""}`,
              },
              {
                actor: "test",
                correlationId: n % 4 === 0 ? `s_${n % 8}` : null,
                ...(n % 13 === 5 ? { blobs: [Buffer.from(`blob ${n} `.repeat(200))] } : {}),
              },
            ),
          ),
        )
        if (n === Math.floor(batches * sealedShare))
          sealed = yield* sealSegments(store, dir, { atLeast: 1, size: 40 })
      }
      const events = yield* store.read({}).pipe(Stream.runCollect)
      writeFileSync(join(base, "truth.jsonl"), events.map((event) => JSON.stringify({ ...event })).join("\n"))
      return { sealed, events: events.length }
    }),
  ).pipe(
    Effect.provide(LmdbLogStore.layer({ dir, mapSize })),
    Effect.map((made) => {
      // Without the blocks that are kept in reserve behind the last page.
      const path = join(dir, "log.mdb")
      const used = usedPages(path) * pageSize
      truncateSync(path, Math.min(used, statSync(path).size))
      return { ...made, dir, pages: used / pageSize }
    }),
    Effect.orDie,
  )
}

/** LMDB's newer meta page says at 144 which page is the last. */
const usedPages = (path: string): number => {
  const bytes = readFileSync(path).subarray(0, 2 * pageSize)
  const metas = [0, pageSize].map((at) => ({
    last: bytes.readBigUInt64LE(at + 144),
    transaction: bytes.readBigUInt64LE(at + 152),
  }))
  return Number(metas.reduce((a, b) => (b.transaction > a.transaction ? b : a)).last) + 1
}

interface Outcome {
  readonly result: PageResult | null
  /** What it was doing when a signal ended it. */
  readonly died: "looking" | "reading" | "recovering" | null
}

/** Runs cases until all are done, over the deaths of the children. */
const runCases = async (
  log: string,
  place: string,
  kinds: string,
  from: number,
  to: number,
): Promise<Map<number, Outcome>> => {
  const outcomes = new Map<number, Outcome>()
  mkdirSync(place, { recursive: true })
  for (let next = from; next < to;) {
    let current = next
    let phase: Outcome["died"] = "looking"
    const text = await new Promise<{
      readonly signal: string | null
      readonly exit: number | null
      readonly stderr: string
    }>((resolve) => {
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, "pageChild.ts"), log, place, kinds, String(next), String(to)],
        { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NODE_COMPILE_CACHE: compileCache } },
      )
      let rest = ""
      let stderr = ""
      child.stderr.setEncoding("utf8").on("data", (some: string) => (stderr += some))
      child.stdout.setEncoding("utf8").on("data", (some: string) => {
        const lines = (rest + some).split("\n")
        rest = lines.pop()!
        for (const line of lines)
          if (line.startsWith("begin ")) {
            current = Number(line.slice(6))
            phase = "looking"
          } else if (line === "looked") phase = "reading"
          else if (line === "read") phase = "recovering"
          else outcomes.set(current, { result: JSON.parse(line) as PageResult, died: null })
      })
      child.on("close", (exit, signal) => resolve({ exit, signal, stderr }))
    })
    if (text.exit === 0) return outcomes
    // Also an exit by itself: LMDB's failed assertions and what nobody caught.
    outcomes.set(current, { result: null, died: phase })
    next = current + 1
  }
  return outcomes
}

/**
 * A page of an earlier commit in the place of a later one can be the whole log as it was then, which nothing in the file
 * contradicts: for that there are anchors. Only where pages change places; never further back than the segments reach.
 */
const isRolledBack = (name: string, { head }: PageResult, sealed: number): boolean =>
  /^(swap|old) /.test(name) && head >= sealed

const judge = (name: string, outcome: Outcome, sealed: number, events: number): ReadonlyArray<string> => {
  const { result, died } = outcome
  if (result === null) return died === "looking" ? [] : [`${name}: killed the process that was ${died}`]
  const broken: Array<string> = []
  if (result.wrong.length > 0)
    broken.push(
      `${name}: a reader was shown events ${result.wrong.slice(0, 3)} wrong (full verification: ${result.full ? "well" : `bad at ${result.at}`})`,
    )
  if (result.full && result.head !== events && !isRolledBack(name, result, sealed))
    broken.push(`${name}: verifies with ${result.head} of ${events} events`)
  if (result.full && result.readError !== null)
    broken.push(`${name}: verifies, and cannot be read: ${result.readError}`)
  const { recovered } = result
  if (recovered !== null) {
    if (recovered.error !== null) broken.push(`${name}: recovery: ${recovered.error}`)
    if (recovered.wrong.length > 0)
      broken.push(`${name}: recovered events ${recovered.wrong.slice(0, 3)} are wrong`)
    if (recovered.events < sealed)
      broken.push(`${name}: recovered ${recovered.events}, ${sealed} were sealed`)
    if (recovered.events + recovered.lost < events && recovered.events + recovered.lost < sealed)
      broken.push(`${name}: does not say what was lost`)
  }
  return broken
}

export interface PageRun {
  /** Appends the log is made of. */
  readonly batches: number
  readonly kinds: string
  /** Cases; null: every page with every kind. */
  readonly cases: number | null
  readonly offset?: number
}

export const damagePages = (
  { batches, kinds, cases, offset = 0 }: PageRun,
  progress: (line: string) => void = () => undefined,
): Effect.Effect<Findings> =>
  inTemporary((base) =>
    Effect.gen(function* () {
      const { sealed, events, dir, pages } = yield* makeLog(base, batches, 0.6)
      const all = pages * kinds.split(",").length
      const count = Math.min(cases ?? all, all)
      progress(`${pages} pages, ${events} events, ${sealed} of them sealed, ${count} damages`)
      const step = Math.max(Math.ceil(count / 2), 1)
      const parts = yield* Effect.promise(() =>
        Promise.all(
          [0, 1].map((lane) =>
            runCases(
              dir,
              join(base, `lane${lane}`),
              kinds,
              offset + lane * step,
              offset + Math.min((lane + 1) * step, count),
            ),
          ),
        ),
      )
      const outcomes = new Map(parts.flatMap((part) => [...part]))
      const broken = [...outcomes].flatMap(([n, outcome]) => {
        const { kind, page } = caseOf(kinds, n, pages * pageSize)
        return judge(`${kind} of page ${page} (case ${n})`, outcome, sealed, events)
      })
      const of = (is: (outcome: Outcome) => boolean) => [...outcomes.values()].filter(is).length
      return {
        figures: [
          `${outcomes.size} damages of ${pages} pages (${kinds}), ${events} events: ${of(({ result }) => result?.full === false)} found, ` +
            `${of(({ result }) => result?.full === true && result.head === events)} harmless, ${of(({ result }) => result?.full === true && result.head !== events)} an earlier whole state, ${of(({ died }) => died === "looking")} killed the child that looks first`,
          `${of(({ result }) => result?.quick === false)} were found before opening; recovered without loss in ${of(({ result }) => result?.recovered?.lost === 0)} of ${of(({ result }) => result?.recovered != null)}, never fewer than the ${sealed} sealed events`,
        ],
        broken,
      }
    }),
  )
