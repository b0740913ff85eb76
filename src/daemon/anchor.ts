/** A place outside the log that signed checkpoints are written to. */
import type { Note } from "../../log-store/checkpointNote.ts"
import type { AnchorEvidence } from "../../log-store/merkle/evidence.ts"

export interface Anchor {
  /** `file:/path` or `git:/repository refs/...`, as `log.anchored` names it. */
  readonly to: string
  /** Every note in it, oldest first. */
  readonly read: () => Promise<AnchorEvidence["notes"]>
  readonly newest: () => Promise<Note | null>
  /** Durable when it resolves. */
  readonly append: (note: string, size: number, nowMs: number) => Promise<void>
}
