/**
 * Builds the log anew after damage: segments first, then whatever the damaged file still holds of the chain.
 * Invariants: the damaged files are moved aside, never deleted; every event put back fits the chain; the new file is
 * built apart and put in place by renaming, so that a crash half-way leaves something that is recovered again; what
 * was lost is counted, and the log itself says so (`log.recovered`).
 */
import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readdir, rename, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { Clock, Effect } from "effect"
import { draft, type EventDraft } from "../src/domain/event.ts"
import { emptyCommit } from "./Backend.ts"
import { chainHash, sha256 } from "./canonical.ts"
import { type Chunk, type Entry, erased, inline, side } from "./chunk.ts"
import { eraseAgain } from "./eraseAgain.ts"
import { LineError, parseLine } from "./jsonl.ts"
import { dataFile, type LmdbBackend, lmdbBackend } from "./LmdbBackend.ts"
import { LogError, Unwritable } from "./LogStore.ts"
import { makeStore } from "./makeStore.ts"
import { formatValue } from "./openDirectory.ts"
import { formatRecord } from "./records.ts"
import { Restorer } from "./Restorer.ts"
import { salvageBlobs, salvageChunks } from "./salvage.ts"
import { checkSegments } from "./segmentCheck.ts"
import { listSegments, readHeader, readSegment, resealSegments, segmentsDir } from "./segments.ts"
import { prepareDirectory } from "./directory.ts"
import { takeWriterLock } from "./writerLock.ts"
import { upcaster, upcasts } from "./upcasts.ts"

export interface Recovery {
  /** Events in the log now, the one that says so not counted. */
  readonly events: number
  /** Events the damaged file spoke of that could not be brought back. */
  readonly lost: number
  /** Events whose payload (but not its hash) is lost. */
  readonly payloadsLost: ReadonlyArray<number>
  /** Where the damaged files are. */
  readonly aside: string
}

export interface RecoverOptions {
  readonly mapSize?: number
}

const buildDir = "recovering"
const asidePrefix = "damaged-"

/** The damaged data file: still in place, or set aside by a recovery that did not end. */
const damagedFile = async (dir: string): Promise<string | null> => {
  if (existsSync(join(dir, dataFile))) return join(dir, dataFile)
  const asides = (await readdir(dir)).filter((name) => name.startsWith(asidePrefix)).sort()
  const newest = asides.at(-1)
  return newest !== undefined && existsSync(join(dir, newest, dataFile)) ? join(dir, newest, dataFile) : null
}

/** Whether a segment ends as its header says. */
const isSound = async (path: string, lines: ReadonlyArray<string>): Promise<boolean> => {
  try {
    const header = await readHeader(path)
    const last = parseLine(lines.at(-1) ?? "")
    return last._tag === "event" && last.entry.hash === header?.lastHash
  } catch {
    return false
  }
}

/** Feeds segments as far as they continue the chain; the `sound` ones, or all. */
const fromSegments = async (dir: string, restorer: Restorer, which: "sound" | "all"): Promise<void> => {
  for (const segment of await listSegments(dir)) {
    if (segment.last <= restorer.head.seq || segment.first > restorer.head.seq + 1) continue
    const lines = await readSegment(segment.path).catch(() => null)
    if (which === "sound" && !(await isSound(segment.path, lines ?? []))) continue
    try {
      for (const text of lines ?? []) {
        const line = parseLine(text)
        if (line._tag === "event" && line.entry.seq <= restorer.head.seq) continue
        restorer.add(line)
        if (restorer.isFull) await restorer.flush()
      }
    } catch (error) {
      // The segment is of use up to here.
      if (!(error instanceof LineError)) throw error
    }
    await restorer.flush()
  }
}

/** What of a salvaged chunk fits the chain behind the head, with payloads inline. Stops at the first that does not. */
const fittingEntries = (
  chunk: Chunk,
  head: { readonly seq: number; readonly hash: string },
): ReadonlyArray<{ readonly entry: Entry; readonly prevHash: string }> => {
  const out: Array<{ readonly entry: Entry; readonly prevHash: string }> = []
  let prevHash = head.hash
  for (const entry of chunk.entries()) {
    if (entry.seq <= head.seq) continue
    const payloadHash = entry.place === inline ? sha256(entry.payload) : entry.payload
    if (chainHash({ ...entry, payloadHash, prevHash }) !== entry.hash) break
    out.push({ entry, prevHash })
    prevHash = entry.hash
  }
  return out
}

/** What goes on behind the head: of chunks that continue it, or that hold it and more. Whole ones come first. */
const nextEntries = (
  found: ReadonlyArray<ReadonlyMap<string, Chunk>>,
  head: { readonly seq: number; readonly hash: string },
): ReturnType<typeof fittingEntries> => {
  for (const chunks of found) {
    const next = chunks.get(head.hash)
    const fitting = next === undefined ? [] : fittingEntries(next, head)
    if (fitting.length > 0) return fitting
    for (const chunk of chunks.values()) {
      if (
        chunk.first > head.seq ||
        chunk.last <= head.seq ||
        chunk.hash(head.seq - chunk.first) !== head.hash
      )
        continue
      const held = fittingEntries(chunk, head)
      if (held.length > 0) return held
    }
  }
  return []
}

const fromDamaged = async (
  path: string,
  restorer: Restorer,
): Promise<{ readonly highest: number; readonly payloadsLost: ReadonlyArray<number> }> => {
  const { chunks, torn, highest } = salvageChunks(path, restorer.head.seq)
  const steps: Array<{ readonly entry: Entry; readonly prevHash: string }> = []
  let head: { readonly seq: number; readonly hash: string } = restorer.head
  const wanted = new Set<string>()
  for (;;) {
    const fitting = nextEntries([chunks, torn], head)
    if (fitting.length === 0) break
    for (const step of fitting) {
      steps.push(step)
      if (step.entry.place === side) wanted.add(step.entry.payload)
      for (const hash of step.entry.blobs) wanted.add(hash)
    }
    head = fitting[fitting.length - 1]!.entry
  }
  const found = salvageBlobs(path, wanted)
  const payloadsLost: Array<number> = []
  for (const { entry, prevHash } of steps) {
    for (const hash of entry.blobs) {
      const content = found.get(hash) ?? restorer.content(hash)
      restorer.add({ _tag: "blob", hash, content })
    }
    if (entry.place === side) {
      const content = found.get(entry.payload) ?? restorer.content(entry.payload)
      if (content === null) payloadsLost.push(entry.seq)
      restorer.add({
        _tag: "event",
        prevHash,
        entry:
          content === null
            ? { ...entry, place: erased }
            : { ...entry, payload: content.toString(), place: inline },
      })
    } else restorer.add({ _tag: "event", entry, prevHash })
    if (restorer.isFull) await restorer.flush()
  }
  await restorer.flush()
  return { highest, payloadsLost }
}

/**
 * The seq from which segments say otherwise than the rebuilt log; they, and what follows them, are sealed anew. What
 * reaches beyond its end would contradict what is written from now on.
 */
const contradictingFrom = async (dir: string, backend: LmdbBackend, events: number): Promise<number> => {
  for (const segment of await listSegments(dir))
    if (segment.last > events || (await checkSegments(backend, events, [segment], "full")) !== null)
      return segment.first
  return Number.POSITIVE_INFINITY
}

const rebuild = async (dir: string, damaged: string | null, backend: LmdbBackend) => {
  await backend.commit({ ...emptyCommit, records: [{ key: formatRecord, value: formatValue() }] })
  const restorer = new Restorer(backend)
  await fromSegments(dir, restorer, "sound")
  const rest = damaged === null ? { highest: 0, payloadsLost: [] } : await fromDamaged(damaged, restorer)
  // Where the file bridged a missing segment, later ones may fit again.
  await fromSegments(dir, restorer, "all")
  const highest = Math.max(rest.highest, ...(await listSegments(dir)).map(({ last }) => last), 0)
  const events = restorer.head.seq
  const erasedAgain = await eraseAgain(backend)
  const contradicting = await contradictingFrom(dir, backend, events)
  const lost = Math.max(highest - events, 0)
  return { events, lost, payloadsLost: rest.payloadsLost, erasedAgain, contradicting }
}

const failure = (dir: string) => (error: unknown) =>
  error instanceof LogError
    ? error
    : new LogError({
        reason: new Unwritable({
          message: `The log in ${dir} could not be recovered: ${error instanceof Error ? error.message : String(error)}. Nothing was deleted.`,
        }),
      })

/** Rebuilds the log in `dir`. The directory must not be open. */
export const recoverFromSegments = (
  dir: string,
  options: RecoverOptions = {},
): Effect.Effect<Recovery, LogError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const attempt = <A>(body: () => Promise<A>) => Effect.tryPromise({ try: body, catch: failure(dir) })
      const nowMs = yield* Clock.currentTimeMillis
      const aside = join(dir, `${asidePrefix}${new Date(nowMs).toISOString().replaceAll(":", "-")}`)
      const build = join(dir, buildDir)
      const damaged = yield* attempt(() => damagedFile(dir))
      yield* attempt(() => rm(build, { recursive: true, force: true }))
      yield* Effect.try({ try: () => prepareDirectory(build), catch: failure(dir) })
      const result = yield* Effect.scoped(
        Effect.gen(function* () {
          const backend = yield* Effect.acquireRelease(
            Effect.try({ try: () => lmdbBackend({ dir: build, ...options }), catch: failure(dir) }),
            (opened) => Effect.promise(() => opened.close()),
          )
          const lock = yield* Effect.try({
            try: () => takeWriterLock(dir, backend.exclusively, process.pid, randomUUID()),
            catch: failure(dir),
          })
          if (lock._tag === "held") return yield* failure(dir)(new Error(`process ${lock.pid} is writing it`))
          yield* Effect.addFinalizer(() => Effect.sync(lock.release))
          const rebuilt = yield* attempt(() => rebuild(dir, damaged, backend))
          const store = yield* makeStore({ backend, upcast: upcaster(upcasts), place: dir })
          const drafts: Array<EventDraft> = [
            draft(
              "log.recovered",
              { from: aside, events: rebuilt.events, lost: rebuilt.lost },
              { actor: "log" },
            ),
          ]
          if (rebuilt.payloadsLost.length > 0)
            drafts.push(
              draft(
                "log.erased",
                { seqs: rebuilt.payloadsLost, reason: "their contents were lost in the damage" },
                { actor: "log" },
              ),
            )
          yield* store.append(drafts)
          // Where this fails the segments stay as they are: right, but for what should be gone.
          yield* Effect.ignore(resealSegments(store, dir, rebuilt.erasedAgain))
          return rebuilt
        }),
      )
      yield* attempt(async () => {
        await mkdir(aside, { recursive: true, mode: 0o700 })
        for (const name of [dataFile, `${dataFile}-lock`])
          if (existsSync(join(dir, name))) await rename(join(dir, name), join(aside, name))
        for (const segment of await listSegments(dir))
          if (segment.last >= result.contradicting) {
            await mkdir(join(aside, segmentsDir), { recursive: true, mode: 0o700 })
            await rename(segment.path, join(aside, segmentsDir, basename(segment.path)))
          }
        await rename(join(build, dataFile), join(dir, dataFile))
        await rm(build, { recursive: true, force: true })
      })
      const { events, lost, payloadsLost } = result
      return { events, lost, payloadsLost, aside }
    }),
  )
