/**
 * How far a child may go: the least of what its kind says, what a child gets by default, and its share of what the parent
 * has left. Pure.
 * Invariant: what all children of one parent may spend together is no more than the parent has left when they begin.
 */
import type { AgentRow } from "../../domain/agents.ts"
import { isLive } from "../../domain/agents.ts"
import type { SessionLimits } from "../../domain/events/sessions.ts"
import { blocksOf, openCalls } from "../session/blocks.ts"
import { defaultLimits } from "../session/limits.ts"
import { since } from "../session/since.ts"
import type { Transcript } from "../session/transcript.ts"

const least = (...limits: ReadonlyArray<number | null | undefined>): number | null => {
  const set = limits.filter((limit): limit is number => typeof limit === "number")
  return set.length === 0 ? null : Math.max(0, Math.min(...set))
}

/** Children that the same answer asks for, and that are not begun: they share. */
const openShares = (transcript: Transcript, rows: ReadonlyArray<AgentRow>): number => {
  const calls = blocksOf(transcript.entries)
    .flatMap((block) => (block._tag === "turn" ? openCalls(block) : []))
    .filter(({ name }) => name === "Agent").length
  const begun = rows.filter((row) => isLive(row) && !row.background).length
  return Math.max(1, calls - begun)
}

const left = (limit: number | null, used: number): number | null => (limit === null ? null : limit - used)

export interface Spending {
  /** What the parent spent, with its children. */
  readonly usd: number
  /** What each live child of it may spend and has spent. */
  readonly children: ReadonlyArray<{ readonly row: AgentRow; readonly usd: number }>
}

export const childLimits = (
  parent: Transcript,
  kind: Partial<SessionLimits>,
  spending: Spending,
): SessionLimits => {
  const done = since(parent)
  const rows = spending.children.map(({ row }) => row)
  const shares = openShares(parent, rows)
  const promised = spending.children.reduce(
    (sum, { row, usd }) => sum + Math.max(0, (row.limits.usd ?? 0) - usd),
    0,
  )
  const money = left(parent.limits.usd, spending.usd + promised)
  const tokensPromised = rows.reduce((sum, row) => sum + (row.limits.tokens ?? 0), 0)
  const tokens = left(parent.limits.tokens, done.tokens + tokensPromised)
  const common = defaultLimits.agent
  return {
    steps: least(kind.steps ?? common.steps),
    tokens: least(kind.tokens, common.tokens, tokens === null ? null : Math.floor(tokens / shares)),
    usd: least(kind.usd, common.usd, money === null ? null : money / shares),
    ms: least(kind.ms ?? common.ms, left(parent.limits.ms, done.ms)),
  }
}
