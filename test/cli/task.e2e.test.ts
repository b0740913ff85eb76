/** claw task of the real program: what runs in the background, what it prints, ending it from a pipe. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rawClient } from "../daemon/rawClient.ts"
import { atTerminal } from "./atTerminal.ts"
import { type Claws, ndjson, until, watching } from "./claws.ts"

class Up extends Context.Service<Up, Claws>()("test/Up") {}

const up = Layer.effect(Up, watching)

const claw = (...args: ReadonlyArray<string>) => Effect.flatMap(Up, (world) => world.claw(...args))

/** Starts a script in the background as a person does; its id. */
const started = Effect.fnUntraced(function* (script: string) {
  const world = yield* Up
  const file = join(world.root, "call.json")
  writeFileSync(file, JSON.stringify({ command: script, run_in_background: true }))
  const { exit, shown } = yield* atTerminal(world, `tool run bash --input ${file}`, "y\n")
  assert.strictEqual(exit, 0, shown)
  const [row] = ndjson((yield* claw("task", "list", "--all", "--json")).stdout)
  return String(row?.["task"])
})

const keys = ["v", "task", "title", "tool", "workspace", "suggestion", "startedAt", "bytes", "ended"]

layer(up, { excludeTestServices: true, timeout: "60 seconds" })("claw task", (test) => {
  test.effect("knows none, and exits 4 for an id nobody had", () =>
    Effect.gen(function* () {
      const none = yield* claw("task", "list")
      assert.strictEqual(none.exit, 0)
      assert.include(none.stdout, "nothing runs in the background")
      assert.strictEqual((yield* claw("task", "list", "--json")).stdout, "")
      for (const args of [
        ["output", "t_0123456789ab"],
        ["output", "__proto__", "--follow"],
        ["stop", "\u001b[2J"],
      ]) {
        const ran = yield* claw("task", ...args)
        assert.strictEqual(ran.exit, 4, args.join(" "))
        assert.strictEqual(ran.stdout, "")
        assert.match(ran.stderr, /^claw: no such background command: /)
        assert.notInclude(ran.stderr, "\u001b")
      }
    }),
  )

  test.effect("lists what runs, shows its output harmless, and stops it from a pipe", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const id = yield* started(
        `printf 'one\\n\\033]0;owned\\007two\\n'; touch ran; while :; do sleep 0.05; done`,
      )
      yield* until("it runs", () => existsSync(join(world.repository, "ran")))
      const rows = ndjson((yield* claw("task", "list", "--json")).stdout)
      assert.lengthOf(rows, 1)
      assert.hasAllKeys(rows[0], keys)
      assert.strictEqual(rows[0]?.["workspace"], world.repository)
      assert.isNull(rows[0]?.["ended"])
      const listed = yield* claw("task", "list")
      assert.match(listed.stdout, new RegExp(`^${id} {2}runs {2}since \\d\\d:\\d\\d:\\d\\d {2}\\d+ bytes`))
      assert.match((yield* claw("status")).stdout, /^tasks +1 in the background/m)
      assert.deepStrictEqual(ndjson((yield* claw("status", "--json")).stdout)[0]?.["tasks"], { running: 1 })

      const output = yield* claw("task", "output", id)
      assert.strictEqual(output.exit, 0)
      assert.match(output.stdout, /^one\n.*two\n$/)
      assert.notMatch(output.stdout, /\u001b|\u0007/)
      assert.include(output.stderr, `${id} runs`)

      const stopped = yield* claw("task", "stop", id)
      assert.strictEqual(stopped.exit, 0, stopped.stderr)
      assert.match(stopped.stdout, /ended \(stopped after [\d.]+ s\): it was stopped by user:cli/)
      const [event] = ndjson((yield* claw("log", "--type", "task.ended", "-n", "1", "--json")).stdout)
      assert.strictEqual(event?.["actor"], "user:cli")
      assert.strictEqual(event?.["trust"], "untrusted")
      assert.strictEqual((yield* claw("task", "list", "--json")).stdout, "")
      assert.notMatch((yield* claw("status")).stdout, /^tasks/m)
      const again = yield* claw("task", "stop", id)
      assert.strictEqual(again.exit, 0)
      assert.strictEqual(again.stdout, stopped.stdout, "it stays as it ended")
    }),
  )

  test.effect("follows one to its end, and has its output after a restart too", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const id = yield* started(`echo first; until test -e go; do sleep 0.02; done; printf last; exit 3`)
      const follows = yield* Effect.forkScoped(world.claw("task", "output", id, "--follow"), {
        startImmediately: true,
      })
      writeFileSync(join(world.repository, "go"), "")
      const followed = yield* Fiber.join(follows)
      assert.strictEqual(followed.exit, 0)
      assert.strictEqual(followed.stdout, "first\nlast\n")
      assert.match(followed.stderr, /ended \(exit 3 after [\d.]+ s\)/)
      const restarted = yield* claw("restart")
      assert.strictEqual(restarted.exit, 0, restarted.stderr)
      const kept = yield* claw("task", "output", id)
      assert.strictEqual(kept.stdout, "first\nlast\n")
      assert.match(
        (yield* claw("task", "list", "--all")).stdout,
        new RegExp(`^${id} {2}ended {2}exit 3 after`),
      )
    }).pipe(Effect.scoped),
  )

  test.effect("stops nothing for a client without this user's token", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const client = yield* rawClient(world.directories.socket)
      const asked = yield* client.ask("StopTask", {
        token: "x".repeat(64),
        surface: "cli",
        task: "t_0123456789ab",
      })
      assert.include(JSON.stringify(asked), "wrong token")
    }).pipe(Effect.scoped),
  )
})
