/**
 * What a backtest of rules counts and shows: calls judged otherwise, grouped by how and by the rule that now decides,
 * with the fates of the calls and a few examples of each.
 * Invariants: examples are bounded; within a group those a user would regret stand first, and so do the groups.
 */
import type { ToolCall, VerdictKind } from "../src/domain/action.ts"
import type { Fate } from "../src/domain/outcomes.ts"

export interface Judgement {
  readonly verdict: VerdictKind
  readonly rule: string
  readonly file: string
  readonly line: number
}

export interface ChangedCall {
  /** Of the verdict that was given then. */
  readonly seq: number
  readonly at: string
  readonly suggestion: string
  readonly index: number
  readonly workspace: string
  readonly tool: string
  readonly input: ToolCall["input"]
  readonly was: Judgement
  readonly now: Judgement
  readonly reason: string
  readonly fate: Fate
}

export interface FateCounts {
  readonly calls: number
  readonly kept: number
  readonly undone: number
  readonly failed: number
  readonly rejected: number
  /** Approved or shown, without an end in the log: `running`, `not-run`, `pending` and `unanswered` together. */
  readonly unanswered: number
}
export const noFates: FateCounts = { calls: 0, kept: 0, undone: 0, failed: 0, rejected: 0, unanswered: 0 }

const fateKeys: Readonly<Record<Fate, Exclude<keyof FateCounts, "calls">>> = {
  kept: "kept",
  undone: "undone",
  failed: "failed",
  rejected: "rejected",
  unanswered: "unanswered",
  pending: "unanswered",
  running: "unanswered",
  "not-run": "unanswered",
}

export const countFate = (counts: FateCounts, fate: Fate): FateCounts => ({
  ...counts,
  calls: counts.calls + 1,
  [fateKeys[fate]]: counts[fateKeys[fate]] + 1,
})

/**
 * `allow`: asked or denied then, runs without a person now. `offer`: denied then, asked now. `ask`: ran without a
 * person then. `deny`: asked or ran then.
 */
export type ChangeKind = "allow" | "offer" | "ask" | "deny"
const changeKinds: ReadonlyArray<ChangeKind> = ["allow", "offer", "ask", "deny"]

const changeOf = ({ was, now }: Pick<ChangedCall, "was" | "now">): ChangeKind => {
  if (now.verdict === "deny") return "deny"
  if (now.verdict === "ask") return was.verdict === "deny" ? "offer" : "ask"
  return "allow"
}

export interface ChangeGroup extends FateCounts {
  readonly kind: ChangeKind
  /** The rule that decides now. */
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly examples: ReadonlyArray<ChangedCall>
}

export type Changes = Readonly<Record<ChangeKind, FateCounts>>

export interface PolicyFacts {
  /** `policy.verdict` events seen. */
  readonly verdicts: number
  /** Of these, verdicts on a call that was judged anew, or edited away, before it was answered. */
  readonly replaced: number
  /** Of these, such as cannot be judged again: erased, or of a suggestion that was. */
  readonly unjudged: number
  readonly calls: number
  readonly alike: number
  /** Calls of workspaces that are not there any more: judged by their names alone. */
  readonly gone: number
  /** Calls that would do something else today, because files or the table of commands changed. */
  readonly seenOtherwise: number
  readonly approvals: { readonly given: number; readonly spared: number; readonly blocked: number }
  /** Calls these rules allow, and that are asked all the same for where they come from. */
  readonly held: FateCounts
  readonly changes: Changes
  readonly groups: ReadonlyArray<ChangeGroup>
}
export interface PolicySummary extends PolicyFacts {
  /** One sentence to act on. */
  readonly verdict: string
}

const mostExamples = 3
const mostGroups = 200

/** What a user would regret most stands first: let through and rejected, or stopped and kept. */
const regret = ({ was, now, fate }: ChangedCall): number => {
  const kind = changeOf({ was, now })
  const order: ReadonlyArray<Fate> =
    kind === "allow" || kind === "offer"
      ? ["rejected", "undone", "unanswered", "failed", "kept"]
      : ["kept", "failed", "unanswered", "rejected", "undone"]
  const at = order.indexOf(fate)
  return at < 0 ? order.length : at
}

export class Groups {
  readonly #groups = new Map<string, ChangeGroup>()
  #changes: Changes = { allow: noFates, offer: noFates, ask: noFates, deny: noFates }

  add(changed: ChangedCall): void {
    const kind = changeOf(changed)
    this.#changes = { ...this.#changes, [kind]: countFate(this.#changes[kind], changed.fate) }
    const { rule, file, line } = changed.now
    const key = `${kind} ${rule} ${file}`
    const known = this.#groups.get(key)
    if (known === undefined && this.#groups.size >= mostGroups) return
    const group = known ?? { ...noFates, kind, rule, file, line, examples: [] }
    const examples = [...group.examples, changed].toSorted((a, b) => regret(a) - regret(b) || a.seq - b.seq)
    this.#groups.set(key, {
      ...group,
      ...countFate(group, changed.fate),
      examples: examples.slice(0, mostExamples),
    })
  }

  changes(): Changes {
    return this.#changes
  }

  rows(): ReadonlyArray<ChangeGroup> {
    return [...this.#groups.values()].toSorted(
      (a, b) =>
        changeKinds.indexOf(a.kind) - changeKinds.indexOf(b.kind) ||
        Number(b.kind === "allow" && b.rejected > 0) - Number(a.kind === "allow" && a.rejected > 0) ||
        b.calls - a.calls,
    )
  }
}
