/** Two processes change one credential: what a login wrote is not lost to a renewal that had looked before it. */
import { assert, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Redacted } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Keychain } from "../../../src/config/Keychain.ts"
import { CredentialStore } from "../../../src/model/credentials/CredentialStore.ts"
import { encodeStored, type StoredCredential } from "../../../src/model/credentials/storedCredential.ts"

const key = (text: string): StoredCredential => ({ v: 1, type: "key", for: "near", key: Redacted.make(text) })

it.live("one waits for the other", () =>
  Effect.gen(function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-turns-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true })),
    )
    let kept = encodeStored(key("one"))
    const looked = yield* Deferred.make<void>()
    const go = yield* Deferred.make<void>()
    const place = { kind: "file", where: "here" } as const
    const storeOf = (slow: boolean) => {
      const keychain = Layer.mock(Keychain, {
        get: () =>
          Effect.gen(function* () {
            const secret = kept
            if (slow) {
              yield* Deferred.succeed(looked, undefined)
              yield* Deferred.await(go)
            }
            return { secret, place, shadowed: null }
          }),
        set: (_, secret) =>
          Effect.sync(() => {
            kept = secret
            return place
          }),
      })
      const marks = { mine: slow ? "slow" : "quick", isAlive: () => true }
      return Effect.map(
        Layer.build(CredentialStore.layer({ directory, marks }).pipe(Layer.provide(keychain))),
        (context) => Context.get(context, CredentialStore),
      )
    }
    const [slow, quick] = [yield* storeOf(true), yield* storeOf(false)]
    const renewal = yield* Effect.forkChild(slow.replace("near", key("one"), key("two")))
    yield* Deferred.await(looked)
    const login = yield* Effect.forkChild(quick.write("near", key("three")), { startImmediately: true })
    yield* Effect.promise(() => new Promise((turn) => setImmediate(turn)))
    yield* Deferred.succeed(go, undefined)
    yield* Fiber.join(renewal)
    yield* Fiber.join(login)
    assert.strictEqual(kept, encodeStored(key("three")))
  }).pipe(Effect.scoped),
)
