/**
 * Answers the probes about git. Everything is read from git's own files (the list of subcommands excepted, which git
 * gives outside every repository), bounded, and never fails: what cannot be read is `unavailable` with a reason.
 */
import { Clock, Effect, Match, Result } from "effect"
import type { Fact, ProbeRequest } from "../../domain/probe.ts"
import { GitFileError } from "../git/files.ts"
import { lockHolder, readIndexLock } from "../git/lock.ts"
import { openRepository, type OpenRepository } from "../git/openRepository.ts"
import { OutsideTime } from "../OutsideTime.ts"
import { gitBranch } from "./gitBranch.ts"
import { gitCommands } from "./gitCommands.ts"
import { gitCommitted } from "./gitCommitted.ts"
import { conflictMarkers } from "./gitConflictMarkers.ts"
import { gitDirty } from "./gitDirty.ts"
import { gitHabits } from "./gitHabits.ts"
import { gitHooks } from "./gitHooks.ts"
import { gitGone, gitLost, gitStashes } from "./gitKept.ts"
import { gitOpen } from "./gitOpen.ts"
import { gitStaged } from "./gitStaged.ts"
import { gitSubmodules } from "./gitSubmodules.ts"
import { gitLarge, gitUnpushed } from "./gitUnpushed.ts"

const tags = [
  "gitCommands",
  "gitBranch",
  "gitStaged",
  "gitCommitted",
  "gitDirty",
  "conflictMarkers",
  "gitIndexLock",
  "gitOpen",
  "gitHabits",
  "gitUnpushed",
  "gitLarge",
  "gitStashes",
  "gitSubmodules",
  "gitHooks",
  "gitLost",
  "gitGone",
] as const
export type GitProbe = Extract<ProbeRequest, { readonly _tag: (typeof tags)[number] }>
export const isGitProbe = (request: ProbeRequest): request is GitProbe =>
  (tags as ReadonlyArray<string>).includes(request._tag)

export interface GitProbeContext {
  /** Absolute folder of the workspace. */
  readonly workspace: string
  /** The user's home folder: git's own configuration of the user is there. */
  readonly home: string
  /** The user's PATH, to find git and its extensions. */
  readonly path?: string
}
export type GitFact = Omit<Fact, "probe">

const usualPath = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin"

const reading = <A>(workspace: string, read: (open: OpenRepository) => Effect.Effect<A, GitFileError>) =>
  Effect.acquireUseRelease(
    Effect.try({ try: () => openRepository(workspace), catch: unreadable(workspace) }),
    read,
    (open) => Effect.sync(() => open.objects.close()),
  )

const unreadable =
  (workspace: string) =>
  (error: unknown): GitFileError =>
    error instanceof GitFileError
      ? error
      : new GitFileError({ file: workspace, reason: error instanceof Error ? error.message : String(error) })

const now = <A>(workspace: string, read: () => A): Effect.Effect<A, GitFileError> =>
  Effect.try({ try: read, catch: unreadable(workspace) })

const answer = (request: GitProbe, context: GitProbeContext) => {
  const { workspace } = context
  const once = <A>(read: (open: OpenRepository) => A) =>
    reading(workspace, (open) => now(workspace, () => read(open)))
  return Match.value(request).pipe(
    Match.tag("gitCommands", () => gitCommands({ ...context, path: context.path ?? usualPath })),
    Match.tag("gitBranch", () => once(gitBranch)),
    Match.tag("gitStaged", ({ maxBytes }) => once((open) => gitStaged(open, maxBytes))),
    Match.tag("gitCommitted", ({ maxBytes, sha }) => once((open) => gitCommitted(open, sha, maxBytes))),
    Match.tag("gitOpen", () => once(gitOpen)),
    Match.tag("gitHabits", () => once(gitHabits)),
    Match.tag("gitUnpushed", () => once(gitUnpushed)),
    Match.tag("gitLarge", ({ minBytes }) => once((open) => gitLarge(open, minBytes))),
    Match.tag("gitStashes", () => once(gitStashes)),
    Match.tag("gitSubmodules", () => once(gitSubmodules)),
    Match.tag("gitHooks", () => once(gitHooks)),
    Match.tag("gitLost", ({ sha }) => once((open) => gitLost(open, sha))),
    Match.tag("gitGone", ({ branches }) => once((open) => gitGone(open, branches))),
    Match.tag("gitDirty", () =>
      reading(workspace, (open) =>
        gitDirty(open).pipe(Effect.catchDefect((defect) => Effect.fail(unreadable(workspace)(defect)))),
      ),
    ),
    Match.tag("conflictMarkers", ({ paths }) => now(workspace, () => conflictMarkers(workspace, paths))),
    Match.tag("gitIndexLock", () =>
      reading(
        workspace,
        Effect.fnUntraced(function* ({ place }: OpenRepository) {
          const nowMs = yield* Clock.currentTimeMillis
          const outside = yield* OutsideTime
          return yield* now(workspace, () => {
            const lock = readIndexLock(place, nowMs, outside)
            return lock === null ? null : { ageMs: lock.ageMs, holder: lockHolder(place) }
          })
        }),
      ),
    ),
    Match.exhaustive,
  )
}

export const answerGitProbe = Effect.fnUntraced(function* (
  request: GitProbe,
  context: GitProbeContext,
): Effect.fn.Return<GitFact> {
  const result = yield* Effect.result(
    answer(request, context) as Effect.Effect<unknown, { readonly message: string }>,
  )
  return Result.isSuccess(result)
    ? { answer: result.success, unavailable: null }
    : { answer: null, unavailable: result.failure.message.slice(0, 500) }
})
