/**
 * The benchmarks of the daemon's parts, each of which brings its own: the log, the file watcher, the shell hooks.
 * They run in this process and in folders of their own; nothing of the user's is opened.
 */
import { Effect } from "effect"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { benchLog } from "../../log-store/bench.ts"
import type { BenchRow } from "../domain/bench.ts"
import { benchFs } from "../observe/fs/benchFs.ts"
import { benchHooks } from "../observe/terminal/bench.ts"
import type { Entry } from "./entry.ts"

export interface PartOptions {
  readonly quick: boolean
  readonly entry: Entry
}

export const benchParts = {
  log: ({ quick }: PartOptions) => Effect.promise(() => benchLog({ dir: tmpdir(), quick })),
  fs: ({ quick, entry }: PartOptions) =>
    benchFs({
      scratch: tmpdir(),
      ...(entry.bundle === null ? {} : { workerEntry: pathToFileURL(join(entry.bundle, "folderWorker.js")) }),
      ...(quick ? { saves: 60, changes: 60, burst: 1000, files: 4_000, ignored: 10_000 } : {}),
    }),
  hooks: ({ quick }: PartOptions) =>
    Effect.map(
      Effect.promise(() => benchHooks(quick ? { prompts: 100, rounds: 3 } : {})),
      (rows) => rows.map((row) => ({ ...row, name: row.name.replace(/^hook\./, "hooks.") })),
    ),
} satisfies Record<string, (options: PartOptions) => Effect.Effect<ReadonlyArray<BenchRow>>>
