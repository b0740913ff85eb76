/** A process that is killed while it renews: the store has the old tokens or the new, and the next process goes on. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { spawn } from "node:child_process"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { liveHolder } from "../../../src/daemon/lockHolder.ts"
import { Credentials } from "../../../src/model/credentials/Credentials.ts"
import { decodeStored } from "../../../src/model/credentials/storedCredential.ts"
import { temporaryDir } from "../../log-store/temporary.ts"
import { makeAuthorizationServer } from "./authorizationServer.ts"
import { credentialsIn, ownerAt, plant, shownOf } from "./world.ts"

const child = join(import.meta.dirname, "renewChild.ts")
/** After an answer with tokens left: before it is read, while it is, while it is stored, after. */
const delaysMs = [0, 1, 2, 4, 8]

/** Renews in a process of its own, which is killed `delayMs` after the third answer. */
const killedAfter = (directory: string, url: string, onTokens: (then: () => void) => void, delayMs: number) =>
  Effect.promise(
    () =>
      new Promise<void>((resolve, reject) => {
        const running = spawn(process.execPath, [child, directory, url], {
          stdio: ["ignore", "ignore", "pipe"],
        })
        let said = ""
        running.stderr.on("data", (part: Buffer) => (said += part.toString()))
        let answers = 0
        onTokens(() => {
          answers++
          if (answers !== 3) return
          if (delayMs === 0) running.kill("SIGKILL")
          else setTimeout(() => running.kill("SIGKILL"), delayMs)
        })
        running.on("close", (_, signal) => (signal === "SIGKILL" ? resolve() : reject(new Error(said))))
      }),
  )

describe("a process that is killed while it renews", () => {
  it.live(
    "leaves the old tokens or the new, never half, and its claim to nobody",
    () =>
      Effect.gen(function* () {
        const server = yield* makeAuthorizationServer
        const owner = ownerAt(server.url)
        const root = yield* temporaryDir
        const outcomes: Array<string> = []
        for (const delayMs of delaysMs) {
          const directory = join(root, `keys-${delayMs}`)
          const first = server.issue()
          const isAlive = (mark: string) => liveHolder(mark) !== null
          const world = credentialsIn({ directory, mark: `${process.pid} 0`, isAlive })
          yield* plant(owner, first, 7_200_000).pipe(Effect.provide(world))
          // each answer is over at once, so the child asks again
          server.is.expiresIn = 0
          yield* killedAfter(directory, server.url, (then) => (server.is.onTokens = then), delayMs)
          server.is.onTokens = () => undefined
          server.is.expiresIn = 3600

          const file = join(directory, "model-work")
          assert.strictEqual(statSync(file).mode & 0o777, 0o600)
          const kept = decodeStored(readFileSync(file, "utf8"))
          if (kept?.type !== "oauth") return yield* Effect.die(new Error("the store holds half an entry"))
          assert.isTrue(server.secrets.has(Redacted.value(kept.access)))
          const isNew = server.refreshTokens.has(Redacted.value(kept.refresh!))
          outcomes.push(isNew ? "new" : "old")

          const next = yield* Effect.result(Credentials.use((credentials) => credentials.get(owner))).pipe(
            Effect.provide(world),
          )
          // the old one was spent by the dead: that is said, and a login cures it
          if (next._tag === "Success") assert.isTrue(isNew && server.accessTokens.has(shownOf(next.success)!))
          else assert.deepStrictEqual([isNew, next.failure.cure], [false, "claw login work"])
        }
        assert.strictEqual(outcomes.length, delaysMs.length)
      }),
    40_000,
  )
})
