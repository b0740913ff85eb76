/**
 * A large log checked by several processes side by side, each a range of it: how it is divided (`planOf`), what one of
 * them finds (`checkPart`), what that adds up to (`together`). A part begins behind the last event of the chunk before
 * it, whose hash it takes as given and the part before it checks: so every link is checked, also where parts meet.
 * Invariant: the fault named is the one that a check from end to end would name.
 */
import { Schema } from "effect"
import { checkArchives } from "./archiveCheck.ts"
import type { Backend } from "./Backend.ts"
import type { Fault } from "./ChainCheck.ts"
import { Chunk } from "./chunk.ts"
import { addSums, eachKey, KeySums, noSums, sameSums, type Sums } from "./IndexCheck.ts"
import type { LmdbBackend } from "./LmdbBackend.ts"
import type { VerifyReport } from "./LogStore.ts"
import { HeadFields, type StoredHead } from "./records.ts"
import { checkSegments, segmentGap } from "./segmentCheck.ts"
import type { SegmentFile } from "./segments.ts"
import { SeqRanges } from "./SeqRanges.ts"
import { term, termKey } from "./terms.ts"
import { unexplainedFault, Verification } from "./verify.ts"

/** Fewer events are checked by one process before a second one has started. */
export const worthParts = 60_000
/** At the end of a log chunks are still merged: there each key is looked up. */
const unsettledEvents = 16_384
const keyPage = 4096

const Range = Schema.Struct({ from: Schema.Natural, to: Schema.Natural })
const FaultJson = Schema.NullOr(Schema.Struct({ seq: Schema.Natural, message: Schema.String }))

export const Part = Schema.Struct({
  ...Range.fields,
  head: HeadFields,
  /** Null: each key of the index is looked up. */
  sums: Schema.NullOr(
    Schema.Struct({
      seed: Schema.Tuple([Schema.Finite, Schema.Finite]),
      /** Key of the first chunk of the unsettled end. */
      below: Schema.Natural,
      /** The keys of the index that this part reads, in hex; null: to the end. */
      keysFrom: Schema.String,
      keysTo: Schema.NullOr(Schema.String),
    }),
  ),
})
export type Part = typeof Part.Type

const SumsJson = Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite])
export const PartReport = Schema.Struct({
  events: Schema.Natural,
  fault: FaultJson,
  unexplained: Schema.Array(Range),
  explained: Schema.Array(Range),
  /** What the keys should add up to, and what those read do. */
  expected: SumsJson,
  found: SumsJson,
  segments: FaultJson,
  archives: FaultJson,
  /** What the check took, without the start of the process. */
  ms: Schema.Finite,
})
export type PartReport = typeof PartReport.Type

/** A store whose index can be read in order. */
export type IndexedBackend = Backend & Pick<LmdbBackend, "termKeys" | "looseKeys">

/** Equal shares of the log, divided where chunks begin. */
export const planOf = (
  backend: IndexedBackend,
  head: StoredHead,
  parts: number,
  seed: readonly [number, number],
): ReadonlyArray<Part> => {
  const starts = Array.from({ length: parts }, (_, n) =>
    n === 0 ? 1 : (backend.chunkAt(1 + Math.floor((head.seq * n) / parts))?.key ?? 1),
  )
  const froms = [...new Set(starts)].sort((a, b) => a - b)
  const below = backend.chunkAt(Math.max(1, head.seq - unsettledEvents))?.key ?? 1
  // Most keys are causations, which are in the order of the events they name.
  const edges = froms.map((from) => {
    const chunk = from === 1 ? undefined : backend.chunkAt(from)
    return chunk === undefined
      ? ""
      : termKey(term("causation", new Chunk(chunk.bytes).id(0)), 0).toString("hex")
  })
  return froms.map((from, n) => ({
    from,
    to: n === froms.length - 1 ? head.seq : froms[n + 1]! - 1,
    head,
    sums: { seed, below, keysFrom: edges[n]!, keysTo: edges[n + 1] ?? null },
  }))
}

const sumsOfKeys = (backend: IndexedBackend, part: NonNullable<Part["sums"]>): Sums => {
  const sums = new KeySums(part.seed, part.below, { take: () => true })
  const to = part.keysTo === null ? null : Buffer.from(part.keysTo, "hex")
  for (let from: Buffer | null = Buffer.from(part.keysFrom, "hex"); from !== null;) {
    const keys: ReadonlyArray<Uint8Array> = backend.termKeys(from, to, keyPage)
    for (const key of keys) sums.take(key)
    from = keys.length < keyPage ? null : Buffer.concat([keys.at(-1)!, Buffer.alloc(1)])
  }
  // They are in no order, so the last part takes them all.
  if (part.keysTo === null) for (const key of backend.looseKeys()) sums.take(key)
  return sums.sums
}

/** `checked` is called with the events of each step. */
export const checkPart = async (
  backend: IndexedBackend,
  part: Part,
  dir: string,
  segments: ReadonlyArray<SegmentFile>,
  checked: (events: number) => void,
): Promise<PartReport> => {
  const began = performance.now()
  const each = eachKey(backend)
  const index = part.sums === null ? each : new KeySums(part.sums.seed, part.sums.below, each)
  const verification = new Verification(backend, part.head, { ...part, part: true, index })
  for (let before = 0; !verification.done; before = verification.events) {
    verification.step()
    checked(verification.events - before)
  }
  const { events, fault } = verification
  const isLast = part.to === part.head.seq
  const mine = segments.filter(({ first, last }) =>
    last > part.head.seq ? isLast : first >= part.from && first <= part.to,
  )
  const ofSegments =
    fault === null
      ? ((await checkSegments(backend, part.head.seq, mine, "full")) ??
        (isLast ? segmentGap(segments) : null))
      : null
  const ofArchives =
    isLast && fault === null && ofSegments === null ? await checkArchives(backend, part.head.seq, dir) : null
  return {
    events,
    fault,
    ...verification.absent,
    expected: index instanceof KeySums ? index.sums : noSums,
    found: part.sums === null || fault !== null ? noSums : sumsOfKeys(backend, part.sums),
    segments: ofSegments,
    archives: ofArchives,
    ms: performance.now() - began,
  }
}

/** What parts that follow each other found; `index` where their sums differ and it is not known why. */
export const together = (head: StoredHead, reports: ReadonlyArray<PartReport>): VerifyReport | "index" => {
  const missing = new SeqRanges()
  let events = 0
  let expected = noSums
  let found = noSums
  const report = (failure: Fault | null): VerifyReport => {
    const { seq, hash, at } = head
    return { events, head: { seq, hash, at }, ok: failure === null, failure }
  }
  for (const part of reports) {
    events += part.events
    if (part.fault !== null) return report(part.fault)
    for (const { from, to } of part.explained) missing.remove(from, to)
    for (const { from, to } of part.unexplained) missing.add(from, to)
    expected = addSums(expected, part.expected)
    found = addSums(found, part.found)
  }
  const unexplained = unexplainedFault(missing)
  if (unexplained !== null) return report(unexplained)
  if (!sameSums(expected, found)) return "index"
  const late = [...reports.map(({ segments }) => segments), ...reports.map(({ archives }) => archives)]
  return report(late.find((fault) => fault !== null) ?? null)
}
