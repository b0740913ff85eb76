/**
 * Finds what an erasure asks for: in the log, in its archives, in the contents that events brought with them, and in what
 * models made of it that no text is looked for in.
 * Invariants: the text that is looked for is in nothing this makes, but for the events themselves; the log's own records
 * are never among the found; the digest names exactly the events found.
 */
import { Effect, Stream } from "effect"
import { createHash } from "node:crypto"
import { archivedEvents, listArchives } from "../../log-store/archive.ts"
import { inAnyCase } from "../../log-store/Needle.ts"
import type { LogError, LogStore, Query } from "../../log-store/LogStore.ts"
import { queryMatcher } from "../../log-store/queryMatcher.ts"
import type { Event } from "../domain/event.ts"
import { Meanings } from "./meanings.ts"
import { Told } from "./positionsAt.ts"

type Store = LogStore["Service"]

export interface Erasable {
  /** Ascending; those with their payload in the log, and those with it in an archive. */
  readonly inLog: ReadonlyArray<number>
  readonly inArchives: ReadonlyArray<number>
  readonly kept: number
  readonly first: ReadonlyArray<Event>
  readonly upTo: number
  readonly digest: string
  readonly told: Told
}

const shown = 10

class Found {
  readonly inLog = new Set<number>()
  readonly inArchives = new Set<number>()
  readonly told = new Told()
  readonly meanings = new Meanings()
  kept = 0
  first: Array<Event> = []

  add(event: Event): void {
    if (event.erased === true) return
    if (event.type.startsWith("log.")) {
      this.kept++
      return
    }
    const set = event.archived === undefined ? this.inLog : this.inArchives
    if (set.has(event.seq)) return
    set.add(event.seq)
    this.told.add(event)
    this.meanings.add(event)
    if (this.first.length < 2 * shown) this.first.push(event)
  }
}

const ascending = (seqs: ReadonlySet<number>): ReadonlyArray<number> => [...seqs].sort((a, b) => a - b)

/** `query` with all conditions, `seqs` where only these are meant. Everything up to `upTo`. */
export const findErasable = Effect.fnUntraced(function* (
  store: Store,
  dir: string,
  query: Query,
  seqs: ReadonlyArray<number> | null,
  upTo: number,
): Effect.fn.Return<Erasable, LogError> {
  const found = new Found()
  const meant = seqs === null ? null : new Set(seqs)
  const wanted = (event: Event) => meant === null || meant.has(event.seq)
  const bounded: Query = { ...query, to: upTo }
  if (meant === null)
    yield* store.read(bounded).pipe(Stream.runForEach((event) => Effect.sync(() => found.add(event))))
  else {
    const matches = queryMatcher(bounded)
    for (const seq of meant) {
      const event = yield* store.get(seq)
      if (event !== null && matches(event)) found.add(event)
    }
  }

  const { grep, ...others } = bounded
  const text = grep === undefined ? null : inAnyCase(grep)
  const inBlob = (content: Buffer) => text?.test(content.toString()) === true
  const matchesOthers = queryMatcher(others)
  if (text !== null)
    for (const seq of yield* store.seqsOfBlobs(inBlob)) {
      const event = yield* store.get(seq)
      if (event !== null && event.archived === undefined && wanted(event) && matchesOthers(event))
        found.add(event)
    }
  const matches = queryMatcher(bounded)
  for (const { path } of yield* Effect.promise(() => listArchives(dir))) {
    for (const { event, blobMatches } of yield* Effect.promise(() => archivedEvents(path, inBlob)))
      if (wanted(event) && (matches(event) || (blobMatches && matchesOthers(event)))) found.add(event)
    yield* Effect.yieldNow
  }

  for (const event of yield* found.meanings.events(store, upTo)) found.add(event)

  const { first, kept, told } = found
  const inLog = ascending(found.inLog)
  const inArchives = ascending(found.inArchives)
  const digest = createHash("sha256")
    .update(`${inLog.join(",")};${inArchives.join(",")}`)
    .digest("hex")
  return {
    inLog,
    inArchives,
    kept,
    upTo,
    digest,
    told,
    first: first.sort((a, b) => a.seq - b.seq).slice(0, shown),
  }
})
