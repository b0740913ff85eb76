/** The conformance of watching, by the worker. */
import { watcherConformance } from "../../conformance/watcher.ts"

watcherConformance("worker", { folders: 100, files: 50 })
