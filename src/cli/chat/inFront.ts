/**
 * Another program that has the terminal for a while.
 * Invariant: control-C is that program's: this one hears none of it meanwhile.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import type { Environment } from "../../config/Directories.ts"

/** SIGINT is given to all that stand on the terminal, this program too. */
const deaf = Effect.acquireRelease(
  Effect.sync(() => {
    const listeners = process.rawListeners("SIGINT") as ReadonlyArray<NodeJS.SignalsListener>
    const ignored = () => undefined
    process.on("SIGINT", ignored)
    for (const listener of listeners) process.off("SIGINT", listener)
    return () => {
      for (const listener of listeners) process.on("SIGINT", listener)
      process.off("SIGINT", ignored)
    }
  }),
  (restore) => Effect.sync(restore),
)

const ran = (argv: readonly [string, ...ReadonlyArray<string>], options: { cwd: string; env: Environment }) =>
  Effect.callback<void>((resume) => {
    const [program, ...args] = argv
    const child = spawn(program, args, { ...options, env: { ...options.env }, stdio: "inherit" })
    // it says itself what went wrong
    const over = () => resume(Effect.void)
    child.once("error", over)
    child.once("exit", over)
    return Effect.sync(() => child.kill())
  })

export const inFront = (
  argv: readonly [string, ...ReadonlyArray<string>],
  options: { readonly cwd: string; readonly env: Environment },
): Effect.Effect<void> => Effect.scoped(Effect.andThen(deaf, ran(argv, options)))
