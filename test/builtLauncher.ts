/**
 * Before the end-to-end tests: builds the program as it is installed, into a folder that goes with the run. Only a run
 * that has such tests pays for it. With CLAW_TEST_LAUNCHER set already (to `bin/claw.cjs`, say) that one is run.
 */
import { Effect, Exit, Scope } from "effect"
import manifest from "../package.json" with { type: "json" }
import { builtEntry } from "../src/cli/bench/built.ts"
import { sourceLauncher } from "./launcher.ts"

const name = "CLAW_TEST_LAUNCHER"

export default async function setup(): Promise<() => Promise<void>> {
  if (process.env[name] !== undefined) return () => Promise.resolve()
  const scope = Scope.makeUnsafe()
  const { args } = await Effect.runPromise(
    builtEntry({
      node: process.execPath,
      args: [sourceLauncher],
      version: manifest.version,
      bundle: null,
    }).pipe(Effect.provideService(Scope.Scope, scope)),
  )
  process.env[name] = args[0]
  return () => {
    delete process.env[name]
    return Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
