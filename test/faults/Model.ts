/**
 * What a log is, as simply as it can be said: an array. No chunks, no index, no hashes but those the log itself told. The
 * commands of `modelCommands.ts` do the same to it and to a real log, and compare.
 */
import type { Event, EventDraft } from "../../src/domain/event.ts"
import type { Query } from "../../log-store/LogStore.ts"

/** Larger payloads lie apart, under their hash, once for all events that have the same. */
const sideLimit = 4096

interface Kept {
  readonly event: Event
  readonly blobs: ReadonlyArray<string>
  readonly payload: string
  erased: boolean
  /** Was without its content for a while, because another event with the same was erased. */
  shared?: boolean
}

const isApart = (payload: string): boolean => Buffer.byteLength(payload) > sideLimit
const globbed = (glob: string, text: string): boolean =>
  new RegExp(`^${glob.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(text)

export class Model {
  now = Date.parse("2026-03-01T00:00:00.000Z")
  readonly kept: Array<Kept> = []
  /** Contents taken away, for whoever else had the same, until they come again. */
  readonly gone = new Set<string>()
  /** Where the newest checkpoint is, where it must be there still. */
  checkpoint: number | null = null
  /** Copies made and recoveries gone through, to name the next. */
  moves = 0

  get head(): number {
    return this.kept.length
  }
  lastOf(correlationId: string): number {
    return this.kept.findLast(({ event }) => event.correlationId === correlationId)?.event.seq ?? 0
  }
  /** A seq from a share of the log; 0 where it is empty. */
  at(share: number): number {
    return Math.ceil(share * this.head)
  }

  appended(drafts: ReadonlyArray<EventDraft>, events: ReadonlyArray<Event>): void {
    for (const [n, event] of events.entries()) {
      const payload = JSON.stringify(drafts[n]!.payload)
      const blobs = (drafts[n]!.blobs ?? []).map((bytes) => Buffer.from(bytes).toString("latin1"))
      if (isApart(payload)) this.gone.delete(payload)
      for (const blob of blobs) this.gone.delete(blob)
      this.kept.push({ event, payload, blobs, erased: false })
    }
  }

  /** Those of the seqs that can be erased, once each and in order. */
  erasable(seqs: ReadonlyArray<number>): ReadonlyArray<number> {
    return [...new Set(seqs)]
      .filter((seq) => {
        const kept = this.kept[seq - 1]
        return kept !== undefined && !kept.erased && !["log.erased", "log.archived"].includes(kept.event.type)
      })
      .toSorted((a, b) => a - b)
  }
  erase(seqs: ReadonlyArray<number>): void {
    for (const seq of seqs) {
      const kept = this.kept[seq - 1]!
      kept.erased = true
      if (isApart(kept.payload)) this.gone.add(kept.payload)
      for (const blob of kept.blobs) this.gone.add(blob)
    }
    for (const kept of this.kept) if (isApart(kept.payload) && this.gone.has(kept.payload)) kept.shared = true
  }
  /** Segments may be of the time when a shared content was gone: then it is again, for those that had lost it. */
  recovered(events: ReadonlyArray<Event>): void {
    for (const { seq, payload } of events) {
      const kept = this.kept[seq - 1]!
      if (kept.shared === true && payload === null) kept.erased = true
    }
  }

  /** A copy knows only that a content is gone, not of whom it was taken: it stays gone. */
  copied(): void {
    for (const kept of this.kept) if (isApart(kept.payload) && this.gone.has(kept.payload)) kept.erased = true
    this.checkpoint = null
  }

  /** The event as a reader is to see it. */
  event(seq: number): unknown {
    const { event, payload, erased } = this.kept[seq - 1]!
    if (erased || (isApart(payload) && this.gone.has(payload)))
      return { ...event, payload: null, erased: true }
    return { ...event, payload: JSON.parse(payload) as unknown }
  }
  /** Events that lost their content to an erasure of others with the same. */
  get sharers(): number {
    return this.kept.filter(
      ({ erased, payload, blobs }) =>
        !erased &&
        ((isApart(payload) && this.gone.has(payload)) || blobs.some((blob) => this.gone.has(blob))),
    ).length
  }

  find(query: Query): ReadonlyArray<number> {
    const found = this.kept
      .filter(({ event }) => {
        const seen = this.event(event.seq) as Event
        const ms = Date.parse(event.at)
        return (
          event.seq >= (query.from ?? 1) &&
          event.seq <= (query.to ?? this.head) &&
          ms >= (query.since ?? Number.NEGATIVE_INFINITY) &&
          ms <= (query.until ?? Number.POSITIVE_INFINITY) &&
          (query.types === undefined || query.types.some((glob) => globbed(glob, event.type))) &&
          (query.workspace === undefined || event.workspace === query.workspace) &&
          (query.correlationId === undefined || event.correlationId === query.correlationId) &&
          (query.causationId === undefined || event.causationId === query.causationId) &&
          (query.grep === undefined ||
            (seen.payload !== null &&
              JSON.stringify(seen.payload).toLowerCase().includes(query.grep.toLowerCase())))
        )
      })
      .map(({ event }) => event.seq)
    if (query.reverse === true) found.reverse()
    return found.slice(0, query.limit ?? found.length)
  }
}
