/**
 * The daemon on a log directory that is damaged, foreign or of a newer version: it recovers what is its own and says
 * so; what is not its own it leaves untouched. The kinds of damage are in `prepareLog.int.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { dataFile } from "../../log-store/LmdbBackend.ts"
import { type Claws, clawWorld, ndjson } from "../cli/claws.ts"

const events = (world: Claws, ...flags: ReadonlyArray<string>) =>
  Effect.map(world.claw("log", "--json", ...flags), ({ exit, stdout, stderr }) => {
    assert.strictEqual(exit, 0, stderr)
    return ndjson(stdout)
  })

const up = (world: Claws) =>
  Effect.map(world.claw("up"), ({ exit, stderr, stdout }) => {
    assert.strictEqual(exit, 0, `${stdout}${stderr}`)
  })

/** A log with a past, its daemon down again. */
const withPast = Effect.gen(function* () {
  const world = yield* clawWorld
  const watched = yield* world.claw("up", "--workspace", ".")
  assert.strictEqual(watched.exit, 0, watched.stderr)
  yield* world.claw("pause")
  const down = yield* world.claw("down")
  assert.strictEqual(down.exit, 0, down.stderr)
  return world
})

const overwrite = (path: string, from: number, byte: number) => {
  const { size } = statSync(path)
  const fd = openSync(path, "r+")
  writeSync(fd, Buffer.alloc(Math.max(size - from, 0), byte), 0, Math.max(size - from, 0), from)
  closeSync(fd)
}

it.live(
  "a damaged log: the daemon starts with every event, in status and log it says what it did, and stays paused",
  () =>
    Effect.gen(function* () {
      const world = yield* withPast
      const file = join(world.directories.log, dataFile)
      overwrite(file, 8192, 0)
      yield* up(world)
      const all = yield* events(world)
      assert.deepStrictEqual(
        all.map(({ seq }) => seq),
        all.map((_, index) => index + 1),
      )
      const types = all.map(({ type }) => type)
      assert.isAbove(types.indexOf("log.recovered"), types.indexOf("daemon.paused"))
      assert.lengthOf(
        types.filter((type) => type === "log.recovered"),
        1,
      )
      const status = JSON.parse((yield* world.claw("status", "--json")).stdout) as Record<string, unknown>
      assert.strictEqual(status["paused"], true)
      assert.match(String((status["degraded"] as ReadonlyArray<string>).join()), /log: it was damaged/)
      assert.strictEqual((yield* world.claw("audit", "verify")).exit, 0)
    }).pipe(Effect.scoped),
  60_000,
)

describe("a log directory that is", () => {
  const refuses = (name: string, prepare: (dir: string) => void, message: RegExp) =>
    it.live(
      `${name}: the daemon does not start, says why and what to do, and touches nothing`,
      () =>
        Effect.gen(function* () {
          const world = yield* clawWorld
          const { log } = world.directories
          mkdirSync(log, { recursive: true, mode: 0o700 })
          mkdirSync(world.directories.data, { recursive: true, mode: 0o700 })
          prepare(log)
          const before = readdirSync(log).map((entry) => [entry, readFileSync(join(log, entry), "latin1")])
          const started = yield* world.claw("up")
          assert.strictEqual(started.exit, 1)
          assert.strictEqual(started.stdout, "")
          assert.match(started.stderr, message)
          assert.notMatch(started.stderr, /\n\s+at /, "no stack trace")
          const after = readdirSync(log).map((entry) => [entry, readFileSync(join(log, entry), "latin1")])
          assert.deepStrictEqual(after, before)
          assert.isNull(yield* world.daemonPid)
          const doctor = yield* world.claw("doctor", "--json")
          assert.strictEqual(doctor.exit, 1)
          const check = ndjson(doctor.stdout).find((row) => row["name"] === "log")!
          assert.strictEqual(check["ok"], false)
          assert.match(String(check["detail"]), message)
          assert.notMatch(String(check["cure"]), /recovers/, "nothing there is to be recovered")
        }).pipe(Effect.scoped),
      60_000,
    )

  refuses(
    "another program's",
    (dir) => writeFileSync(join(dir, "notes.txt"), "mine"),
    /not a log of Claw.*notes\.txt/,
  )
  refuses(
    "another program's, with a marker of its own",
    (dir) => writeFileSync(join(dir, "FORMAT"), "something else"),
    /not a log of Claw/,
  )
  refuses(
    "of a newer version",
    (dir) => {
      writeFileSync(join(dir, "FORMAT"), "claw log, format 9\n")
      writeFileSync(join(dir, dataFile), "from the future")
    },
    /has format 9.*newer Claw/,
  )
})
