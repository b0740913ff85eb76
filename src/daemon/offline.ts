/** What the client can do without a daemon: verify the log by a child, judge calls by the shipped and the user's rules. */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { type JudgeContext, Policies } from "../../policies/Policies.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { readShipped, readUserFiles, shippedDirectory } from "../../policies/shipped.ts"
import { verifyInChild } from "../../log-store/verifier.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import type { ToolCall, Trust } from "../domain/action.ts"
import { join } from "node:path"
import { type Entry, hidden } from "./entry.ts"
import { policiesLayer, policyFolder } from "./policiesLayer.ts"
import { ruleRows, showProblem } from "./policyRows.ts"

export const verifyOffline = (
  entry: Entry,
  dir: string,
  progress: (checked: number, events: number) => void = () => undefined,
) =>
  Effect.map(
    verifyInChild(entry.node, [...entry.args, hidden.verify], dir, "full", { progress }),
    (report) => ({ v: 1 as const, ...report }),
  )

interface Asked {
  readonly call: ToolCall
  readonly cwd: string
  readonly actor: string
  readonly trust: Trust
}

export const judgeOffline = (directories: DirectoriesShape, calls: ReadonlyArray<Asked>) =>
  Effect.gen(function* () {
    const policies = yield* Policies
    return yield* Effect.forEach(calls, ({ call, ...asker }) => {
      const context: JudgeContext = { ...asker, workspace: asker.cwd, home: directories.home }
      return policies.judge(call, context)
    })
  }).pipe(Effect.provide(policiesLayer(directories)))

export const explainOffline = (directories: DirectoriesShape, { call, ...asker }: Asked) =>
  Effect.gen(function* () {
    const policies = yield* Policies
    const context: JudgeContext = { ...asker, workspace: asker.cwd, home: directories.home }
    return { v: 1 as const, ...(yield* policies.explain(call, context)) }
  }).pipe(Effect.provide(policiesLayer(directories)))

export const offlineRules = (directories: DirectoriesShape) =>
  Effect.gen(function* () {
    const policies = yield* Policies
    return ruleRows((yield* policies.ruleSet).rules, null, null)
  }).pipe(Effect.provide(policiesLayer(directories)))

/** Problems of these files (as rules of a workspace), or of the user's own where none is given. */
export const checkPolicies = (directories: DirectoriesShape, paths: ReadonlyArray<string>) =>
  Effect.sync((): ReadonlyArray<string> => {
    const shipped = readShipped(shippedDirectory(), ["default"])
    const unreadable: Array<string> = []
    const given = paths.flatMap((path) => {
      try {
        return [{ file: path, text: readFileSync(path, "utf8"), tier: "user" as const, workspace: null }]
      } catch (error) {
        unreadable.push(`${path}: ${(error as Error).message}`)
        return []
      }
    })
    const files = paths.length === 0 ? readUserFiles(join(directories.config, policyFolder)) : given
    const set = loadRuleSet({ commands: shipped.commands, files: [...shipped.files, ...files] })
    return [...unreadable, ...set.problems.map(showProblem)]
  })
