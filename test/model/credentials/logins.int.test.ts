/** Logging in against a real server: by the browser's answer, by hand, by a code on another device, and what goes wrong. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Exit, Fiber, Layer, Redacted, Stream } from "effect"
import { TestClock } from "effect/testing"
import { request } from "node:http"
import { join } from "node:path"
import { AuthorizationServers, type DeviceCode } from "../../../src/model/credentials/AuthorizationServers.ts"
import { type CredentialOwner, Credentials } from "../../../src/model/credentials/Credentials.ts"
import { CredentialStore } from "../../../src/model/credentials/CredentialStore.ts"
import { Logins, type LoginStep, type LoginWay } from "../../../src/model/credentials/Logins.ts"
import { OAuthError } from "../../../src/model/credentials/OAuthError.ts"
import { temporaryDir } from "../../log-store/temporary.ts"
import { browse, makeAuthorizationServer } from "./authorizationServer.ts"
import { credentialsIn, ownerAt, shownOf } from "./world.ts"

type First = Exclude<LoginStep, { readonly _tag: "done" }>

/** A login under way: its first step, and how it ends. */
const begun = Effect.fnUntraced(function* (owner: CredentialOwner, way: LoginWay) {
  const first = yield* Deferred.make<First>()
  const logins = yield* Logins
  const running = yield* logins.start(owner, way).pipe(
    Stream.tap((step) => (step._tag === "done" ? Effect.void : Deferred.succeed(first, step))),
    Stream.runLast,
    Effect.forkChild({ startImmediately: true }),
  )
  return { running, first: Deferred.await(first) }
})

const opened = Effect.fnUntraced(function* (owner: CredentialOwner) {
  const { first, running } = yield* begun(owner, "browser")
  const step = yield* first
  if (step._tag !== "open") return yield* Effect.die(new Error("a login in the browser begins with open"))
  return { running, step }
})

/** A request as a page or program of this machine could make it. */
const visit = (address: string, host?: string, method = "GET") =>
  Effect.promise(
    () =>
      new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
        const asked = request(address, { method, ...(host === undefined ? {} : { headers: { host } }) })
        asked.on("error", reject)
        asked.on("response", (response) => {
          let text = ""
          response.setEncoding("utf8").on("data", (part: string) => (text += part))
          response.on("end", () => resolve({ status: response.statusCode, text }))
        })
        asked.end()
      }),
  )

const closed = (address: string) =>
  Effect.promise(() =>
    fetch(address).then(
      () => false,
      () => true,
    ),
  )

const inWorld = <A, E>(
  body: (world: {
    readonly server: Effect.Success<typeof makeAuthorizationServer>
    readonly owner: CredentialOwner
  }) => Effect.Effect<A, E, Credentials | Logins>,
) =>
  Effect.gen(function* () {
    const server = yield* makeAuthorizationServer
    const directory = join(yield* temporaryDir, "keys")
    const owner = ownerAt(server.url)
    return yield* body({ server, owner }).pipe(Effect.provide(credentialsIn({ directory })))
  })

describe("a login in the browser", () => {
  it.live("takes the answer that comes to the listener, once", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        server.is.skewMs = -3 * 3_600_000
        const { running, step } = yield* opened(owner)
        assert.isTrue(step.listens)
        assert.strictEqual(new URL(step.url).searchParams.get("code_challenge_method"), "S256")
        const back = yield* browse(step.url)
        assert.match(back, /^http:\/\/127\.0\.0\.1:\d+\/callback\?/)
        const page = yield* visit(back)
        assert.strictEqual(page.status, 200)
        for (const secret of server.secrets) assert.notInclude(page.text, secret)
        const done = yield* Fiber.join(running)
        assert.strictEqual(done._tag === "Some" ? done.value._tag : "", "done")
        assert.isTrue(yield* closed(back), "the listener is gone")
        const credentials = yield* Credentials
        assert.isTrue(server.accessTokens.has(shownOf(yield* credentials.get(owner))!))
        const { expiresAt, problem, renews, type } = yield* credentials.status(owner)
        assert.deepStrictEqual([type, renews], ["oauth", true])
        // by this machine's clock, whatever the server's says
        assert.closeTo(Date.parse(expiresAt!) - Date.now(), 3_600_000, 60_000)
        assert.match(problem?.message ?? "", /clock was 3 h ahead/)
        assert.strictEqual(problem?.now, false)
      }),
    ),
  )

  it.live("takes nothing but its own answer", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        const { running, step } = yield* opened(owner)
        const back = new URL(yield* browse(step.url))
        const wrong = new URL(back)
        wrong.searchParams.set("state", "another")
        assert.strictEqual((yield* visit(wrong.href)).status, 400)
        wrong.searchParams.delete("state")
        assert.strictEqual((yield* visit(wrong.href)).status, 400)
        assert.strictEqual((yield* visit(back.href, "evil.example")).status, 404)
        assert.strictEqual((yield* visit(back.href, undefined, "POST")).status, 404)
        assert.strictEqual((yield* visit(new URL("/favicon.ico", back).href)).status, 404)
        assert.deepStrictEqual(server.grants, [])
        yield* visit(back.href)
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(running)))
        assert.deepStrictEqual(server.grants, ["authorization_code"])
      }),
    ),
  )

  it.live("ends with the user's no", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        server.is.authorize = "deny"
        const { running, step } = yield* opened(owner)
        assert.strictEqual((yield* visit(yield* browse(step.url))).status, 403)
        const error = yield* Effect.flip(Fiber.join(running))
        assert.strictEqual(error.reason, "denied")
        assert.deepStrictEqual(server.grants, [])
        assert.strictEqual((yield* (yield* Credentials).status(owner)).source, "missing")
      }),
    ),
  )

  it.live("closes its listener when it is given up, and another login is another one", () =>
    inWorld(({ owner }) =>
      Effect.gen(function* () {
        const one = yield* opened(owner)
        const two = yield* opened(owner)
        const back = new URL(new URL(one.step.url).searchParams.get("redirect_uri")!)
        assert.isFalse(yield* closed(back.href))
        yield* Fiber.interrupt(one.running)
        assert.isTrue(yield* closed(back.href))
        assert.isFalse(yield* (yield* Logins).paste(one.step.login, "code"))
        yield* visit(yield* browse(two.step.url))
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(two.running)))
      }),
    ),
  )

  it.effect("ends after five minutes without an answer", () =>
    inWorld(({ owner }) =>
      Effect.gen(function* () {
        const { running, step } = yield* opened(owner)
        yield* TestClock.adjust("5 minutes")
        const error = yield* Effect.flip(Fiber.join(running))
        assert.strictEqual(error.reason, "expired")
        assert.isTrue(yield* closed(new URL(step.url).searchParams.get("redirect_uri")!))
      }),
    ),
  )

  it.live("says so when the code is not taken, and holds it back", () =>
    inWorld(({ owner }) =>
      Effect.gen(function* () {
        const { running, step } = yield* opened(owner)
        assert.isTrue(yield* (yield* Logins).paste(step.login, "expired-code-1234"))
        const error = yield* Effect.flip(Fiber.join(running))
        assert.strictEqual(error.reason, "refused")
        assert.match(error.message, /invalid_grant/)
        assert.notInclude(JSON.stringify(error), "expired-code-1234")
      }),
    ),
  )

  it.live("wants settings that describe it, and a server that is who it says", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        const logins = yield* Logins
        const failed = (of: CredentialOwner) => Effect.flip(Stream.runDrain(logins.start(of, "browser")))
        const { auth, ...without } = owner
        assert.match((yield* failed(without)).message, /--key/)
        server.is.metadata = { issuer: "https://other.example" }
        assert.strictEqual((yield* failed(owner)).reason, "malformed")
        server.is.metadata = { authorization_endpoint: undefined }
        assert.match((yield* failed(owner)).message, /--device/)
        assert.strictEqual(
          (yield* failed({ ...owner, auth: { ...auth!, issuer: "http://127.0.0.1:1" } })).reason,
          "network",
        )
      }),
    ),
  )
})

describe("an answer by hand", () => {
  const ways: ReadonlyArray<readonly [string, (back: URL) => string]> = [
    ["the whole address", (back) => `  ${back.href}\n`],
    ["the code", (back) => back.searchParams.get("code")!],
    ["code#state", (back) => `${back.searchParams.get("code")}#${back.searchParams.get("state")}`],
  ]
  for (const [name, pastedOf] of ways) {
    it.live(`is taken as ${name}`, () =>
      inWorld(({ owner, server }) =>
        Effect.gen(function* () {
          const { running, step } = yield* opened(owner)
          const back = new URL(yield* browse(step.url))
          const logins = yield* Logins
          assert.isTrue(yield* logins.paste(step.login, pastedOf(back)))
          assert.isTrue(Exit.isSuccess(yield* Fiber.await(running)))
          assert.isFalse(yield* logins.paste(step.login, pastedOf(back)), "once")
          assert.isTrue(server.accessTokens.has(shownOf(yield* (yield* Credentials).get(owner))!))
        }),
      ),
    )
  }

  it.live("is the only way where the settings redirect to a page of the provider", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        const auth = { ...owner.auth!, redirect: "https://console.example/oauth/code" }
        const { running, step } = yield* opened({ ...owner, auth })
        assert.isFalse(step.listens)
        const logins = yield* Logins
        const error = yield* Effect.flip(logins.paste(step.login, "https://evil.example/oauth/code?code=a"))
        assert.match(error.message, /comes back to \(https:\/\/console\.example\/oauth\/code\)/)
        assert.isTrue(yield* logins.paste(step.login, yield* browse(step.url)))
        yield* Fiber.join(running)
        assert.deepStrictEqual(server.grants, ["authorization_code"])
      }),
    ),
  )

  it.live("of another login is not exchanged", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        const { running, step } = yield* opened(owner)
        server.is.authorize = "wrongState"
        assert.isTrue(yield* (yield* Logins).paste(step.login, yield* browse(step.url)))
        assert.strictEqual((yield* Effect.flip(Fiber.join(running))).reason, "malformed")
        assert.deepStrictEqual(server.grants, [])
      }),
    ),
  )
})

describe("a login by a code on another device", () => {
  it.live("asks until it is answered", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        server.is.device = ["authorization_pending"]
        const { first, running } = yield* begun(owner, "device")
        const step = yield* first
        assert.deepInclude(step, { _tag: "code", userCode: "WDJB-MJHT", uri: `${server.url}/enter` })
        const done = yield* Fiber.join(running)
        assert.strictEqual(done._tag === "Some" ? done.value._tag : "", "done")
        assert.strictEqual(server.grants.length, 2)
        assert.isTrue(server.accessTokens.has(shownOf(yield* (yield* Credentials).get(owner))!))
      }),
    ),
  )

  it.effect("asks no faster than the server wants, and slower when it cannot be reached", () =>
    Effect.gen(function* () {
      const reasons = ["pending", "slow", "pending", "network", "slow"] as const
      const at: Array<number> = []
      const code: DeviceCode = {
        code: Redacted.make("device"),
        userCode: "A",
        uri: "https://login.example",
        completeUri: null,
        lifeMs: 600_000,
        intervalMs: 2_000,
      }
      const servers = Layer.mock(AuthorizationServers, {
        deviceCode: () => Effect.succeed(code),
        deviceTokens: Effect.fnUntraced(function* () {
          const nowMs = yield* Clock.currentTimeMillis
          at.push(nowMs)
          const reason = reasons[at.length - 1]
          if (reason !== undefined) return yield* new OAuthError({ reason, message: reason })
          const access = Redacted.make("access")
          return { access, refresh: null, issuedAtMs: nowMs, lifeMs: null, skewMs: null }
        }),
      })
      const store = Layer.mock(CredentialStore, { write: () => Effect.void })
      yield* Effect.gen(function* () {
        const { running } = yield* begun(ownerAt("https://login.example"), "device")
        yield* TestClock.adjust("10 minutes")
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(running)))
        const gaps = at.map((ms, index) => (ms - (at[index - 1] ?? 0)) / 1000)
        assert.deepStrictEqual(gaps, [2, 2, 7, 7, 14, 19])
      }).pipe(Effect.provide(Logins.layer.pipe(Layer.provide([servers, store]))))
    }),
  )

  for (const [answer, reason] of [
    ["access_denied", "denied"],
    ["expired_token", "expired"],
  ] as const) {
    it.live(`ends with ${answer}`, () =>
      inWorld(({ owner, server }) =>
        Effect.gen(function* () {
          server.is.device = [answer]
          const { running } = yield* begun(owner, "device")
          assert.strictEqual((yield* Effect.flip(Fiber.join(running))).reason, reason)
          assert.strictEqual(server.grants.length, 1)
        }),
      ),
    )
  }

  it.effect("ends with its time, and needs an endpoint", () =>
    inWorld(({ owner, server }) =>
      Effect.gen(function* () {
        server.is.deviceLife = 1
        server.is.deviceInterval = 30
        const { first, running } = yield* begun(owner, "device")
        yield* first
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Effect.flip(Fiber.join(running))).reason, "expired")
        const { issuer, ...auth } = owner.auth!
        const only = {
          ...owner,
          auth: { ...auth, tokenEndpoint: `${issuer}/token`, authorizationEndpoint: `${issuer}/authorize` },
        }
        const again = yield* begun(only, "device")
        assert.match((yield* Effect.flip(Fiber.join(again.running))).message, /no login by code/)
      }),
    ),
  )
})
