/** Runs one evaluation over a table, or over a log: the contract's JSON object, and a text a person reads. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { Effect, type FileSystem, Layer, type Path, Stream } from "effect"
import { LogStore } from "../../../log-store/LogStore.ts"
import type { Entry } from "../entry.ts"
import { evalCorrections } from "./corrections.ts"
import { EvalError, type Evaluated } from "./Evaluated.ts"
import { evalLockfiles } from "./lockfiles.ts"
import { overLog } from "./overLog.ts"
import { evalPolicyTable, type PolicyRun } from "./policyTable.ts"
import { evalSecrets } from "./secrets.ts"
import { ThoughtCounts, thoughtsText } from "./thoughts.ts"

export type EvalName = "policy" | "corrections" | "secrets" | "lockfiles" | "thoughts"

/** Failures a person reads at once; the JSON has them all. */
const shownFailures = 40

const asText = (report: Readonly<Record<string, unknown>>): string => {
  const { failures, ...figures } = report
  const lines = Object.entries(figures)
    .filter(([key]) => key !== "v")
    .map(
      ([key, value]) =>
        `${key.padEnd(14)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
  const list = Array.isArray(failures) ? (failures as ReadonlyArray<unknown>) : []
  const rest =
    list.length > shownFailures ? [`... and ${list.length - shownFailures} more (--json prints all)`] : []
  return [
    ...lines,
    ...(list.length === 0 ? [] : [`failures (${list.length}):`]),
    ...list.slice(0, shownFailures).map((failure) => `  ${JSON.stringify(failure)}`),
    ...rest,
  ].join("\n")
}

type Scored = Effect.Effect<object, { readonly message: string }, FileSystem.FileSystem | Path.Path>

const evaluations: Readonly<
  Record<Exclude<EvalName, "thoughts">, (table: string, run: PolicyRun) => Scored>
> = {
  policy: evalPolicyTable,
  corrections: evalCorrections,
  secrets: evalSecrets,
  lockfiles: evalLockfiles,
}

const files = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)

/** What the log in this folder asked of models. */
const evalThoughts = (dir: string, entry: Entry): Effect.Effect<Evaluated, EvalError> =>
  overLog(
    dir,
    entry,
    Effect.gen(function* () {
      const store = yield* LogStore
      const counts = new ThoughtCounts()
      yield* Stream.runForEach(store.read({}), (event) => Effect.sync(() => counts.take(event)))
      const { report } = counts
      return { report: { ...report }, text: thoughtsText(report) }
    }),
  )

export const runEval = (
  name: EvalName,
  file: string,
  run: PolicyRun,
  entry: Entry,
): Effect.Effect<Evaluated, EvalError> =>
  name === "thoughts" ? evalThoughts(file, entry) : runTable(name, file, run)

const runTable = (
  name: Exclude<EvalName, "thoughts">,
  file: string,
  run: PolicyRun,
): Effect.Effect<Evaluated, EvalError> =>
  evaluations[name](file, run).pipe(
    Effect.mapError((error) => new EvalError({ message: `${file}: ${error.message}` })),
    Effect.map((report) => ({ report: { ...report }, text: asText({ ...report }) })),
    Effect.provide(files),
  )
