import { watcherConformance } from "../../conformance/watcher.ts"

watcherConformance("worker")
