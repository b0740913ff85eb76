/**
 * The watcher in a thread of its own: a blocked main thread delays reports and loses none, and looking up names
 * costs the main thread nothing. See `FolderWatcher` for how it watches.
 */
import { Worker } from "node:worker_threads"
import type { StartWatcher, Watcher, WatchReport } from "./Watcher.ts"

/** Where the worker stands when Claw runs from its sources. */
const ownEntry = (): URL => new URL("./folderWorker.ts", import.meta.url)

export const startWorkerWatcher =
  (entry: URL = ownEntry()): StartWatcher =>
  (options, report): Watcher => {
    const worker = new Worker(entry, {
      workerData: options,
      env: {},
      execArgv: [],
      // Its lists are small; a young generation of the usual size would only be held as garbage.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    let over = false
    const failed = (reason: string) => {
      if (!over) report({ _tag: "failed", reason })
      over = true
    }
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()))
    worker.on("message", (message: WatchReport) => {
      if (!over) report(message)
    })
    worker.on("error", (error: unknown) => failed(error instanceof Error ? error.message : String(error)))
    worker.on("exit", (code) => failed(`the worker ended with ${code}`))
    return {
      backend: "worker",
      close: () => {
        over = true
        worker.postMessage("close")
        return ended
      },
    }
  }
