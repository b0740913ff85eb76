/** A person at a terminal of the real program, and requests over its socket, for tests of what only a person may say. */
import { Effect } from "effect"
import { rawClient } from "../daemon/rawClient.ts"
import { Pty } from "../e2e/Pty.ts"
import { type Claws, launcher } from "./claws.ts"

/** Types `answer` at the question of a command; what was shown before, and its exit code. */
export const atTerminal = (world: Claws, command: string, answer: string) =>
  Effect.acquireUseRelease(
    Effect.sync(
      () =>
        new Pty(`"${process.execPath}" "${launcher}" ${command}; echo "exit:$?"`, {
          cwd: world.repository,
          env: world.env,
        }),
    ),
    (pty) =>
      Effect.promise(async () => {
        const { found, text } = await pty.until("[y/N] ", "exit:")
        if (found === "[y/N] ") {
          pty.send(answer)
          await pty.until("exit:")
        }
        const { text: exit } = await pty.until("\r\n")
        return { shown: text, exit: Number(exit.trim()) }
      }),
    (pty) => Effect.promise(() => pty.kill()),
  )

/** Asks for commands as a person's own client does. */
export const wiredTo = Effect.fnUntraced(function* (world: Claws) {
  const client = yield* rawClient(world.directories.socket)
  const request = (command: string) =>
    Effect.map(
      client.ask("RequestCalls", {
        token: client.proof(),
        surface: "cli",
        dir: world.repository,
        calls: [{ tool: "bash", input: { command } }],
      }),
      (answer) => answer?.exit?.value as { readonly suggestion: string; readonly state: string },
    )
  return { ...client, request }
})
