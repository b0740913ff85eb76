/** Makes the three sources as this daemon wants them: from its directories, settings and the state of the log. */
import { Effect, Stream, SubscriptionRef } from "effect"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { DirectoriesShape } from "../config/Directories.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"
import { checkKind } from "../decide/checks.ts"
import { isOwnCommand } from "../decide/words.ts"
import type { Control } from "../loop/control.ts"
import type { Snapshot } from "../loop/Folds.ts"
import type { SourceMakers } from "../loop/Sources.ts"
import { FsSource } from "../observe/fs/FsSource.ts"
import { globalExcludesFile } from "../observe/fs/ignoreFiles.ts"
import { systemWatches } from "../observe/fs/watchBudget.ts"
import { GitSource } from "../observe/git/GitSource.ts"
import { withoutErasure } from "../observe/terminal/ownErasure.ts"
import type { SpoolRecord } from "../observe/terminal/spoolFormat.ts"
import { TerminalSource } from "../observe/terminal/TerminalSource.ts"
import type { Settings } from "../config/Settings.ts"
import type { Environment } from "../config/Directories.ts"

/** The innermost watched workspace a folder lies in. */
export const workspaceOf = (workspaces: ReadonlyArray<string>, cwd: string): string | null =>
  workspaces
    .filter((workspace) => cwd === workspace || cwd.startsWith(`${workspace}/`))
    .reduce<string | null>((best, one) => (best === null || one.length > best.length ? one : best), null)

/** The watched workspace of a command that ended then; null where nobody watched it by then. */
export const watchedThen = (
  { workspaces, since }: Pick<Control, "workspaces" | "since">,
  cwd: string,
  endedMs: number,
): string | null => {
  const workspace = workspaceOf(workspaces, cwd)
  return workspace !== null && endedMs >= (since[workspace] ?? 0) ? workspace : null
}

/** What failed and what checks say; never Claw's own words, nor what was asked to be erased. */
const wantsOutput = ({ command, exit }: SpoolRecord): boolean =>
  (exit !== 0 || checkKind(command) !== null) && !isOwnCommand(command) && withoutErasure(command) === command

export const sourceMakers = (options: {
  readonly directories: DirectoriesShape
  readonly env: Environment
  readonly snapshot: SubscriptionRef.SubscriptionRef<Snapshot>
  readonly settingsFor: (workspace: string | null) => Effect.Effect<Settings>
  readonly bundle: string | null
}): SourceMakers => ({
  workspace: Effect.fnUntraced(function* (workspace, positions) {
    const settings = yield* options.settingsFor(workspace)
    return [
      FsSource.make({
        workspace,
        globalExcludes: globalExcludesFile(options.env),
        ...(options.bundle === null
          ? {}
          : { workerEntry: pathToFileURL(join(options.bundle, "folderWorker.js")) }),
        positions,
        watchBudget: Math.floor(systemWatches() * settings.watch.budget),
      }),
      GitSource.make({ workspace, positions }),
    ]
  }),
  shared: (positions) =>
    Effect.succeed([
      {
        name: "terminal" as const,
        observations: Stream.unwrap(
          Effect.map(
            positions,
            (known) =>
              TerminalSource.make({
                spoolDir: options.directories.spool,
                positions: known.terminal,
                workspaceOf: (cwd, endedMs) =>
                  watchedThen(SubscriptionRef.getUnsafe(options.snapshot).control, cwd, endedMs),
                redact: (text) => redactSecrets(withoutErasure(text)),
                output: {
                  enabled: Effect.map(options.settingsFor(null), ({ terminal }) => terminal.output),
                  shellsDir: options.directories.shells,
                  env: options.env,
                  wants: wantsOutput,
                  redact: redactSecrets,
                },
              }).observations,
          ),
        ),
      },
    ]),
})
