/**
 * What one commit will hold: drafts turned into chained entries, packed into chunks as they fill.
 * Invariants: a request's drafts are in one batch, all or none; the chain continues from `start`, so a batch is only
 * good if everything before it was committed; building does no IO and takes its time from the requests.
 */
import { type EventDraft, payloadVersion } from "../src/domain/event.ts"
import type { Commit } from "./Backend.ts"
import { encodeBlob, sideLimit } from "./blob.ts"
import { headerText, kindText, sha256 } from "./canonical.ts"
import { inline, side } from "./chunk.ts"
import { type PackedChunk, Packer } from "./Packer.ts"
import { encodeHead, headRecord, type StoredHead, typesRecord } from "./records.ts"
import { maxMs, Uuid7 } from "./uuid7.ts"

const kindCacheLimit = 512
const none: ReadonlyArray<string> = []

/** JSON text of the headers' common parts; few in number, so remembered. */
export class KindTexts {
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
  #seq: number
  #hash: string
  #at: string
  #atMs: number
  #maxMs: number
  #regression: number
  #lastId: string | null
  bytes = 0

  constructor(start: StoredHead, knownTypes: ReadonlySet<string>, kindTexts: KindTexts) {
    this.start = start
    this.#knownTypes = knownTypes
    this.#kindTexts = kindTexts
    this.#ids = new Uuid7(start.id)
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
    const texts = drafts.length === 1 ? [jsonOf(drafts[0]!)] : drafts.map(jsonOf)
    const ms = Math.min(Math.max(Math.trunc(nowMs), 0), maxMs)
    if (ms !== this.#atMs) {
      this.#atMs = ms
      this.#at = new Date(ms).toISOString()
    }
    for (let n = 0; n < drafts.length; n++) this.#addOne(drafts[n]!, texts[n]!, ms)
  }

  #addOne(draft: EventDraft, text: string, ms: number): void {
    const seq = ++this.#seq
    if (ms < this.#maxMs) this.#regression = seq
    else this.#maxMs = ms
    const id = this.#ids.next(ms)
    const payloadHash = sha256(text)
    // Three bytes are the most a UTF-16 unit can take.
    const large =
      text.length > sideLimit || (text.length * 3 > sideLimit && Buffer.byteLength(text) > sideLimit)
    if (large) this.#addBlob(payloadHash, seq, Buffer.from(text))
    const blobs = draft.blobs === undefined ? none : this.#addBlobs(draft.blobs, seq)
    this.#hash = sha256(
      headerText(
        seq,
        id,
        this.#at,
        this.#kindTexts.of(draft),
        draft.causationId,
        draft.correlationId,
        payloadHash,
        this.#hash,
        blobs,
      ),
    )
    this.#lastId = id
    if (!this.#knownTypes.has(draft.type)) this.#newTypes.add(draft.type)
    if (draft.correlationId !== null) this.correlations.set(draft.correlationId, seq)
    this.#packer.add({
      seq,
      id,
      at: this.#at,
      type: draft.type,
      v: payloadVersion(draft.type),
      workspace: draft.workspace,
      actor: draft.actor,
      trust: draft.trust,
      causationId: draft.causationId,
      correlationId: draft.correlationId,
      payload: large ? payloadHash : text,
      place: large ? side : inline,
      blobs,
      hash: this.#hash,
    })
    this.bytes += text.length
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

  /** Head of the log once this batch is in it. */
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

  /** `known` says which blobs the store has: their content is not written twice. */
  seal(known: (hash: string) => boolean): {
    readonly commit: Commit
    readonly chunks: ReadonlyArray<PackedChunk>
  } {
    const { chunks, terms } = this.#packer.take()
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
    return { commit: { chunks: [...this.#rewritten, ...chunks], terms, blobs, records }, chunks }
  }
}

const jsonOf = (draft: EventDraft): string => {
  const text = JSON.stringify(draft.payload) as string | undefined
  if (text === undefined) throw new TypeError(`the payload of ${draft.type} is no JSON`)
  return text
}
