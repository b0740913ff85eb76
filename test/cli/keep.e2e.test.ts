/** Backups, exports with a cursor and CloudEvents, with the real daemon: nothing lost, nothing twice, nothing of others. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { spawn } from "node:child_process"
import { type Claws, clawWorld, launcher, ndjson, until } from "./claws.ts"

type Line = Record<string, unknown>

/** A daemon with a past. */
const world = Effect.gen(function* () {
  const found = yield* clawWorld
  assert.strictEqual((yield* found.claw("up", "--workspace", ".")).exit, 0)
  yield* found.claw("pause")
  return found
})
const events = (of: Claws) =>
  Effect.map(of.claw("log", "--json"), ({ exit, stdout, stderr }) => {
    assert.strictEqual(exit, 0, stderr)
    return ndjson(stdout)
  })
const ok = <A extends { readonly exit: number | null; readonly stderr: string }, E, R>(
  ran: Effect.Effect<A, E, R>,
) => Effect.tap(ran, ({ exit, stderr }) => Effect.sync(() => assert.strictEqual(exit, 0, stderr)))

describe("a backup", () => {
  it.live(
    "is taken while the daemon writes, and is the same log on a machine without the original",
    () =>
      Effect.gen(function* () {
        const from = yield* world
        const folder = join(from.root, "backup")
        const file = join(from.root, "backup.zst")
        // changes come in all the while
        const writing = yield* Effect.forkScoped(
          Effect.forEach(
            Array.from({ length: 300 }, (_, n) => n),
            (n) => Effect.andThen(from.write(`src/${n}.txt`, `${n}`), Effect.sleep("5 millis")),
          ),
        )
        const [taken] = ndjson((yield* ok(from.claw("log", "backup", folder, "--json"))).stdout)
        yield* ok(from.claw("log", "backup", file))
        yield* Fiber.interrupt(writing)
        assert.deepStrictEqual(readdirSync(folder).sort(), ["FORMAT", "archive", "backup.json", "log.mdb"])
        assert.strictEqual(statSync(folder).mode & 0o777, 0o700)
        assert.strictEqual(statSync(file).mode & 0o777, 0o600)
        assert.deepInclude(taken!, { v: 1, path: folder, events: taken!["seq"] })
        const past = yield* events(from)
        const again = yield* from.claw("log", "backup", folder)
        assert.strictEqual(again.exit, 2)
        assert.match(again.stderr, /never overwrites/)
        assert.strictEqual((yield* from.claw("log", "backup", join(from.directories.log, "x"))).exit, 2)

        for (const backup of [folder, file]) {
          const to = yield* clawWorld
          const restored = ndjson((yield* ok(to.claw("log", "restore", backup, "--json"))).stdout)[0]!
          assert.strictEqual(restored["aside"], null)
          yield* ok(to.claw("audit", "verify"))
          yield* ok(to.claw("up"))
          const there = yield* events(to)
          const seq = Number(restored["seq"])
          assert.isAtLeast(seq, Number(taken!["seq"]))
          assert.deepStrictEqual(there.slice(0, seq), past.slice(0, seq))
          assert.strictEqual(there[seq]!["type"], "daemon.started")
          const running = yield* to.claw("log", "restore", backup)
          assert.strictEqual(running.exit, 1)
          assert.match(running.stderr, /daemon is running already/)
        }
      }).pipe(Effect.scoped),
    90_000,
  )

  it.live(
    "is refused where it was cut or changed; a log that is there is moved aside, and only when asked",
    () =>
      Effect.gen(function* () {
        const from = yield* world
        yield* ok(from.claw("down"))
        const folder = join(from.root, "backup")
        const file = join(from.root, "backup.zst")
        yield* ok(from.claw("log", "backup", folder))
        yield* ok(from.claw("log", "backup", file))
        const to = yield* clawWorld
        const refused = (path: string, why: RegExp) =>
          Effect.map(to.claw("log", "restore", path), ({ exit, stderr }) => {
            assert.strictEqual(exit, 1, stderr)
            assert.match(stderr, why)
            assert.isFalse(existsSync(to.directories.log))
            assert.deepStrictEqual(
              existsSync(to.directories.data) ? readdirSync(to.directories.data) : [],
              [],
            )
          })
        const copy = (name: string) => {
          const path = join(to.root, name)
          cpSync(folder, path, { recursive: true })
          return path
        }
        yield* refused(join(to.root, "nowhere"), /cannot be read/)
        mkdirSync(join(to.root, "empty"))
        yield* refused(join(to.root, "empty"), /no backup\.json/)
        const cut = copy("cut")
        truncateSync(join(cut, "log.mdb"), 4096)
        yield* refused(cut, /log\.mdb was changed/)
        const strange = copy("strange")
        const manifest = readFileSync(join(strange, "backup.json"), "utf8")
        writeFileSync(join(strange, "backup.json"), manifest.replace('"path":"FORMAT"', '"path":"../x"'))
        yield* refused(strange, /no part of a log/)
        const bytes = readFileSync(file)
        const half = join(to.root, "half.zst")
        writeFileSync(half, bytes.subarray(0, bytes.length / 2))
        yield* refused(half, /cut|unpacked/)
        const flipped = join(to.root, "flipped.zst")
        const changed = Buffer.from(bytes)
        changed[bytes.length - 20]! ^= 1
        writeFileSync(flipped, changed)
        yield* refused(flipped, /cannot be restored/)

        yield* ok(to.claw("up"))
        yield* ok(to.claw("down"))
        const own = yield* to.claw("log", "restore", folder)
        assert.strictEqual(own.exit, 1)
        assert.match(own.stderr, /--force moves it aside/)
        const forced = ndjson((yield* ok(to.claw("log", "restore", folder, "--force", "--json"))).stdout)[0]!
        assert.isTrue(existsSync(join(String(forced["aside"]), "log.mdb")))
        yield* ok(to.claw("up"))
        const [newest] = ndjson(
          (yield* ok(to.claw("log", "-n", "1", "--json", "--until", String(forced["seq"])))).stdout,
        )
        assert.deepInclude(newest!, { seq: forced["seq"], hash: forced["hash"] })
      }).pipe(Effect.scoped),
    90_000,
  )
})

describe("an export with a cursor", () => {
  it.live(
    "goes on without gap or doubling, also over restarts, and an import goes on where a log ends",
    () =>
      Effect.gen(function* () {
        const from = yield* world
        const first = join(from.root, "1.jsonl")
        const second = join(from.root, "2.jsonl")
        const one = ndjson((yield* ok(from.claw("audit", "export", first, "--json"))).stdout)[0]!
        const none = yield* ok(from.claw("audit", "export", "-", "--after", String(one["cursor"])))
        yield* ok(from.claw("restart"))
        yield* ok(from.claw("log", "erase", "--seq", "1", "--reason", "test", "--yes"))
        const two = ndjson(
          (yield* ok(from.claw("audit", "export", second, "--json", "--after", String(one["cursor"]))))
            .stdout,
        )[0]!
        assert.strictEqual(ndjson(none.stdout).filter((line) => "seq" in line).length, 0)
        const seqs = [first, second].flatMap((path) =>
          ndjson(readFileSync(path, "utf8")).flatMap((line) => ("seq" in line ? [line["seq"]] : [])),
        )
        assert.deepStrictEqual(
          seqs,
          Array.from({ length: Number(two["seq"]) }, (_, n) => n + 1),
        )

        const to = yield* clawWorld
        const early = yield* to.claw("audit", "import", second)
        assert.strictEqual(early.exit, 1)
        assert.match(early.stderr, /import what comes before it first/)
        yield* ok(to.claw("audit", "import", first))
        yield* ok(to.claw("audit", "import", second))
        yield* ok(to.claw("audit", "verify"))
        yield* ok(to.claw("up"))
        const there = yield* events(to)
        const past = yield* events(from)
        assert.deepStrictEqual(there.slice(0, Number(two["seq"])), past.slice(0, Number(two["seq"])))
        assert.deepInclude(there[0]!, { erased: true, payload: null })

        // a cursor of another log, and words that are none
        const other = yield* world
        const foreign = yield* other.claw("audit", "export", "-", "--after", String(one["cursor"]))
        assert.strictEqual(foreign.exit, 2)
        assert.match(foreign.stderr, /another log/)
        assert.strictEqual((yield* other.claw("audit", "export", "-", "--after", "x")).exit, 2)
        yield* ok(other.claw("down"))
        const wrong = yield* other.claw("audit", "import", second)
        assert.strictEqual(wrong.exit, 1)
        assert.match(wrong.stderr, /another event|ends at/)
      }).pipe(Effect.scoped),
    90_000,
  )

  it.live(
    "as CloudEvents says all that the chain says, and follows what comes",
    () =>
      Effect.gen(function* () {
        const from = yield* world
        const all = yield* events(from)
        const ran = yield* ok(
          from.claw("audit", "export", "-", "--format", "cloudevents", "--to", String(all.length)),
        )
        const lines = ndjson(ran.stdout)
        assert.strictEqual(lines.length, all.length)
        lines.forEach((line, n) => {
          const event = all[n]!
          assert.deepInclude(line, {
            specversion: "1.0",
            id: event["id"],
            source: `urn:claw:log:${String(all[0]!["hash"])}`,
            type: `claw.${String(event["type"])}`,
            time: event["at"],
            datacontenttype: "application/json",
            data: event["payload"],
            seq: event["seq"],
            hash: event["hash"],
            prevhash: n === 0 ? "0".repeat(64) : all[n - 1]!["hash"],
            actor: event["actor"],
            trust: event["trust"],
          } as Line)
          for (const name of Object.keys(line)) assert.match(name, /^[a-z0-9]{1,20}$/)
        })
        const [, cursor] = /cursor: (\S+)/.exec(ran.stderr)!
        const following = spawn(
          process.execPath,
          [launcher, "audit", "export", "-", "--format", "cloudevents", "--follow", "--after", cursor!],
          { cwd: from.repository, env: from.env as NodeJS.ProcessEnv },
        )
        let stdout = ""
        let stderr = ""
        following.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
        following.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
        const ended = new Promise((resolve) => following.on("close", resolve))
        yield* ok(from.claw("pause"))
        yield* until("the pause is handed on", () => stdout.includes("claw.daemon.paused"))
        following.kill("SIGINT")
        yield* Effect.promise(() => ended)
        const more = ndjson(stdout)
        assert.strictEqual(more[0]!["seq"], all.length + 1)
        assert.match(stderr, /cursor: \S+/)
      }).pipe(Effect.scoped),
    90_000,
  )
})
