/**
 * A real interactive bash with Claw's hook, driven line by line. A marker command that the hook does not record
 * (leading space, HISTCONTROL=ignorespace) tells when a line has ended.
 */
import { Effect } from "effect"
import { join } from "node:path"
import { writeHook } from "../daemon/hooks.ts"
import { spawnIn, type World } from "./ThrowAway.ts"

const marker = "claw-demo-ended"

export interface Typed {
  readonly exit: number
  readonly output: string
}

export const openShell = Effect.fn("DemoShell.open")(function* (world: World) {
  const hook = yield* Effect.orDie(writeHook("bash", world.directories))
  const shell = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawnIn(world, "bash", ["--noprofile", "--rcfile", hook.file, "-i"], {
        HISTCONTROL: "ignorespace",
        HISTFILE: join(world.root, "history"),
        PS1: "",
      }),
    ),
    (child) =>
      Effect.sync(() => {
        child.stdin.end("exit\n")
        child.kill("SIGKILL")
      }),
  )
  let waiting: ((typed: Typed) => void) | null = null
  let text = ""
  const take = (chunk: Buffer) => {
    text += chunk.toString("utf8")
    const end = new RegExp(`${marker}:(\\d+)\\n`).exec(text)
    if (end === null || waiting === null) return
    const output = text.slice(0, end.index)
    text = ""
    const done = waiting
    waiting = null
    done({ exit: Number(end[1]), output })
  }
  shell.stdout.on("data", take)
  // bash -i without a terminal echoes its input there; only what commands print on stdout ends a line
  shell.stderr.on("data", () => undefined)

  const type = (command: string): Effect.Effect<Typed> =>
    Effect.callback<Typed>((resume) => {
      waiting = (typed) => resume(Effect.succeed(typed))
      shell.stdin.write(`${command}\n printf '${marker}:%s\\n' "$?"\n`)
    })
  return { type }
})
