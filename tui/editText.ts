/** Text in the user's editor, in a file of a folder that only they can enter; the folder goes with the edit. */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

export interface Editor {
  readonly argv: readonly [string, ...ReadonlyArray<string>]
  readonly scratch: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const run = (editor: Editor, file: string) =>
  Effect.callback<void, string>((resume) => {
    const [program, ...args] = editor.argv
    const child = spawn(program, [...args, file], { stdio: "inherit", env: { ...editor.env } })
    child.once("error", (error) => resume(Effect.fail(`${program} could not be started: ${error.message}`)))
    child.once("exit", (code, signal) =>
      resume(
        code === 0
          ? Effect.void
          : Effect.fail(`${program} ended with ${code ?? signal}; nothing was changed`),
      ),
    )
    return Effect.sync(() => child.kill())
  })

const tried = <A>(promise: () => Promise<A>) =>
  Effect.tryPromise({ try: promise, catch: (error) => (error as Error).message })

/** What the text became, or why it could not be edited. */
export const editText = (editor: Editor, text: string): Effect.Effect<string, string> =>
  Effect.acquireUseRelease(
    // mkdtemp makes it 0700
    tried(() => mkdtemp(join(editor.scratch, "claw-edit-"))),
    (dir) =>
      Effect.gen(function* () {
        const file = join(dir, "actions.json")
        yield* tried(() => writeFile(file, text, { mode: 0o600, flag: "wx" }))
        yield* run(editor, file)
        return yield* tried(() => readFile(file, "utf8"))
      }),
    (dir) => Effect.promise(() => rm(dir, { recursive: true, force: true })),
  )
