/**
 * `git`: typed operations on the workspace's repository. Local ones run in the sandbox with git's own files shut
 * (hooks, configuration); network ones hardened outside of it. Taken back by refs, index and the files they touch.
 */
import { join, resolve } from "node:path"
import { access } from "node:fs/promises"
import { Effect } from "effect"
import { CommandLine } from "effect/process"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, refused } from "./attempt.ts"
import { commandPlan, finished, placeFor } from "./commandPlan.ts"
import { defineTool } from "./defineTool.ts"
import { hardenedGit, prePushHook, remoteOf, requirePlain, runPrePush } from "./gitNetwork.ts"
import { compileGit, GitInput, type CompiledGit } from "./gitOperations.ts"
import { dirtyFiles } from "./dirtyFiles.ts"
import { gitFoldersOf, plumbing, readRefs, textOf } from "./gitState.ts"
import { resolveInside } from "./paths.ts"
import type { ActSettings } from "./planParts.ts"
import { gitReads, readsOf } from "./planReads.ts"
import { impossible, recordUndo } from "./recordUndo.ts"
import type { Sandbox } from "./Sandbox.ts"
import { staleLockPlan } from "./staleLock.ts"
import type { ToolContext, ToolPlan } from "./Tool.ts"

type Operation = Exclude<GitInput, { operation: "remove-stale-lock" }>

const names = Effect.fnUntraced(function* (workspace: string, args: ReadonlyArray<string>) {
  const result = yield* plumbing(workspace, args)
  if (result.exit !== 0) return []
  return textOf(result)
    .split("\0")
    .filter((name) => name !== "")
    .map((name) => join(workspace, name))
})

/** The files an operation may change, as far as git can say without running anything; null: it cannot say. */
const mayChange = Effect.fnUntraced(function* (
  input: Operation,
  compiled: CompiledGit,
  context: ToolContext,
) {
  const { workspace } = context
  if (compiled.tree === "nothing") return []
  if (compiled.tree !== "everything") {
    const { paths } = compiled.tree
    return yield* attempt("find the files", () =>
      Promise.all(paths.map((path) => resolveInside(path, context.cwd, workspace))),
    )
  }
  const between = (from: string, to: string) =>
    names(workspace, ["diff-tree", "-r", "--name-only", "--no-renames", "-z", from, to])
  switch (input.operation) {
    case "branch-switch":
      return yield* between("HEAD", `refs/heads/${input.name}`)
    case "branch-create":
      return yield* between("HEAD", input.from ?? "HEAD")
    case "stash-push": {
      const dirty = yield* dirtyFiles(workspace)
      const untracked =
        input.includeUntracked === true
          ? yield* names(workspace, ["ls-files", "--others", "--exclude-standard", "-z"])
          : []
      return [...dirty, ...untracked]
    }
    case "stash-pop": {
      const kept = yield* between("refs/stash^1", "refs/stash")
      const untracked = yield* names(workspace, ["ls-tree", "-r", "--name-only", "-z", "refs/stash^3"])
      return [...kept, ...untracked]
    }
    default:
      return null
  }
})

const recordingFor = Effect.fnUntraced(function* (
  input: Operation,
  compiled: CompiledGit,
  context: ToolContext,
  settings: ActSettings,
) {
  if (compiled.final !== null) return impossible(compiled.final)
  const paths = (yield* mayChange(input, compiled, context)) ?? [context.workspace]
  return yield* recordUndo({
    workspace: context.workspace,
    paths: [...new Set(paths)],
    git: true,
    beyond: compiled.beyond,
    ...settings,
  })
})

const networkPlan = Effect.fnUntraced(function* (
  sandbox: Sandbox["Service"],
  input: Extract<Operation, { operation: "push" | "pull" | "fetch" }>,
  context: ToolContext,
  settings: ActSettings,
  common: string,
) {
  const { workspace } = context
  const compiled = compileGit(input)
  if (!context.permits.network) return yield* refused("this needs the network, which was not approved")
  yield* requirePlain(workspace)
  const { remote, url } = yield* remoteOf(input, workspace)
  const hook = input.operation === "push" ? yield* prePushHook(workspace, common) : null
  if (hook !== null && (yield* sandbox.state)._tag === "unavailable") {
    return yield* refused(
      "the repository has a pre-push hook, and there is no sandbox to run it in; push by hand",
    )
  }
  const recording = yield* recordingFor(input, compiled, context, settings)
  const reads = gitReads(input, yield* readRefs(workspace), { name: remote, url })
  const run = Effect.gen(function* () {
    if (hook !== null && input.operation === "push") {
      const said = yield* runPrePush(sandbox, context, hook, { remote, url, branch: input.branch })
      const ended = yield* finished(said, context.timeoutMs, settings)
      if (!ended.ok) return { ...ended, ...(yield* recording.aftermath) }
    }
    const result = yield* sandbox.runOutside({
      argv: compiled.argv,
      cwd: workspace,
      workspace,
      env: hardenedGit,
      keys: true,
      timeoutMs: context.timeoutMs,
    })
    return { ...(yield* finished(result, context.timeoutMs, settings)), ...(yield* recording.aftermath) }
  })
  const with_ = hook === null ? "" : ", after its pre-push hook agreed"
  const plan: ToolPlan = {
    summary: neutralise(`${compiled.summary}${with_} (with your keys, without a sandbox)`),
    preview: CommandLine.display([...compiled.argv]),
    sandbox: "none",
    commands: hook === null ? [compiled.argv] : [[hook, remote, url], compiled.argv],
    reads,
    undo: recording.undo,
    blobs: recording.blobs,
    aftermath: recording.aftermath,
    run,
  }
  return plan
})

export const gitTool = (sandbox: Sandbox["Service"], settings: ActSettings) =>
  defineTool({
    name: "git",
    description:
      "Changes the repository by typed operations: stage, commit, push, pull, branches, stash, restore.",
    input: GitInput,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
    examples: [
      { operation: "stage", paths: ["src/a.ts"] },
      { operation: "commit", message: "Fixed the limit" },
      { operation: "branch-create", name: "fix-limit", switch: true },
      { operation: "push", remote: "origin", branch: "fix-limit" },
    ],
    limits: ["1000 paths at once", "16384 characters of a message"],
    undo: "refs, HEAD, index and files as they were; not what was pushed, nor what a hook did elsewhere",
    plan: Effect.fnUntraced(function* (input, context) {
      const { workspace, cwd } = context
      const folders = yield* attempt("read .git", () => gitFoldersOf(workspace))
      if (folders === null) return yield* refused("the workspace is not a git repository")
      if (input.operation === "remove-stale-lock") return yield* staleLockPlan(context, settings)
      if (input.operation === "push" || input.operation === "pull" || input.operation === "fetch") {
        return yield* networkPlan(sandbox, input, context, settings, folders.common)
      }
      const where = yield* placeFor(sandbox, context)
      const compiled = compileGit(input)
      const hooked =
        input.operation === "commit" &&
        (yield* Effect.promise(() =>
          access(resolve(folders.common, "hooks", "pre-commit")).then(
            () => true,
            () => false,
          ),
        ))
      const beyond = hooked ? "not files that its hooks change" : compiled.beyond
      const recording = yield* recordingFor(input, { ...compiled, beyond }, context, settings)
      const takesPaths = "paths" in input
      return commandPlan({
        sandbox,
        where,
        context,
        settings,
        recording,
        reads: [
          ...gitReads(input, recording.undo.possible ? recording.refs : yield* readRefs(workspace)),
          ...(typeof compiled.tree === "object" && "paths" in input
            ? readsOf(
                recording.before,
                yield* attempt("find the files", () =>
                  Promise.all(input.paths.map((path) => resolveInside(path, cwd, workspace))),
                ),
              )
            : []),
        ],
        command: {
          argv: compiled.argv,
          cwd,
          write: [workspace],
          network: false,
          protection: "git",
          timeoutMs: context.timeoutMs,
          ...(takesPaths ? { env: { GIT_LITERAL_PATHSPECS: "1" } } : {}),
        },
        summary: neutralise(compiled.summary),
        preview: CommandLine.display([...compiled.argv]),
      })
    }),
  })
