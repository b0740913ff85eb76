/** A grant as clients see it. Pure. */
import { type GrantRow, type GrantsState, grantState } from "../domain/grants.ts"
import type { GrantView } from "../rpc/grants.ts"

export const grantView = (row: GrantRow, state: GrantView["state"]): GrantView => ({
  v: 1,
  grant: row.grant,
  scope: row.scope,
  title: row.title,
  verdict: row.verdict,
  rules: row.rules,
  until: row.until,
  ...(row.scripts === undefined ? {} : { scripts: row.scripts }),
  ...(row.alsoTainted === undefined ? {} : { alsoTainted: row.alsoTainted }),
  suggestion: row.suggestion,
  index: row.index,
  seq: row.seq,
  at: row.at,
  actor: row.actor,
  workspace: row.workspace,
  state,
  revoked: row.revoked,
})

/** All of a moment, newest first, by that moment's clock. */
export const grantViews = ({ grants, nowMs }: GrantsState): ReadonlyArray<GrantView> =>
  Object.values(grants)
    .toSorted((a, b) => b.seq - a.seq)
    .map((row) => grantView(row, grantState(row, nowMs)))
