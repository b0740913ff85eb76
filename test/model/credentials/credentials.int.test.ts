/** Where a credential comes from, whom it is for, and what is said where there is none that can be used. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inspect } from "node:util"
import { type CredentialOwner, Credentials } from "../../../src/model/credentials/Credentials.ts"
import { temporaryDir } from "../../log-store/temporary.ts"
import { makeAuthorizationServer } from "./authorizationServer.ts"
import { credentialsIn, ownerAt, plant, shownOf } from "./world.ts"

const anthropic: CredentialOwner = { name: "anthropic", kind: "anthropic" }
const local: CredentialOwner = { name: "local", kind: "chat", baseUrl: "http://127.0.0.1:11434/v1" }
const secret = "sk-ant-api03-planted-secret-0123456789"

const inFolder = <A, E>(
  body: (directory: string) => Effect.Effect<A, E, Credentials>,
  env: Readonly<Record<string, string>> = {},
) =>
  Effect.gen(function* () {
    const directory = join(yield* temporaryDir, "keys")
    return yield* body(directory).pipe(Effect.provide(credentialsIn({ directory, env })))
  })

const get = (owner: CredentialOwner) =>
  Effect.map(
    Credentials.use((credentials) => credentials.get(owner)),
    shownOf,
  )

describe("a key", () => {
  it.effect("comes from the environment first, then from the store, and from nowhere else", () =>
    inFolder(
      () =>
        Effect.gen(function* () {
          const credentials = yield* Credentials
          yield* credentials.putKey(anthropic, Redacted.make("stored"))
          assert.strictEqual(yield* get(anthropic), "from-the-environment")
          assert.strictEqual(yield* get({ ...anthropic, keyEnv: "OTHER" }), "other")
          assert.strictEqual(yield* get({ ...anthropic, keyEnv: "NONE" }), "stored")
          const { source, where } = yield* credentials.status(anthropic)
          assert.deepStrictEqual([source, where], ["environment", "ANTHROPIC_API_KEY"])
          assert.isTrue(yield* credentials.forget(anthropic))
          assert.isFalse(yield* credentials.forget(anthropic))
          assert.strictEqual(
            (yield* Effect.flip(get({ ...anthropic, keyEnv: "NONE" }))).reason,
            "credentials",
          )
        }),
      { ANTHROPIC_API_KEY: "from-the-environment\n", OTHER: "other" },
    ),
  )

  it.effect("of the vendor goes to the vendor's own server alone", () =>
    inFolder(
      () =>
        Effect.gen(function* () {
          assert.isNull(yield* get({ ...anthropic, baseUrl: "https://proxy.example/v1" }))
          assert.isNull(yield* get({ ...anthropic, baseUrl: "http://api.anthropic.com" }))
          assert.isNull(yield* get({ ...anthropic, baseUrl: "https://api.anthropic.com.evil.example" }))
          assert.strictEqual(yield* get({ ...anthropic, baseUrl: "https://api.anthropic.com" }), secret)
        }),
      { ANTHROPIC_API_KEY: secret },
    ),
  )

  it.effect("that was given for one server is not sent to another", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const credentials = yield* Credentials
        yield* credentials.putKey(anthropic, Redacted.make(secret))
        const moved = { ...anthropic, baseUrl: "https://evil.example" }
        assert.match((yield* Effect.flip(get(moved))).message, /another server/)
        assert.strictEqual((yield* credentials.status(moved)).problem?.now, true)
        assert.strictEqual(yield* get(anthropic), secret)
      }),
    ),
  )

  it.effect("lies in a file for its owner alone, which is refused once it is open or damaged", () =>
    inFolder((directory) =>
      Effect.gen(function* () {
        const credentials = yield* Credentials
        yield* credentials.putKey(anthropic, Redacted.make(secret))
        const file = join(directory, "model-anthropic")
        assert.strictEqual(statSync(file).mode & 0o777, 0o600)
        assert.include(readFileSync(file, "utf8"), secret)
        chmodSync(file, 0o640)
        const open = yield* Effect.flip(get(anthropic))
        assert.match(open.message, /open to others/)
        chmodSync(file, 0o600)
        writeFileSync(file, readFileSync(file, "utf8").slice(0, -10))
        const damaged = yield* Effect.flip(get(anthropic))
        assert.match(damaged.message, /no credential that can be read/)
        for (const error of [open, damaged])
          assert.notInclude(`${inspect(error)}${JSON.stringify(error)}`, secret)
        assert.strictEqual((yield* credentials.status(anthropic)).source, "missing")
        yield* credentials.putKey(anthropic, Redacted.make(secret))
        assert.strictEqual(yield* get(anthropic), secret)
      }),
    ),
  )

  it.effect("is not needed by a server of one's own, and told where it is missing", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const credentials = yield* Credentials
        assert.isNull(yield* get(local))
        assert.strictEqual((yield* credentials.status(local)).source, "needless")
        const error = yield* Effect.flip(get(anthropic))
        assert.strictEqual(
          error.cure,
          "claw login anthropic --key, or set ANTHROPIC_API_KEY where the daemon starts",
        )
        assert.strictEqual((yield* Effect.flip(get({ ...local, keyEnv: "K" }))).reason, "credentials")
        assert.isFalse(yield* credentials.refused(anthropic, Redacted.make("x")))
        assert.strictEqual(
          (yield* Effect.flip(get({ ...local, name: "../up", keyEnv: "K" }))).reason,
          "bad-request",
        )
      }),
    ),
  )

  it.effect("that no request can carry is said to be so, without showing it", () =>
    inFolder(
      () =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(get(anthropic))
          assert.match(error.message, /^ANTHROPIC_API_KEY holds nothing/)
          assert.notInclude(JSON.stringify(error), "evil")
        }),
      { ANTHROPIC_API_KEY: "a\r\nevil: b" },
    ),
  )
})

describe("what is handed out", () => {
  it.live("shows itself to nobody", () =>
    inFolder((directory) =>
      Effect.gen(function* () {
        const credentials = yield* Credentials
        const owner = ownerAt("https://login.example")
        yield* credentials.putKey(anthropic, Redacted.make(secret))
        yield* plant(owner, { access: "planted-access", refresh: "planted-refresh" }, 0).pipe(
          Effect.provide(credentialsIn({ directory })),
        )
        const shown = [
          yield* credentials.get(anthropic),
          yield* credentials.get(owner),
          yield* credentials.status(owner),
        ]
        const text = shown.map((one) => `${inspect(one)} ${String(one)} ${JSON.stringify(one)}`).join(" ")
        assert.notMatch(text, /planted/)
      }),
    ),
  )

  it.effect("is counted by the time that goes by, although the clock is set back", () =>
    Effect.gen(function* () {
      const server = yield* makeAuthorizationServer
      const owner = ownerAt(server.url)
      const first = server.issue()
      yield* inFolder((directory) =>
        Effect.gen(function* () {
          const credentials = yield* Credentials
          yield* TestClock.setTime(Date.parse("2031-01-01T00:00:00Z"))
          yield* plant(owner, first, 0).pipe(Effect.provide(credentialsIn({ directory })))
          assert.strictEqual(yield* get(owner), first.access)
          assert.deepStrictEqual(server.grants, [])
          yield* TestClock.setTime(Date.parse("2029-01-01T00:00:00Z"))
          assert.strictEqual(yield* get(owner), first.access, "this process saw that no time went by")
          // another one cannot know how old it is
          const another = credentialsIn({ directory, mark: "2 2" })
          const next = yield* get(owner).pipe(Effect.provide(another, { local: true }))
          assert.notStrictEqual(next, first.access)
          assert.deepStrictEqual(server.grants, ["refresh_token"])
          assert.strictEqual(yield* get(owner), next)
          assert.isTrue(
            yield* credentials.refused(owner, Redacted.make(first.access)),
            "there is another one",
          )
          assert.deepStrictEqual(server.grants, ["refresh_token"])
        }),
      )
    }),
  )

  it.live("is told before it ends where nothing renews it", () =>
    inFolder((directory) =>
      Effect.gen(function* () {
        const credentials = yield* Credentials
        const owner = ownerAt("https://login.example")
        const planted = (agoMs: number, lifeMs: number | null) =>
          plant(owner, { access: "a", refresh: null }, agoMs, lifeMs).pipe(
            Effect.provide(credentialsIn({ directory })),
          )
        const day = 86_400_000
        yield* planted(0, 30 * day)
        assert.isNull((yield* credentials.status(owner)).problem)
        yield* planted(29.5 * day, 30 * day)
        const soon = (yield* credentials.status(owner)).problem
        assert.match(soon?.message ?? "", /ends in 12 h/)
        assert.strictEqual(soon?.now, false)
        assert.strictEqual(yield* get(owner), "a")
        yield* planted(31 * day, 30 * day)
        assert.strictEqual((yield* credentials.status(owner)).problem?.now, true)
        assert.strictEqual((yield* Effect.flip(get(owner))).cure, "claw login work")
        yield* planted(9999 * day, null)
        assert.strictEqual(yield* get(owner), "a", "no end that anybody knows")
      }),
    ),
  )
})
