/**
 * The gate as a service: holds the rule set in force, judges and explains calls, reloads.
 * Invariants: judging never fails; a gate that could not be loaded, or whose user files have errors, denies every
 * call and says why; a reload with errors keeps the last good rules and reports what is wrong.
 */
import { Context, Effect, Layer, Ref } from "effect"
import type { ToolCall, Verdict } from "../src/domain/action.ts"
import type { BacktestOptions } from "./backtest.ts"
import type { Problem, SourceText } from "./CommandTable.ts"
import { type Compiled, compile } from "./compile.ts"
import { type Explanation, explain } from "./explain.ts"
import { evaluate, type RuleSet } from "./evaluate.ts"
import { type GrantOffers, grantOffers } from "./grantOffers.ts"
import { loadRuleSet, type PolicyTexts } from "./load.ts"
import { nodeOracle } from "./nodeOracle.ts"
import type { PathOracle } from "./PathOracle.ts"
import type { RuleFile } from "./rules.ts"
import { type JudgeContext, type Scope, scopeOf, type Surroundings } from "./Scope.ts"
import { readShipped, readUserFiles, shippedDirectory } from "./shipped.ts"

export type { JudgeContext } from "./Scope.ts"

/** A workspace's rule file the user has pinned: data until then, so only its text comes here. */
export interface WorkspaceFile {
  readonly workspace: string
  readonly file: string
  readonly text: string
}

export interface PoliciesOptions extends Surroundings {
  /** Shipped presets besides the invariants, by name. */
  readonly presets?: ReadonlyArray<string>
  readonly shippedDir?: string
  /** The user's own rule files; null: none. */
  readonly userDir: string | null
  readonly workspaceFiles?: ReadonlyArray<WorkspaceFile>
  readonly oracle?: PathOracle
}

const nothing: RuleSet = {
  rules: [],
  table: { specs: new Map(), wrappers: new Map(), classes: new Map() },
  problems: [],
  broken: "the policies could not be read",
}

const readTexts = (
  options: PoliciesOptions,
  workspaceFiles: ReadonlyArray<WorkspaceFile>,
  own?: ReadonlyArray<RuleFile>,
): PolicyTexts => {
  const shipped = readShipped(options.shippedDir ?? shippedDirectory(), options.presets ?? ["default"])
  const user = own ?? (options.userDir === null ? [] : readUserFiles(options.userDir))
  const workspace = workspaceFiles.map((file): RuleFile => ({ ...file, tier: "workspace" }))
  return { commands: shipped.commands, files: [...shipped.files, ...user, ...workspace] }
}

const load = (
  options: PoliciesOptions,
  workspaceFiles: ReadonlyArray<WorkspaceFile>,
  own?: ReadonlyArray<RuleFile>,
): Effect.Effect<RuleSet> =>
  Effect.try({
    try: () => loadRuleSet(readTexts(options, workspaceFiles, own)),
    catch: (cause) => `the policies could not be read: ${String(cause)}`,
  }).pipe(Effect.catch((broken) => Effect.succeed<RuleSet>({ ...nothing, broken })))

export class Policies extends Context.Service<
  Policies,
  {
    readonly judge: (call: ToolCall, context: JudgeContext) => Effect.Effect<Verdict>
    /** Effects, commands and digest without a verdict. */
    readonly compile: (call: ToolCall, context: JudgeContext) => Effect.Effect<Compiled>
    readonly explain: (call: ToolCall, context: JudgeContext) => Effect.Effect<Explanation>
    /** What a person could allow once and for all, seeing this call. */
    readonly offers: (call: ToolCall, context: JudgeContext) => Effect.Effect<GrantOffers>
    readonly ruleSet: Effect.Effect<RuleSet>
    /**
     * What the past is judged by: the rules in force, or these files in the place of the user's own. Presets and the
     * workspaces' trusted files stay, because no file of a user takes their place.
     */
    readonly past: (files: ReadonlyArray<SourceText> | null) => Effect.Effect<Omit<BacktestOptions, "home">>
    /** Reads all files again; with new texts of pinned workspace files, if given. Answers what is wrong. */
    readonly reload: (workspaceFiles?: ReadonlyArray<WorkspaceFile>) => Effect.Effect<ReadonlyArray<Problem>>
  }
>()("claw/policies/Policies") {
  static readonly layer = (options: PoliciesOptions): Layer.Layer<Policies> =>
    Layer.effect(
      Policies,
      Effect.gen(function* () {
        const first = options.workspaceFiles ?? []
        const files = yield* Ref.make(first)
        const current = yield* Ref.make(yield* load(options, first))
        const oracle = options.oracle ?? nodeOracle

        const compiled = (
          rules: RuleSet,
          call: ToolCall,
          context: JudgeContext,
        ): readonly [Compiled, Scope] => {
          const scope = scopeOf(call, context, options)
          return [compile(call, scope, oracle, rules.table), scope]
        }

        const judge = Effect.fnUntraced(function* (call: ToolCall, context: JudgeContext) {
          const rules = yield* Ref.get(current)
          return evaluate(rules, ...compiled(rules, call, context))
        })
        const compileOnly = Effect.fnUntraced(function* (call: ToolCall, context: JudgeContext) {
          return compiled(yield* Ref.get(current), call, context)[0]
        })
        const explained = Effect.fnUntraced(function* (call: ToolCall, context: JudgeContext) {
          const rules = yield* Ref.get(current)
          return explain(rules, call, ...compiled(rules, call, context))
        })
        const offers = Effect.fnUntraced(function* (call: ToolCall, context: JudgeContext) {
          const rules = yield* Ref.get(current)
          return grantOffers(rules, call, ...compiled(rules, call, context))
        })
        const reload = Effect.fn("Policies.reload")(function* (given?: ReadonlyArray<WorkspaceFile>) {
          const workspaceFiles = given ?? (yield* Ref.get(files))
          const before = yield* Ref.get(current)
          const next = yield* load(options, workspaceFiles)
          const keep = next.broken !== null && before.broken === null
          if (keep) return next.problems.length > 0 ? next.problems : [unread(next)]
          yield* Ref.set(files, workspaceFiles)
          yield* Ref.set(current, next)
          return next.problems
        })

        const past = Effect.fn("Policies.past")(function* (own: ReadonlyArray<SourceText> | null) {
          const rules =
            own === null
              ? yield* Ref.get(current)
              : yield* load(
                  options,
                  yield* Ref.get(files),
                  own.map((file): RuleFile => ({ ...file, tier: "user", workspace: null })),
                )
          return { ...options, rules, oracle }
        })

        return Policies.of({
          past,
          judge,
          compile: compileOnly,
          explain: explained,
          offers,
          ruleSet: Ref.get(current),
          reload,
        })
      }),
    )
}

const unread = (rules: RuleSet): Problem => ({
  file: "policies",
  line: 1,
  column: 1,
  message: rules.broken ?? "",
  severity: "error",
})
