/** A pane of a tmux server of its own, in a folder of its own; both go with the scope. */
import { Effect } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { removeTree } from "../removeTree.ts"

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0

export const openPane = (columns: number, rows: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const dir = mkdtempSync(join(tmpdir(), "claw-tmux-"))
      const env = {
        PATH: process.env["PATH"],
        HOME: dir,
        TMUX_TMPDIR: dir,
        LANG: "C.UTF-8",
        TERM: "xterm-256color",
      }
      const tmux = (...args: ReadonlyArray<string>) =>
        execFileSync("tmux", ["-u", "-L", "t", "-f", "/dev/null", ...args], { env, encoding: "utf8" })
      tmux("new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, "env PS1='> ' sh")
      return {
        dir,
        env,
        tmux,
        shot: () => tmux("capture-pane", "-p"),
        keys: (...keys: ReadonlyArray<string>) => tmux("send-keys", ...keys),
        /** Whether the alternate screen is on and the cursor shown. */
        modes: () => tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").trim(),
      }
    }),
    ({ tmux, dir }) =>
      Effect.sync(() => {
        tmux("kill-server")
        removeTree(dir)
      }),
  )

export type Pane = Effect.Success<ReturnType<typeof openPane>>

/** Waits until the pane shows it; in vain, it dies with what was shown instead. */
export const untilShown = (pane: Pane, what: string | ((shot: string) => boolean), seconds = 8) =>
  Effect.gen(function* () {
    const holds = typeof what === "string" ? (shot: string) => shot.includes(what) : what
    for (let tries = 0; !holds(pane.shot()); tries++) {
      if (tries > seconds * 20)
        return yield* Effect.die(new Error(`never showed ${String(what)}:\n${pane.shot()}`))
      yield* Effect.sleep(50)
    }
  })
