/**
 * The states of many paths as contents of the log: one for each folder, named by its hash, so that a folder in which
 * nothing changed is kept once for all the commands that ran beside it.
 * Invariants: the same states give the same contents; a state is found by going down from the root's hash alone. Pure.
 */
import { Effect } from "effect"
import type { PathState } from "../domain/events/acted.ts"
import { sha256 } from "./boundedOutput.ts"

/** Name, kind, mode, modification time, bytes, hash, and the hash of its own manifest where it is a folder. */
type Row = readonly [
  name: string,
  kind: PathState["kind"] | "",
  mode: number,
  mtimeNs: string,
  bytes: number,
  hash: string | null,
  below: string | null,
]

interface Node {
  state: PathState | null
  readonly children: Map<string, Node>
}

export interface Manifest {
  readonly root: string
  readonly blobs: ReadonlyMap<string, Uint8Array>
}

const node = (): Node => ({ state: null, children: new Map() })

const treeOf = (states: ReadonlyArray<PathState>): Node => {
  const root = node()
  for (const state of states) {
    let at = root
    for (const name of state.path.split("/").slice(1)) {
      const next = at.children.get(name) ?? node()
      at.children.set(name, next)
      at = next
    }
    at.state = state
  }
  return root
}

const encode = (at: Node, blobs: Map<string, Uint8Array>): string => {
  const rows = [...at.children].map(([name, child]): Row => {
    const below = child.children.size === 0 ? null : encode(child, blobs)
    const { bytes = 0, hash = null, kind = "", mode = 0, mtimeNs = "0" } = child.state ?? {}
    return [name, kind, mode, mtimeNs, bytes, hash, below]
  })
  rows.sort(([a], [b]) => (a < b ? -1 : 1))
  const content = new TextEncoder().encode(JSON.stringify(rows))
  const hash = sha256(content)
  blobs.set(hash, content)
  return hash
}

/** Paths are absolute. */
export const manifestOf = (states: ReadonlyArray<PathState>): Manifest => {
  const blobs = new Map<string, Uint8Array>()
  return { root: encode(treeOf(states), blobs), blobs }
}

const rowsOf = (bytes: Uint8Array): ReadonlyMap<string, Row> => {
  const rows: ReadonlyArray<Row> = JSON.parse(Buffer.from(bytes).toString("utf8"))
  return new Map(rows.map((row) => [row[0], row]))
}

/** All of them; null where a part of the manifest is not there. */
export const statesIn = Effect.fnUntraced(function* (
  root: string,
  blob: (hash: string) => Effect.Effect<Uint8Array | null>,
) {
  const states: Array<PathState> = []
  const waiting: Array<readonly [folder: string, hash: string]> = [["", root]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [folder, hash] = next
    const bytes = yield* blob(hash)
    if (bytes === null || sha256(bytes) !== hash) return null
    for (const [name, kind, mode, mtimeNs, size, content, below] of rowsOf(bytes).values()) {
      const path = `${folder}/${name}`
      if (kind !== "") states.push({ path, kind, mode, mtimeNs, bytes: size, hash: content })
      if (below !== null) waiting.push([path, below])
    }
  }
  return states
})

/** A finder of states, which reads each folder once; `undefined`: a part of the manifest is not there. */
export const stateFinder = (root: string, blob: (hash: string) => Effect.Effect<Uint8Array | null>) => {
  const read = new Map<string, ReadonlyMap<string, Row> | null>()
  const folder = Effect.fnUntraced(function* (hash: string) {
    if (!read.has(hash)) {
      const bytes = yield* blob(hash)
      read.set(hash, bytes === null || sha256(bytes) !== hash ? null : rowsOf(bytes))
    }
    return read.get(hash)!
  })
  return Effect.fnUntraced(function* (path: string) {
    let below: string | null = root
    let row: Row | undefined
    for (const name of path.split("/").slice(1)) {
      if (below === null) return null
      const rows: ReadonlyMap<string, Row> | null = yield* folder(below)
      if (rows === null) return undefined
      row = rows.get(name)
      if (row === undefined) return null
      below = row[6]
    }
    if (row === undefined || row[1] === "") return null
    const state: PathState = {
      path,
      kind: row[1],
      mode: row[2],
      mtimeNs: row[3],
      bytes: row[4],
      hash: row[5],
    }
    return state
  })
}
