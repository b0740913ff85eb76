/** Many that want to write one log: real processes racing, and locks of the dead, of zombies and of reused ids. */
import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { readFileSync, readlinkSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Stream } from "effect"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { draft } from "../../src/domain/event.ts"
import { until } from "../cli/claws.ts"
import { temporaryDir } from "./temporary.ts"

const script = join(import.meta.dirname, "raceChild.ts")
const layer = (dir: string) => LmdbLogStore.layer({ dir, mapSize: 2 ** 30 })
const appendOne = (dir: string, reason: string) =>
  LogStore.use((log) => log.append([draft("daemon.stopped", { reason }, { actor: "test" })])).pipe(
    Effect.provide(layer(dir)),
  )

interface Racer {
  readonly ready: Promise<void>
  readonly start: () => void
  readonly ended: Promise<ReadonlyArray<string>>
}
const racer = (dir: string, name: string, rounds: number): Racer => {
  const child = spawn(process.execPath, [script, dir, name, String(rounds)], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  let text = ""
  let ready = () => {}
  return {
    ready: new Promise((resolve) => {
      ready = resolve
      child.stdout.on("data", (some: Buffer) => {
        text += String(some)
        ready()
      })
    }),
    start: () => child.stdin.write("go\n"),
    ended: new Promise((resolve) => child.on("close", () => resolve(text.split("\n").slice(1, -1)))),
  }
}

describe("racing for the log", () => {
  it.live(
    "is written by one process at a time, also over the locks of dead ones: everything acknowledged is there once",
    () =>
      Effect.gen(function* () {
        const dir = join(yield* temporaryDir, "log")
        const racers = [..."abcd"].map((name) => racer(dir, name, 12))
        yield* Effect.promise(() => Promise.all(racers.map(({ ready }) => ready)))
        for (const { start } of racers) start()
        const said = yield* Effect.promise(() => Promise.all(racers.map(({ ended }) => ended)))
        const acknowledged = said.flatMap((lines) => lines.filter((line) => !line.startsWith("refused")))
        assert.lengthOf(acknowledged, 4 * 12 * 2, said.flat().join("\n"))
        const stored = yield* LogStore.use((log) =>
          log.read({}).pipe(
            Stream.map(({ payload }) => (payload as { readonly reason: string }).reason),
            Stream.runCollect,
          ),
        ).pipe(Effect.provide(layer(dir)))
        assert.deepStrictEqual([...stored].sort(), [...acknowledged].sort())
        for (const [at, token] of stored.entries())
          if (token.endsWith(".0")) assert.strictEqual(stored[at + 1], token.replace(/0$/, "1"), "together")
        // It was a race: somebody was turned away.
        assert.isAbove(
          said.flat().reduce((sum, line) => sum + Number(/^refused (\d+)$/.exec(line)?.[1] ?? 0), 0),
          0,
        )
      }).pipe(Effect.scoped),
    60_000,
  )
})

describe("a lock that is left behind", () => {
  const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "latin1").split(" ")[21]!
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()

  it.live("by the dead, by a reused id, by another run of the machine, or by nobody, is taken over", () =>
    Effect.gen(function* () {
      const base = yield* temporaryDir
      const mine = startOf(process.pid)
      const left = {
        dead: "4194304.1.token",
        reused: `${process.pid}.1.${boot}.token`,
        "of the last run": `${process.pid}.${mine}.another-boot.token`,
        rubbish: "rubbish",
        "a pid of zero": "0.0.token",
        "a negative pid": "-1..token",
      }
      for (const [name, text] of Object.entries(left)) {
        const dir = join(base, name)
        yield* appendOne(dir, "before")
        symlinkSync(text, join(dir, "WRITER"))
        assert.strictEqual((yield* appendOne(dir, "after"))[0]!.seq, 2, name)
      }
      // A copy that followed links has a file in its place.
      const dir = join(base, "a file")
      yield* appendOne(dir, "before")
      writeFileSync(join(dir, "WRITER"), "")
      assert.strictEqual((yield* appendOne(dir, "after"))[0]!.seq, 2)
    }).pipe(Effect.scoped),
  )

  it.live("by a process that ended and that nobody waited for, is taken over", () =>
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* appendOne(dir, "before")
      // A shell that starts a child and becomes a program that never waits for it.
      const parent = spawn("sh", ["-c", "read line <&3 & echo $!; exec sleep 60 3<&-"], {
        stdio: ["ignore", "pipe", "ignore", "pipe"],
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => parent.kill("SIGKILL")))
      const pid = Number(
        yield* Effect.promise(
          () =>
            new Promise<string>((resolve) => parent.stdout!.once("data", (some) => resolve(String(some)))),
        ),
      )
      // before that the shell might still wait for it
      yield* until("the parent is that program", () =>
        readFileSync(`/proc/${parent.pid}/stat`, "latin1").includes("(sleep)"),
      )
      parent.stdio[3]!.destroy()
      yield* until("it is a zombie", () => readFileSync(`/proc/${pid}/stat`, "latin1").split(" ")[2] === "Z")
      symlinkSync(`${pid}.${startOf(pid)}.${boot}.token`, join(dir, "WRITER"))
      assert.strictEqual((yield* appendOne(dir, "after"))[0]!.seq, 2)
    }).pipe(Effect.scoped),
  )

  it.live("names a living holder in either spelling, and stays its own", () =>
    Effect.gen(function* () {
      const dir = join(yield* temporaryDir, "log")
      yield* appendOne(dir, "before")
      for (const text of [
        `${process.pid}.${startOf(process.pid)}.${boot}.token`,
        `${process.pid}.${startOf(process.pid)}.token`,
      ]) {
        symlinkSync(text, join(dir, "WRITER"))
        const error = yield* Effect.flip(appendOne(dir, "no"))
        assert.include(error.message, `is being written by process ${process.pid}`)
        assert.strictEqual(readlinkSync(join(dir, "WRITER")), text)
        unlinkSync(join(dir, "WRITER"))
      }
    }).pipe(Effect.scoped),
  )
})
