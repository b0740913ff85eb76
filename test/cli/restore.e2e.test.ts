/** Export and restore of a log: the same events, ids and hashes elsewhere, or nothing at all and a reason. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Claws, clawWorld, ndjson } from "./claws.ts"

/** A daemon with a past, its export, and the daemon down again. */
const exported = Effect.gen(function* () {
  const world = yield* clawWorld
  assert.strictEqual((yield* world.claw("up", "--workspace", ".")).exit, 0)
  yield* world.claw("pause")
  const file = join(world.root, "log.jsonl")
  const ran = yield* world.claw("audit", "export", file)
  assert.strictEqual(ran.exit, 0, ran.stderr)
  assert.strictEqual(ran.stdout, "")
  return { world, file }
})

const events = (world: Claws) =>
  Effect.map(world.claw("log", "--json"), ({ exit, stdout, stderr }) => {
    assert.strictEqual(exit, 0, stderr)
    return ndjson(stdout)
  })

describe("an exported log", () => {
  it.live(
    "is the same log where it is restored, and goes on there",
    () =>
      Effect.gen(function* () {
        const { world, file } = yield* exported
        const before = yield* events(world)
        assert.strictEqual(statSync(file).mode & 0o777, 0o600)
        const again = yield* world.claw("audit", "export", file)
        assert.strictEqual(again.exit, 1, "an existing file is never overwritten")
        assert.include(again.stderr, file)
        const other = join(world.root, "events.jsonl")
        assert.strictEqual((yield* world.claw("audit", "export", other, "--format", "cloudevents")).exit, 0)
        const [event] = ndjson(readFileSync(other, "utf8"))
        assert.deepInclude(event!, { specversion: "1.0", type: "claw.daemon.started", seq: 1 })
        const foreign = yield* world.claw("audit", "export", "/nonexistent/log.jsonl")
        assert.strictEqual(foreign.exit, 1)

        const fresh = yield* clawWorld
        const restored = yield* fresh.claw("audit", "import", file)
        assert.strictEqual(restored.exit, 0, restored.stderr)
        const count = ndjson(readFileSync(file, "utf8")).filter((line) => "seq" in line).length
        assert.match(
          restored.stdout,
          new RegExp(`^${count} events restored, every link holds; head ${count} `),
        )
        assert.deepStrictEqual(readdirSync(fresh.directories.data).sort(), ["log"], "nothing lies beside it")
        assert.strictEqual((yield* fresh.claw("audit", "verify")).exit, 0)

        assert.strictEqual((yield* fresh.claw("up")).exit, 0)
        const after = yield* events(fresh)
        assert.deepStrictEqual(after.slice(0, count), before.slice(0, count))
        assert.strictEqual(after[count]!["type"], "daemon.started")
        const status = JSON.parse((yield* fresh.claw("status", "--json")).stdout) as Record<string, unknown>
        assert.deepInclude(status, { paused: true, workspaces: [world.repository] })
        assert.strictEqual((yield* fresh.claw("audit", "verify")).exit, 0)
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "is restored only where there is none, while no daemon runs, and whole or not at all",
    () =>
      Effect.gen(function* () {
        const { world, file } = yield* exported
        const running = yield* world.claw("audit", "import", file)
        assert.strictEqual(running.exit, 1)
        assert.match(running.stderr, /^claw: a daemon is running already \(pid \d+\): claw down stops it/)
        const lines = readFileSync(file, "utf8").trimEnd().split("\n")
        yield* world.claw("down")
        const log = readFileSync(join(world.directories.log, "log.mdb"))
        const full = yield* world.claw("audit", "import", file)
        assert.strictEqual(full.exit, 1)
        assert.match(full.stderr, /there is a log already in .*Move that folder away first/)
        assert.isTrue(readFileSync(join(world.directories.log, "log.mdb")).equals(log))

        const fresh = yield* clawWorld
        const changed = lines.map((line, n) => (n === 2 ? line.replace('"daemon', '"demon') : line))
        const bad: Readonly<Record<string, string>> = {
          "cut.jsonl": `${lines.slice(0, -1).join("\n")}\n`,
          "torn.jsonl": lines.join("\n").slice(0, -40),
          "changed.jsonl": `${changed.join("\n")}\n`,
          "reordered.jsonl": `${[lines[0], lines[2], lines[1], ...lines.slice(3)].join("\n")}\n`,
          "headless.jsonl": `${lines.slice(1).join("\n")}\n`,
          "empty.jsonl": "",
          "binary.jsonl": "\u0000\u0001\u0002\n",
        }
        for (const [name, text] of Object.entries(bad)) {
          const path = join(fresh.root, name)
          writeFileSync(path, text)
          const ran = yield* fresh.claw("audit", "import", path)
          assert.strictEqual(ran.exit, 1, name)
          assert.strictEqual(ran.stdout, "", name)
          assert.match(ran.stderr, /^claw: The import stopped at line \d+: .*\n$/, name)
          assert.notInclude(ran.stderr, "was imported", name)
          assert.deepStrictEqual(readdirSync(fresh.directories.data), [], name)
        }
        const missing = yield* fresh.claw("audit", "import", "no-such.jsonl")
        assert.strictEqual(missing.exit, 1)
        assert.include(missing.stderr, "no-such.jsonl")

        mkdirSync(fresh.directories.log, { mode: 0o700 })
        writeFileSync(join(fresh.directories.log, "notes.txt"), "mine")
        const foreign = yield* fresh.claw("audit", "import", file)
        assert.strictEqual(foreign.exit, 1)
        assert.match(foreign.stderr, /not a log of Claw/)
        assert.isTrue(existsSync(join(fresh.directories.log, "notes.txt")))
      }).pipe(Effect.scoped),
    60_000,
  )
})
