/**
 * Tells when a file, or a folder of rule files, in the user's configuration may have changed. A signal is a hint: who
 * hears it reads.
 * Invariants: what comes, goes or is replaced later is followed, also its folders; where no watch can be had nothing is
 * told, and the files are read when somebody asks.
 */
import { type FSWatcher, realpathSync, statSync, watch } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Effect, Queue, type Scope } from "effect"

/** Editors write a file in several steps. */
const settleMs = 100

const realOf = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** One that may not be looked at is none for us. */
const isFolder = (path: string): boolean => {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Folder -> the names in it that matter. */
type Wanted = ReadonlyMap<string, ReadonlySet<string>>

/** Any rule file of a folder. */
const ruleFiles = "*.toml"

const wantedFor = (path: string): Wanted => {
  const wanted = new Map<string, Set<string>>()
  const want = (folder: string, name: string) => {
    wanted.set(folder, (wanted.get(folder) ?? new Set()).add(name))
  }
  const real = realOf(path)
  // a link's target changes where it lies
  for (const each of new Set([path, real ?? path])) {
    let at = each
    // as far up as something is there: what is missing comes in the folder above it
    while (!isFolder(dirname(at)) && dirname(at) !== at) at = dirname(at)
    want(dirname(at), basename(at))
  }
  if (real !== null && isFolder(real)) want(real, ruleFiles)
  return wanted
}

class OwnWatch {
  readonly #path: string
  readonly #changed: () => void
  #open: ReadonlyArray<FSWatcher> = []
  #timer: NodeJS.Timeout | null = null

  constructor(path: string, changed: () => void) {
    this.#path = path
    this.#changed = changed
    this.#arm()
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const watcher of this.#open) watcher.close()
    this.#open = []
  }

  #arm(): void {
    this.close()
    this.#open = [...wantedFor(this.#path)].flatMap(([folder, names]) => {
      try {
        const watcher = watch(folder, { persistent: false }, (_kind, name) => {
          if (
            name === null ||
            names.has(name) ||
            name === basename(folder) ||
            (names.has(ruleFiles) && name.endsWith(".toml"))
          )
            this.#hint()
        })
        watcher.on("error", () => watcher.close())
        return [watcher]
      } catch {
        return []
      }
    })
  }

  #hint(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      // before it is read, so that nothing falls between
      this.#arm()
      this.#changed()
    }, settleMs)
  }
}

/** Does `work` each time the file or folder may have changed, as long as the scope lives. */
export const followOwn = (
  config: string,
  name: string,
  work: Effect.Effect<unknown>,
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const hints = yield* Queue.sliding<void>(1)
    yield* Effect.acquireRelease(
      Effect.sync(() => new OwnWatch(join(config, name), () => Queue.offerUnsafe(hints, undefined))),
      (open) => Effect.sync(() => open.close()),
    )
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Queue.take(hints), work)))
  })
