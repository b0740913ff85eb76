/**
 * The end of a child: its changes as a patch in the queue of its parent's workspace, its worktree taken away or kept, its
 * parent told.
 * Invariants: end, worktree and the word to the parent are one append, so each comes once whatever crash comes between; a
 * patch is untrusted, so no rule or standing answer applies it without a person.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { AgentRow, AgentEnding } from "../../domain/agents.ts"
import { draft, type EventDraft } from "../../domain/event.ts"
import type { AgentLog } from "../AgentLog.ts"
import { load } from "../engine/load.ts"
import { wordDrafts } from "../engine/saying.ts"
import type { Hands } from "../Hands.ts"
import { answerOf, changesText, endText } from "./outcome.ts"
import { changesIn, removeTree, type TreeChanges } from "./worktrees.ts"

export interface FinishServices {
  readonly log: AgentLog["Service"]
  readonly hands: Hands["Service"]
  /** Folder of worktrees. */
  readonly folder: string
}

/** Of the request that brings a child's changes. */
const patchId = (agent: string): string =>
  `s_${createHash("sha256").update(`${agent} patch`).digest("hex").slice(0, 16)}`

const encoder = new TextEncoder()
const named = (row: AgentRow): string => `The agent "${row.title}" (${row.agent})`

export const agentHeader = ({ agent, workspace }: Pick<AgentRow, "agent" | "workspace">) => ({
  actor: "claw",
  workspace,
  correlationId: agent,
})

const treeDraft = (
  row: AgentRow,
  state: "proposed" | "kept" | "removed",
  message: string,
): ReadonlyArray<EventDraft> =>
  row.tree === null
    ? []
    : [draft("agent.tree", { agent: row.agent, ...row.tree, state, message }, agentHeader(row))]

/** Takes the worktree away; what cannot be is kept and says why. */
const removed = Effect.fnUntraced(function* ({ folder }: FinishServices, row: AgentRow) {
  const { tree } = row
  if (tree === null) return []
  const done = yield* Effect.result(removeTree(folder, tree.of, tree))
  return done._tag === "Success"
    ? treeDraft(row, "removed", "")
    : treeDraft(row, "kept", done.failure.message)
})

/** To a parent that went on meanwhile: a word that wakes it, with what the child said as a file. */
const told = Effect.fnUntraced(function* (
  { log }: FinishServices,
  row: AgentRow,
  end: AgentEnding,
  message: string,
  answer: string,
) {
  const parent = (yield* log.sessions)[row.session]
  if (!row.background || parent === undefined || parent.state === "archived") return []
  const text = `(Claw, not the developer) ${named(row)} that you sent to the background ${end}${message === "" ? "" : `: ${message}`}`
  const { cwd, id: session, workspace } = parent
  const files =
    answer === ""
      ? []
      : [{ path: `answer of ${row.agent}`, mediaType: "text/plain", content: encoder.encode(answer) }]
  const word = { session, workspace: workspace ?? cwd, text, files, surface: null, actor: "claw" }
  return wordDrafts({ ...word, untitled: false, trust: "untrusted" })
})

const transcriptOf = (log: AgentLog["Service"], agent: string) =>
  Effect.orElseSucceed(load(log, agent), () => null)

export const finish = Effect.fn("agents.finish")(function* (
  services: FinishServices,
  row: AgentRow,
  end: AgentEnding,
  why: string,
) {
  const { log } = services
  const transcript = yield* transcriptOf(log, row.agent)
  const answer = transcript === null ? "" : answerOf(transcript)
  const changes: TreeChanges = row.tree === null ? { _tag: "none" } : yield* changesIn(row.tree)
  const offered = changes._tag === "patch" && end === "succeeded"
  const patch = offered ? patchId(row.agent) : null
  const message = [why, row.tree === null ? "" : changesText(changes, row, patch)]
    .filter((part) => part !== "")
    .join(" ")
  const tree =
    changes._tag === "none"
      ? yield* removed(services, row)
      : treeDraft(row, offered ? "proposed" : "kept", changes._tag === "problem" ? changes.message : why)
  yield* log.append([
    // before the tree's, whose follower looks for the patch
    draft(`agent.${end}`, { agent: row.agent, message, patch }, agentHeader(row)),
    ...tree,
    ...(yield* told(services, row, end, message, answer)),
  ])
})

/** Has the changes of a child judged and waits for the answer, over restarts too; then the worktree is done with, or kept. */
export const offerPatch = Effect.fn("agents.offerPatch")(function* (services: FinishServices, row: AgentRow) {
  const { hands, log } = services
  const { patch, tree } = row
  if (tree === null || patch === null) return
  const known = yield* Effect.orElseSucceed(hands.known(patch), () => false)
  const changes = known ? null : yield* changesIn(tree)
  if (changes !== null && changes._tag !== "patch") {
    yield* log.append(treeDraft(row, "kept", changes._tag === "problem" ? changes.message : "it is empty"))
    return
  }
  const asked =
    changes === null
      ? hands.ended(patch)
      : hands.call({
          id: patch,
          session: row.agent,
          workspace: tree.of,
          cwd: tree.of,
          actor: `agent:${row.type}`,
          trust: "untrusted",
          causationId: null,
          call: { tool: "apply_patch", input: { patch: changes.patch } },
        })
  const end = yield* Effect.result(asked)
  const taken = end._tag === "Success" && end.success?.ok === true
  const why = end._tag === "Failure" ? end.failure.message : (end.success?.text ?? "")
  yield* log.append(
    taken ? yield* removed(services, row) : treeDraft(row, "kept", `not taken: ${why}`.slice(0, 500)),
  )
})

/** What a parent waits for: the child's end, in words. */
export const endOf = Effect.fnUntraced(function* (log: AgentLog["Service"], row: AgentRow) {
  const transcript = yield* transcriptOf(log, row.agent)
  return {
    text: endText(row, transcript === null ? "" : answerOf(transcript)),
    trust: transcript?.trust ?? ("trusted" as const),
  }
})

export const beginTree = (row: AgentRow, tree: Omit<NonNullable<AgentRow["tree"]>, "state" | "message">) =>
  draft("agent.tree", { agent: row.agent, ...tree, state: "made", message: "" }, agentHeader(row))

export const taskDrafts = (
  row: AgentRow,
  word: { readonly prompt: string; readonly workspace: string; readonly trust: "trusted" | "untrusted" },
) =>
  wordDrafts({
    session: row.agent,
    workspace: word.workspace,
    text: word.prompt,
    files: [],
    surface: null,
    actor: "claw",
    untitled: false,
    trust: word.trust,
  })
