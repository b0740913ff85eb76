/**
 * Judges and plans an action as it would be done now, and says by digests what that rests on. Showing, approving and
 * running all plan here, so that what runs can be held against what was seen.
 * Invariants: planning changes nothing; a plan opens only what was judged; equal worlds give equal digests; the plans shown last are remembered only so that
 * a difference can be shown, and forgetting them loses no refusal.
 */
import { Context, Effect, Layer, Result, SubscriptionRef } from "effect"
import { namedScripts } from "../act/namedScripts.ts"
import { previewDifference } from "../act/previewDifference.ts"
import { Sandbox } from "../act/Sandbox.ts"
import { targetHashes } from "../act/targetHash.ts"
import { type ToolContext, ToolError, type ToolPlan } from "../act/Tool.ts"
import { ToolRegistry } from "../act/ToolRegistry.ts"
import { canonical, sha256 } from "../decide/canonical.ts"
import type { ToolCall, Verdict } from "../domain/action.ts"
import { linkedFrom } from "../domain/agents.ts"
import type { PlanBinding, PlanRead } from "../domain/events/acted.ts"
import { callId } from "../domain/ids.ts"
import { neutralise } from "../domain/neutralise.ts"
import { changedLines, changedReads, type PlanDifference, type PlanShown } from "../domain/planned.ts"
import type { QueueRow } from "../domain/queue.ts"
import { Folds } from "./Folds.ts"
import { Judge } from "./Judge.ts"
import { type Asker, askerOf } from "./judgeContext.ts"
import { toolContext } from "./toolContext.ts"
import { unjudged } from "./unjudged.ts"

/** One action, and for whom it would be done. */
export interface Wanted extends Asker {
  /** `<suggestion>#<index>` */
  readonly call: string
  readonly action: ToolCall
  readonly session: string | null
}

interface How {
  readonly unsandboxed: boolean
  readonly timeoutMs?: number
}

export interface Planned {
  readonly verdict: Verdict
  readonly plan: Result.Result<ToolPlan, ToolError>
  /** Null where it cannot be planned. */
  readonly bound: { readonly shown: PlanShown; readonly binding: PlanBinding } | null
}

export interface Unasked {
  /** Null where one of them cannot be planned. */
  readonly plans: ReadonlyArray<PlanBinding> | null
  /** It would run outside of any sandbox, on a machine that has none: nothing may do so unasked. */
  readonly unconfined: boolean
}

const remembered = 128

const coreOf = (verdict: Verdict, plan: ToolPlan, permits: ToolContext["permits"]): string =>
  sha256(
    canonical({
      call: verdict.digest,
      verdict: verdict.verdict,
      commands: plan.commands,
      sandbox: plan.sandbox,
      // whether it may run without a sandbox shows in `sandbox`; where none is needed it makes no difference
      permits: {
        write: permits.write,
        network: permits.network,
        hosts: permits.hosts,
        shell: permits.shell,
      },
    }),
  )

const flipped = (verdict: Verdict, where: string): Planned => ({
  verdict,
  plan: Result.fail(
    new ToolError({
      reason: "refused",
      message: `it leads to ${where}, which was not judged: a link changed just now`,
    }),
  ),
  bound: null,
})

export class Planner extends Context.Service<
  Planner,
  {
    /** `unsandboxed`: it may be planned without a sandbox where this machine has none. */
    readonly plan: (wanted: Wanted, how: How) => Effect.Effect<Planned>
    /** The same of action `index` of a row. */
    readonly action: (row: QueueRow, index: number, how: How) => Effect.Effect<Planned>
    /** What a start that nobody is asked about is bound to. */
    readonly unasked: (wanted: ReadonlyArray<Wanted>) => Effect.Effect<Unasked>
    /** The same of a row: null where one of them cannot be planned. */
    readonly unaskedRow: (row: QueueRow) => Effect.Effect<ReadonlyArray<PlanBinding> | null>
    /** What differs between a plan that was shown, of which digest and perhaps reads are known, and the one there is now. */
    readonly difference: (
      index: number,
      shown: { readonly digest: string; readonly reads: ReadonlyArray<PlanRead> | null },
      now: Planned,
    ) => PlanDifference
  }
>()("claw/loop/Planner") {
  static readonly layer = (options: { readonly home: string }) =>
    Layer.effect(
      Planner,
      Effect.gen(function* () {
        const judge = yield* Judge
        const registry = yield* ToolRegistry
        const sandbox = yield* Sandbox
        const folds = yield* Folds
        const seen = new Map<string, PlanShown>()

        const remember = (digest: string, shown: PlanShown): void => {
          seen.delete(digest)
          seen.set(digest, shown)
          for (const oldest of seen.keys()) {
            if (seen.size <= remembered) break
            seen.delete(oldest)
          }
        }

        /** What the tool read itself; and of a command line, the scripts it names and what it would replace. */
        const readsOf = Effect.fnUntraced(function* (verdict: Verdict, plan: ToolPlan, context: ToolContext) {
          const run = verdict.effects.flatMap((effect) => (effect._tag === "exec" ? [effect] : []))
          const replaced = verdict.effects.flatMap((effect) =>
            (effect._tag === "write" || effect._tag === "delete") &&
            effect.path.startsWith(`${context.workspace}/`)
              ? [effect.path]
              : [],
          )
          const commands = [...run, ...plan.commands.map((argv) => ({ argv, cwd: context.cwd }))]
          const found =
            commands.length === 0
              ? []
              : yield* Effect.promise(async () => [
                  ...(await targetHashes(run.length === 0 ? [] : replaced)),
                  ...(await namedScripts(commands, context.workspace).catch(() => [])),
                ])
          const all = new Map([...found, ...(plan.reads ?? [])].map((read) => [read.path, read]))
          return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
        })

        const plan = Effect.fn("Planner.plan")(function* (wanted: Wanted, how: How) {
          const { action, ...asker } = wanted
          const verdict = yield* judge.call(action, asker)
          const { agents } = yield* SubscriptionRef.get(folds.snapshot)
          const beside = linkedFrom(agents, asker.workspace)
          const context = toolContext(verdict, action, {
            ...asker,
            home: options.home,
            ...(beside.length === 0 ? {} : { beside }),
            timeoutMs: how.timeoutMs ?? 60_000,
            unsandboxed: how.unsandboxed && (yield* sandbox.state)._tag !== "available",
          })
          const planned = yield* Effect.result(registry.plan(action.tool, action.input, context))
          if (Result.isFailure(planned)) return { verdict, plan: planned, bound: null }
          const found = planned.success
          const [elsewhere] = unjudged(verdict, found, context)
          if (elsewhere !== undefined) return flipped(verdict, neutralise(elsewhere))
          // a command takes its names as they are: they must lead where they led when it was judged
          if (found.commands.length > 0 && (yield* judge.call(action, asker)).digest !== verdict.digest)
            return flipped(verdict, "other files")
          const shown: PlanShown = {
            summary: found.summary,
            preview: found.preview,
            sandbox: found.sandbox,
            commands: found.commands,
            reads: yield* readsOf(verdict, found, context),
            undoable: found.undo.possible,
            undoReason: found.undo.reason,
            ...(found.told === undefined ? {} : { told: found.told }),
          }
          const core = coreOf(verdict, found, context.permits)
          const binding = { digest: sha256(canonical({ core, shown })), core, reads: shown.reads }
          remember(binding.digest, shown)
          return { verdict, plan: planned, bound: { shown, binding } }
        })

        const wantedOf = (row: QueueRow, index: number): Wanted => ({
          ...askerOf(row, index, options.home),
          call: callId(row.id, index),
          action: row.proposed[index]!,
          session: row.session,
        })
        const action: Planner["Service"]["action"] = (row, index, how) => plan(wantedOf(row, index), how)

        const unasked = Effect.fnUntraced(function* (wanted: ReadonlyArray<Wanted>) {
          const planned = yield* Effect.forEach(wanted, (one) => plan(one, { unsandboxed: false }))
          const bound = planned.flatMap((one) => (one.bound === null ? [] : [one.bound]))
          const outside = bound.some(({ shown }) => shown.sandbox === "none")
          return {
            plans: bound.length === planned.length ? bound.map(({ binding }) => binding) : null,
            unconfined: outside && (yield* sandbox.state)._tag !== "available",
          }
        })
        const unaskedRow = (row: QueueRow) =>
          Effect.map(unasked(row.proposed.map((_, index) => wantedOf(row, index))), ({ plans }) => plans)

        const difference: Planner["Service"]["difference"] = (index, { digest, reads }, now) => {
          const before = seen.get(digest)
          if (now.bound === null) {
            const why = Result.isFailure(now.plan) ? now.plan.failure.message : "it cannot be planned"
            return {
              index,
              summary: before?.summary ?? "",
              changed: [`it cannot be done: ${why}`],
              preview: null,
            }
          }
          const { shown } = now.bound
          const changed =
            before !== undefined
              ? changedLines(before, shown)
              : reads === null
                ? []
                : changedReads(reads, shown.reads)
          return {
            index,
            summary: shown.summary,
            changed: changed.length > 0 ? changed : ["what it would do is not what was shown"],
            preview: before === undefined ? null : previewDifference(before.preview, shown.preview),
          }
        }

        return Planner.of({ plan, action, unasked, unaskedRow, difference })
      }),
    )
}
