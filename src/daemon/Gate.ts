/**
 * The gate as the daemon holds it: shipped rules, the user's own, and each workspace's as far as it was trusted.
 * Invariant: a workspace's rule text reaches the gate only after its exact content was trusted; it is read again
 * whenever trust or a rule file changes.
 */
import { Context, Effect, Layer, PubSub, SubscriptionRef } from "effect"
import { Policies, type WorkspaceFile } from "../../policies/Policies.ts"
import type { ToolCall, Trust, Verdict } from "../domain/action.ts"
import { draft, type Event } from "../domain/event.ts"
import { Appender } from "../loop/Appender.ts"
import { Folds } from "../loop/Folds.ts"
import type { PolicyRuleRow } from "../rpc/shapes.ts"
import { Configs, workspacePolicies } from "./Configs.ts"
import { ruleRows, showProblem } from "./policyRows.ts"
import { workspaceOf } from "./sources.ts"

interface Asker {
  readonly cwd: string
  readonly actor: string
  readonly trust: Trust
}

export class Gate extends Context.Service<
  Gate,
  {
    readonly judge: (call: ToolCall, asker: Asker) => Effect.Effect<Verdict>
    readonly rules: (workspace: string | null) => Effect.Effect<ReadonlyArray<PolicyRuleRow>>
    /** Follows trust and rule files, until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/daemon/Gate") {
  static readonly layer = (options: { readonly home: string }) =>
    Layer.effect(
      Gate,
      Effect.gen(function* () {
        const policies = yield* Policies
        const configs = yield* Configs
        const folds = yield* Folds
        const appender = yield* Appender
        const control = Effect.map(SubscriptionRef.get(folds.snapshot), (snapshot) => snapshot.control)

        const reload = Effect.gen(function* () {
          const { workspaces } = yield* control
          const files: Array<WorkspaceFile> = []
          for (const workspace of workspaces) {
            for (const pinned of yield* configs.pinned(workspace)) files.push({ workspace, ...pinned })
          }
          const problems = yield* policies.reload(files)
          yield* appender.append([
            draft(
              "daemon.health",
              {
                component: "gate",
                state: problems.some((problem) => problem.severity === "error") ? "degraded" : "running",
                backend: null,
                detail:
                  problems.length === 0
                    ? `${(yield* policies.ruleSet).rules.length} rules in force`
                    : problems.map(showProblem).join("; "),
              },
              { actor: "daemon" },
            ),
          ])
        })

        const concerns = (event: Event): boolean =>
          event.type === "daemon.trusted" ||
          (event.type === "fs.changed" &&
            event.payload.changes.some((change) => change.path.startsWith(`${workspacePolicies}/`)))

        const run = Effect.scoped(
          Effect.gen(function* () {
            const changes = yield* PubSub.subscribe(folds.folded)
            yield* reload
            return yield* PubSub.take(changes).pipe(
              Effect.flatMap((events) => (events.some(concerns) ? reload : Effect.void)),
              Effect.forever,
            )
          }),
        )

        const judge = Effect.fnUntraced(function* (call: ToolCall, asker: Asker) {
          const { workspaces } = yield* control
          return yield* policies.judge(call, {
            ...asker,
            workspace: workspaceOf(workspaces, asker.cwd) ?? asker.cwd,
            home: options.home,
          })
        })

        const rules = (workspace: string | null) =>
          Effect.map(policies.ruleSet, (set) => ruleRows(set.rules, workspace))

        return Gate.of({ judge, rules, run })
      }),
    )
}
