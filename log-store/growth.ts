/**
 * What the log's trees and its file come to at a number of events, from what a shorter log measures. LMDB: pages of 4 KiB,
 * two levels of nodes in each tree (leaves with the entries, branches above), chunks on pages of their own. Pure.
 * Invariant: the counts are those of a tree whose pages are as full as splitting in the middle leaves them.
 */
const page = 4096
const pageRoom = page - 16
const nodeHeader = 8
const pointer = 2
/** Where keys come in order a split leaves half a page, where they come at random about two thirds are full. */
const orderedFill = 0.5
const randomFill = 0.67
const chunkKeyBytes = 4
const overflowPointer = 8
/** Seqs are stored in 32 bits. */
export const maxEventsOfLog = 2 ** 32 - 2

export interface Measured {
  readonly events: number
  readonly chunks: number
  /** Pages a chunk takes. */
  readonly chunkPages: number
  readonly terms: number
  readonly termKeyBytes: number
}

export interface Growth {
  readonly events: number
  readonly fileBytes: number
  /** Levels from the root to a leaf: what a look-up touches, and what a commit writes for one key. */
  readonly chunkDepth: number
  readonly termDepth: number
  /** Pages a commit of one chunk with its index keys writes: all the ways down, and the chunk. */
  readonly commitPages: number
}

interface Tree {
  readonly pages: number
  readonly depth: number
}

const treeOf = (entries: number, keyBytes: number, valueBytes: number, fill: number): Tree => {
  const perLeaf = Math.max(2, Math.floor((pageRoom * fill) / (nodeHeader + pointer + keyBytes + valueBytes)))
  const perBranch = Math.max(2, Math.floor((pageRoom * fill) / (nodeHeader + pointer + keyBytes)))
  let level = Math.max(1, Math.ceil(entries / perLeaf))
  let pages = level
  let depth = 1
  while (level > 1) {
    level = Math.ceil(level / perBranch)
    pages += level
    depth++
  }
  return { pages, depth }
}

export const growthAt = (events: number, measured: Measured): Growth => {
  const scale = events / measured.events
  const chunks = treeOf(measured.chunks * scale, chunkKeyBytes, overflowPointer, orderedFill)
  const terms = treeOf(measured.terms * scale, measured.termKeyBytes, 0, randomFill)
  const values = measured.chunks * scale * measured.chunkPages
  return {
    events,
    fileBytes: (values + chunks.pages + terms.pages) * page,
    chunkDepth: chunks.depth,
    termDepth: terms.depth,
    commitPages: Math.ceil(
      measured.chunkPages + chunks.depth + (measured.terms / measured.chunks) * terms.depth,
    ),
  }
}
