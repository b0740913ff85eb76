import { watcherConformance } from "../../conformance/watcher.ts"

watcherConformance("chokidar", { folders: 100, files: 50 })
