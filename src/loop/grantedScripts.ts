/**
 * Binds a standing answer to the scripts that what it names goes by, and looks before it answers whether they are still
 * those. A script nobody saw when it was granted counts as a changed one.
 * Invariants: an answer that was bound never answers for another script; where they cannot be read it does not answer;
 * a call that no grant speaks of costs nothing.
 */
import { Effect } from "effect"
import type { Policies } from "../../policies/Policies.ts"
import type { JudgeContext } from "../../policies/Scope.ts"
import { startsWith } from "../../policies/grants.ts"
import { type NamedCommand, namedScripts } from "../act/namedScripts.ts"
import type { ActionEffect, ToolCall, Verdict } from "../domain/action.ts"
import type { PlanRead } from "../domain/events/acted.ts"
import type { GrantInForce, GrantScope } from "../domain/grant.ts"
import { changedReads } from "../domain/planned.ts"

/** Of a call, the commands a grant speaks of, by the words that it names. */
const commandsOf = (scope: GrantScope, effects: ReadonlyArray<ActionEffect>): ReadonlyArray<NamedCommand> => {
  const run = effects.flatMap((effect) => (effect._tag === "exec" ? [effect] : []))
  switch (scope._tag) {
    case "exact":
      return run
    case "prefix":
      return run.flatMap(({ argv, cwd }) =>
        scope.argvs.filter((prefix) => startsWith(argv, prefix)).map((prefix) => ({ argv: prefix, cwd })),
      )
    case "workspace":
      return run.map(({ argv, cwd }) => ({ argv: argv.slice(0, 1), cwd }))
  }
}

/** The scripts a grant of this scope would go by in this call, as they are now; null where they cannot be read. */
export const scriptsOf = (
  scope: GrantScope,
  effects: ReadonlyArray<ActionEffect>,
  workspace: string,
): Effect.Effect<ReadonlyArray<PlanRead> | null> =>
  Effect.promise(() => namedScripts(commandsOf(scope, effects), workspace, "standing").catch(() => null))

const changedSince = Effect.fnUntraced(function* (
  { scope, scripts = [], workspace }: GrantInForce,
  effects: ReadonlyArray<ActionEffect>,
) {
  const now = yield* scriptsOf(scope, effects, workspace)
  if (now === null) return ["its scripts cannot be read"]
  // of several programs a call may run one
  return changedReads(
    scripts.filter(({ path }) => now.some((read) => read.path === path)),
    now,
  )
})

/** The gate's word, and what it was told, with the grants whose scripts are others now told as such. */
export const judgedByScripts = Effect.fnUntraced(function* (
  judge: Policies["Service"]["judge"],
  call: ToolCall,
  context: JudgeContext,
): Effect.fn.Return<{ readonly verdict: Verdict; readonly context: JudgeContext }> {
  let told = context
  for (;;) {
    const verdict = yield* judge(call, told)
    const used = (told.grants ?? []).filter(
      ({ changed, grant, scripts }) =>
        scripts !== undefined && changed === undefined && verdict.grants?.includes(grant) === true,
    )
    const changes = new Map<string, ReadonlyArray<string>>()
    for (const grant of used) {
      const changed = yield* changedSince(grant, verdict.effects)
      if (changed.length > 0) changes.set(grant.grant, changed)
    }
    if (changes.size === 0) return { verdict, context: told }
    told = {
      ...told,
      grants: (told.grants ?? []).map((grant) => {
        const changed = changes.get(grant.grant)
        return changed === undefined ? grant : { ...grant, changed }
      }),
    }
  }
})
