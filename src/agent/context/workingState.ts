/**
 * What the work on a repository is at: branch, what is changed and not committed, the newest commits; read by the same
 * tool a model would call, in the sandbox, without a question because it only reads.
 * Invariants: bounded, and what is cut is said; the changes of files that may hold credentials are named, not shown; it is
 * untrusted, because whoever writes a commit or a file writes it.
 */
import { Effect, Schema } from "effect"
import { ToolRegistry } from "../../act/ToolRegistry.ts"
import type { ToolContext } from "../../act/Tool.ts"
import { outputText } from "../../domain/callResult.ts"
import { fold, isCredential } from "../../../policies/names.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"

/** Characters of the diff: about 5,000 tokens. */
const mostDiff = 20_000
const mostEntries = 60
const mostCommits = 5
const timeoutMs = 10_000

export interface WorkingState {
  /** Branch, upstream and changed files, and the newest commits, a line each. */
  readonly text: string
  /** Unified diff against HEAD; null: nothing changed, or it could not be read. */
  readonly diff: string | null
  readonly cut: string | null
  /** Paths that changed, relative to the workspace. */
  readonly changed: ReadonlyArray<string>
}

const Status = Schema.fromJsonString(
  Schema.Struct({
    branch: Schema.NullOr(Schema.String),
    upstream: Schema.NullOr(Schema.String),
    ahead: Schema.Finite,
    behind: Schema.Finite,
    entries: Schema.Array(
      Schema.Struct({ path: Schema.String, staged: Schema.String, worktree: Schema.String }),
    ),
  }),
)
const Log = Schema.fromJsonString(
  Schema.Struct({
    commits: Schema.Array(Schema.Struct({ commit: Schema.String, subject: Schema.String })),
  }),
)
const Diff = Schema.fromJsonString(Schema.Struct({ patch: Schema.String }))
const decodeStatus = Schema.decodeUnknownOption(Status)
const decodeLog = Schema.decodeUnknownOption(Log)
const decodeDiff = Schema.decodeUnknownOption(Diff)

/** A look of Claw's own: nothing may be written and nothing reached. */
const looking = (workspace: string, home: string): ToolContext => ({
  call: "context#0",
  session: null,
  actor: "claw",
  trust: "untrusted",
  workspace,
  cwd: workspace,
  home,
  commands: [],
  permits: { write: [], network: false, hosts: [], shell: false, unsandboxed: false },
  timeoutMs,
})

const mayHoldCredentials = (path: string): boolean => isCredential(path.split("/").map(fold), false)

/** Parts of a diff, one for each file; those of files that may hold credentials by their name alone. */
const withoutCredentials = (patch: string): string =>
  patch
    .split(/^(?=diff --git )/m)
    .map((part) => {
      const path = /^\+\+\+ b\/(.*)$/m.exec(part)?.[1] ?? /^diff --git a\/(.*?) b\//.exec(part)?.[1] ?? ""
      return mayHoldCredentials(path) ? `(changes of ${path} are not shown: it may hold credentials)\n` : part
    })
    .join("")

export const workingState = Effect.fn("workingState")(function* (workspace: string, home: string) {
  const registry = yield* ToolRegistry
  const context = looking(workspace, home)
  const look = (input: Readonly<Record<string, unknown>>): Effect.Effect<string | null> =>
    registry.plan("git", input, context).pipe(
      Effect.flatMap(({ run }) => run),
      Effect.map(({ ok, output }) => (ok ? outputText(output) : null)),
      Effect.orElseSucceed(() => null),
    )
  const [status, log, diff] = yield* Effect.all(
    [
      look({ operation: "status" }),
      look({ operation: "log", limit: mostCommits }),
      look({ operation: "diff", revision: "HEAD" }),
    ],
    { concurrency: 3 },
  )
  const state = decodeStatus(status)
  if (state._tag === "None") return null
  const { ahead, behind, branch, entries, upstream } = state.value
  const commits = decodeLog(log)
  const against = upstream === null ? "" : `, ${ahead} ahead of and ${behind} behind ${upstream}`
  const shown = entries
    .slice(0, mostEntries)
    .map(({ path, staged, worktree }) => `${staged}${worktree} ${path}`)
  const lines = [
    branch === null ? "HEAD is detached" : `on branch ${branch}${against}`,
    ...(entries.length === 0 ? ["nothing changed"] : shown),
    ...(entries.length > mostEntries ? [`(${entries.length - mostEntries} more)`] : []),
    ...(commits._tag === "None"
      ? []
      : [
          "newest commits:",
          ...commits.value.commits.map(({ commit, subject }) => `${commit.slice(0, 8)} ${subject}`),
        ]),
  ]
  const patch = decodeDiff(diff)
  const whole = patch._tag === "None" ? "" : redactSecrets(withoutCredentials(patch.value.patch))
  const kept = whole.slice(0, mostDiff)
  const found: WorkingState = {
    text: redactSecrets(lines.join("\n")),
    diff: kept === "" ? null : kept,
    cut: kept.length < whole.length ? `the last ${whole.length - kept.length} characters of the diff` : null,
    changed: entries.map(({ path }) => path),
  }
  return found
})
