/**
 * Undo, measured: `node build/undo.ts [--scripts=10000] [--seed=N] [--only=N]`. Random scripts of file and git work run
 * with the real tools on real repositories, every call is taken back and the world compared with what it was before: files
 * byte for byte with mode and time, refs, reflogs, stash and what is staged. Every tenth script runs in the sandbox.
 * Prints the figures and every mismatch; exits 1 where there is one. `--only` runs one script of a seed again.
 */
import { Effect } from "effect"
import { runScripts } from "../test/act/undo/runScripts.ts"

const option = (key: string): number | undefined => {
  const found = process.argv.find((arg) => arg.startsWith(`--${key}=`))
  return found === undefined ? undefined : Number(found.slice(key.length + 3))
}
const seed = option("seed") ?? Math.floor(Date.now() / 1000) % 1_000_000
const only = option("only")
const from = performance.now()
const outcome = await Effect.runPromise(
  runScripts({
    scripts: option("scripts") ?? 10_000,
    seed,
    sandboxEvery: option("sandbox-every") ?? 10,
    concurrency: option("workers") ?? 2,
    ...(only === undefined ? {} : { only }),
    say: (line) => process.stderr.write(`${line}\n`),
  }),
)
const { calls, changing, mismatches, sandboxed, scripts, steps } = outcome
const seconds = Math.round((performance.now() - from) / 1000)
process.stdout.write(
  `undo (${seconds} s, seed ${seed}): ${mismatches.length} mismatches\n` +
    `  ${scripts} scripts, ${steps} steps in ${calls} calls, ${changing} of which changed something; ${sandboxed} scripts in the sandbox\n`,
)
process.exitCode = mismatches.length === 0 ? 0 : 1
