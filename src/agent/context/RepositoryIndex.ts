/**
 * The outlines of each workspace's sources, in memory: read once, then kept up by what the log says of changed files.
 * Invariants: it is a cache of the disk, so nothing is lost with it; building yields to everything else every few
 * milliseconds; a map that is not whole yet, or of a part of a large tree, says so.
 */
import { Context, Effect, Layer, Ref, Semaphore } from "effect"
import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { attempt } from "../../act/attempt.ts"
import { walkFiles } from "../../act/walkFiles.ts"
import type { Event } from "../../domain/event.ts"
import { AgentLog } from "../AgentLog.ts"
import { hasOutline, outlineOf, type Outline } from "./outline.ts"
import { importedBy, repositoryMap, type MapOptions, type RepositoryMap } from "./repositoryMap.ts"

/** Generated and vendored code is what is larger. */
const largestSource = 256 * 1024
const mostSources = 40_000
/** Time between two looks at the rest of the program, ms. */
const stretch = 8
/** Changes since the last look; with more it is read anew, which costs less. */
const mostChanges = 1_000

interface Held {
  readonly outlines: Map<string, Outline>
  imported: ReadonlyMap<string, number>
  /** Last event whose changes are in it. */
  seq: number
  whole: boolean
}

export interface FoundMap extends RepositoryMap {
  /** Null, or why it is not of everything. */
  readonly missing: string | null
}

const outlineAt = async (workspace: string, path: string): Promise<Outline | null> => {
  try {
    const file = join(workspace, path)
    const { size } = await stat(file)
    return size > largestSource ? null : outlineOf(path, await readFile(file, "utf8"))
  } catch {
    return null
  }
}

const build = async (workspace: string, home: string, signal: AbortSignal) => {
  const outlines = new Map<string, Outline>()
  let whole = true
  let since = performance.now()
  for await (const { path } of walkFiles(workspace, workspace, home, signal)) {
    if (!hasOutline(path)) continue
    if (outlines.size >= mostSources) {
      whole = false
      break
    }
    const outline = await outlineAt(workspace, path)
    if (outline !== null) outlines.set(path, outline)
    if (performance.now() - since < stretch) continue
    await setImmediate()
    since = performance.now()
  }
  return { outlines, whole, imported: importedBy(outlines) }
}

/** Paths that are not as they were, and whether that is all that changed. */
const changedIn = (
  events: ReadonlyArray<Event>,
): { readonly paths: ReadonlySet<string>; readonly all: boolean } => {
  const paths = new Set<string>()
  let all = events.length < mostChanges
  for (const event of events) {
    if (event.type !== "fs.changed" || (event.payload as unknown) === null) {
      all = false
      continue
    }
    if (event.payload.truncated) all = false
    for (const change of event.payload.changes) {
      paths.add(change.path)
      if ("from" in change && typeof change.from === "string") paths.add(change.from)
    }
  }
  return { paths, all: all && paths.size < mostChanges }
}

export class RepositoryIndex extends Context.Service<
  RepositoryIndex,
  {
    /** A page of the workspace's sources. The first time it is read whole; from then on only what changed. */
    readonly map: (workspace: string, options: MapOptions) => Effect.Effect<FoundMap>
  }
>()("claw/agent/RepositoryIndex") {
  static readonly layer = ({ home }: { readonly home: string }) =>
    Layer.effect(
      RepositoryIndex,
      Effect.gen(function* () {
        const log = yield* AgentLog
        const held = yield* Ref.make<ReadonlyMap<string, Held>>(new Map())
        const one = yield* Semaphore.make(1)

        const anew = Effect.fnUntraced(function* (workspace: string) {
          // what changes while it is read is in the log behind this
          const seq = yield* log.head
          const built = yield* attempt("read the sources", (signal) => build(workspace, home, signal)).pipe(
            Effect.orElseSucceed(() => null),
          )
          if (built === null) return null
          const found: Held = { ...built, seq }
          yield* Ref.update(held, (all) => new Map([...all, [workspace, found]]))
          return found
        })

        const kept = Effect.fnUntraced(function* (workspace: string, old: Held) {
          const head = yield* log.head
          const events = yield* log.recent({ workspace, types: ["fs.changed"], limit: mostChanges })
          const behind = events.filter(({ seq }) => seq > old.seq)
          if (behind.length === 0) {
            old.seq = head
            return old
          }
          const { all, paths } = changedIn(behind)
          if (!all) return yield* anew(workspace)
          for (const path of paths) {
            if (!hasOutline(path)) continue
            const outline = yield* Effect.promise(() => outlineAt(workspace, path))
            if (outline === null) old.outlines.delete(path)
            else old.outlines.set(path, outline)
          }
          old.imported = importedBy(old.outlines)
          old.seq = head
          return old
        })

        const map = Effect.fn("RepositoryIndex.map")(function* (workspace: string, options: MapOptions) {
          const old = (yield* Ref.get(held)).get(workspace)
          const found = yield* old === undefined ? anew(workspace) : kept(workspace, old)
          if (found === null)
            return { text: "", shown: 0, files: 0, missing: "the sources could not be read" }
          const page = repositoryMap(found.outlines, found.imported, options)
          return { ...page, missing: found.whole ? null : `only the first ${mostSources} sources were read` }
        }, one.withPermit)

        return RepositoryIndex.of({ map })
      }),
    )
}
