/**
 * Which events say that payloads before them were taken out of the store, and of which seqs. An event whose payload is
 * gone and that none of these names was tampered with.
 */
import type { SeqRange } from "./SeqRanges.ts"

const byType: Readonly<Record<string, (payload: unknown) => ReadonlyArray<SeqRange>>> = {
  "log.erased": (payload) =>
    (payload as { readonly seqs: ReadonlyArray<number> }).seqs.map((seq) => [seq, seq] as const),
}

/** For types that explain nothing: undefined, so that their payloads need not be parsed. */
export const explains = (type: string): ((payload: unknown) => ReadonlyArray<SeqRange>) | undefined =>
  Object.hasOwn(byType, type) ? byType[type] : undefined
