/** Secrets in a keychain or in files: one rule where both have one, no secret lost because a keychain is locked. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Keychain, type SystemKeychain } from "../../src/config/Keychain.ts"
import { temporaryDir } from "../log-store/temporary.ts"

/** A keychain in memory that can be locked, and can forget what it is given. */
const fake = () => {
  const held = new Map<string, string>()
  const state = { isLocked: false, forgets: false }
  const asked = <A>(run: () => A): Promise<A> =>
    state.isLocked ? Promise.reject(new Error("the collection is locked")) : Promise.resolve().then(run)
  const system: SystemKeychain = {
    get: (account) => asked(() => held.get(account) ?? null),
    set: (account, secret) =>
      asked(() => {
        if (!state.forgets) held.set(account, secret)
      }),
    delete: (account) => asked(() => held.delete(account)),
  }
  return { held, state, system }
}

const withFiles = (directory: string) =>
  Effect.provide(Keychain.layer({ directory, env: {}, platform: "linux" }))
const withSystem = (directory: string, system: SystemKeychain) =>
  Effect.provide(Keychain.layer({ directory, env: {}, system }))

const get = (name: string) => Keychain.use((keychain) => keychain.get(name))
const set = (name: string, secret: string) => Keychain.use((keychain) => keychain.set(name, secret))
const remove = (name: string) => Keychain.use((keychain) => keychain.delete(name))

describe("secrets", () => {
  it.effect("lie in files of their own where there is no keychain", () =>
    Effect.gen(function* () {
      const directory = join(yield* temporaryDir, "state", "keys")
      const files = withFiles(directory)
      assert.isNull(yield* files(get("signing")))
      assert.isFalse(yield* files(remove("signing")))
      const path = join(directory, "signing")
      assert.deepStrictEqual(yield* files(set("signing", "one\n")), { kind: "file", where: path })
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.strictEqual(statSync(directory).mode & 0o777, 0o700)
      yield* files(set("signing", "two"))
      assert.deepStrictEqual(yield* files(get("signing")), {
        secret: "two",
        place: { kind: "file", where: path },
        shadowed: null,
      })
      assert.deepStrictEqual(readdirSync(directory), ["signing"], "nothing is left aside")
      assert.isTrue(yield* files(remove("signing")))
      assert.isNull(yield* files(get("signing")))
    }),
  )

  it.effect("are refused where others could read or exchange them", () =>
    Effect.gen(function* () {
      const directory = join(yield* temporaryDir, "keys")
      const files = withFiles(directory)
      yield* files(set("signing", "one"))
      const path = join(directory, "signing")
      const refused = Effect.map(Effect.flip(files(get("signing"))), ({ reason }) => reason)
      for (const mode of [0o640, 0o604, 0o622]) {
        chmodSync(path, mode)
        assert.strictEqual(yield* refused, "unsafe", mode.toString(8))
      }
      chmodSync(path, 0o600)
      chmodSync(directory, 0o770)
      assert.strictEqual(yield* refused, "unsafe")
      assert.strictEqual((yield* Effect.flip(files(set("other", "x")))).reason, "unsafe")
      chmodSync(directory, 0o700)
      assert.strictEqual((yield* files(get("signing")))?.secret, "one")
      rmSync(path)
      writeFileSync(join(directory, "elsewhere"), "planted", { mode: 0o600 })
      symlinkSync(join(directory, "elsewhere"), path)
      assert.strictEqual(yield* refused, "unsafe")
      rmSync(path)
      mkdirSync(path)
      assert.strictEqual(yield* refused, "unsafe")
    }),
  )

  it.effect("lie in the keychain where there is one, and move there when set again", () =>
    Effect.gen(function* () {
      const directory = join(yield* temporaryDir, "keys")
      const { held, state, system } = fake()
      yield* withFiles(directory)(set("signing", "from the file"))
      const keychain = withSystem(directory, system)
      assert.strictEqual((yield* keychain(get("signing")))?.place.kind, "file")
      assert.strictEqual((yield* keychain(set("signing", "moved"))).kind, "keychain")
      assert.deepStrictEqual([...held.values()], ["moved"])
      for (const name of readdirSync(directory))
        assert.notInclude(readFileSync(join(directory, name), "utf8"), "moved")
      assert.deepStrictEqual(readdirSync(directory), ["signing.in-keychain"])

      // a file beside it does not count, and is named
      writeFileSync(join(directory, "signing"), "older", { mode: 0o600 })
      assert.deepInclude(yield* keychain(get("signing")), {
        secret: "moved",
        shadowed: join(directory, "signing"),
      })
      rmSync(join(directory, "signing"))

      // locked, or another session without one: not missing, not replaced
      for (const run of [keychain, withFiles(directory)]) {
        state.isLocked = true
        assert.strictEqual((yield* Effect.flip(run(get("signing")))).reason, "unreachable")
        assert.strictEqual((yield* Effect.flip(run(set("signing", "new")))).reason, "unreachable")
        assert.strictEqual((yield* Effect.flip(run(remove("signing")))).reason, "unreachable")
        assert.isNull(yield* run(get("never set")))
      }
      state.isLocked = false
      assert.strictEqual((yield* keychain(get("signing")))?.secret, "moved")
      assert.isTrue(yield* keychain(remove("signing")))
      assert.isNull(yield* keychain(get("signing")))
      assert.deepStrictEqual(readdirSync(directory), [])
    }),
  )

  it.effect("fall back to a file where a keychain takes them and has them not", () =>
    Effect.gen(function* () {
      const directory = join(yield* temporaryDir, "keys")
      const { state, system } = fake()
      state.forgets = true
      const keychain = withSystem(directory, system)
      assert.strictEqual((yield* keychain(set("signing", "one"))).kind, "file")
      assert.deepInclude(yield* keychain(get("signing")), { secret: "one", shadowed: null })
    }),
  )

  it.effect("of two installations are kept apart", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir
      const { system } = fake()
      yield* withSystem(join(dir, "a"), system)(set("signing", "a's"))
      yield* withSystem(join(dir, "b"), system)(set("signing", "b's"))
      assert.strictEqual((yield* withSystem(join(dir, "a"), system)(get("signing")))?.secret, "a's")
    }),
  )
})
