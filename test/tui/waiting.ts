/** Memories that wait for a yes or no. */
import type { MemoryView } from "../../src/rpc/memories.ts"

export const waiting = (id: string, more: Partial<MemoryView> = {}): MemoryView => ({
  v: 1,
  id,
  layer: "rule",
  scope: "workspace",
  workspace: "/home/dev/proj",
  state: "proposed",
  text: `words of ${id}`,
  topic: "",
  evidence: [3, 5],
  confidence: 0.8,
  origin: "extraction",
  trust: "trusted",
  replaces: [],
  session: null,
  reason: null,
  proposedAt: "2026-01-01T00:00:00.000Z",
  usedAt: null,
  uses: 0,
  ...more,
})
