/**
 * Push, fetch and pull: they need the user's keys and the network, so they run outside the sandbox, hardened: no
 * hooks, no monitor, only known transports, the remote a configured one.
 * Invariants: a repository whose own configuration makes git run programs is refused; its pre-push hook runs first,
 * in the sandbox, and the push only happens if it agrees.
 */
import { constants } from "node:fs"
import { access } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { refused } from "./attempt.ts"
import { gitRunsNothing, gitSettings } from "./commandEnvironment.ts"
import { notPlain, type GitInput } from "./gitOperations.ts"
import { plumbing, textOf } from "./gitState.ts"
import type { Sandbox } from "./Sandbox.ts"
import type { ToolContext } from "./Tool.ts"

export const hardenedGit: Readonly<Record<string, string>> = {
  ...gitSettings(gitRunsNothing),
  GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
  GIT_ASKPASS: "true",
  SSH_ASKPASS_REQUIRE: "never",
}

const configValue = Effect.fnUntraced(function* (workspace: string, key: string) {
  const result = yield* plumbing(workspace, ["config", "--local", "--get", key])
  return result.exit === 0 ? textOf(result).trim() : null
})

/** Fails where git would run something only the repository asked for. */
export const requirePlain = Effect.fnUntraced(function* (workspace: string) {
  const list = ["config", "--list", "--name-only", "-z"]
  const local = yield* plumbing(workspace, [...list, "--local"])
  const worktree = yield* plumbing(workspace, [...list, "--worktree"])
  const keys = [local, worktree].flatMap((result) => (result.exit === 0 ? textOf(result).split("\0") : []))
  if (local.exit !== 0) return yield* refused("git could not read the repository's configuration")
  const odd = [...new Set(notPlain(keys))]
  if (odd.length === 0) return
  return yield* refused(
    `the repository's own configuration sets ${neutralise(odd.slice(0, 3).join(", "))}, which would run or redirect git outside the sandbox; do this by hand`,
  )
})

type NetworkInput = Extract<GitInput, { operation: "push" | "pull" | "fetch" }>

/** The remote an operation talks to; refused where it is not a configured one (git would take it as a path). */
export const remoteOf = Effect.fnUntraced(function* (input: NetworkInput, workspace: string) {
  let remote: string | null = null
  if (input.operation === "pull") {
    const head = textOf(yield* plumbing(workspace, ["symbolic-ref", "--quiet", "--short", "HEAD"])).trim()
    if (head === "") return yield* refused("HEAD is detached: there is no branch to pull into")
    remote = yield* configValue(workspace, `branch.${head}.remote`)
    if (remote === null) return yield* refused(`${neutralise(head)} follows no branch of a remote`)
    if (remote === ".") return { remote, url: "." }
  } else remote = input.remote
  const url = yield* configValue(workspace, `remote.${remote}.url`)
  if (url === null) return yield* refused(`there is no remote ${neutralise(remote)}`)
  return { remote, url }
})

/** The repository's pre-push hook, where it would run. */
export const prePushHook = Effect.fnUntraced(function* (workspace: string, common: string) {
  const named = yield* configValue(workspace, "core.hooksPath")
  const folder = named === null ? join(common, "hooks") : join(named.startsWith("/") ? "/" : workspace, named)
  const hook = join(folder, "pre-push")
  return yield* Effect.promise(() =>
    access(hook, constants.X_OK).then(
      () => hook,
      () => null,
    ),
  )
})

/** Runs the hook as git would, with what is about to be pushed on its input. */
export const runPrePush = Effect.fnUntraced(function* (
  sandbox: Sandbox["Service"],
  context: ToolContext,
  hook: string,
  push: { readonly remote: string; readonly url: string; readonly branch: string },
) {
  const { workspace } = context
  const oid = Effect.fnUntraced(function* (ref: string) {
    const result = yield* plumbing(workspace, ["rev-parse", "--verify", "--quiet", ref])
    return result.exit === 0 ? textOf(result).trim() : "0".repeat(40)
  })
  const ref = `refs/heads/${push.branch}`
  const [ours, theirs] = [yield* oid(ref), yield* oid(`refs/remotes/${push.remote}/${push.branch}`)]
  return yield* sandbox.run({
    argv: [hook, push.remote, push.url],
    cwd: workspace,
    workspace,
    write: [workspace],
    protection: "everything",
    network: false,
    stdin: `${ref} ${ours} ${ref} ${theirs}\n`,
    timeoutMs: context.timeoutMs,
  })
})
