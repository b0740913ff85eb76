/** What a watcher of events hands back: its memory, and situations to be opened. */
import type { Trust } from "../../domain/action.ts"
import type { SituationData, SituationKind } from "../situationData.ts"
import type { WorkspaceMemory } from "../state.ts"
import type { Situation } from "../../domain/situation.ts"

export interface Candidate {
  readonly situation: Situation
  /** The event it follows from. */
  readonly causationId: string
  readonly trust: Trust
  /** Opened even where no rule applies, because its silence is worth a reason. */
  readonly explain: boolean
}

export interface Watched {
  readonly memory: WorkspaceMemory
  readonly found: ReadonlyArray<Candidate>
}

export const nothing = (memory: WorkspaceMemory): Watched => ({ memory, found: [] })

export const candidate = <K extends SituationKind>(
  kind: K,
  workspace: string,
  from: { readonly id: string; readonly trust: Trust },
  parts: {
    readonly subject: string
    readonly evidence: ReadonlyArray<number>
    readonly data: SituationData[K]
    readonly explain?: boolean
  },
): Candidate => ({
  situation: { kind, workspace, subject: parts.subject, evidence: parts.evidence, data: parts.data },
  causationId: from.id,
  trust: from.trust,
  explain: parts.explain ?? false,
})

export const eitherTrust = (a: Trust, b: Trust): Trust => (a === "untrusted" ? a : b)
