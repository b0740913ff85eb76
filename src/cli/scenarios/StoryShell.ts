/**
 * The person's shell of a story: interactive, on a terminal, with Claw's hook, and what its commands print held as in a
 * `claw shell`. A line is typed at the prompt and ends at the next one.
 */
import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { writeHook } from "../../daemon/hooks.ts"
import { shellVariable } from "../../domain/shellMarks.ts"
import { fail } from "../Exit.ts"
import { CommandOutputs } from "../shell/CommandOutputs.ts"
import { isMark, MarkFilter } from "../shell/MarkFilter.ts"
import { listen } from "../shell/outputSocket.ts"
import { ownShell } from "../shell/ownShell.ts"
import type { World } from "../ThrowAway.ts"
import type { Story } from "./Story.ts"
import { endSession, prompt } from "./storyWorld.ts"

/** A command that is not back by then is broken off, as a person would. */
const limitMs = 60_000
const interrupt = "\u0003"

export interface Typed {
  readonly output: string
  /** As the hook says; null: it keeps no record of this line. */
  readonly exit: number | null
}

export interface StoryShell {
  /** What came of it, or null where it had to be broken off. */
  readonly type: (line: string) => Effect.Effect<Typed | null>
}

export const openStoryShell = Effect.fn("scenarios.shell")(function* (world: World, shell: Story["shell"]) {
  const { spawn } = yield* Effect.tryPromise({
    try: () => import("@lydell/node-pty"),
    catch: () => fail("stories need pseudo-terminals: install claw again without --omit=optional"),
  })
  const { directories, env, repository, root } = world
  const hook = (yield* Effect.orDie(writeHook(shell, directories))).file
  const id = `${process.pid}-${randomBytes(8).toString("hex")}`
  const nonce = randomBytes(16).toString("hex")
  const outputs = new CommandOutputs()
  yield* Effect.acquireRelease(
    Effect.promise(() => listen(directories.shells, id, outputs)),
    (close) => Effect.sync(close),
  )
  const begun = ownShell(`/bin/${shell}`, hook, join(directories.data, "hooks", "shell"), {
    ...env,
    [shellVariable]: `${id} ${nonce}`,
    HISTFILE: join(root, "history"),
  })
  const pty = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn("/usr/bin/env", [shell, ...begun.args], {
        cols: 200,
        rows: 50,
        cwd: repository,
        env: begun.env as Record<string, string>,
        encoding: null,
      }),
    ),
    (open) => Effect.sync(() => endSession(open.pid)),
  )
  const filter = new MarkFilter(nonce)
  let seen = ""
  let exit: number | null = null
  let look: () => void = () => undefined
  // without an encoding the library hands on bytes, whatever its types say
  pty.onData((data) => {
    for (const piece of filter.push(Buffer.from(data))) {
      if (isMark(piece)) {
        outputs.mark(piece)
        if (piece.kind === "ended") exit = piece.exit
      } else {
        outputs.write(piece)
        seen += piece.toString("utf8")
      }
    }
    look()
  })
  let gone = false
  pty.onExit(() => {
    gone = true
    look()
  })

  const untilPrompt = (): Promise<string | null> =>
    new Promise((resolve) => {
      let broken = false
      const limit = setTimeout(() => {
        broken = true
        pty.write(interrupt)
      }, limitMs)
      look = () => {
        const at = seen.indexOf(prompt)
        if (at < 0 && !gone) return
        clearTimeout(limit)
        look = () => undefined
        const text = seen.slice(0, Math.max(0, at))
        seen = at < 0 ? "" : seen.slice(at + prompt.length)
        resolve(broken || at < 0 ? null : text)
      }
      look()
    })
  if ((yield* Effect.promise(untilPrompt)) === null) return yield* fail(`${shell} shows no prompt: ${seen}`)
  const opened: StoryShell = {
    type: (line) =>
      Effect.suspend(() => {
        seen = ""
        exit = null
        pty.write(`${line}${shell === "fish" ? "\r" : "\n"}`)
        return Effect.map(Effect.promise(untilPrompt), (output) =>
          output === null ? null : { output, exit },
        )
      }),
  }
  return opened
})
