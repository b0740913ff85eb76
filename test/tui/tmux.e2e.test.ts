/** The screen in a real terminal: a pane of tmux. What it shows, what signals and crashes leave behind. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const hasTmux = spawnSync("tmux", ["-V"]).status === 0
const standIn = join(import.meta.dirname, "standIn.ts")

const pane = Effect.acquireRelease(
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
    const editor = join(dir, "editor")
    writeFileSync(editor, '#!/bin/sh\nprintf "in the editor "; read answer\n')
    chmodSync(editor, 0o755)
    tmux("new-session", "-d", "-x", "110", "-y", "30", "env PS1='> ' sh")
    const pidFile = join(dir, "pid")
    return {
      dir,
      tmux,
      shot: () => tmux("capture-pane", "-p"),
      keys: (...keys: ReadonlyArray<string>) => tmux("send-keys", ...keys),
      /** Starts the stand-in between two looks at the terminal's settings. */
      start: () => {
        const command = `stty -g > a; ${process.execPath} ${standIn} ${pidFile} ${editor}; echo "ended $?"; stty -g > b; cmp a b && echo unchanged`
        writeFileSync(join(dir, "run"), command)
        tmux("send-keys", `cd ${dir}; clear; echo before; . ./run`, "Enter")
      },
      pid: () => Number(readFileSync(pidFile, "utf8")),
      running: () => existsSync(pidFile),
    }
  }),
  ({ tmux, dir }) =>
    Effect.sync(() => {
      tmux("kill-server")
      rmSync(dir, { recursive: true, force: true })
    }),
)

type Pane = Effect.Success<typeof pane>

const until = (shown: Pane, what: string) =>
  Effect.gen(function* () {
    for (let tries = 0; !shown.shot().includes(what); tries++) {
      if (tries > 150) return yield* Effect.die(new Error(`never showed ${what}:\n${shown.shot()}`))
      yield* Effect.sleep(50)
    }
  })

const started = Effect.gen(function* () {
  const shown = yield* pane
  shown.start()
  yield* until(shown, "make step-40")
  return shown
})

/** The terminal after the program: its own screen with what was there, and its settings. */
const restored = (shown: Pane, exit: number) =>
  Effect.gen(function* () {
    yield* until(shown, `ended ${exit}`)
    yield* until(shown, "unchanged")
    const shot = shown.shot()
    assert.include(shot, "before")
    assert.notInclude(shot, "1 queue")
    assert.strictEqual(shown.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").trim(), "0 1")
  })

describe.skipIf(!hasTmux)("in tmux", { timeout: 20_000 }, () => {
  it.live("shows itself, takes keys, resizes, and leaves the terminal as it was", () =>
    Effect.gen(function* () {
      const shown = yield* started
      assert.include(shown.shot(), "日本語 🚀 install")
      assert.match(shown.shot(), /╭─ 1 queue 2 ─+╮╭─ 2 detail ─+╮/)
      for (const line of shown.shot().split("\n").slice(1, 18)) assert.match(line, /^│.*││.*│$/)
      shown.keys("j")
      yield* until(shown, "high risk")
      shown.tmux("resize-window", "-x", "60", "-y", "12")
      yield* until(shown, "1 queue 2")
      shown.keys("?")
      yield* until(shown, "type to filter")
      shown.keys("Escape")
      yield* Effect.sleep(100)
      shown.tmux("resize-window", "-x", "110", "-y", "30")
      yield* until(shown, "make step-40")
      shown.keys("e")
      yield* until(shown, "in the editor")
      assert.strictEqual(shown.tmux("display-message", "-p", "#{alternate_on}").trim(), "0")
      shown.keys("x", "Enter")
      yield* until(shown, "not changed")
      shown.keys("q")
      yield* restored(shown, 0)
    }),
  )

  for (const [name, end] of [
    ["control-C", (shown: Pane) => shown.keys("C-c")],
    ["SIGTERM", (shown: Pane) => process.kill(shown.pid(), "SIGTERM")],
    ["SIGINT", (shown: Pane) => process.kill(shown.pid(), "SIGINT")],
    ["SIGHUP", (shown: Pane) => process.kill(shown.pid(), "SIGHUP")],
  ] as const) {
    it.live(`ends with 130 on ${name}, the terminal restored`, () =>
      Effect.gen(function* () {
        const shown = yield* started
        end(shown)
        yield* restored(shown, 130)
      }),
    )
  }

  it.live("restores the terminal when it crashes, and says why", () =>
    Effect.gen(function* () {
      const shown = yield* started
      shown.keys("@")
      yield* restored(shown, 1)
      assert.include(shown.shot(), "planted crash")
    }),
  )
})
