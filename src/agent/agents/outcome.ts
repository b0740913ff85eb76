/** How a child's rest ends it, and what its parent is told. Pure. */
import type { AgentEnding, AgentRow } from "../../domain/agents.ts"
import type { RestReason } from "../../domain/events/sessions.ts"
import type { Transcript } from "../session/transcript.ts"
import type { TreeChanges } from "./worktrees.ts"

const endings: Readonly<Record<RestReason, AgentEnding>> = {
  completed: "succeeded",
  stopped: "cancelled",
  steps: "failed",
  tokens: "failed",
  time: "timed-out",
  money: "failed",
  loop: "failed",
  failed: "failed",
  refused: "failed",
}
export const endingOf = (reason: RestReason): AgentEnding => endings[reason]

/** The text of its last answer. */
export const answerOf = ({ entries }: Transcript): string => {
  const last = entries.findLast((entry) => entry._tag === "answered")
  return last === undefined
    ? ""
    : last.parts
        .flatMap((part) => (part.type === "text" ? [part.text] : []))
        .join("")
        .trim()
}

/** Of its changes, in a sentence. */
export const changesText = (
  changes: TreeChanges,
  row: Pick<AgentRow, "tree">,
  patch: string | null,
): string => {
  switch (changes._tag) {
    case "none":
      return "It changed no files."
    case "patch":
      return patch === null
        ? `Its changes to ${changes.files} files are kept in ${row.tree!.path}.`
        : `Its changes to ${changes.files} files wait for the developer's approval as ${patch}: they are not in the workspace before that.`
    case "problem":
      return `${changes.message}; what it did is kept in ${row.tree!.path}.`
  }
}

/** The end as the parent's model reads it. */
export const endText = (row: AgentRow, answer: string): string => {
  const how = row.state === "succeeded" ? "" : `The agent ${row.state}`
  const head = [how, row.message].filter((part) => part !== "").join(": ")
  return [head, answer].filter((part) => part !== "").join("\n\n") || "It ended without a word."
}
