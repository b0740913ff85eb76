/** The sandbox as the daemon has it, also for `claw sandbox test` and the benchmark, which run without the daemon. */
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { Sandbox } from "../act/Sandbox.ts"
import type { EscapeTest } from "../act/sandboxSelfTest.ts"
import type { DirectoriesShape, Environment } from "../config/Directories.ts"
import { holdsSecret } from "../domain/secrets/findSecrets.ts"
import { globalExcludesFile } from "../observe/fs/ignoreFiles.ts"
import type { Entry } from "./entry.ts"

export type { EscapeTest }

export interface SandboxPlace {
  readonly directories: DirectoriesShape
  readonly env: Environment
  readonly entry: Entry
}

export const sandboxLayer = (options: SandboxPlace) => {
  const { directories, entry, env } = options
  return Sandbox.layer({
    home: directories.home,
    environment: env,
    hidden: [directories.config, directories.data, directories.state, directories.runtime],
    temporary: tmpdir(),
    holdsSecret,
    excludes: globalExcludesFile(env),
    ...(entry.bundle === null ? {} : { launcher: join(entry.bundle, "launchInside.js") }),
  })
}

/** Runs every attempt to break out, and hands each group's outcome on as it ends. */
export const probeSandbox = <E, R>(
  place: SandboxPlace,
  report: (group: string, tests: ReadonlyArray<EscapeTest>) => Effect.Effect<void, E, R>,
) =>
  Effect.gen(function* () {
    const { probes } = yield* Sandbox
    for (const { name, run } of probes) yield* report(name, yield* run)
  }).pipe(Effect.provide(sandboxLayer(place)))
