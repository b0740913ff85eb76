/**
 * Puts many paths into given states: all, or none, also over a kill. What stands there is moved aside, never written
 * over; what comes was made ready before, so that only renames are left; a journal says which, until all are done.
 * Invariants: what was moved aside is what was looked at, else everything is moved back; while the journal is there the
 * exchange did not happen (`recover` makes that true); nothing is taken from a folder that is not empty.
 */
import { type BigIntStats, constants, lstatSync, mkdirSync, readFileSync } from "node:fs"
import { chmod, link, mkdir, open, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { Option, Schema } from "effect"
import type { PathState } from "../domain/events/acted.ts"
import { codeOf, refused } from "./attempt.ts"
import { syncFolder, type Captured } from "./pathState.ts"
import { nativeName } from "./pathNames.ts"
import { inFolder, inside } from "./paths.ts"
import { neutralise } from "../domain/neutralise.ts"
import { stageAll, type Staged } from "./staging.ts"
import { stageName } from "./walkStates.ts"

export interface Place {
  /** As it was looked at: what must still be there. */
  readonly now: PathState
  readonly target: Captured
}

export interface Roots {
  readonly workspace: string
  /** Git's folders, where there are any. */
  readonly git: ReadonlyArray<string>
}

const Kind = Schema.Literals(["file", "dir", "link", "absent"])
/** One path's way, as the journal has it. */
const Move = Schema.Struct({
  n: Schema.Int,
  path: Schema.String,
  stage: Schema.String,
  had: Kind,
  /** Mode of a folder that was there. */
  mode: Schema.Int,
  becomes: Kind,
  /** Inode of what was made ready. */
  ino: Schema.NullOr(Schema.String),
})
type Move = typeof Move.Type
const Locks = Schema.Array(Schema.String)
const Journal = Schema.Struct({
  v: Schema.Literal(1),
  moves: Schema.Array(Move),
  locks: Locks,
  stages: Schema.Array(Schema.String),
})
type Journal = typeof Journal.Type
const decodeJournal = Schema.decodeUnknownOption(Schema.fromJsonString(Journal))
const decodeLocks = Schema.decodeUnknownOption(Schema.fromJsonString(Locks))

const journalName = "journal"
/** By this a lock that was left by us is told from one of git's. */
const lockMark = "claw undo\n"
const depth = (path: string): number => path.split("/").length
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

const statOf = (entry: string | Buffer): BigIntStats | undefined => {
  try {
    return lstatSync(entry, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return undefined
    throw error
  }
}
const exists = (entry: string | Buffer): boolean => statOf(entry) !== undefined

const rootsOf = ({ git, workspace }: Roots): ReadonlyArray<string> => [workspace, ...git]
const homeOf = ({ git, workspace }: Roots): string =>
  git[0] === undefined ? join(workspace, stageName) : join(git[0], stageName)

/** The device a path is or would be on. */
const deviceOf = (path: string): bigint => statOf(nativeName(path))?.dev ?? deviceOf(dirname(path))

/** A staging folder on the path's own file system: a rename leads nowhere else. */
const stageFor = (path: string, roots: Roots): string => {
  const home = homeOf(roots)
  const device = deviceOf(dirname(path))
  if (deviceOf(dirname(home)) === device) return home
  let top = dirname(path)
  const isRoot = (folder: string): boolean => rootsOf(roots).includes(folder)
  while (!exists(nativeName(top)) || (!isRoot(top) && deviceOf(dirname(top)) === device)) top = dirname(top)
  return join(top, stageName)
}

const withFolder = async <A>(folder: string, use: (opened: string) => Promise<A>): Promise<A> => {
  const handle = await open(nativeName(folder), folderFlags)
  try {
    const pinned = `/proc/self/fd/${handle.fd}`
    return await use(exists(pinned) ? pinned : folder)
  } finally {
    await handle.close()
  }
}

/** Entry of the path, and its two names in the staging folder, all through opened folders. */
const at = <A>(
  move: Move,
  roots: ReadonlyArray<string>,
  use: (entry: string | Buffer, ready: string, aside: string) => Promise<A>,
): Promise<A> =>
  inFolder(move.path, roots, (entry) =>
    withFolder(move.stage, (stage) => use(nativeName(entry), `${stage}/${move.n}`, `${stage}/a${move.n}`)),
  )

const changedSince = (path: string) => refused(`${neutralise(path)} changed just now; nothing was taken back`)

const isStill = (entry: string | Buffer, state: PathState): boolean => {
  const found = statOf(entry)
  if (found === undefined) return state.kind === "absent"
  if (state.kind === "dir") return found.isDirectory()
  if (state.kind === "link") return found.isSymbolicLink() && String(found.mtimeNs) === state.mtimeNs
  return (
    state.kind === "file" &&
    found.isFile() &&
    String(found.mtimeNs) === state.mtimeNs &&
    Number(found.size) === state.bytes
  )
}

/** What stands there goes aside; fails where it is not what was looked at. */
const setAside = async (move: Move, now: PathState, entry: string | Buffer, aside: string): Promise<void> => {
  if (!isStill(entry, now)) throw changedSince(move.path)
  if (move.had === "absent") return
  if (move.had === "dir") await chmod(entry, move.mode | 0o700)
  await rename(entry, aside)
  if (!isStill(aside, now)) throw changedSince(move.path)
  if (move.had === "dir" && (await readdir(aside)).length > 0) throw changedSince(move.path)
}

/** Never over anything: a link fails where a name is taken. */
const putInPlace = async (ready: string, entry: string | Buffer): Promise<void> => {
  try {
    await link(ready, entry)
    await unlink(ready)
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error
    if (exists(entry)) throw error
    await rename(ready, entry)
  }
}

const undoMove = (move: Move, roots: ReadonlyArray<string>): Promise<void> =>
  at(move, roots, async (entry, ready, aside) => {
    const found = statOf(entry)
    if (move.ino !== null && found !== undefined && String(found.ino) === move.ino) {
      if (exists(ready)) await unlink(entry)
      else await rename(entry, ready)
    } else if (move.becomes === "dir" && move.had !== "dir" && found?.isDirectory() === true) {
      // not empty: somebody uses it by now
      await rmdir(entry).catch(() => {})
    }
    if (exists(aside) && !exists(entry)) await rename(aside, entry)
    if (move.had === "dir" && statOf(entry)?.isDirectory() === true) await chmod(entry, move.mode | 0o700)
  }).catch((error) => {
    // its folder is not there any more: nothing of ours can be either
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") throw error
  })

const rollBack = async (journal: Journal, roots: Roots): Promise<void> => {
  const folders = rootsOf(roots)
  const failed: Array<unknown> = []
  for (const move of journal.moves.toReversed()) {
    await undoMove(move, folders).catch((error: unknown) => failed.push(error))
  }
  // last, because a folder's own mode may forbid what had to be put into it
  const deepestFirst = journal.moves.filter(({ had }) => had === "dir")
  for (const { mode, path } of deepestFirst.sort((a, b) => depth(b.path) - depth(a.path))) {
    await inFolder(path, folders, async (entry) => {
      const native = nativeName(entry)
      if (statOf(native)?.isDirectory() === true) await chmod(native, mode)
    }).catch((error: unknown) => {
      if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENOTDIR") failed.push(error)
    })
  }
  // what was moved aside stays there, with the journal: the next look tries again
  if (failed.length > 0) throw failed[0]
}

const isOurs = (lock: string): boolean => {
  try {
    return readFileSync(lock, "utf8") === lockMark
  } catch {
    return false
  }
}

const clear = async (journal: Pick<Journal, "locks" | "stages">): Promise<void> => {
  for (const lock of journal.locks) if (isOurs(lock)) await unlink(lock).catch(() => {})
  // the journal goes first: without it the exchange is done
  for (const stage of journal.stages) await unlink(join(stage, journalName)).catch(() => {})
  for (const stage of journal.stages) await rm(nativeName(stage), { recursive: true, force: true })
}

const textIn = (home: string, name: string): string => {
  try {
    return readFileSync(join(home, name), "utf8")
  } catch {
    return ""
  }
}

/** A journal lies where a repository could put one: it may move what is inside, between names of ours, and no more. */
const isHarmless = ({ locks, moves, stages }: Journal, roots: Roots): boolean => {
  const within = (path: string): boolean =>
    !path.split("/").includes("..") && rootsOf(roots).some((root) => path !== root && inside(root, path))
  return (
    [...stages, ...moves.map(({ stage }) => stage)].every(
      (stage) => within(stage) && basename(stage) === stageName,
    ) &&
    locks.every((lock) => within(lock) && lock.endsWith(".lock")) &&
    moves.every(({ path }) => within(path))
  )
}

/** Puts back what an exchange that was cut off had moved; true where there was one. */
export const recover = async (roots: Roots): Promise<boolean> => {
  let found = false
  for (const home of new Set([homeOf(roots), join(roots.workspace, stageName)])) {
    if (!exists(home)) continue
    found = true
    const journal = Option.filter(decodeJournal(textIn(home, journalName)), (one) => isHarmless(one, roots))
    if (Option.isSome(journal)) await rollBack(journal.value, roots)
    // before the journal is whole nothing was moved, but locks may be held
    const locks = Option.getOrElse(decodeLocks(textIn(home, "locks")), () => [])
    await clear({
      locks,
      stages: [...Option.match(journal, { onNone: () => [], onSome: (one) => one.stages }), home],
    })
  }
  return found
}

const writeDurably = async (path: string, text: string): Promise<void> => {
  const handle = await open(path, "wx", 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** While git's lock files are there no other git writes what they stand for. */
const takeLocks = async (home: string, wanted: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  if (wanted.length === 0) return []
  await writeDurably(join(home, "locks"), JSON.stringify(wanted))
  const taken: Array<string> = []
  for (const lock of wanted) {
    try {
      await writeFile(lock, lockMark, { flag: "wx", mode: 0o600 })
      taken.push(lock)
    } catch (error) {
      // no folder: no git that could be at it
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") continue
      if (codeOf(error) !== "EEXIST") throw error
      throw refused("git is at work in this repository; try again in a moment")
    }
  }
  return taken
}

const ownerOf = (path: string): { readonly uid: number; readonly gid: number } | null => {
  const found = statOf(nativeName(path)) ?? statOf(nativeName(dirname(path)))
  return found === undefined ? null : { uid: Number(found.uid), gid: Number(found.gid) }
}

const isContent = ({ target }: Place): boolean => target.state.kind === "file" || target.state.kind === "link"

/** Emptied from below, then filled from above. */
const ordered = (places: ReadonlyArray<Place>): ReadonlyArray<Place> => {
  const path = (place: Place): number => depth(place.now.path)
  const going = places.filter(({ target }) => target.state.kind === "absent")
  const coming = places.filter(({ target }) => target.state.kind !== "absent")
  return [...going.sort((a, b) => path(b) - path(a)), ...coming.sort((a, b) => path(a) - path(b))]
}

export const exchange = async (
  wanted: ReadonlyArray<Place>,
  roots: Roots,
  locks: ReadonlyArray<string>,
): Promise<void> => {
  if (wanted.length === 0) return
  await recover(roots)
  const folders = rootsOf(roots)
  const places = ordered(wanted)
  const home = homeOf(roots)
  const stages = [...new Set([home, ...places.map(({ now }) => stageFor(now.path, roots))])]
  const going = places.filter(({ target }) => target.state.kind === "absent").map(({ now }) => now.path)
  // a lock in a folder that goes would keep it
  const locked = locks.filter((lock) => !going.includes(dirname(lock)))
  let begun: Journal | null = null
  try {
    for (const stage of stages) mkdirSync(nativeName(stage), { mode: 0o700 })
    const held = await takeLocks(home, locked)
    const ready = places.flatMap((place, n): ReadonlyArray<Staged & { readonly stage: string }> =>
      isContent(place)
        ? [
            {
              name: String(n),
              stage: stageFor(place.now.path, roots),
              content: place.target,
              owner: ownerOf(place.now.path),
            },
          ]
        : [],
    )
    for (const stage of stages) {
      await withFolder(stage, (opened) =>
        stageAll(
          opened,
          ready.filter((one) => one.stage === stage),
        ),
      )
    }
    const moves = places.map(({ now, target }, n): Move => {
      const stage = stageFor(now.path, roots)
      const inode = statOf(nativeName(`${stage}/${n}`))?.ino
      return {
        n,
        path: now.path,
        stage,
        had: now.kind,
        mode: now.mode,
        becomes: target.state.kind,
        ino: inode === undefined ? null : String(inode),
      }
    })
    const journal: Journal = { v: 1, moves, locks: held, stages }
    await writeDurably(join(home, `${journalName}.new`), JSON.stringify(journal))
    await rename(join(home, `${journalName}.new`), join(home, journalName))
    await syncFolder(home)
    begun = journal

    for (const { n, had, mode, path } of moves) {
      // what goes in or out of a folder needs it open
      if (had === "dir" && (mode & 0o700) !== 0o700 && places[n]!.target.state.kind === "dir") {
        await inFolder(path, folders, (entry) => chmod(nativeName(entry), mode | 0o700))
      }
    }
    for (const move of moves) {
      const { now, target } = places[move.n]!
      await at(move, folders, async (entry, staged, aside) => {
        if (move.had !== "dir" || move.becomes !== "dir") await setAside(move, now, entry, aside)
        if (move.becomes === "dir" && move.had !== "dir") await mkdir(entry, 0o700)
        if (isContent({ now, target })) await putInPlace(staged, entry)
      })
    }
    for (const { becomes, n, path } of moves.toReversed()) {
      if (becomes !== "dir") continue
      await inFolder(path, folders, (entry) => chmod(nativeName(entry), places[n]!.target.state.mode))
    }
    for (const move of moves) {
      if (move.had !== "file") continue
      // whoever had it open may have written to it after it was moved
      await withFolder(move.stage, async (stage) => {
        if (!isStill(`${stage}/a${move.n}`, places[move.n]!.now)) throw changedSince(move.path)
      })
    }
    for (const folder of new Set(moves.map(({ path }) => dirname(path)))) {
      if (statOf(nativeName(folder))?.isDirectory() === true) await withFolder(folder, syncFolder)
    }
  } catch (error) {
    if (begun !== null) await rollBack(begun, roots)
    await clear({ locks: locked, stages })
    throw error
  }
  await clear({ locks: locked, stages })
}
