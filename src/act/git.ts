/**
 * `git`: typed operations on the workspace's repository. Those that read answer in records; local ones run in the
 * sandbox with git's own files shut (hooks, configuration); network ones hardened outside of it. Taken back by refs,
 * index, stash and the files they touch.
 */
import { Effect } from "effect"
import { CommandLine } from "effect/process"
import { readingOperations } from "../../policies/tools/gitArgv.ts"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, refused } from "./attempt.ts"
import { gitRunsNothing, gitSettings } from "./commandEnvironment.ts"
import { finished, placeFor, runCommand, type CommandToRun, type Where } from "./commandPlan.ts"
import { defineTool } from "./defineTool.ts"
import { checkOperation, hooksOf, underWay, unmergedFiles } from "./gitChecks.ts"
import { failureLine, failureOf } from "./gitFailures.ts"
import type { GitFolders } from "./gitFiles.ts"
import { GitInput, type GitReading } from "./gitInput.ts"
import { hardenedGit, prePushHook, remoteOf, requirePlain, runPrePush } from "./gitNetwork.ts"
import { compileGit, type CompiledGit, type Operation } from "./gitOperations.ts"
import { isReading, readingGit } from "./gitRead.ts"
import { mayChange } from "./gitScope.ts"
import { gitFoldersOf, readRefs } from "./gitState.ts"
import { resolveInside } from "./paths.ts"
import type { ActSettings } from "./planParts.ts"
import { gitReads, readsOf } from "./planReads.ts"
import { impossible, recordUndo, type Recording } from "./recordUndo.ts"
import type { Sandbox } from "./Sandbox.ts"
import { shutPaths } from "./shutPaths.ts"
import { staleLockPlan } from "./staleLock.ts"
import type { Aftermath, ToolContext, ToolPlan, ToolResult } from "./Tool.ts"

const recordingFor = Effect.fnUntraced(function* (
  input: Operation,
  compiled: CompiledGit,
  context: ToolContext,
  settings: ActSettings,
  more: {
    readonly beyond: string | null
    readonly shut: ReadonlyArray<string>
    readonly unsandboxed: boolean
  },
) {
  if (compiled.final !== null) return impossible(compiled.final)
  const paths = (yield* mayChange(input, compiled, context)) ?? [context.workspace]
  return yield* recordUndo({
    workspace: context.workspace,
    paths: [...new Set(paths)],
    git: true,
    ...settings,
    ...more,
  })
})

/** A repository's hooks may change anything: then everything is kept, or it is said that it is not. */
const recordingWithHooks = Effect.fnUntraced(function* (
  input: Operation,
  compiled: CompiledGit,
  context: ToolContext,
  settings: ActSettings,
  where: Where,
  hooks: ReadonlyArray<string>,
) {
  const shut = where === "none" ? [] : yield* shutPaths(context, "git")
  const more = { beyond: compiled.beyond, shut, unsandboxed: where === "none" }
  if (hooks.length === 0) return yield* recordingFor(input, compiled, context, settings, more)
  const whole = yield* recordingFor(input, { ...compiled, tree: "everything" }, context, settings, more)
  const everything: Recording =
    compiled.tree === "everything"
      ? whole
      : yield* recordUndo({
          workspace: context.workspace,
          paths: [context.workspace],
          git: true,
          ...settings,
          ...more,
        })
  if (everything.undo.possible) return everything
  return yield* recordingFor(input, compiled, context, settings, {
    ...more,
    beyond: "not files that its hooks change",
  })
})

/** What git says in its own words, and behind it what that means. */
const explained = Effect.fnUntraced(function* (
  ended: Omit<ToolResult, keyof Aftermath>,
  input: Operation,
  workspace: string,
  folders: GitFolders,
) {
  if (ended.ok) return ended
  const unmerged = yield* unmergedFiles(workspace)
  const busy = yield* attempt("look for an operation under way", () => underWay(folders))
  const said = `${ended.output.head}${ended.output.tail}`
  const failure = failureOf(input.operation, said, unmerged, busy)
  const line = failureLine(failure)
  const text = said.endsWith("\n") || said === "" ? line : `\n${line}`
  const { output } = ended
  const whole = output.tail === ""
  return {
    ...ended,
    output: {
      ...output,
      head: whole ? output.head + text : output.head,
      tail: whole ? "" : output.tail + text,
    },
  }
})

const networkPlan = Effect.fnUntraced(function* (
  sandbox: Sandbox["Service"],
  input: Extract<Operation, { operation: "push" | "pull" | "fetch" }>,
  context: ToolContext,
  settings: ActSettings,
  folders: GitFolders,
) {
  const { workspace } = context
  const compiled = compileGit(input)
  if (!context.permits.network) return yield* refused("this needs the network, which was not approved")
  yield* requirePlain(workspace)
  const { remote, url } = yield* remoteOf(input, workspace)
  const hook = input.operation === "push" ? yield* prePushHook(workspace, folders.common) : null
  if (hook !== null && (yield* sandbox.state)._tag === "unavailable") {
    return yield* refused(
      "the repository has a pre-push hook, and there is no sandbox to run it in; push by hand",
    )
  }
  const recording = yield* recordingFor(input, compiled, context, settings, {
    beyond: compiled.beyond,
    shut: [],
    unsandboxed: true,
  })
  const reads = gitReads(input, yield* readRefs(workspace), { name: remote, url })
  const going = Effect.gen(function* () {
    if (hook !== null && input.operation === "push") {
      const said = yield* runPrePush(sandbox, context, hook, { remote, url, branch: input.branch })
      const ended = yield* finished(said, context.timeoutMs, settings)
      if (!ended.ok) return ended
    }
    const result = yield* sandbox.runOutside({
      argv: compiled.argv,
      cwd: workspace,
      workspace,
      env: hardenedGit,
      keys: true,
      timeoutMs: context.timeoutMs,
    })
    return yield* explained(yield* finished(result, context.timeoutMs, settings), input, workspace, folders)
  })
  const run = Effect.gen(function* () {
    const ended = yield* recording.during(going)
    return { ...ended, ...(yield* recording.aftermath) }
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

const localPlan = Effect.fnUntraced(function* (
  sandbox: Sandbox["Service"],
  input: Operation,
  context: ToolContext,
  settings: ActSettings,
  folders: GitFolders,
) {
  const { workspace, cwd } = context
  const where = yield* placeFor(sandbox, context)
  const compiled = compileGit(input)
  const hooks = yield* hooksOf(input.operation, workspace, folders)
  const recording = yield* recordingWithHooks(input, compiled, context, settings, where, hooks)
  const named =
    typeof compiled.tree === "object"
      ? yield* attempt("find the files", () => {
          const { paths } = compiled.tree as { readonly paths: ReadonlyArray<string> }
          return Promise.all(paths.map((path) => resolveInside(path, cwd, workspace)))
        })
      : []
  const command: CommandToRun = {
    argv: compiled.argv,
    cwd,
    write: [workspace],
    network: false,
    protection: "git",
    timeoutMs: context.timeoutMs,
    env: {
      LC_ALL: "C",
      ...gitSettings({ "gc.auto": "0", "maintenance.auto": "false", "core.quotePath": "false" }),
      ...("paths" in input ? { GIT_LITERAL_PATHSPECS: "1" } : {}),
    },
  }
  const run = Effect.gen(function* () {
    yield* checkOperation(input, workspace, folders)
    const result = yield* recording.during(runCommand(sandbox, where, command, context))
    const ended = yield* finished(result, command.timeoutMs, settings)
    return { ...(yield* explained(ended, input, workspace, folders)), ...(yield* recording.aftermath) }
  })
  const withHooks =
    hooks.length === 0
      ? ""
      : `; runs the repository's ${hooks.join(", ")} ${where === "none" ? "without a sandbox" : "in the sandbox"}`
  const plan: ToolPlan = {
    summary: neutralise(`${compiled.summary}${withHooks}${where === "none" ? " (without a sandbox)" : ""}`),
    preview: CommandLine.display([...compiled.argv]),
    sandbox: where,
    commands: [compiled.argv],
    reads: [
      ...gitReads(input, recording.undo.possible ? recording.refs : yield* readRefs(workspace)),
      ...readsOf(recording.before, named),
    ],
    undo: recording.undo,
    blobs: recording.blobs,
    aftermath: recording.aftermath,
    run,
  }
  return plan
})

/** Reading is hardened too: no monitor, no hooks, no locks taken. */
const readPlan = Effect.fnUntraced(function* (
  sandbox: Sandbox["Service"],
  input: GitReading,
  context: ToolContext,
  settings: ActSettings,
  folders: GitFolders,
) {
  const where = yield* placeFor(sandbox, context)
  const command = {
    cwd: context.workspace,
    write: [],
    network: false,
    protection: "git" as const,
    timeoutMs: context.timeoutMs,
    env: {
      ...gitSettings({ ...gitRunsNothing, "core.quotePath": "false", "log.showSignature": "false" }),
      GIT_OPTIONAL_LOCKS: "0",
      GIT_LITERAL_PATHSPECS: "1",
      LC_ALL: "C",
    },
  }
  return yield* readingGit(input, context, settings, where, (argv) =>
    Effect.andThen(
      checkOperation(input, context.workspace, folders),
      runCommand(sandbox, where, { ...command, argv }, context),
    ),
  )
})

const isNetwork = (input: Operation): input is Extract<Operation, { operation: "push" | "pull" | "fetch" }> =>
  input.operation === "push" || input.operation === "pull" || input.operation === "fetch"

export const gitTool = (sandbox: Sandbox["Service"], settings: ActSettings) =>
  defineTool({
    name: "git",
    description:
      "Works on the workspace's repository by typed operations. Reading ones (status, diff, log, show, blame, branch-list, tag-list, stash-list) answer in JSON, of which a person is shown the text. Changing ones stage, commit, stash, switch, restore, merge, rebase, cherry-pick, revert and tag; push, pull and fetch use the network and your keys. One that does not end well says why in a last line of JSON: a code (dirty-tree, conflict, nothing-to-commit, detached, unborn, ...), the files it is about, and the operations that make sense next.",
    input: GitInput,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
    readOnlyForms: readingOperations.map((operation) => ({ operation })),
    examples: [
      { operation: "status" },
      { operation: "diff", staged: true },
      { operation: "log", limit: 10 },
      { operation: "commit", message: "Say what changed" },
    ],
    undo: "Files, refs, HEAD, staging area, stash, reflogs and an operation under way come back exactly; commits that were made stay as objects. What was pushed or fetched stays. Files changed by hooks come back where the whole workspace could be kept, else the plan says so.",
    limits: [
      "paths are taken literally, at most 1000 of them; names and revisions are checked, and name no files",
      "a log has at most 500 commits, a list of branches or tags 1000, an answer 4 MiB",
      "hooks of the repository run in the sandbox, and the plan names them; git's configuration and hooks stay as they are",
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const folders = yield* attempt("read .git", () => gitFoldersOf(context.workspace))
      if (folders === null) return yield* refused("the workspace is not a git repository")
      if (isReading(input)) return yield* readPlan(sandbox, input, context, settings, folders)
      if (input.operation === "remove-stale-lock") return yield* staleLockPlan(context, settings)
      return isNetwork(input)
        ? yield* networkPlan(sandbox, input, context, settings, folders)
        : yield* localPlan(sandbox, input, context, settings, folders)
    }),
  })
