/** The screen in a real terminal: a pane of tmux. What it shows, what signals and crashes leave behind. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hasTmux, openPane, untilShown } from "./pane.ts"

const standIn = join(import.meta.dirname, "standIn.ts")

const started = Effect.gen(function* () {
  const pane = yield* openPane(110, 30)
  const file = (name: string) => join(pane.dir, name)
  writeFileSync(file("editor"), '#!/bin/sh\nprintf "in the editor "; read answer\n', { mode: 0o755 })
  // the terminal's settings before and after
  const program = `${process.execPath} ${standIn} ${file("pid")} ${file("editor")}`
  writeFileSync(
    file("run"),
    `stty -g > a; ${program}; echo "ended $?"; stty -g > b; cmp a b && echo unchanged`,
  )
  pane.keys(`cd ${pane.dir}; clear; echo before; . ./run`, "Enter")
  yield* untilShown(pane, "make step-40")
  return { ...pane, pid: Number(readFileSync(file("pid"), "utf8")) }
})

type Started = Effect.Success<typeof started>

/** The terminal after the program: its own screen with what was there, and its settings. */
const restored = (shown: Started, exit: number) =>
  Effect.gen(function* () {
    yield* untilShown(shown, `ended ${exit}`)
    yield* untilShown(shown, "unchanged")
    const shot = shown.shot()
    assert.include(shot, "before")
    assert.notInclude(shot, "1 queue")
    assert.strictEqual(shown.modes(), "0 1")
  })

describe.skipIf(!hasTmux)("in tmux", { timeout: 60_000 }, () => {
  it.live("shows itself, takes keys, resizes, and leaves the terminal as it was", () =>
    Effect.gen(function* () {
      const shown = yield* started
      assert.include(shown.shot(), "日本語 🚀 install")
      assert.match(shown.shot(), /╭─ 1 queue 2 ─+╮╭─ 2 detail ─+╮/)
      for (const line of shown.shot().split("\n").slice(1, 18)) assert.match(line, /^│.*││.*│$/)
      shown.keys("j")
      yield* untilShown(shown, "high risk")
      shown.tmux("resize-window", "-x", "60", "-y", "12")
      yield* untilShown(shown, "1 queue 2")
      shown.keys("?")
      yield* untilShown(shown, "type to filter")
      shown.keys("Escape")
      yield* Effect.sleep(100)
      shown.tmux("resize-window", "-x", "110", "-y", "30")
      yield* untilShown(shown, "make step-40")
      shown.keys("e")
      yield* untilShown(shown, "in the editor")
      assert.strictEqual(shown.modes().split(" ")[0], "0")
      shown.keys("x", "Enter")
      yield* untilShown(shown, "not changed")
      shown.keys("q")
      yield* restored(shown, 0)
    }),
  )

  it.live("goes to the shell on control-Z and comes back with fg", () =>
    Effect.gen(function* () {
      const shown = yield* started
      shown.keys("C-z")
      yield* restored(shown, 148)
      shown.keys("fg", "Enter")
      yield* untilShown(shown, "1 queue 2")
      shown.keys("j")
      yield* untilShown(shown, "high risk")
      shown.keys("q")
      yield* untilShown(shown, "fg")
      assert.strictEqual(shown.modes(), "0 1")
    }),
  )

  for (const [name, end] of [
    ["control-C", (shown: Started) => shown.keys("C-c")],
    ["SIGTERM", (shown: Started) => process.kill(shown.pid, "SIGTERM")],
    ["SIGHUP", (shown: Started) => process.kill(shown.pid, "SIGHUP")],
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
