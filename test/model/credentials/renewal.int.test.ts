/** Renewing logins against a real server: once however many ask, in one process and in several, and through every fault. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Credentials } from "../../../src/model/credentials/Credentials.ts"
import { CredentialStore } from "../../../src/model/credentials/CredentialStore.ts"
import { temporaryDir } from "../../log-store/temporary.ts"
import { type AuthorizationServer, json, makeAuthorizationServer } from "./authorizationServer.ts"
import { credentialsIn, ownerAt, plant, shownOf } from "./world.ts"

const hour = 3_600_000

const setUp = Effect.gen(function* () {
  const server = yield* makeAuthorizationServer
  const directory = join(yield* temporaryDir, "keys")
  const first = server.issue()
  return { server, directory, first, owner: ownerAt(server.url), file: join(directory, "model-work") }
})

/** No file but the entry itself: claims and temporary files are gone. */
const left = (directory: string) => readdirSync(directory).filter((name) => name !== "model-work")

const refreshes = ({ grants }: AuthorizationServer) =>
  grants.filter((grant) => grant === "refresh_token").length

describe("a login that is over", () => {
  it.live("is renewed once for twenty that ask at once", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      yield* Effect.gen(function* () {
        yield* plant(owner, first, 2 * hour)
        const credentials = yield* Credentials
        const got = yield* Effect.all(
          Array.from({ length: 20 }, () => credentials.get(owner)),
          { concurrency: "unbounded" },
        )
        assert.strictEqual(refreshes(server), 1)
        assert.strictEqual(new Set(got.map(shownOf)).size, 1)
        assert.isTrue(server.accessTokens.has(shownOf(got[0]!)!))
        assert.notStrictEqual(shownOf(got[0]!), first.access)
        assert.deepStrictEqual(left(directory), [])
        yield* credentials.get(owner)
        assert.strictEqual(refreshes(server), 1, "what is new is not renewed")
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )

  it.live("is renewed once by several processes on one store", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      yield* plant(owner, first, 2 * hour).pipe(Effect.provide(credentialsIn({ directory })))
      const processes = Array.from({ length: 4 }, (_, index) =>
        Credentials.use((credentials) =>
          Effect.all([credentials.get(owner), credentials.get(owner)], { concurrency: 2 }),
        ).pipe(Effect.provide(credentialsIn({ directory, mark: `${index + 1} 1` }), { local: true })),
      )
      const got = (yield* Effect.all(processes, { concurrency: "unbounded" })).flat().map(shownOf)
      assert.strictEqual(refreshes(server), 1)
      assert.deepStrictEqual(server.reused, [])
      assert.strictEqual(new Set(got).size, 1)
      assert.deepStrictEqual(left(directory), [])
    }),
  )

  it.live("is renewed although a process died while it held the claim", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      const dead = credentialsIn({ directory, mark: "7 7" })
      server.is.token = (_, response) => response.destroy()
      yield* Effect.gen(function* () {
        yield* plant(owner, first, 2 * hour)
        assert.strictEqual((yield* Effect.flip((yield* Credentials).get(owner))).reason, "network")
      }).pipe(Effect.provide(dead))
      assert.deepStrictEqual(left(directory), [], "a failure gives the claim back")
      server.is.token = null
      // as a process leaves it that was killed
      const { createHash } = yield* Effect.promise(() => import("node:crypto"))
      const name = `refresh-${createHash("sha256").update(first.refresh).digest("hex").slice(0, 16)}.0`
      writeFileSync(join(directory, name), "7 7", { mode: 0o600 })
      const next = credentialsIn({ directory, mark: "8 8", isAlive: (mark) => mark === "8 8" })
      const got = yield* Credentials.use((credentials) => credentials.get(owner)).pipe(Effect.provide(next))
      assert.isTrue(server.accessTokens.has(shownOf(got)!))
      assert.deepStrictEqual(left(directory), [], "and the dead one's")
    }),
  )

  it.live("has ended once its refresh token is not taken, and the server is asked no more", () =>
    Effect.gen(function* () {
      const { directory, owner, server } = yield* setUp
      yield* Effect.gen(function* () {
        yield* plant(owner, { access: "old", refresh: "never-given" }, 2 * hour)
        const credentials = yield* Credentials
        for (let count = 0; count < 3; count++) {
          const error = yield* Effect.flip(credentials.get(owner))
          assert.strictEqual(error.reason, "credentials")
          assert.strictEqual(error.cure, "claw login work")
          assert.notInclude(JSON.stringify(error), "never-given")
        }
        assert.strictEqual(refreshes(server), 1)
        const { problem, renews } = yield* credentials.status(owner)
        assert.isFalse(renews)
        assert.strictEqual(problem?.now, true)
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )

  it.live("keeps a refresh token that does not rotate", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      server.is.rotates = false
      server.is.expiresIn = 1
      yield* Effect.gen(function* () {
        yield* plant(owner, first, 2 * hour)
        const credentials = yield* Credentials
        const one = shownOf(yield* credentials.get(owner))
        assert.isTrue(yield* credentials.refused(owner, yield* credentials.get(owner)))
        assert.notStrictEqual(shownOf(yield* credentials.get(owner)), one)
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )

  it.live("stays logged out when that happened during its renewal", () =>
    Effect.gen(function* () {
      const { directory, file, first, owner, server } = yield* setUp
      yield* Effect.gen(function* () {
        const credentials = yield* Credentials
        yield* plant(owner, first, 2 * hour)
        const issued = server.issue()
        let answer = () => undefined as void
        const asked = new Promise<void>((resolve) => {
          server.is.token = (_, response) => {
            answer = () =>
              json(response, 200, { access_token: issued.access, token_type: "bearer", expires_in: 3600 })
            resolve()
          }
        })
        const getting = yield* Effect.forkChild(Effect.flip(credentials.get(owner)))
        yield* Effect.promise(() => asked)
        assert.isTrue(yield* credentials.forget(owner))
        answer()
        assert.strictEqual((yield* Fiber.join(getting)).reason, "credentials")
        assert.isFalse(existsSync(file))
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )

  it.live("is renewed to the end although who asked for it left", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      yield* Effect.gen(function* () {
        const credentials = yield* Credentials
        const store = yield* CredentialStore
        yield* plant(owner, first, 2 * hour)
        const issued = server.issue()
        let answer = () => undefined as void
        const asked = new Promise<void>((resolve) => {
          server.is.token = (_, response) => {
            answer = () =>
              json(response, 200, {
                access_token: issued.access,
                refresh_token: issued.refresh,
                token_type: "bearer",
                expires_in: 3600,
              })
            resolve()
          }
        })
        const getting = yield* Effect.forkChild(credentials.get(owner))
        yield* Effect.promise(() => asked)
        yield* Fiber.interrupt(getting)
        answer()
        assert.strictEqual(shownOf(yield* credentials.get(owner)), issued.access)
        assert.strictEqual(refreshes(server), 1)
        const kept = (yield* store.read("work"))?.credential
        assert.strictEqual(kept?.type === "oauth" ? shownOf(kept.refresh) : null, issued.refresh)
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )
})

describe("a login that is near its end", () => {
  it.live("is handed out at once, and renewed beside", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      yield* Effect.gen(function* () {
        const credentials = yield* Credentials
        yield* plant(owner, first, hour - 120_000)
        const renewed = new Promise<void>((resolve) => {
          server.is.onTokens = resolve
        })
        assert.strictEqual(shownOf(yield* credentials.get(owner)), first.access)
        yield* Effect.promise(() => renewed)
        // joins the renewal where that has not ended
        yield* Effect.repeat(credentials.get(owner), { until: (now) => shownOf(now) !== first.access })
        assert.strictEqual(refreshes(server), 1)
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )

  it.live("is good while the server fails, and not asked for again at once", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      server.is.token = (_, response) => json(response, 503, { error: "temporarily_unavailable" })
      yield* Effect.gen(function* () {
        const credentials = yield* Credentials
        // due: waited for, and taken as it is when that fails
        yield* plant(owner, first, hour - 10_000)
        assert.strictEqual(shownOf(yield* credentials.get(owner)), first.access)
        assert.strictEqual(refreshes(server), 1)
        yield* plant(owner, server.issue(), hour - 120_000)
        for (let count = 0; count < 5; count++) yield* credentials.get(owner)
        assert.strictEqual(refreshes(server), 1)
        yield* plant(owner, server.issue(), hour - 10_000)
        yield* credentials.get(owner)
        assert.strictEqual(refreshes(server), 1)
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )
})

const echo = (asked: URLSearchParams) => asked.get("refresh_token")!

describe("a server that misbehaves", () => {
  const faults: ReadonlyArray<
    readonly [string, NonNullable<AuthorizationServer["is"]["token"]>, string, RegExp]
  > = [
    ["500", (_, response) => json(response, 500, { error: "server_error" }), "server", /HTTP 500/],
    [
      "500 that claims the token is bad",
      (_, response) => json(response, 502, { error: "invalid_grant" }),
      "server",
      /HTTP 502/,
    ],
    ["429", (_, response) => json(response, 429, { error: "slow_down" }), "server", /slow_down|HTTP 429/],
    [
      "a login page",
      (asked, response) =>
        void response
          .writeHead(200, { "content-type": "text/html" })
          .end(`<html>${echo(asked)}<form action=/login>`),
      "server",
      /HTTP 200 with text\/html/,
    ],
    [
      "no JSON",
      (asked, response) =>
        void response
          .writeHead(200, { "content-type": "application/json" })
          .end(`{"access_token":"${echo(asked)}`),
      "server",
      /HTTP 200|does not keep/,
    ],
    [
      "no token",
      (_, response) => json(response, 200, { token_type: "bearer" }),
      "server",
      /does not keep|HTTP 200/,
    ],
    [
      "a token with a line end",
      (_, response) => json(response, 200, { access_token: "a\r\nhost: evil", token_type: "bearer" }),
      "server",
      /nothing a request can carry/,
    ],
    [
      "a life that is none",
      (_, response) => json(response, 200, { access_token: "a", token_type: "bearer", expires_in: -5 }),
      "server",
      /does not keep|HTTP 200/,
    ],
    [
      "a body without end",
      (_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        const piece = Buffer.alloc(64 * 1024, 0x20)
        const more = (): void => {
          while (!response.destroyed && response.write(piece));
          response.once("drain", more)
        }
        more()
      },
      "server",
      /has no end/,
    ],
    ["a connection that breaks", (_, response) => response.destroy(), "network", /cannot be reached/],
    [
      "words that repeat the token, and draw on the terminal",
      (asked, response) =>
        json(response, 400, {
          error: "unauthorized_client",
          error_description: `no \u001b[2J ${echo(asked)} ${"x".repeat(5000)}`,
        }),
      "credentials",
      /\[hidden\]/,
    ],
  ]
  for (const [name, token, reason, said] of faults) {
    it.live(`answers ${name}: the login stays as it was, and no message holds it`, () =>
      Effect.gen(function* () {
        const { directory, file, first, owner, server } = yield* setUp
        server.is.token = token
        yield* Effect.gen(function* () {
          const credentials = yield* Credentials
          yield* plant(owner, first, 2 * hour)
          const before = readFileSync(file, "utf8")
          const error = yield* Effect.flip(credentials.get(owner))
          assert.strictEqual(error.reason, reason)
          assert.match(error.message, said)
          assert.notInclude(error.message, "\u001b")
          assert.isBelow(error.message.length, 500)
          for (const secret of server.secrets) assert.notInclude(JSON.stringify(error), secret)
          assert.strictEqual(readFileSync(file, "utf8"), before)
          assert.deepStrictEqual(left(directory), [])
          server.is.token = null
          assert.isTrue(server.accessTokens.has(shownOf(yield* credentials.get(owner))!))
        }).pipe(Effect.provide(credentialsIn({ directory })))
      }),
    )
  }

  it.live("points to another host: nothing is sent there", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      const other = yield* makeAuthorizationServer
      server.is.token = (_, response) =>
        void response.writeHead(307, { location: `${other.url}/token` }).end()
      yield* Effect.gen(function* () {
        yield* plant(owner, first, 2 * hour)
        const error = yield* Effect.flip((yield* Credentials).get(owner))
        assert.match(error.message, /points elsewhere/)
        assert.deepStrictEqual(other.grants, [])
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )

  it.live("names an endpoint that is not encrypted: nothing is sent there", () =>
    Effect.gen(function* () {
      const { directory, first, owner, server } = yield* setUp
      server.is.metadata = { token_endpoint: "http://models.example/token" }
      yield* Effect.gen(function* () {
        yield* plant(owner, first, 2 * hour)
        const error = yield* Effect.flip((yield* Credentials).get(owner))
        assert.match(error.message, /not https/)
        assert.deepStrictEqual(server.grants, [])
      }).pipe(Effect.provide(credentialsIn({ directory })))
    }),
  )
})
