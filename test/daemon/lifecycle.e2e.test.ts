/** One daemon a user: started once by many at once, refused a second time, stopped with the log durable, back after a kill. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hidden } from "../../src/daemon/entry.ts"
import { sourceLauncher } from "../launcher.ts"
import { type Claws, clawWorld, clawWorldOf, gone, isAlive, ndjson, until } from "../cli/claws.ts"
import { removeTree } from "../removeTree.ts"

const status = (world: Claws) =>
  Effect.map(world.claw("status", "--json"), ({ stdout }) => JSON.parse(stdout) as Record<string, unknown>)

const types = (world: Claws) =>
  Effect.map(world.claw("log", "--json", "--type", "daemon.st*"), ({ stdout }) =>
    ndjson(stdout).map(({ type }) => type),
  )

describe("starting", () => {
  it.live(
    "five times at once gives one daemon, which all five found; a second daemon is refused",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        const ran = yield* Effect.all(
          Array.from({ length: 5 }, () => world.claw("up")),
          { concurrency: "unbounded" },
        )
        for (const { exit, stderr } of ran) assert.strictEqual(exit, 0, stderr)
        const pid = yield* world.daemonPid
        for (const { stdout } of ran) assert.include(stdout, `pid ${pid}`)

        const [second, foreground] = yield* Effect.all(
          [world.claw(hidden.daemon), world.claw("up", "--foreground")],
          { concurrency: "unbounded" },
        )
        for (const refused of [second, foreground]) {
          assert.strictEqual(refused.exit, 1)
          assert.match(refused.stderr, /^claw: a daemon is running already/)
        }
        assert.strictEqual(yield* world.daemonPid, pid)
        assert.deepStrictEqual(yield* types(world), ["daemon.started"])
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "from the unbuilt sources, in the foreground, it stays, answers, and ends at a signal as `down` would end it",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorldOf(sourceLauncher)
        const running = yield* Effect.forkChild(world.claw("up", "--foreground", "--workspace", "."), {
          startImmediately: true,
        })
        yield* until(
          "it answers",
          Effect.map(world.claw("status"), ({ exit }) => exit === 0),
        )
        assert.deepStrictEqual((yield* status(world))["workspaces"], [world.repository])
        process.kill((yield* world.daemonPid)!, "SIGTERM")
        const { exit } = yield* Fiber.join(running)
        assert.include([0, 130], exit)
        assert.isNull(yield* world.daemonPid)
        assert.isFalse(existsSync(world.directories.socket))
        assert.strictEqual((yield* world.claw("up")).exit, 0)
        assert.deepStrictEqual(yield* types(world), ["daemon.started", "daemon.stopped", "daemon.started"])
      }).pipe(Effect.scoped),
    60_000,
  )
})

describe("stopping", () => {
  it.live(
    "leaves no process, socket, lock or token, and a log that verifies; a kill leaves a dead socket that is in nobody's way",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        yield* world.claw("up", "--workspace", ".")
        const first = (yield* world.daemonPid)!
        const down = yield* world.claw("down")
        assert.strictEqual(down.exit, 0, down.stderr)
        assert.isFalse(isAlive(first))
        for (const path of ["socket", "lock", "token"] as const) {
          assert.isFalse(existsSync(world.directories[path]), path)
        }
        assert.strictEqual((yield* world.claw("down")).exit, 3)
        const verified = yield* world.claw("audit", "verify", "--json")
        assert.strictEqual(verified.exit, 0, verified.stderr)

        const restarted = yield* world.claw("restart")
        assert.strictEqual(restarted.exit, 0, restarted.stderr)
        const second = (yield* world.daemonPid)!
        process.kill(second, "SIGKILL")
        yield* gone(second)
        assert.isTrue(existsSync(world.directories.socket), "a dead socket")
        assert.strictEqual((yield* world.claw("status")).exit, 3)
        const doctor = yield* world.claw("doctor", "--json")
        assert.match(doctor.stdout, /"name":"daemon","ok":false.*left of a daemon that is gone/)

        const up = yield* world.claw("up")
        assert.strictEqual(up.exit, 0, up.stderr)
        assert.deepStrictEqual(
          (yield* status(world))["workspaces"],
          [world.repository],
          "it is watched again",
        )
        assert.deepStrictEqual(yield* types(world), [
          "daemon.started",
          "daemon.stopped",
          "daemon.started",
          "daemon.started",
        ])
      }).pipe(Effect.scoped),
    60_000,
  )
})

describe("folders that will not do", () => {
  it.live(
    "open to others, files, or with a path that is too long: each refusal says which and what to do",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        const { runtime, data, state, spool } = world.directories
        const refused = (path: string, message: RegExp, env: Readonly<Record<string, string>> = {}) =>
          Effect.gen(function* () {
            const ran = yield* world.clawWith({ env }, "up")
            assert.strictEqual(ran.exit, 1, path)
            assert.match(ran.stderr, message)
            assert.notMatch(ran.stderr, /\n\s+at |defect/)
            const doctor = yield* world.clawWith({ env }, "doctor", "--json")
            assert.strictEqual(doctor.exit, 1)
            const bad = ndjson(doctor.stdout).find((row) => row["ok"] === false)!
            assert.include(`${String(bad["detail"])}`, path)
            assert.isString(bad["cure"])
          })
        for (const path of [runtime, data, spool]) {
          mkdirSync(path, { recursive: true, mode: 0o700 })
          chmodSync(path, 0o755)
          yield* refused(path, new RegExp(`${path} is open to others \\(mode 755\\): run chmod 700`))
          chmodSync(path, 0o700)
        }
        removeTree(state)
        writeFileSync(state, "")
        yield* refused(state, /the daemon cannot be started: .*EEXIST/)
        rmSync(state)
        const long = join(world.root, "x".repeat(120))
        mkdirSync(long, { mode: 0o700 })
        yield* refused(long, /too long .*set XDG_RUNTIME_DIR/, { XDG_RUNTIME_DIR: long })
        assert.strictEqual((yield* world.claw("up")).exit, 0, "and with all of it mended it starts")
        assert.strictEqual(statSync(runtime).mode & 0o777, 0o700)
      }).pipe(Effect.scoped),
    60_000,
  )
})
