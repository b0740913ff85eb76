/**
 * What one commit will hold: drafts turned into chained entries, packed into chunks as they fill.
 * Invariants: a request's drafts are in one batch, all or none; the chain continues from `start`, so a batch is only
 * good if everything before it was committed; building does no IO and takes its time from the requests.
 */
import { type Event, type EventDraft, payloadVersion } from "../src/domain/event.ts"
import type { Commit } from "./Backend.ts"
import { encodeBlob, sideLimit } from "./blob.ts"
import { headerText, kindText, sha256 } from "./canonical.ts"
import { inline, side } from "./chunk.ts"
import { type PackedChunk, Packer, type Tail } from "./Packer.ts"
import { PlainEvent } from "./PlainEvent.ts"
import { isPlainJson } from "./plainJson.ts"
import { encodeHead, headRecord, type StoredHead, typesRecord } from "./records.ts"
import { maxMs, RandomBytes, Uuid7 } from "./uuid7.ts"

const kindCacheLimit = 512
const none: ReadonlyArray<string> = []

/** JSON text of the headers' common parts; few in number, so remembered. */
class KindTexts {
  readonly #texts = new Map<string, string>()
  #last: EventDraft | undefined
  #lastText = ""

  of(draft: EventDraft): string {
    const last = this.#last
    if (
      last === undefined ||
      last.type !== draft.type ||
      last.workspace !== draft.workspace ||
      last.actor !== draft.actor ||
      last.trust !== draft.trust
    ) {
      this.#lastText = this.#find(draft)
      this.#last = draft
    }
    return this.#lastText
  }

  #find(draft: EventDraft): string {
    const key = `${draft.type}\n${draft.workspace ?? "\t"}\n${draft.actor}\n${draft.trust}`
    const known = this.#texts.get(key)
    if (known !== undefined) return known
    if (this.#texts.size >= kindCacheLimit) this.#texts.clear()
    const text = kindText(draft.type, payloadVersion(draft.type), draft.workspace, draft.actor, draft.trust)
    this.#texts.set(key, text)
    return text
  }
}

/** What batches hand on to each other to save time. */
export class BatchShared {
  readonly kindTexts = new KindTexts()
  readonly random = new RandomBytes()
}

export class Batch {
  readonly start: StoredHead
  readonly #ids: Uuid7
  readonly #kindTexts: KindTexts
  readonly #knownTypes: ReadonlySet<string>
  readonly #newTypes = new Set<string>()
  readonly #packer: Packer
  readonly #rewritten: Array<PackedChunk> = []
  readonly #blobs = new Map<string, Buffer>()
  readonly #replaced = new Map<string, Buffer>()
  readonly #records = new Map<string, Buffer | null>()
  /** Newest seq of each correlation in this batch. */
  readonly correlations = new Map<string, number>()
  /** What was chained, as readers get it. */
  readonly stored: Array<Event> = []
  /** Added, not chained yet. */
  #drafts: Array<EventDraft> = []
  #texts: Array<string> = []
  #times: Array<number> = []
  #seq: number
  #hash: string
  #at: string
  #atMs: number
  #maxMs: number
  #regression: number
  #lastId: string | null
  bytes = 0

  constructor(start: StoredHead, knownTypes: ReadonlySet<string>, shared: BatchShared) {
    this.start = start
    this.#knownTypes = knownTypes
    this.#kindTexts = shared.kindTexts
    this.#ids = new Uuid7(start.id, shared.random)
    this.#seq = start.seq
    this.#hash = start.hash
    this.#packer = new Packer(start.hash)
    this.#at = start.at ?? ""
    this.#atMs = -1
    this.#maxMs = start.maxMs
    this.#regression = start.regression
    this.#lastId = start.id
  }

  get events(): number {
    return this.#seq - this.start.seq
  }
  get isEmpty(): boolean {
    return (
      this.events === 0 &&
      this.#records.size === 0 &&
      this.#replaced.size === 0 &&
      this.#rewritten.length === 0
    )
  }
  get seq(): number {
    return this.#seq
  }

  put(key: string, value: Buffer | null): void {
    this.#records.set(key, value)
    this.bytes += value?.length ?? 0
  }
  /** Replaces a stored chunk: only to erase payloads, which leaves its hashes as they are. */
  replaceChunk(chunk: PackedChunk): void {
    this.#rewritten.push(chunk)
  }
  replaceBlob(hash: string, bytes: Buffer): void {
    this.#replaced.set(hash, bytes)
  }

  /** Adds a request's drafts. Throws before anything was added if a payload is no JSON. */
  add(drafts: ReadonlyArray<EventDraft>, nowMs: number): void {
    const texts = this.#texts
    const before = texts.length
    try {
      for (const draft of drafts) texts.push(jsonOf(draft))
    } catch (error) {
      texts.length = before
      throw error
    }
    const ms = Math.min(Math.max(Math.trunc(nowMs), 0), maxMs)
    for (const draft of drafts) {
      this.#drafts.push(draft)
      this.#times.push(ms)
      this.#seq++
      if (draft.correlationId !== null) this.correlations.set(draft.correlationId, this.#seq)
    }
    for (let n = before; n < texts.length; n++) this.bytes += texts[n]!.length
  }

  /**
   * Chains and packs what was added. In stages over many events, not event by event through all of it: each stage
   * stays in the processor's instruction cache, which makes the whole half as fast again.
   */
  prepare(): void {
    const drafts = this.#drafts
    if (drafts.length === 0) return
    const texts = this.#texts
    const hashes = texts.map(sha256)
    const ids = this.#ids.take(this.#times)
    const first = this.#seq - drafts.length + 1
    for (let n = 0; n < drafts.length; n++)
      this.#chain(drafts[n]!, first + n, texts[n]!, hashes[n]!, ids[n]!, this.#times[n]!)
    this.#drafts = []
    this.#texts = []
    this.#times = []
  }

  #chain(draft: EventDraft, seq: number, text: string, payloadHash: string, id: string, ms: number): void {
    if (ms !== this.#atMs) {
      this.#atMs = ms
      this.#at = new Date(ms).toISOString()
    }
    if (ms < this.#maxMs) this.#regression = seq
    else this.#maxMs = ms
    // Three bytes are the most a UTF-16 unit can take.
    const large =
      text.length > sideLimit || (text.length * 3 > sideLimit && Buffer.byteLength(text) > sideLimit)
    if (large) this.#addBlob(payloadHash, seq, Buffer.from(text))
    const blobs = draft.blobs === undefined ? none : this.#addBlobs(draft.blobs, seq)
    const prevHash = this.#hash
    const { type, workspace, actor, trust, causationId, correlationId } = draft
    const kind = this.#kindTexts.of(draft)
    const at = this.#at
    const hash = sha256(
      headerText(seq, id, at, kind, causationId, correlationId, payloadHash, prevHash, blobs),
    )
    this.#hash = hash
    this.#lastId = id
    if (!this.#knownTypes.has(type)) this.#newTypes.add(type)
    const v = payloadVersion(type)
    this.stored.push(
      new PlainEvent(
        seq,
        id,
        at,
        type,
        v,
        workspace,
        actor,
        trust,
        causationId,
        correlationId,
        isPlainJson(draft.payload) ? draft.payload : JSON.parse(text),
        prevHash,
        hash,
      ),
    )
    this.#packer.add({
      seq,
      id,
      at,
      type,
      v,
      workspace,
      actor,
      trust,
      causationId,
      correlationId,
      payload: large ? payloadHash : text,
      place: large ? side : inline,
      blobs,
      hash,
    })
  }

  #addBlobs(contents: ReadonlyArray<Uint8Array>, seq: number): ReadonlyArray<string> {
    return contents.map((content) => {
      const hash = sha256(content)
      this.#addBlob(hash, seq, content)
      return hash
    })
  }

  #addBlob(hash: string, seq: number, content: Uint8Array): void {
    if (this.#blobs.has(hash)) return
    const bytes = encodeBlob(seq, content)
    this.#blobs.set(hash, bytes)
    this.bytes += bytes.length
  }

  /** Head of the log once this batch is in it; known when everything is prepared. */
  get head(): StoredHead {
    return this.events === 0
      ? this.start
      : {
          seq: this.#seq,
          hash: this.#hash,
          at: this.#at,
          id: this.#lastId,
          maxMs: this.#maxMs,
          regression: this.#regression,
        }
  }
  get newTypes(): ReadonlySet<string> {
    return this.#newTypes
  }

  /**
   * `known` says which blobs the store has: their content is not written twice. `tail`: the small chunks before,
   * which may be merged with what is here.
   */
  seal(known: (hash: string) => boolean, tail: Tail | undefined): Sealed {
    this.prepare()
    const packed = this.#packer.take(tail)
    const records = [...this.#records].map(([key, value]) => ({ key, value }))
    if (this.events > 0) records.push({ key: headRecord, value: encodeHead(this.head) })
    if (this.#newTypes.size > 0)
      records.push({
        key: typesRecord,
        value: Buffer.from(JSON.stringify([...this.#knownTypes, ...this.#newTypes])),
      })
    const blobs = [...this.#replaced, ...[...this.#blobs].filter(([hash]) => !known(hash))].map(
      ([hash, bytes]) => ({ hash, bytes }),
    )
    const { chunks, terms, mergedChunks, mergedTerms } = packed
    return {
      commit: { chunks: [...this.#rewritten, ...chunks], terms, mergedChunks, mergedTerms, blobs, records },
      tail: packed.tail,
    }
  }
}

export interface Sealed {
  readonly commit: Commit
  readonly tail: Tail | undefined
}

const jsonOf = (draft: EventDraft): string => {
  const text = JSON.stringify(draft.payload) as string | undefined
  if (text === undefined) throw new TypeError(`the payload of ${draft.type} is no JSON`)
  return text
}
