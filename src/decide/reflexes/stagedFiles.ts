/** What the rules about staged content share: the one probe, its redaction marks, what ends their suggestions. */
import type { ProbeRequest } from "../../domain/probe.ts"
import { recheck } from "../proposal.ts"

export const stagedRequest: Extract<ProbeRequest, { readonly _tag: "gitStaged" }> = {
  _tag: "gitStaged",
  maxBytes: 1_048_576,
}

export const stagedExpiry: ReadonlyArray<string> = [
  recheck("index.staged", "index"),
  "index:empty",
  "git:HEAD",
]
