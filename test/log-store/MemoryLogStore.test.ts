/** The conformance of the log in memory. */
import { MemoryLogStore } from "../../log-store/MemoryLogStore.ts"
import { logStoreConformance } from "../conformance/logStore.ts"

logStoreConformance("MemoryLogStore", (options) => MemoryLogStore.layerWith(options ?? {}))
