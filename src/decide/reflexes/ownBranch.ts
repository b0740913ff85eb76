/** A branch of its own for commits that were made on the trunk: its name, and the moves that bring them there. Pure. */
import type { ToolCall } from "../../domain/action.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { bash, branchCreate } from "../actions.ts"
import { shellWord } from "../words.ts"

type Unpushed = NonNullable<ProbeAnswer<"gitUnpushed">>

/** A branch name of a commit's subject: letters, digits and dashes only. */
const branchFor = (subject: string, sha: string, taken: ReadonlyArray<string>): string => {
  const words = subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 40)
    .replace(/-[^-]*$/, (rest) => (subject.length > 40 ? "" : rest))
    .replace(/-+$/, "")
  const base = words.length < 3 ? `work-${sha.slice(0, 7)}` : words
  return taken.includes(base) ? `${base}-${sha.slice(0, 7)}` : base
}

interface OwnBranch {
  readonly name: string
  /** The oldest of the commits. */
  readonly first: string
  readonly actions: ReadonlyArray<ToolCall>
}

/** Null where there are no commits, or the trunk's name is not plain. */
export const ownBranch = (
  trunk: string,
  { commits, upstreamSha }: Unpushed,
  taken: ReadonlyArray<string>,
  workspace: string,
): OwnBranch | null => {
  const first = commits.at(-1)
  const plain = shellWord(trunk)
  if (first === undefined || plain === null) return null
  const name = branchFor(first.subject, first.sha, taken)
  return {
    name,
    first: first.sha,
    actions: [
      branchCreate(name, { switch: true }),
      bash(`git branch --force ${plain} ${upstreamSha}`, workspace),
    ],
  }
}
