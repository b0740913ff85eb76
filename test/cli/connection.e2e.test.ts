/** What the client says where the other end of the socket is dead, deaf, of another version, or something else. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { startTime } from "../../src/daemon/lockHolder.ts"
import { type Claws, clawWorld, until } from "./claws.ts"

/** Something else at the daemon's socket. */
const listen = (world: Claws, answer: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      mkdirSync(world.directories.runtime, { recursive: true, mode: 0o700 })
      const open = new Set<Socket>()
      const server = createServer((socket) => {
        open.add(socket)
        socket.on("error", () => undefined)
        answer(socket)
      })
      await new Promise<void>((resolve) => server.listen(world.directories.socket, resolve))
      return { server, open }
    }),
    ({ server, open }) =>
      Effect.promise(async () => {
        for (const socket of open) socket.destroy()
        await new Promise<void>((resolve) => server.close(() => resolve()))
      }),
  )

/** A daemon that is older or newer than the client. */
const ofAnotherProtocol = (socket: Socket): void => {
  socket.on("data", (chunk: Buffer) => {
    const { id } = JSON.parse(chunk.toString().split("\n")[0]!) as { readonly id: string }
    const message = "this client speaks protocol 1 (claw 0.1.0), the daemon 2 (claw 9.0.0): run claw restart"
    const cause = [{ _tag: "Fail", error: { _tag: "BadInput", message } }]
    socket.write(`${JSON.stringify({ _tag: "Exit", requestId: id, exit: { _tag: "Failure", cause } })}\n`)
  })
}

describe("the client", () => {
  it.live("names both versions where the daemon speaks another protocol, and does not replace it", () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      yield* listen(world, ofAnotherProtocol)
      for (const command of ["status", "up"]) {
        const ran = yield* world.claw(command)
        assert.strictEqual(ran.exit, 1)
        assert.strictEqual(ran.stdout, "")
        assert.match(ran.stderr, /^claw: .*protocol 1 .*the daemon 2 \(claw 9\.0\.0\): run claw restart\n$/)
      }
      assert.isNull(yield* world.daemonPid)
    }).pipe(Effect.scoped),
  )

  it.live("stops a daemon of another protocol by a signal to who holds the lock", () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      yield* listen(world, ofAnotherProtocol)
      const daemon = yield* Effect.acquireRelease(
        Effect.sync(() => spawn("sleep", ["60"], { stdio: "ignore" })),
        (child) => Effect.sync(() => child.kill("SIGKILL")),
      )
      const refused = yield* world.claw("down")
      assert.strictEqual(refused.exit, 1, "nobody holds the lock")
      assert.match(refused.stderr, /protocol 1 /)
      assert.isNull(daemon.signalCode)
      writeFileSync(world.directories.lock, `${daemon.pid!} ${startTime(daemon.pid!)}`)
      const stopped = yield* world.claw("down")
      assert.strictEqual(stopped.exit, 0, stopped.stderr)
      yield* until("it ended", () => daemon.signalCode !== null)
      assert.strictEqual(daemon.signalCode, "SIGTERM")
    }).pipe(Effect.scoped),
  )

  it.live("says that something else listens there", () =>
    Effect.gen(function* () {
      for (const answer of [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "null\n",
        '{"_tag":"Exit"}\n',
        "\u0000\u0001",
      ]) {
        const world = yield* clawWorld
        yield* listen(world, (socket) => socket.end(answer))
        const ran = yield* world.claw("status")
        assert.include([1, 3], ran.exit, `${JSON.stringify(answer)}: ${ran.stderr}`)
        assert.strictEqual(ran.stdout, "")
        assert.match(ran.stderr, /^claw: (?!this is a defect).*\n$/, JSON.stringify(answer))
      }
    }).pipe(Effect.scoped),
  )

  it.live(
    "does not wait for ever for one that is deaf: the exit says to try again",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        yield* listen(world, () => undefined)
        const stopped = yield* clawWorld
        assert.strictEqual((yield* stopped.claw("up")).exit, 0)
        const pid = (yield* stopped.daemonPid)!
        yield* Effect.acquireRelease(
          Effect.sync(() => process.kill(pid, "SIGSTOP")),
          () => Effect.sync(() => process.kill(pid, "SIGCONT")),
        )
        const all = yield* Effect.all(
          [world.claw("status"), stopped.claw("status"), stopped.claw("doctor")],
          {
            concurrency: "unbounded",
          },
        )
        for (const ran of all.slice(0, 2)) {
          assert.strictEqual(ran.exit, 75, ran.stderr)
          assert.match(ran.stderr, /did not answer within 10 s: try again; claw doctor/)
        }
        assert.notStrictEqual(all[2]!.exit, 0)
        assert.include(all[2]!.stdout, "ok   node", "doctor shows what it found all the same")
        assert.match(`${all[2]!.stdout}${all[2]!.stderr}`, /did not answer|does not answer/)
      }).pipe(Effect.scoped),
    60_000,
  )
})
