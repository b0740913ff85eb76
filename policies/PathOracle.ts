/**
 * What the gate may ask of the file system, and how a path is followed through symlinks without the kernel.
 * The oracle is injected, so that compiling stays pure given it: a real disk, or a tree described in memory.
 * Invariants: `entry` never follows the last link and never throws; following is bounded; what cannot be
 * read counts as `unreadable`, which no rule takes for harmless.
 */
export type PathKind = "file" | "dir" | "link" | "fifo" | "socket" | "device" | "absent" | "unreadable"
export interface PathEntry {
  readonly kind: PathKind
  /** Target of a link, as written. */
  readonly target: string | null
  /** Hard links to it. */
  readonly links: number
}
export interface PathOracle {
  readonly entry: (path: string) => PathEntry
  /** Names in a directory; null where it cannot be listed. */
  readonly list: (path: string) => ReadonlyArray<string> | null
  /** The same with the kind of each, where one look gives both. */
  readonly entries?: (path: string) => ReadonlyArray<NamedKind> | null
}
export interface NamedKind {
  readonly name: string
  readonly kind: PathKind
}

/** What is in a directory; nothing where it cannot be listed. */
export const entriesOf = (oracle: PathOracle, directory: string): ReadonlyArray<NamedKind> =>
  oracle.entries !== undefined
    ? (oracle.entries(directory) ?? [])
    : (oracle.list(directory) ?? []).map((name) => ({
        name,
        kind: oracle.entry(`${directory === "/" ? "" : directory}/${name}`).kind,
      }))

export interface Followed {
  /** Absolute, without links, as far as the path exists; the rest appended as written. */
  readonly real: string
  readonly kind: PathKind
  readonly links: number
  /** A `..` stood after a followed link: kernel and reader may disagree on where that leads. */
  readonly upAfterLink: boolean
  /** Links led in a circle, or through more than the kernel follows. */
  readonly loop: boolean
}

const maxLinks = 40

/** Asks each path once; a compile is short, so what it saw is what it judges. */
export const remembering = (oracle: PathOracle): PathOracle => {
  const entries = new Map<string, PathEntry>()
  const lists = new Map<string, ReadonlyArray<string> | null>()
  const remembered: PathOracle = {
    ...(oracle.entries === undefined ? {} : { entries: oracle.entries }),
    list: (path) => {
      const known = lists.get(path)
      if (known !== undefined) return known
      const names = oracle.list(path)
      lists.set(path, names)
      return names
    },
    entry: (path) => {
      const known = entries.get(path)
      if (known !== undefined) return known
      const entry = oracle.entry(path)
      entries.set(path, entry)
      return entry
    },
  }
  directories.set(remembered, new Map())
  return remembered
}

export const join = (directory: string, path: string): string =>
  path.startsWith("/") ? path : `${directory}/${path}`

/** How far a walk has come. */
interface Walked extends Followed {
  readonly followed: number
  /** How many components of what is worked out so far do not exist. */
  readonly missing: number
}
const atRoot: Walked = {
  real: "",
  kind: "dir",
  links: 1,
  upAfterLink: false,
  loop: false,
  followed: 0,
  missing: 0,
}
/** For an oracle that remembers: where the directories lead that were asked for. */
const directories = new WeakMap<PathOracle, Map<string, Walked>>()

/** Follows an absolute path the way the kernel would. */
export const follow = (oracle: PathOracle, path: string): Followed => {
  const known = directories.get(oracle)
  const cut = path.lastIndexOf("/")
  if (known === undefined || cut <= 0) return ended(walk(oracle, atRoot, path))
  const directory = path.slice(0, cut)
  let start = known.get(directory)
  if (start === undefined) known.set(directory, (start = walk(oracle, atRoot, directory)))
  return ended(walk(oracle, start, path.slice(cut + 1)))
}

const ended = ({ real, kind, links, upAfterLink, loop }: Walked): Followed => ({
  real: real === "" ? "/" : real,
  kind,
  links,
  upAfterLink,
  loop,
})

const walk = (oracle: PathOracle, start: Walked, rest: string): Walked => {
  if (start.loop) return start
  const waiting = rest.split("/").reverse()
  let { real, kind, links, followed, upAfterLink, missing } = start
  while (waiting.length > 0) {
    const name = waiting.pop()!
    if (name === "" || name === ".") continue
    if (name === "..") {
      // the kernel has no way up from a file, some readers have
      if (followed > 0 || kind === "file") upAfterLink = true
      real = real.slice(0, Math.max(0, real.lastIndexOf("/")))
      kind = "dir"
      missing = Math.max(0, missing - 1)
      continue
    }
    const here = `${real}/${name}`
    const entry: PathEntry = missing > 0 ? { kind: "absent", target: null, links: 0 } : oracle.entry(here)
    if (entry.kind === "link" && entry.target !== null) {
      if (++followed > maxLinks)
        return { real: here, kind: "link", links: 1, upAfterLink, loop: true, followed, missing }
      if (entry.target.startsWith("/")) real = ""
      waiting.push(...entry.target.split("/").reverse())
      continue
    }
    real = here
    kind = entry.kind
    links = entry.links
    if (entry.kind === "absent") missing++
  }
  return { real, kind, links, upAfterLink, loop: false, followed, missing }
}

/** `.` and `..` worked out on the text alone. */
export const lexical = (path: string): string => {
  const parts: Array<string> = []
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue
    if (name === "..") parts.pop()
    else parts.push(name)
  }
  return `/${parts.join("/")}`
}

/** By components: `/a/bc` is not within `/a/b`. */
export const within = (path: string, directory: string): boolean =>
  path === directory || directory === "/" || path.startsWith(`${directory}/`)
