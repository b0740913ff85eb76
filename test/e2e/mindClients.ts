/**
 * Clients of a conversation as processes of their own, which can be killed without warning: `claw -p` on pipes, and
 * `claw chat` on a terminal, where a person may say yes to what is asked.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { until } from "../cli/claws.ts"
import { launcher } from "../launcher.ts"
import type { Mind } from "./Mind.ts"
import { Pty } from "./Pty.ts"

export interface Killable {
  readonly alive: () => boolean
  readonly kill: () => Promise<void>
  /** The newest it printed, where that is looked at. */
  readonly shows: () => string
}

const dies = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // it ended before
  }
}

export const printing = (mind: Mind, cwd: string, ...args: ReadonlyArray<string>): Killable => {
  const child = spawn(process.execPath, [launcher, "-p", ...args, "--output", "stream-json", "--wait"], {
    cwd,
    env: mind.env as NodeJS.ProcessEnv,
    stdio: "ignore",
  })
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()))
  return {
    alive: () => child.exitCode === null && child.signalCode === null,
    kill: () => {
      child.kill("SIGKILL")
      return ended
    },
    shows: () => "",
  }
}

/** A key that comes sooner than this after the question was meant for something else. */
const seenMs = 350

/** `says`: typed once it is ready; null: nothing. `answers`: yes to what is asked, each time. */
export const chatting = async (
  mind: Mind,
  cwd: string,
  args: ReadonlyArray<string>,
  { answers, says }: { readonly answers: boolean; readonly says: string | null },
): Promise<Killable> => {
  const pidFile = join(mkdtempSync(join(mind.root, "chat-")), "pid")
  const pty = new Pty(
    `echo $$ > ${pidFile}; exec "${process.execPath}" "${launcher}" chat ${args.join(" ")}`,
    {
      cwd,
      env: { ...mind.env, TERM: "xterm-256color", COLUMNS: "110", LINES: "40" },
    },
  )
  let alive = true
  void pty.ended.then(() => (alive = false))
  const typing = async (): Promise<void> => {
    if (says !== null) {
      await pty.until("ask, or /help")
      pty.send(`${says}\r`)
    }
    while (answers) {
      const { found } = await pty.until("y yes", "y once more", "clear what you type")
      await sleep(seenMs)
      // an earlier yes may have come too late, and stand in the line
      pty.send(found.startsWith("y") ? "y" : "\u0015")
    }
  }
  void typing().catch(() => undefined)
  const started = (): number => {
    try {
      return Number(readFileSync(pidFile, "utf8"))
    } catch {
      return 0
    }
  }
  await Effect.runPromise(until("the chat has begun", () => started() > 0 || !alive))
  return {
    alive: () => alive,
    kill: async () => {
      dies(started())
      await pty.kill()
    },
    shows: () => pty.left.slice(-3_000),
  }
}
