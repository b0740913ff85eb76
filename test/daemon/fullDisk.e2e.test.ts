/** The daemon on a file system that is full: nothing is done, all is readable, status says why, it goes on by itself. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { rawClient } from "./rawClient.ts"
import type { Status } from "../../src/rpc/shapes.ts"
import { clawWorld, isAlive, ndjson, until } from "../cli/claws.ts"

/** A small file system at `dir`; false where this process may not mount one. */
const mounted = (dir: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", dir], { stdio: "ignore" })
        return true
      } catch {
        return false
      }
    }),
    (is) =>
      Effect.sync(() => {
        if (is) execFileSync("umount", ["-l", dir], { stdio: "ignore" })
      }),
  )

/** Takes every block that is left; answers the file that holds them. */
const fillUp = (dir: string): string => {
  const path = join(dir, "fill")
  const file = openSync(path, "w")
  const some = Buffer.alloc(4096, 1)
  try {
    for (;;) writeSync(file, some)
  } catch {
    closeSync(file)
    return path
  }
}

const commands = 4_000
/** One finished command as a shell's hook writes it, nearly as long as one may be. */
const record = (cwd: string, n: number): string => {
  const command = `echo ${n} ${"x".repeat(1_700)}`
  const fields = ["c", (Date.now() / 1000).toFixed(3), "5", "0", "user", String(command.length), cwd, command]
  return `${fields.join("\u001f")}\u001e\n`
}

it.live(
  "a full disk stops acting, not reading; pause works; with room it goes on and has lost nothing",
  (context) =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const disk = dirname(world.directories.data)
      if (!(yield* mounted(disk))) return context.skip("no tmpfs may be mounted here")
      assert.strictEqual((yield* world.claw("up", "--workspace", ".")).exit, 0)
      const pid = (yield* world.daemonPid)!
      const client = yield* rawClient(world.directories.socket)
      const status = Effect.map(client.ask("Status"), (answer) => answer?.exit?.value as Status)
      const degraded = Effect.map(status, ({ degraded: lines, paused }) => ({
        text: lines.join("\n"),
        paused,
      }))
      yield* until(
        "it watches",
        Effect.map(status, ({ sources }) =>
          sources.some(({ component, state }) => component === "source:fs" && state === "running"),
        ),
      )
      assert.strictEqual((yield* degraded).text, "")

      const fill = fillUp(disk)
      assert.isAbove(statSync(fill).size, 1e6)
      // more than what the log holds in reserve: commands of an afternoon, at once
      const spool = join(world.directories.runtime, "written")
      writeFileSync(spool, Array.from({ length: commands }, (_, n) => record(world.repository, n)).join(""))
      // whole at once: its shell is gone, so nothing more is awaited of it
      renameSync(spool, join(world.directories.spool, "bash-4194304-1700000000000000"))
      yield* until(
        "status says that the log cannot be written",
        Effect.map(degraded, ({ text }) => /log: cannot be written, nothing is done until it can/.test(text)),
      )
      for (const command of [
        ["log", "--json", "-n", "3"],
        ["audit", "verify"],
      ]) {
        const ran = yield* world.claw(...command)
        assert.strictEqual(ran.exit, 0, ran.stderr)
      }
      // a short event may still find room; whoever waits for an answer gets one either way
      const other = join(world.root, "home", "other")
      mkdirSync(other)
      for (const command of [["resume"], ["up", "--workspace", other]]) {
        const ran = yield* world.claw(...command)
        assert.include([0, 75], ran.exit, ran.stderr)
        if (ran.exit === 75) assert.match(ran.stderr, /^claw: The log .* cannot be written.*free disk space/)
      }
      const pause = yield* world.claw("pause")
      assert.strictEqual(pause.exit, 0, pause.stderr)
      assert.isTrue((yield* degraded).paused, "it is paused, though the log could not take it")
      assert.match((yield* world.claw("doctor")).stdout, /BAD\s+disk: 0 MB free/)

      rmSync(fill)
      yield* until(
        "it writes again, and is paused still",
        Effect.map(degraded, ({ text, paused }) => text === "" && paused),
      )
      const log = Effect.map(
        world.claw("log", "--json", "--type", "terminal.*", "--type", "daemon.*"),
        (ran) => ndjson(ran.stdout),
      )
      const typed = (events: ReturnType<typeof ndjson>) =>
        events.flatMap(({ type, payload }) =>
          type === "terminal.command"
            ? [Number((payload as { readonly command: string }).command.split(" ")[1])]
            : [],
        )
      yield* until(
        "every command is in the log",
        Effect.map(log, (events) => typed(events).length >= commands),
      )
      const events = yield* log
      assert.deepStrictEqual(
        typed(events),
        Array.from({ length: commands }, (_, n) => n),
        "each once, in order",
      )
      assert.isTrue(events.some(({ type }) => type === "daemon.paused"))
      assert.isTrue(events.some(({ payload }) => /writes again after/.test(JSON.stringify(payload))))
      assert.strictEqual(yield* world.daemonPid, pid)

      fillUp(disk)
      yield* world.write("last.txt", "x")
      const down = yield* world.claw("down")
      assert.strictEqual(down.exit, 0, down.stderr)
      assert.isFalse(isAlive(pid))
    }).pipe(Effect.scoped),
  90_000,
)
