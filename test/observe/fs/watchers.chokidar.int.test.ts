/** The conformance of watching, by chokidar. */
import { watcherConformance } from "../../conformance/watcher.ts"

watcherConformance("chokidar", { folders: 30, files: 50 })
