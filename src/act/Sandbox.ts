/**
 * Runs commands in bubblewrap: read-only system, empty home, no network, no credentials, nothing of Claw's own.
 * Writable and connected only as far as the approved effects say.
 * Invariants: nothing runs in a sandbox that did not pass its own escape tests at start; without one `run` refuses,
 * and only `runOutside` (a person approved exactly that) starts a program without it.
 */
import { closeSync, constants, openSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { access, mkdtemp, open, realpath, rm, stat, writeFile } from "node:fs/promises"
import { setPriority, totalmem } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Context, Effect, Fiber, Layer, Random } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { attempt, refused } from "./attempt.ts"
import { bwrapArguments, type Mount } from "./bwrapArguments.ts"
import { commandEnvironment, keyEnvironment, trustedPath, type Environment } from "./commandEnvironment.ts"
import { passedOn } from "./descriptors.ts"
import { gitExcludes } from "./gitExcludes.ts"
import { heldPlaces } from "./heldPlaces.ts"
import { networkLine } from "./netProxy/connections.ts"
import type { Lookup } from "./netProxy/filteringProxy.ts"
import { wayOut } from "./netProxy/wayOut.ts"
import { inside } from "./paths.ts"
import { protectedPaths, removePlaceholder, type Protected } from "./protectedPaths.ts"
import { disarmNew, repositoriesBelow, type Repositories } from "./repositories.ts"
import { runProcess, type Listening, type ProcessResult } from "./runProcess.ts"
import { sandboxEscapes, type ProbeGroup } from "./sandboxEscapes.ts"
import { groupFolder, makeGroup, sweepGroups } from "./processGroup.ts"
import { mountsFor, systemMounts, toolchains } from "./sandboxMounts.ts"
import type { EscapeTest } from "./sandboxSelfTest.ts"
import { defaultLimits, type SandboxRun } from "./sandboxRun.ts"
import type { SandboxState } from "./sandboxState.ts"
import { sandboxWatch } from "./sandboxWatch.ts"
import { seccompFilter } from "./seccomp.ts"
import { ToolError } from "./Tool.ts"

export interface SandboxOptions {
  readonly home: string
  readonly environment: Environment
  /** Claw's runtime, data and configuration folders: never visible inside. */
  readonly hidden: ReadonlyArray<string>
  /** A folder of our own for the filter and the self-test, e.g. the system's temporary folder. */
  readonly temporary: string
  /** Where to look for bubblewrap; for tests of a machine without it. */
  readonly program?: string
  readonly holdsSecret: (bytes: Uint8Array) => boolean
  /** Where a bundle put the launcher of commands with network. */
  readonly launcher?: string
  /** The user's own git ignore file, which git inside goes by as it does outside. */
  readonly excludes?: string
  /** How names are resolved; the system's way if absent. */
  readonly lookup?: Lookup
}

const none: Repositories = { gitFolders: [], whole: true }
const disarmedLine = (taken: ReadonlyArray<string>): string =>
  `[sandbox: a repository it made would have run programs later; taken away: ${neutralise(taken.slice(0, 10).join(", "))}]`

/** Below what the person does by hand, and the first to go where the machine itself runs out of memory. */
const niceness = 5
const outOfMemoryScore = "900"
const yieldFirst = (pid: number | undefined): void => {
  if (pid === undefined) return
  try {
    setPriority(pid, niceness)
    writeFileSync(`/proc/${pid}/oom_score_adj`, outOfMemoryScore)
  } catch {
    // it has ended already, or the machine has no such setting
  }
}
/** The user's own git settings, without which a commit has no author. */
const gitConfiguration = [".gitconfig", ".config/git/config", ".config/git/ignore", ".config/git/attributes"]

const readOrNull = (path: string): Uint8Array | null => {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

const firstExecutable = async (candidates: ReadonlyArray<string>): Promise<string | null> => {
  for (const path of candidates) {
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return null
}

/** The path, or what there is above it; one that is real no more was swapped for a link since it was judged. */
const existingAncestor = async (path: string): Promise<string> => {
  if ((await stat(path).catch(() => null)) === null) return existingAncestor(dirname(path))
  if ((await realpath(path)) !== path)
    throw refused(`${neutralise(path)} was replaced by something that leads elsewhere`)
  return path
}

const listening = ({ dialogue, keepBytes, onOutput }: Listening): Listening => ({
  ...(onOutput === undefined ? {} : { onOutput }),
  ...(dialogue === undefined ? {} : { dialogue }),
  ...(keepBytes === undefined ? {} : { keepBytes }),
})

export class Sandbox extends Context.Service<
  Sandbox,
  {
    readonly state: Effect.Effect<SandboxState>
    /** Where a program is on the path commands get in this workspace (in any: null); null where it is not. */
    readonly find: (program: string, workspace: string | null) => Effect.Effect<string | null>
    readonly run: (command: SandboxRun) => Effect.Effect<ProcessResult, ToolError>
    /** Without a sandbox, for what a person approved to run so; the environment is scrubbed all the same. */
    readonly runOutside: (command: {
      readonly argv: ReadonlyArray<string>
      readonly cwd: string
      readonly workspace: string
      readonly env?: Readonly<Record<string, string>>
      /** It may reach the user's ssh agent and keyring: git's typed network operations only. */
      readonly keys?: boolean
      readonly timeoutMs: number
      readonly onOutput?: (chunk: Uint8Array) => void
      readonly keepBytes?: number
    }) => Effect.Effect<ProcessResult, ToolError>
    /** Takes away what commands that were cut off with the daemon left to hold places in a workspace. Never fails. */
    readonly sweep: (workspace: string) => Effect.Effect<void>
    /** What is tried before the first command. */
    readonly selfTest: Effect.Effect<ReadonlyArray<EscapeTest>>
    /** All attempts to break out, and to take more than a command may, in groups; takes some seconds. */
    readonly probes: ReadonlyArray<ProbeGroup>
  }
>()("claw/act/Sandbox") {
  static readonly layer = (options: SandboxOptions) =>
    Layer.effect(
      Sandbox,
      Effect.gen(function* () {
        const own = yield* Effect.acquireRelease(
          attempt("make a folder for the sandbox", async () =>
            realpath(await mkdtemp(join(options.temporary, "claw-sandbox-"))),
          ).pipe(Effect.orDie),
          (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
        )
        const real = (path: string) => Effect.promise(() => realpath(path).catch(() => path))
        const userHome = yield* real(options.home)
        const ownFolders = yield* Effect.forEach(options.hidden, real)
        const program = yield* Effect.promise(() =>
          firstExecutable(
            options.program !== undefined
              ? [options.program]
              : trustedPath(options.environment["PATH"], own)
                  .split(":")
                  .map((folder) => join(folder, "bwrap")),
          ),
        )
        const prlimit = yield* Effect.promise(() => firstExecutable(["/usr/bin/prlimit"]))
        const system: ReadonlyArray<Mount> = yield* Effect.sync(systemMounts)
        const filter = seccompFilter(process.arch)
        const filterFile = join(own, "filter")
        if (filter !== null) yield* Effect.promise(() => writeFile(filterFile, filter))
        const limits = defaultLimits(totalmem())
        const launcher =
          options.launcher ?? fileURLToPath(new URL("./netProxy/launchInside.ts", import.meta.url))
        const nothing = yield* Effect.acquireRelease(
          Effect.sync(() => openSync("/dev/null", "r+")),
          (descriptor) => Effect.sync(() => closeSync(descriptor)),
        )
        const shut = { descriptors: passedOn(), with: nothing }
        const places = heldPlaces()
        const groups = process.getuid?.() === 0 ? groupFolder() : null
        if (groups !== null) sweepGroups(groups)
        let runs = 0

        /** An unnamed file of ours, read from its start. */
        const inputFile = async (text: string | undefined) => {
          if (text === undefined) return null
          const file = join(own, `input-${inputs++}`)
          await writeFile(file, text, { mode: 0o600 })
          return open(file, "r").finally(() => rm(file))
        }
        let inputs = 0

        const gitFiles = (home: string): ReadonlyArray<string> =>
          gitConfiguration
            .map((name) => join(home, name))
            .filter((path) => {
              const bytes =
                statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readOrNull(path) : null
              return bytes !== null && !options.holdsSecret(bytes)
            })

        const excludes = gitExcludes({ own, excludes: options.excludes, holdsSecret: options.holdsSecret })

        /** One that is gone, or became a link since it was named, is left out. */
        const besides = async ({ beside = [] }: SandboxRun): Promise<ReadonlyArray<string>> => {
          const found = await Promise.all(beside.map((path) => realpath(path).catch(() => null)))
          return beside.filter((path, index) => found[index] === path)
        }

        const prepare = async (command: SandboxRun, home: string, hidden: ReadonlyArray<string>) => {
          const writable = [...new Set(await Promise.all(command.write.map(existingAncestor)))]
          for (const path of [command.workspace, ...writable]) {
            if (hidden.some((folder) => inside(folder, path))) {
              throw refused(`${path} belongs to Claw itself`)
            }
          }
          const startedMs = Date.now()
          const repositories = writable.length === 0 ? none : repositoriesBelow(command.workspace)
          const guard: Protected = protectedPaths(command.workspace, home, command.protection, repositories)
          const path = trustedPath(options.environment["PATH"], command.workspace)
          const readable = [
            ...toolchains(path, home),
            ...gitFiles(home),
            ...guard.gitFolders,
            ...(await besides(command)),
          ]
          const gitWritable =
            command.protection === "git" && writable.includes(command.workspace) ? guard.gitFolders : []
          const rootWritable = [...writable, ...gitWritable]
          const reachable = (file: string) => rootWritable.some((folder) => inside(folder, file))
          return {
            guard,
            readable,
            writable: rootWritable,
            missing: guard.missing.filter(reachable),
            disarm: () =>
              writable.length === 0 ? [] : disarmNew(command.workspace, repositories, startedMs),
          }
        }

        /** The name of an unreachable program gives a message of its own, not bubblewrap's. */
        const runIn = (
          command: SandboxRun,
          home: string,
          hidden: ReadonlyArray<string>,
        ): Effect.Effect<ProcessResult, ToolError> =>
          Effect.acquireUseRelease(
            attempt("prepare the sandbox", async () => {
              const prepared = await prepare(command, home, hidden)
              return { ...prepared, held: places.hold(prepared.missing) }
            }),
            ({ guard, readable, writable, held, disarm }) =>
              Effect.gen(function* () {
                const ignoring = yield* Effect.acquireRelease(
                  attempt("hide what is held from git", async () =>
                    excludes(command.workspace, guard.gitFolders, places.all()),
                  ),
                  ({ remove }) => Effect.sync(remove),
                )
                const environment = ignoring.within({
                  ...commandEnvironment(options.environment, { home, workspace: command.workspace }),
                  ...command.env,
                })
                const way = command.network
                  ? yield* Effect.acquireRelease(
                      Effect.sync(() =>
                        wayOut(
                          { ...options, node: process.execPath, launcher },
                          command.hosts ?? [],
                          environment,
                        ),
                      ),
                      ({ proxy }) => Effect.sync(proxy.close),
                    )
                  : null
                const mounts = mountsFor({
                  system,
                  home,
                  readable,
                  workspace: command.workspace,
                  writable,
                  anchors: guard.anchors,
                  shut: guard.existing,
                  placeholders: held,
                  hidden,
                  placed: [...(way?.placed ?? []), ...ignoring.placed],
                })
                const filterInput = yield* Effect.acquireRelease(
                  attempt("open the filter", async () =>
                    filter === null ? null : openSync(filterFile, "r"),
                  ),
                  (descriptor) => Effect.sync(() => descriptor !== null && closeSync(descriptor)),
                )
                const stdin = yield* Effect.acquireRelease(
                  attempt("open the input", () => inputFile(command.stdin)),
                  (handle) => Effect.promise(async () => handle?.close()),
                )
                const bounds = { ...limits, ...command.limits }
                const group = yield* Effect.acquireRelease(
                  Effect.sync(() =>
                    groups === null ? null : makeGroup(groups, `${process.pid}-${runs++}`, bounds.processes),
                  ),
                  // the last of its processes may take a moment to be gone, and nobody waits for that
                  (made) => Effect.sync(() => void made?.remove()),
                )
                const result = yield* runProcess({
                  file: program!,
                  args: bwrapArguments({
                    mounts,
                    cwd: command.cwd,
                    env: way?.env ?? environment,
                    launcher: way?.line ?? [],
                    argv: command.argv,
                    seccomp: filter !== null,
                    waits: group !== null,
                    prlimit,
                    limits: bounds,
                  }),
                  cwd: "/",
                  // bubblewrap's own environment is readable inside, as that of process 1
                  env: {},
                  timeoutMs: command.timeoutMs,
                  ...listening(command),
                  childPid: true,
                  shut,
                  channel: way !== null,
                  started: (child) => {
                    yieldFirst(child.pid)
                    way?.started(child)
                  },
                  watch: sandboxWatch({ ...bounds, tasks: bounds.processes }, writable),
                  ...(group === null ? {} : { placed: group.add }),
                  ...(stdin === null ? {} : { stdin: stdin.fd }),
                  ...(filterInput === null ? {} : { inherit: filterInput }),
                })
                if (way !== null) {
                  result.output.add(Buffer.from(`\n${networkLine(way.proxy.connections())}\n`))
                }
                const taken = yield* attempt("look at new repositories", async () => disarm())
                if (taken.length > 0) result.output.add(Buffer.from(`\n${disarmedLine(taken)}\n`))
                return result
              }).pipe(
                Effect.scoped,
                Effect.onInterrupt(() => Effect.ignore(attempt("disarm", async () => disarm()))),
              ),
            ({ guard, held }) =>
              Effect.promise(async () => {
                places.letGo(held)
                for (const path of guard.removeAfter) await rm(path, { force: true, recursive: true })
              }),
          )

        const { selfTest, probes } = sandboxEscapes({ program, own, hidden: ownFolders, run: runIn })
        const judged = Effect.map(selfTest, (tests): SandboxState => {
          const broken = tests.filter((test) => !test.held)
          return broken.length === 0
            ? { _tag: "available", seccomp: filter !== null, limits: prlimit !== null }
            : {
                _tag: "unavailable",
                reason: broken
                  .map(({ name, detail }) => `${name}: ${detail}`)
                  .join("; ")
                  .slice(0, 500),
              }
        })
        // whoever needs it waits for it; the rest of the start does not
        const state = Fiber.join(yield* Effect.forkScoped(judged, { startImmediately: true }))

        const run = Effect.fn("Sandbox.run")(function* (command: SandboxRun) {
          const found = yield* state
          if (found._tag === "unavailable") {
            return yield* refused(
              `no sandbox on this machine (${found.reason}): commands run only after an approval that says so`,
            )
          }
          return yield* runIn(command, userHome, ownFolders)
        })
        const runOutside: Sandbox["Service"]["runOutside"] = Effect.fn("Sandbox.runOutside")(
          function* (command) {
            const [file = "", ...args] = command.argv
            const env = {
              ...commandEnvironment(options.environment, {
                home: userHome,
                workspace: command.workspace,
              }),
              ...(command.keys === true ? keyEnvironment(options.environment) : {}),
              ...command.env,
            }
            const id = yield* Random.nextIntBetween(0, Number.MAX_SAFE_INTEGER)
            return yield* runProcess({
              file,
              args,
              cwd: command.cwd,
              env,
              timeoutMs: command.timeoutMs,
              ...listening(command),
              shut,
              mark: `CLAW_RUN=${id.toString(36)}`,
            })
          },
        )
        const sweep: Sandbox["Service"]["sweep"] = (workspace) =>
          Effect.sync(() => {
            const { missing } = protectedPaths(workspace, userHome, "everything")
            for (const path of missing) if (!places.isHeld(path)) removePlaceholder(path)
          }).pipe(Effect.catchDefect(() => Effect.void))
        const find: Sandbox["Service"]["find"] = (name, workspace) =>
          Effect.promise(() =>
            firstExecutable(
              trustedPath(options.environment["PATH"], workspace ?? own)
                .split(":")
                .map((folder) => join(folder, name)),
            ),
          )
        return Sandbox.of({ state, find, run, runOutside, sweep, selfTest, probes })
      }),
    )
}
