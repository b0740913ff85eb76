/** claw log erase and compact with the real daemon: what was erased is in no file, and does not come back. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { tracesOf } from "../log-store/traces.ts"
import { Pty } from "../e2e/Pty.ts"
import { type Claws, clawWorld, launcher, ndjson, until } from "./claws.ts"

const secret = "Marmalade-XyZZy-0451"
const session = `zsh-${process.pid}-${Date.now() * 1000}`

/** As the hook of a shell that lives on writes it. */
const command = (world: Claws, text: string) => {
  const fields = ["c", String(Math.floor(Date.now() / 1000)), "12", "0", "user", String(text.length)]
  mkdirSync(world.directories.spool, { recursive: true, mode: 0o700 })
  const record = [...fields, world.repository, text].join("\u001f")
  appendFileSync(join(world.directories.spool, session), `${record}\u001e\n`)
}

const events = (world: Claws, ...args: ReadonlyArray<string>) =>
  Effect.map(world.claw("log", "--json", ...args), ({ exit, stdout, stderr }) => {
    assert.strictEqual(exit, 0, stderr)
    return ndjson(stdout)
  })
const seen = (world: Claws, what: string, type: string) =>
  until(
    `${what} is in the log`,
    Effect.map(events(world, "--grep", what), (found) => found.some((event) => event["type"] === type)),
  )
const subjectsOf = (found: ReadonlyArray<Record<string, unknown>>) =>
  found.flatMap((event) =>
    event["type"] === "git.commit"
      ? [(event["payload"] as { readonly subject?: string } | null)?.subject]
      : [],
  )
const traces = ({ directories }: Claws) =>
  [directories.data, directories.state, directories.runtime].flatMap((dir) => tracesOf(dir, secret))

/** A daemon that has seen the secret in a commit, in a command, and in a command of its own. */
const told = Effect.gen(function* () {
  const world = yield* clawWorld
  assert.strictEqual((yield* world.claw("up", "--workspace", ".")).exit, 0)
  yield* until(
    "the repository is watched",
    Effect.map(events(world, "--type", "git.repository"), (found) => found.length > 0),
  )
  yield* world.exec("git", "commit", "-q", "--allow-empty", "-m", `first ${secret}`)
  yield* seen(world, secret, "git.commit")
  command(world, `echo ${secret}`)
  yield* seen(world, `echo ${secret}`, "terminal.command")
  command(world, `claw log erase --matching ${secret} --reason x`)
  command(world, "echo harmless")
  yield* seen(world, "echo harmless", "terminal.command")
  return world
})

describe("claw log erase", () => {
  it.live(
    "erases what matches from every file, and nothing writes it again",
    () =>
      Effect.gen(function* () {
        const world = yield* told
        // the commit is looked at once it has stood for a while, and its subject comes into the log once more
        const before = yield* Effect.repeat(events(world, "--grep", secret), {
          until: (rows) =>
            rows.some(({ payload }) => (payload as { readonly kind?: string }).kind === "commit.settled"),
        })
        assert.deepStrictEqual(
          before.map((event) => event["type"]).filter((type) => type !== "situation.opened"),
          ["git.commit", "terminal.command"],
          "the command that asks for an erasure does not hold its text",
        )
        mkdirSync(join(world.directories.log, "damaged-2026-01-01"))
        writeFileSync(join(world.directories.log, "damaged-2026-01-01", "log.mdb"), `old ${secret}`)
        assert.isAbove(traces(world).length, 2)

        const lowered = secret.toLowerCase()
        const args = ["log", "erase", "--matching", "-", "--reason", "a password slipped through"]
        const stdin = `${lowered}\n`
        const dry = yield* world.clawWith({ stdin }, ...args, "--dry-run")
        assert.strictEqual(dry.exit, 0, dry.stderr)
        assert.match(dry.stderr, /would erase the payloads of \d events/)
        assert.include(dry.stderr, "****")
        assert.include(dry.stderr, "damaged-2026-01-01")
        assert.notInclude((dry.stderr + dry.stdout).toLowerCase(), lowered)
        const asked = yield* world.clawWith({ stdin }, ...args)
        assert.strictEqual(asked.exit, 6, asked.stderr)
        assert.deepStrictEqual(yield* events(world, "--grep", secret), before)
        const telling = yield* world.claw(
          "log",
          "erase",
          "--matching",
          secret,
          "--reason",
          `no ${lowered}`,
          "--yes",
        )
        assert.strictEqual(telling.exit, 2, telling.stderr)

        const erased = yield* world.clawWith({ stdin }, ...args, "--yes", "--json")
        assert.strictEqual(erased.exit, 0, erased.stderr)
        const [report] = ndjson(erased.stdout)
        assert.deepInclude(report!, { v: 1, events: before.length })
        assert.deepStrictEqual(yield* events(world, "--grep", secret), [])
        const after = yield* events(world)
        for (const { seq } of before)
          assert.deepInclude(after[Number(seq) - 1]!, { payload: null, erased: true, seq })
        assert.deepStrictEqual(traces(world), [])
        assert.isFalse(existsSync(join(world.directories.log, "damaged-2026-01-01")))
        assert.strictEqual((yield* world.claw("audit", "verify")).exit, 0)

        // a new start reads on where the erased events said that the sources stood
        assert.strictEqual((yield* world.claw("restart")).exit, 0)
        command(world, "echo afterwards")
        yield* seen(world, "echo afterwards", "terminal.command")
        yield* world.exec("git", "commit", "-q", "--allow-empty", "-m", "second")
        yield* seen(world, "second", "git.commit")
        const later = yield* events(world)
        assert.deepStrictEqual(subjectsOf(later), [undefined, "second"])
        assert.strictEqual((yield* world.claw("down")).exit, 0)
        assert.deepStrictEqual(traces(world), [])
        assert.strictEqual((yield* world.claw("audit", "verify")).exit, 0)
      }).pipe(Effect.scoped),
    90_000,
  )

  it.live(
    "at a terminal asks for the text without showing it, and then whether it shall",
    () =>
      Effect.gen(function* () {
        const world = yield* told
        const ask = Effect.acquireRelease(
          Effect.sync(
            () =>
              new Pty(`${process.execPath} ${launcher} log erase --matching - --reason x`, {
                cwd: world.repository,
                env: world.env,
              }),
          ),
          (pty) => Effect.promise(() => pty.kill()),
        )
        for (const answer of ["n", "y"]) {
          const pty = yield* ask
          const text = yield* Effect.promise(async () => {
            await pty.until("(not shown): ")
            pty.send(`${secret}\r`)
            const shown = await pty.until("for good? [y/N] ")
            pty.send(`${answer}\r`)
            return shown.text + (await pty.until("left as it was", "erased the payloads")).text
          })
          assert.notInclude(text, secret)
          yield* Effect.promise(() => pty.ended)
          const left = yield* events(world, "--grep", secret)
          assert.strictEqual(left.length === 0, answer === "y")
        }
      }).pipe(Effect.scoped),
    90_000,
  )

  it.live(
    "needs conditions and a reason; all of them hold together; compact says what it saved",
    () =>
      Effect.gen(function* () {
        const world = yield* told
        assert.strictEqual((yield* world.claw("log", "erase", "--reason", "x", "--yes")).exit, 2)
        assert.strictEqual((yield* world.claw("log", "erase", "--seq", "1", "--yes")).exit, 2)
        const erase = (...args: ReadonlyArray<string>) =>
          world.claw("log", "erase", "--reason", "x", "--json", ...args)
        const none = yield* erase("--matching", secret, "--type", "fs.*", "--yes")
        assert.deepInclude(ndjson(none.stdout)[0]!, { events: 0 })
        const one = yield* erase("--matching", secret, "--type", "terminal.*", "--dry-run")
        assert.deepInclude(ndjson(one.stdout)[0]!, { events: 1 })
        const two = yield* erase("--seq", "1", "--seq", "2", "--before", "3", "--yes")
        assert.deepInclude(ndjson(two.stdout)[0]!, { events: 2 })
        const again = yield* erase("--seq", "1", "--dry-run")
        assert.deepInclude(ndjson(again.stdout)[0]!, { events: 0 })
        const old = yield* erase("--before", "1d", "--dry-run")
        assert.deepInclude(ndjson(old.stdout)[0]!, { events: 0 })

        const compacted = yield* world.claw("log", "compact", "--json")
        const [report] = ndjson(compacted.stdout)
        assert.strictEqual(
          Number(report!["saved"]),
          Math.max(Number(report!["before"]) - Number(report!["after"]), 0),
        )
        assert.strictEqual((yield* world.claw("log", "-n", "1")).exit, 0)
        assert.strictEqual((yield* world.claw("audit", "verify")).exit, 0)
      }).pipe(Effect.scoped),
    90_000,
  )
})
