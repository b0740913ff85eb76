/** claw login, logout and auth status of the real program, against a real authorization server; secrets end up nowhere else. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { spawn } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Pty } from "../e2e/Pty.ts"
import {
  type AuthorizationServer,
  browse,
  makeAuthorizationServer,
} from "../model/credentials/authorizationServer.ts"
import { type Claws, clawWorld, launcher, ndjson, until } from "./claws.ts"

class Up extends Context.Service<Up, { readonly world: Claws; readonly server: AuthorizationServer }>()(
  "test/Up",
) {}

const up = Layer.effect(
  Up,
  Effect.gen(function* () {
    const world = yield* clawWorld
    const server = yield* makeAuthorizationServer
    const auth = { issuer: server.url, clientId: "claw-test", scopes: ["models:use"] }
    const settings = {
      models: { providers: { work: { kind: "chat", baseUrl: "https://models.example/v1", auth } } },
    }
    mkdirSync(world.directories.config, { recursive: true })
    writeFileSync(
      join(world.directories.config, "claw.config.ts"),
      `export default ${JSON.stringify(settings)}\n`,
    )
    const ran = yield* world.claw("up", "--workspace", ".")
    assert.strictEqual(ran.exit, 0, ran.stderr)
    return { world, server }
  }),
)

const claw = (...args: ReadonlyArray<string>) => Effect.flatMap(Up, ({ world }) => world.claw(...args))

/** Starts a login, and gives `answer` the address it prints; what that answers is typed into the pipe. */
const loginWith = (args: ReadonlyArray<string>, answer: (url: string) => Effect.Effect<string>) =>
  Effect.flatMap(Up, ({ world }) =>
    Effect.promise(
      () =>
        new Promise<{ readonly exit: number | null; readonly out: string; readonly err: string }>(
          (resolve) => {
            const child = spawn(process.execPath, [launcher, "login", ...args], {
              cwd: world.repository,
              env: world.env as NodeJS.ProcessEnv,
            })
            let out = ""
            let err = ""
            let isAnswered = false
            child.stdout.setEncoding("utf8").on("data", (part: string) => (out += part))
            child.stderr.setEncoding("utf8").on("data", (part: string) => {
              err += part
              const url = /^ {2}(http\S+)\n/m.exec(err)?.[1]
              if (url === undefined || isAnswered) return
              isAnswered = true
              void Effect.runPromise(answer(url)).then((text) => child.stdin.end(text))
            })
            child.stdin.on("error", () => undefined)
            child.on("close", (exit) => resolve({ exit, out, err }))
          },
        ),
    ),
  )

const row = Effect.fnUntraced(function* (provider: string) {
  const ran = yield* claw("auth", "status", "--json")
  return { exit: ran.exit, ...ndjson(ran.stdout).find((one) => one["provider"] === provider) } as Record<
    string,
    unknown
  >
})
const degraded = Effect.map(claw("status", "--json"), ({ stdout }) =>
  (JSON.parse(stdout) as { readonly degraded: ReadonlyArray<string> }).degraded.filter((one) =>
    one.startsWith("credentials"),
  ),
)

const eventually = (what: string, holds: Effect.Effect<boolean, never, Up>) =>
  Effect.flatMap(Up, (service) => until(what, Effect.provideService(holds, Up, service)))

const key = "sk-ant-api03-planted0123456789planted"
const fields = ["v", "provider", "kind", "source", "where", "type", "expiresAt", "renews", "problem"]
const keys = [...fields, "used", "login"]

layer(up, { excludeTestServices: true, timeout: "60 seconds" })("claw login", (test) => {
  test.effect("says what is missing, before and after", () =>
    Effect.gen(function* () {
      yield* eventually(
        "the settings are in force",
        Effect.map(row("work"), (one) => one["login"] === true),
      )
      const before = yield* row("work")
      assert.strictEqual(before["exit"], 1)
      assert.deepInclude(before, { v: 1, source: "missing", used: true, login: true })
      assert.sameMembers(
        Object.keys(before).filter((name) => name !== "exit"),
        keys,
      )
      yield* eventually(
        "the daemon says what is missing",
        Effect.map(degraded, (all) => all.length === 1),
      )
      const doctor = yield* claw("doctor", "--json")
      const check = ndjson(doctor.stdout).find((one) => one["name"] === "credentials work")
      assert.deepInclude(check, { ok: false, cure: "claw login work" })
      // what nobody uses is no trouble
      assert.deepInclude(yield* row("openai"), { source: "missing", used: false })
    }),
  )

  test.effect("logs in with a code on another device, and tells an end that nothing renews", () =>
    Effect.gen(function* () {
      const { server } = yield* Up
      server.is.givesRefresh = false
      server.is.expiresIn = 1200
      const ran = yield* claw("login", "work", "--device")
      assert.strictEqual(ran.exit, 0, ran.stderr)
      assert.match(ran.stdout, /^logged in to work, good until /)
      assert.include(ran.stderr, "WDJB-MJHT")
      assert.match((yield* degraded)[0] ?? "", /ends in 20 min and is not renewed/)
      assert.deepInclude(yield* row("work"), { exit: 0, type: "oauth", renews: false, source: "file" })
      const doctor = yield* claw("doctor", "--json")
      const check = ndjson(doctor.stdout).find((one) => one["name"] === "credentials work")
      assert.deepInclude(check, { ok: true, note: true })
      server.is.givesRefresh = true
      server.is.expiresIn = 3600
      server.is.device = ["access_denied"]
      const denied = yield* claw("login", "work", "--device")
      assert.deepInclude(denied, { exit: 1, stdout: "" })
      assert.match(denied.stderr, /claw: the server says access_denied/)
    }),
  )

  test.effect("logs in by the browser's answer, and by what is pasted", () =>
    Effect.gen(function* () {
      const visited = yield* loginWith(["work"], (url) =>
        Effect.flatMap(browse(url), (back) =>
          Effect.promise(() => fetch(back).then((page) => page.text().then(() => ""))),
        ),
      )
      assert.strictEqual(visited.exit, 0, visited.err)
      assert.strictEqual(visited.out, "logged in to work, renewed by itself\n")
      assert.deepStrictEqual(yield* degraded, [])
      const pasted = yield* loginWith(["work", "--paste"], browse)
      assert.strictEqual(pasted.exit, 0, pasted.err)
      const wrong = yield* loginWith(["work", "--paste"], () =>
        Effect.succeed("https://evil.example/callback?code=1"),
      )
      assert.strictEqual(wrong.exit, 1)
      assert.match(wrong.err, /is not the one this login comes back to/)
      const nothing = yield* loginWith(["work", "--paste"], () => Effect.succeed(""))
      assert.strictEqual(nothing.exit, 1)
      assert.match(nothing.err, /given up/)
    }),
  )

  test.effect("keeps a key from a pipe or typed unseen, and doubts one of another vendor", () =>
    Effect.gen(function* () {
      const { world } = yield* Up
      const given = (stdin: string, ...args: ReadonlyArray<string>) =>
        world.clawWith({ stdin }, "login", ...args)
      const wrong = yield* given(key, "openai", "--key")
      assert.strictEqual(wrong.exit, 1)
      assert.match(wrong.stderr, /looks like a key of Anthropic, and openai is OpenAI/)
      assert.deepInclude(yield* row("openai"), { source: "missing" })
      assert.strictEqual((yield* given(key, "openai", "--key", "--anyway")).exit, 0)
      assert.strictEqual((yield* given(`export A=${key}`, "anthropic", "--key")).exit, 1)
      const right = yield* given(`${key}\n`, "anthropic", "--key")
      assert.deepInclude(right, { exit: 0, stdout: "the key is kept for anthropic\n" })
      const typed = yield* Effect.acquireUseRelease(
        Effect.sync(
          () =>
            new Pty(`"${process.execPath}" "${launcher}" login anthropic --key; echo "exit:$?"`, {
              cwd: world.repository,
              env: world.env,
            }),
        ),
        (pty) =>
          Effect.promise(async () => {
            await pty.until("(not shown): ")
            pty.send(`${key}x\n`)
            const { text } = await pty.until("exit:")
            return { text, exit: Number((await pty.until("\r\n")).text.trim()) }
          }),
        (pty) => Effect.promise(() => pty.kill()),
      )
      assert.strictEqual(typed.exit, 0, typed.text)
      assert.notInclude(typed.text, key)
      const file = join(world.directories.keys, "model-anthropic")
      assert.include(readFileSync(file, "utf8"), `${key}x`)
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      assert.strictEqual((yield* claw("logout", "anthropic")).exit, 0)
      assert.strictEqual((yield* claw("logout", "anthropic")).exit, 4)
    }),
  )

  test.effect("says how it is used", () =>
    Effect.gen(function* () {
      for (const [exit, ...args] of [
        [2, "login", "work", "--key", "--paste"],
        [2, "login", "work", "--device", "--anyway"],
        [2, "login", "openai"],
        [2, "login"],
        [4, "login", "nobody"],
        [4, "logout", "\u001b[2J"],
        [1, "login", "openai", "--device"],
      ] as const) {
        const ran = yield* claw(...args)
        assert.strictEqual(ran.exit, exit, `${args.join(" ")}: ${ran.stderr}`)
        assert.notInclude(ran.stderr, "\u001b")
      }
    }),
  )

  test.effect("leaves secrets in the store of secrets alone", () =>
    Effect.gen(function* () {
      const { server, world } = yield* Up
      const exported = join(world.root, "export.jsonl")
      assert.strictEqual((yield* claw("audit", "export", exported)).exit, 0)
      const shown = [
        (yield* claw("log", "--json", "-n", "100000")).stdout,
        (yield* claw("auth", "status")).stdout,
        (yield* claw("doctor")).stdout,
        readFileSync(exported, "latin1"),
        yield* world.daemonOutput,
      ]
      const { data, keys: store, state } = world.directories
      for (const root of [data, state]) {
        for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
          if (entry.isFile() && !entry.parentPath.startsWith(store))
            shown.push(readFileSync(join(entry.parentPath, entry.name), "latin1"))
        }
      }
      const secrets = [...server.secrets, key]
      assert.isAbove(secrets.length, 10)
      for (const text of shown) for (const secret of secrets) assert.isFalse(text.includes(secret))
      // what is looked for can be found: the store has it
      assert.isTrue(readFileSync(join(store, "model-openai"), "utf8").includes(key))
    }),
  )
})
