/**
 * The gate as the daemon holds it: shipped rules, the user's own, and each workspace's as far as it was trusted.
 * Invariant: a workspace's rule text reaches the gate only after its exact content was trusted; it is read again
 * whenever trust, the watched workspaces, a workspace's rule file or one of the user's own change.
 */
import { Clock, Context, Deferred, Effect, Layer, Stream, SubscriptionRef } from "effect"
import type { Explanation } from "../../policies/explain.ts"
import { Policies, type WorkspaceFile } from "../../policies/Policies.ts"
import type { ToolCall, Trust, Verdict } from "../domain/action.ts"
import { draft, type Event } from "../domain/event.ts"
import { Appender } from "../loop/Appender.ts"
import { Folds } from "../loop/Folds.ts"
import { judgedByScripts } from "../loop/grantedScripts.ts"
import { judgeContext } from "../loop/judgeContext.ts"
import type { PolicyRuleRow } from "../rpc/shapes.ts"
import { Configs, isWatched, workspacePolicies } from "./Configs.ts"
import { followOwn } from "./ownFiles.ts"
import { policyFolder } from "./policiesLayer.ts"
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
    readonly explain: (call: ToolCall, asker: Asker) => Effect.Effect<Explanation>
    /** Reads all rule files again; answers what is wrong with them. */
    readonly reload: Effect.Effect<ReadonlyArray<string>>
    readonly rules: (workspace: string | null) => Effect.Effect<ReadonlyArray<PolicyRuleRow>>
    /** Resolves when the trusted rules of all watched workspaces are in force: nothing is to be judged before. */
    readonly loaded: Effect.Effect<void>
    /** Follows trust, workspaces, the user's own rule files and the workspaces', until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/daemon/Gate") {
  static readonly layer = (options: { readonly home: string; readonly config: string }) =>
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
          const changed: Array<string> = []
          for (const workspace of workspaces) {
            const { texts, problems } = yield* configs.pinned(workspace, workspacePolicies)
            for (const pinned of texts) files.push({ workspace, ...pinned })
            changed.push(...problems)
          }
          const problems = yield* policies.reload(files)
          const notes = [...changed, ...problems.map(showProblem)]
          yield* appender.append([
            draft(
              "daemon.health",
              {
                component: "gate",
                state:
                  changed.length > 0 || problems.some((problem) => problem.severity === "error")
                    ? "degraded"
                    : "running",
                backend: null,
                detail:
                  notes.length === 0
                    ? `${(yield* policies.ruleSet).rules.length} rules in force`
                    : notes.join("; "),
              },
              { actor: "daemon" },
            ),
          ])
          return notes
        })

        const concerns = (event: Event): boolean =>
          event.type === "daemon.trusted" ||
          (event.type === "daemon.workspace" && event.payload.action === "added") ||
          isWatched(event) ||
          (event.type === "fs.changed" &&
            event.payload.changes.some((change) => change.path.startsWith(`${workspacePolicies}/`)))

        const loaded = yield* Deferred.make<void>()
        const run = Effect.scoped(
          Effect.gen(function* () {
            const { seq } = yield* SubscriptionRef.get(folds.snapshot)
            yield* followOwn(options.config, policyFolder, reload)
            yield* reload
            yield* Deferred.succeed(loaded, undefined)
            yield* Stream.runForEach(folds.follow(seq), (events) =>
              events.some(concerns) ? Effect.asVoid(reload) : Effect.void,
            )
            return yield* Effect.never
          }),
        )

        const contextOf = Effect.fnUntraced(function* (call: ToolCall, { cwd, ...asker }: Asker) {
          const folded = yield* SubscriptionRef.get(folds.snapshot)
          const workspace = workspaceOf(folded.control.workspaces, cwd) ?? cwd
          const where = { home: options.home, nowMs: yield* Clock.currentTimeMillis }
          return judgeContext({ ...call, cwd: call.cwd ?? cwd }, { ...asker, workspace }, folded, where)
        })
        const judge = Effect.fnUntraced(function* (call: ToolCall, asker: Asker) {
          return (yield* judgedByScripts(policies.judge, call, yield* contextOf(call, asker))).verdict
        })
        const explain = Effect.fnUntraced(function* (call: ToolCall, asker: Asker) {
          const { context } = yield* judgedByScripts(policies.judge, call, yield* contextOf(call, asker))
          return yield* policies.explain(call, context)
        })

        const rules = Effect.fnUntraced(function* (workspace: string | null) {
          const { rules: statistics } = yield* SubscriptionRef.get(folds.snapshot)
          return ruleRows((yield* policies.ruleSet).rules, workspace, statistics)
        })

        return Gate.of({ judge, explain, reload, rules, loaded: Deferred.await(loaded), run })
      }),
    )
}
