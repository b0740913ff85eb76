/** The conformance of watching, by polling. */
import { watcherConformance } from "../../conformance/watcher.ts"

watcherConformance("polling", { folders: 20, files: 50 })
