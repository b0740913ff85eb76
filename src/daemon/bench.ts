/**
 * The benchmarks of the daemon's parts, each of which brings its own: the log, the file watcher, the shell hooks.
 * They run in this process and in folders of their own; nothing of the user's is opened.
 */
import { Effect } from "effect"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { benchLog } from "../../log-store/bench/benchLog.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { benchSandbox } from "../act/benchSandbox.ts"
import type { BenchRow } from "../domain/bench.ts"
import { draft } from "../domain/event.ts"
import { benchFs } from "../observe/fs/benchFs.ts"
import { benchWatch } from "../observe/fs/benchWatch.ts"
import { benchHooks } from "../observe/terminal/bench.ts"
import { type Entry, hidden } from "./entry.ts"
import { sandboxLayer, type SandboxPlace } from "./sandboxLayer.ts"

export { logRows } from "../../log-store/bench/benchLog.ts"
export { watchRows } from "../observe/fs/benchWatch.ts"
export { settleMs } from "../observe/fs/FsSource.ts"

export interface PartOptions {
  readonly quick: boolean
  /** Events in the logs that are read; null: as the part sees fit. */
  readonly events: number | null
  /** Whether a row is asked for. */
  readonly wanted: (row: string) => boolean
  readonly entry: Entry
}

export const benchParts = {
  log: ({ quick, events, wanted, entry }: PartOptions) => {
    const verifier = { node: entry.node, args: [...entry.args, hidden.verify] }
    return Effect.promise(() => benchLog({ dir: tmpdir(), quick, events, wanted, verifier }))
  },
  fs: ({ quick, entry }: PartOptions) =>
    benchFs({
      scratch: tmpdir(),
      ...(entry.bundle === null ? {} : { workerEntry: pathToFileURL(join(entry.bundle, "folderWorker.js")) }),
      ...(quick ? { saves: 60, changes: 60, burst: 1000, files: 4_000, ignored: 10_000 } : {}),
    }),
  watch: ({ quick, entry }: PartOptions) =>
    benchWatch({
      scratch: tmpdir(),
      ...(entry.bundle === null ? {} : { workerEntry: pathToFileURL(join(entry.bundle, "folderWorker.js")) }),
      ...(quick ? { sizes: { files: 20_000, ignored: 10_000, differing: 2_000 }, built: 5_000 } : {}),
    }),
  hooks: ({ quick }: PartOptions) =>
    Effect.map(
      Effect.promise(() => benchHooks(quick ? { prompts: 100, rounds: 3 } : {})),
      (rows) => rows.map((row) => ({ ...row, name: row.name.replace(/^hook\./, "hooks.") })),
    ),
} satisfies Record<string, (options: PartOptions) => Effect.Effect<ReadonlyArray<BenchRow>>>

export const benchConfined = (quick: boolean, place: SandboxPlace) =>
  benchSandbox({ scratch: tmpdir(), rounds: quick ? 30 : 200 }).pipe(
    Effect.provide(sandboxLayer(place)),
    Effect.orDie,
  )

/** Appends so many changed files one by one, each with a commit of its own, to a log in a folder below `scratch`. */
export const commitEach = (scratch: string, changes: number) =>
  Effect.gen(function* () {
    const store = yield* LogStore
    for (let index = 0; index < changes; index++) {
      const payload = {
        changes: [{ path: `trickle-${index % 40}`, kind: "change" as const, bytes: 4 }],
        counts: { add: 0, change: 1, unlink: 0, rename: 0 },
        truncated: false,
        cause: "watch" as const,
      }
      yield* store.append([
        draft("fs.changed", payload, { actor: "source:fs", workspace: scratch, trust: "untrusted" }),
      ])
    }
  }).pipe(Effect.provide(LmdbLogStore.layer({ dir: join(scratch, "commit-each") })), Effect.orDie)
