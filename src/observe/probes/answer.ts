/**
 * Answers the typed, read-only questions of reflexes. Never fails and never waits long: a probe that cannot answer,
 * throws or takes too long is `unavailable` with the reason. No shell, and no program but what git's probes run.
 */
import { Context, Effect, Layer } from "effect"
import type { CompromisedReport } from "../../domain/lockfiles/findCompromised.ts"
import type { Fact, ProbeRequest } from "../../domain/probe.ts"
import { comments } from "./comments.ts"
import { codeOf, Unavailable } from "./confine.ts"
import { envNames } from "./envNames.ts"
import { Executables, type Programs } from "./executables.ts"
import { compromised, listDir, pathKinds, readText } from "./files.ts"
import { answerGitProbe, type GitProbe, isGitProbe } from "./git.ts"
import { readInstalled } from "./installed.ts"
import { diskSpace, limits, network, owners } from "./machine.ts"
import { readManifest } from "./manifests.ts"
import { portOwner } from "./portOwner.ts"
import { toolVersions } from "./toolVersions.ts"

export interface ProbesOptions {
  readonly home: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The PATH of the user's shells, where it is known to differ from the daemon's own. */
  readonly searchPath?: string
  readonly findCompromised: (path: string, text: string) => CompromisedReport
  readonly timeoutMs?: number
}

const usualPath = "/usr/local/bin:/usr/bin:/bin"
const usualTimeout = 3_000
const atOnce = 4
const maximumReason = 500

/** About the machine, not about a workspace. */
const anywhere: ReadonlySet<ProbeRequest["_tag"]> = new Set([
  "executablesNear",
  "which",
  "portOwner",
  "limits",
  "network",
])

type PlainProbe = Exclude<ProbeRequest, GitProbe>

const reasonOf = (error: unknown): string =>
  (error instanceof Unavailable ? error.message : `could not be read: ${codeOf(error)}`).slice(
    0,
    maximumReason,
  )

export class Probes extends Context.Service<
  Probes,
  {
    readonly answer: (
      requests: ReadonlyArray<ProbeRequest>,
      context: { readonly workspace: string | null },
    ) => Effect.Effect<ReadonlyArray<Fact>>
  }
>()("claw/observe/Probes") {
  static readonly layer = (options: ProbesOptions): Layer.Layer<Probes> =>
    Layer.sync(Probes, () => {
      const path = options.searchPath ?? options.environment["PATH"] ?? usualPath
      const executables = new Executables(path)
      const timeoutMs = options.timeoutMs ?? usualTimeout

      const plain = (request: PlainProbe, workspace: string, programs: Programs): Promise<unknown> => {
        switch (request._tag) {
          case "executablesNear":
            return programs.near(request.name, request.limit)
          case "which":
            return Promise.all(
              request.names.slice(0, 100).map(async (name) => [name, await programs.which(name)] as const),
            ).then((found) => Object.fromEntries(found))
          case "pathKinds":
            return pathKinds(workspace, request.paths)
          case "listDir":
            return listDir(workspace, request.path, request.limit)
          case "readText":
            return readText(workspace, request.path, request.maxBytes)
          case "portOwner":
            return portOwner(request.port)
          case "manifest":
            return readManifest(workspace, request.dir)
          case "installed":
            return readInstalled(workspace, request.dir, request.names)
          case "diskSpace":
            return diskSpace(workspace, request.path)
          case "owners":
            return owners(workspace, request.paths)
          case "limits":
            return limits(request.pid)
          case "network":
            return network()
          case "toolVersions":
            return toolVersions(workspace, request.dir, options.home, (name) => programs.which(name))
          case "envNames":
            return envNames(workspace, request.dir, request.since)
          case "comments":
            return comments(workspace, request.paths)
          case "compromised":
            return compromised(workspace, request.path, options.findCompromised)
        }
      }

      const ask = (
        request: ProbeRequest,
        workspace: string,
        programs: Programs,
      ): Effect.Effect<Omit<Fact, "probe">> =>
        isGitProbe(request)
          ? answerGitProbe(request, { workspace, home: options.home, path })
          : Effect.tryPromise({
              try: () => plain(request, workspace, programs),
              catch: reasonOf,
            }).pipe(
              Effect.map((answer) => ({ answer, unavailable: null })),
              Effect.catch((unavailable) => Effect.succeed({ answer: null, unavailable })),
            )

      const fact = (
        request: ProbeRequest,
        workspace: string | null,
        programs: Programs,
      ): Effect.Effect<Fact> =>
        (workspace === null && !anywhere.has(request._tag)
          ? Effect.succeed({ answer: null, unavailable: "there is no workspace to look at" })
          : ask(request, workspace ?? "/", programs).pipe(
              Effect.timeoutOrElse({
                duration: timeoutMs,
                orElse: () =>
                  Effect.succeed({ answer: null, unavailable: `took longer than ${timeoutMs} ms` }),
              }),
              Effect.catchDefect((defect) => Effect.succeed({ answer: null, unavailable: reasonOf(defect) })),
            )
        ).pipe(Effect.map((found) => ({ probe: request, ...found })))

      return Probes.of({
        answer: (requests, { workspace }) =>
          Effect.suspend(() => {
            const programs = executables.now()
            return Effect.forEach(requests, (request) => fact(request, workspace, programs), {
              concurrency: atOnce,
            })
          }),
      })
    })
}
