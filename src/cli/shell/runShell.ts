/**
 * `claw shell`: the user's own shell with the hook in it, on a terminal whose output Claw can be asked for. Works the
 * same without a daemon; the only thing missing then is somebody who asks.
 */
import { Console, Effect } from "effect"
import { randomBytes } from "node:crypto"
import { userInfo } from "node:os"
import { join } from "node:path"
import type { DirectoriesShape, Environment } from "../../config/Directories.ts"
import { writeHook } from "../../daemon/hooks.ts"
import { shellVariable } from "../../domain/shellMarks.ts"
import { Exit, fail } from "../Exit.ts"
import { CommandOutputs } from "./CommandOutputs.ts"
import { listen } from "./outputSocket.ts"
import { hookedShell, ownShell, shellFile } from "./ownShell.ts"
import { runProxy } from "./ShellProxy.ts"

const needsTerminal = new Exit({
  reason: "needsPerson",
  message: "claw shell is for a terminal: its input and output must both be one",
})

const loadPty = Effect.tryPromise({
  try: () => import("@lydell/node-pty"),
  catch: (error) =>
    fail(
      `claw shell has no pseudo-terminals for ${process.platform}-${process.arch}: ${(error as Error).message.split("\n")[0]} (install claw again without --omit=optional; tmux, kitty, wezterm and zellij need no claw shell)`,
    ),
})

const passwordFile = (): string | null => {
  try {
    return userInfo().shell
  } catch {
    return null
  }
}

export const runShell = Effect.fn("shell")(function* (options: {
  readonly directories: DirectoriesShape
  readonly env: Environment
  readonly cwd: string
  readonly interactive: boolean
}) {
  const { directories, env, cwd } = options
  if (!options.interactive) return yield* needsTerminal
  const { spawn } = yield* loadPty
  const file = shellFile(env, passwordFile())
  const shell = hookedShell(file)
  if (shell === null)
    yield* Console.error(`claw: there is no hook for ${file}: what is done in it is not seen`)
  const hook =
    shell === null
      ? ""
      : (yield* Effect.mapError(writeHook(shell, directories), ({ message }) => fail(message))).file
  const id = `${process.pid}-${randomBytes(8).toString("hex")}`
  const nonce = randomBytes(16).toString("hex")
  const outputs = new CommandOutputs()
  const close = yield* Effect.tryPromise({
    try: () => listen(directories.shells, id, outputs),
    catch: (error) =>
      fail(
        `${directories.shells} cannot hold this shell's socket: ${(error as Error).message} (claw doctor looks for the cause)`,
      ),
  })
  return yield* Effect.promise(() =>
    runProxy({
      spawn,
      shell: ownShell(file, hook, join(directories.data, "hooks", "shell"), {
        ...env,
        [shellVariable]: `${id} ${nonce}`,
      }),
      cwd,
      nonce,
      outputs,
    }),
  ).pipe(Effect.ensuring(Effect.sync(close)))
})
