/** The lock of the one daemon: races of real processes, dead holders, reused pids, unsafe folders. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "../cli/claws.ts"
import { acquireLock, privateDirectory } from "../../src/daemon/Lock.ts"
import { lockHolder, startTime } from "../../src/daemon/lockHolder.ts"
import { removeTree } from "../removeTree.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-lock-"))),
  (dir) => Effect.sync(() => removeTree(dir)),
)

interface Racer {
  readonly child: ChildProcess
  readonly ready: Promise<void>
  /** What it said first after the start. */
  readonly said: Promise<string>
}

const racer = (lock: string, mode: ReadonlyArray<string>): Racer => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "lockChild.ts"), lock, ...mode], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  let ready = () => {}
  let said: (line: string) => void = () => {}
  const lines: Array<string> = []
  const racing = {
    child,
    ready: new Promise<void>((resolve) => (ready = resolve)),
    said: new Promise<string>((resolve) => (said = resolve)),
  }
  let text = ""
  child.stdout!.on("data", (chunk: Buffer) => {
    text += chunk.toString()
    lines.splice(0, lines.length, ...text.split("\n").slice(0, -1))
    if (lines.length > 0) ready()
    if (lines.length > 1) said(lines[1]!)
  })
  child.on("exit", () => said(lines[1] ?? "ended"))
  return racing
}

const race = (lock: string, count: number, ...mode: ReadonlyArray<string>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => Array.from({ length: count }, () => racer(lock, mode))),
    (racers) =>
      Effect.gen(function* () {
        yield* Effect.promise(() => Promise.all(racers.map(({ ready }) => ready)))
        for (const { child } of racers) child.stdin!.write("go\n")
        return yield* Effect.promise(() => Promise.all(racers.map(({ said }) => said)))
      }),
    (racers) =>
      Effect.promise(() =>
        Promise.all(
          racers.map(
            ({ child }) =>
              new Promise<void>((resolve) => {
                if (child.exitCode !== null) return resolve()
                child.on("exit", () => resolve())
                child.stdin!.end()
              }),
          ),
        ),
      ),
  )

describe("racing for the lock", () => {
  it.live(
    "has one holder of 20 processes, also where a dead one's lock lies about; the rest are told who holds it",
    () =>
      Effect.gen(function* () {
        const lock = join(yield* folder, "claw.lock")
        writeFileSync(lock, "4194304 1")
        const said = yield* race(lock, 20, "hold")
        const mine = said.filter((line) => line === "mine")
        assert.lengthOf(mine, 1, said.join(" "))
        assert.lengthOf(
          said.filter((line) => /^held: (\d+|null)$/.test(line)),
          19,
          said.join(" "),
        )
        assert.isFalse(existsSync(lock), "the holder took it away when it ended")
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "is never held by two, over many rounds of taking, letting go and dying",
    () =>
      Effect.gen(function* () {
        const dir = yield* folder
        const said = yield* race(join(dir, "claw.lock"), 3, "rounds", "300")
        const figures = said.map((line) => line.split(" ").map(Number))
        assert.strictEqual(
          figures.reduce((sum, [, together]) => sum + together!, 0),
          0,
          said.join(", "),
        )
        assert.isAbove(Math.min(...figures.map(([had]) => had!)), 0, said.join(", "))
        assert.isAtMost(readdirSync(dir).length, 1, "nothing but the lock is left behind")
      }).pipe(Effect.scoped),
    60_000,
  )
})

describe("one process", () => {
  it.live("refuses while a live process holds it, and names its pid", () =>
    Effect.gen(function* () {
      const lock = join(yield* folder, "claw.lock")
      yield* acquireLock(lock)
      const error = yield* Effect.flip(acquireLock(lock))
      assert.strictEqual(error.reason, "held")
      assert.strictEqual(error.pid, process.pid)
      assert.include(error.message, String(process.pid))
      assert.deepStrictEqual(lockHolder(lock), { pid: process.pid, start: startTime(process.pid) })
    }).pipe(Effect.scoped),
  )

  it.live("takes over from a process that is gone, from a reused pid, and from rubbish", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      const dead = ["4194304 1", `${process.pid} 1`, "", "rubbish", "\u0000".repeat(64), "-1 x"]
      for (const [index, text] of dead.entries()) {
        const lock = join(dir, `lock-${index}`)
        writeFileSync(lock, text)
        assert.isNull(lockHolder(lock), JSON.stringify(text))
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* acquireLock(lock)
            assert.strictEqual(lockHolder(lock)?.pid, process.pid)
          }),
        )
        assert.isFalse(existsSync(lock))
      }
      assert.deepStrictEqual(readdirSync(dir), [], "nothing is left behind")
    }).pipe(Effect.scoped),
  )

  it.live("takes over from a process that ended and that nobody waited for", () =>
    Effect.gen(function* () {
      const lock = join(yield* folder, "claw.lock")
      // a shell that starts a child and becomes a program that never waits for it
      const parent = spawn("sh", ["-c", "sleep 0.3 & echo $!; exec sleep 60"], {
        stdio: ["ignore", "pipe", "ignore"],
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => parent.kill("SIGKILL")))
      const pid = Number(
        yield* Effect.promise(
          () => new Promise<string>((resolve) => parent.stdout.once("data", (some) => resolve(String(some)))),
        ),
      )
      const stat = () => readFileSync(`/proc/${pid}/stat`, "latin1").split(" ")
      yield* until("it is a zombie", () => stat()[2] === "Z")
      writeFileSync(lock, `${pid} ${stat()[21]}`)
      assert.isNull(lockHolder(lock))
      yield* acquireLock(lock)
      assert.strictEqual(lockHolder(lock)?.pid, process.pid)
    }).pipe(Effect.scoped),
  )

  it.live("does not take away a lock that is not its own", () =>
    Effect.gen(function* () {
      const lock = join(yield* folder, "claw.lock")
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* acquireLock(lock)
          writeFileSync(lock, "1 another's")
        }),
      )
      assert.strictEqual(readFileSync(lock, "utf8"), "1 another's")
    }).pipe(Effect.scoped),
  )
})

describe("private directories", () => {
  it.live("are made 0700; others are refused with what to do", () =>
    Effect.gen(function* () {
      const dir = yield* folder
      yield* privateDirectory(join(dir, "a", "b"))
      const open = join(dir, "open")
      yield* privateDirectory(open)
      chmodSync(open, 0o755)
      const error = yield* Effect.flip(privateDirectory(open))
      assert.strictEqual(error.reason, "unsafe")
      assert.match(error.message, /open \(?.*mode 755\)?: run chmod 700/)
      const file = join(dir, "file")
      writeFileSync(file, "")
      assert.include((yield* Effect.flip(privateDirectory(file))).message, file)
      symlinkSync(open, join(dir, "link"))
      assert.match((yield* Effect.flip(privateDirectory(join(dir, "link")))).message, /not a directory/)
    }).pipe(Effect.scoped),
  )
})
