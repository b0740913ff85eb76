/**
 * Entry of the worker thread: runs a `FolderWatcher` over the options it was started with and posts its reports.
 * A bundle must emit this file as an entry of its own and give its address to `FsSource.make` as `workerEntry`.
 */
import { parentPort, workerData } from "node:worker_threads"
import { FolderWatcher } from "./FolderWatcher.ts"
import type { WatchOptions } from "./Watcher.ts"

const port = parentPort!
const watcher = new FolderWatcher(workerData as WatchOptions, (report) => port.postMessage(report))
// Anything said to the worker means: stop. Closing the port lets the thread end.
port.once("message", () => {
  watcher.close()
  port.close()
})
