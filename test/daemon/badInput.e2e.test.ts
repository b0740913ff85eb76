/**
 * What the world can hold that no one meant: torn and random spools, broken repositories, names that are no text,
 * folders nobody may read, configuration and rules with errors. One daemon meets it all, and goes on.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import type { EventRecord } from "../../src/domain/event.ts"
import type { ConfigView, Status, TrustFile } from "../../src/rpc/shapes.ts"
import { type Claws, clawWorld, until } from "../cli/claws.ts"
import { rawClient, type RawClient } from "./rawClient.ts"

/** Root reads what it may not; without these capabilities it does not. */
const plainUser: ReadonlyArray<string> =
  process.getuid?.() === 0
    ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--"]
    : []

class Watched extends Context.Service<Watched, { readonly world: Claws; readonly client: RawClient }>()(
  "test/Watched",
) {}

const watched = Layer.effect(
  Watched,
  Effect.gen(function* () {
    const world = yield* clawWorld
    const up = yield* world.clawWith({ before: plainUser }, "up", "--workspace", ".")
    assert.strictEqual(up.exit, 0, up.stderr)
    const client = yield* rawClient(world.directories.socket)
    return { world, client }
  }),
)

const ask = <A>(tag: string, payload: unknown = null) =>
  Effect.flatMap(Watched, ({ client }) =>
    Effect.map(client.ask(tag, payload), (answer) => {
      assert.strictEqual(answer?.exit?._tag, "Success", `${tag}: ${JSON.stringify(answer?.exit)}`)
      return answer!.exit!.value as A
    }),
  )
const status = ask<Status>("Status")

/** A follower of its own, so that nothing is missed between two looks. */
const events = Effect.gen(function* () {
  const { world } = yield* Watched
  const client = yield* rawClient(world.directories.socket)
  yield* client.send(
    `${JSON.stringify({ _tag: "Request", id: "1", tag: "Log", payload: { query: {}, follow: true }, headers: [] })}\n`,
  )
  return () =>
    client.answers.flatMap((answer) =>
      answer._tag === "Chunk" ? (answer["values"] as Array<Array<EventRecord>>).flat() : [],
    )
})

const untilEvent = (
  what: string,
  holds: (event: EventRecord) => boolean,
): Effect.Effect<EventRecord, never, Watched | Scope.Scope> =>
  Effect.gen(function* () {
    const all = yield* events
    yield* until(what, () => all().some(holds), 15_000)
    return all().find(holds)!
  })

/** A folder that is watched from now on. */
const watch = (name: string, prepare: (dir: string) => void = () => undefined) =>
  Effect.gen(function* () {
    const { world } = yield* Watched
    const dir = join(world.root, "home", name)
    mkdirSync(dir, { recursive: true })
    prepare(dir)
    yield* ask("Watch", { dir })
    yield* until(
      `${name} is watched`,
      Effect.provideService(
        Effect.map(status, ({ sources }) =>
          ["source:fs", "source:git"].every((component) =>
            sources.some((row) => row.workspace === dir && row.component === component),
          ),
        ),
        Watched,
        yield* Watched,
      ),
    )
    return dir
  })

const git = (world: Claws, dir: string, ...args: ReadonlyArray<string>) =>
  execFileSync("git", ["-C", dir, ...args], { env: world.env as NodeJS.ProcessEnv, stdio: "pipe" })

const payload = (event: EventRecord) => event.payload as Record<string, unknown>

layer(watched, { excludeTestServices: true, timeout: "30 seconds" })("a daemon", (test) => {
  test.effect(
    "takes what is whole out of a spool with torn, huge and random records, and says what was lost",
    () =>
      Effect.gen(function* () {
        const { world } = yield* Watched
        const record = (command: string) =>
          Buffer.from(
            [
              "c",
              (Date.now() / 1000).toFixed(3),
              "5",
              "0",
              "user",
              String(command.length),
              world.repository,
              command,
            ].join("\u001f") + "\u001e\n",
          )
        // whole at once: these shells are gone, so nothing more is awaited of them
        const spool = (shell: string, ...parts: ReadonlyArray<Uint8Array>) => {
          const aside = join(world.directories.runtime, shell)
          writeFileSync(aside, Buffer.concat(parts))
          renameSync(aside, join(world.directories.spool, `${shell}-4194304-1700000000000000`))
        }
        const whole = record("echo torn-follows")
        spool("bash", whole, record("echo never-ended").subarray(0, 25))
        spool(
          "zsh",
          record("echo before-random"),
          Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919 + (n >> 3)) % 256)),
          Buffer.from("\u001e\n"),
          record("echo after-random"),
        )
        spool("fish", Buffer.alloc(10_000_000, "x"), Buffer.from("\u001e\n"), record("echo after-huge"))
        writeFileSync(join(world.directories.spool, "notes.txt"), "no spool")
        mkdirSync(join(world.directories.spool, "bash-1-1700000000000001"))
        const all = yield* events
        const commands = () =>
          all()
            .filter(({ type }) => type === "terminal.command")
            .map((event) => String(payload(event)["command"]))
        yield* until("what is whole is in the log", () =>
          ["echo torn-follows", "echo before-random", "echo after-random", "echo after-huge"].every(
            (command) => commands().includes(command),
          ),
        )
        const lost = all().filter(({ type }) => type === "terminal.lost")
        assert.isAtLeast(lost.length, 2)
        const bytes = lost.reduce((sum, event) => sum + Number(payload(event)["bytes"]), 0)
        assert.isAtLeast(bytes, 10_005_000, JSON.stringify(lost.map((event) => event.payload)))
        assert.strictEqual(new Set(commands()).size, commands().length, "nothing twice")
        yield* status
      }),
  )

  test.effect("reports a repository whose .git is broken, and picks it up when it is whole again", () =>
    Effect.gen(function* () {
      const { world } = yield* Watched
      const rubbish = yield* watch("rubbish", (dir) =>
        writeFileSync(join(dir, ".git"), "what is this\u0000\n"),
      )
      const empty = yield* watch("empty", (dir) => mkdirSync(join(dir, ".git")))
      const broken = yield* watch("broken", (dir) => {
        git(world, dir, "init", "-q")
        git(world, dir, "commit", "-q", "--allow-empty", "-m", "first")
        writeFileSync(join(dir, ".git", "HEAD"), Buffer.from([0xff, 0x00, 0x01, 0x0a]))
        rmSync(join(dir, ".git", "objects"), { recursive: true })
        writeFileSync(join(dir, ".git", "index"), "no index")
      })
      for (const dir of [rubbish, empty, broken]) {
        const row = (yield* status).sources.find(
          (one) => one.workspace === dir && one.component === "source:git",
        )
        assert.isDefined(row, dir)
      }
      rmSync(join(rubbish, ".git"))
      git(world, rubbish, "init", "-q")
      yield* untilEvent(
        "the repository appeared",
        (event) =>
          event.type === "git.repository" &&
          event.workspace === rubbish &&
          payload(event)["state"] === "appeared",
      )
      git(world, rubbish, "commit", "-q", "--allow-empty", "-m", "after the mend")
      yield* untilEvent(
        "a commit of the mended repository",
        (event) => event.type === "git.commit" && payload(event)["subject"] === "after the mend",
      )
      rmSync(rubbish, { recursive: true })
      yield* untilEvent(
        "the workspace is gone, and that is said",
        (event) => event.workspace === rubbish && /missing|gone/.test(JSON.stringify(event.payload)),
      )
    }),
  )

  test.effect("watches around a folder it may not read, and says so", () =>
    Effect.gen(function* () {
      const dir = yield* watch("locked", (at) => {
        mkdirSync(join(at, "closed"))
        writeFileSync(join(at, "closed", "inside.txt"), "x")
        chmodSync(join(at, "closed"), 0)
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => chmodSync(join(dir, "closed"), 0o700)))
      writeFileSync(join(dir, "open.txt"), "x")
      yield* untilEvent(
        "the file beside it is seen",
        (event) => event.type === "fs.changed" && JSON.stringify(event.payload).includes("open.txt"),
      )
      const row = (yield* status).sources.find(
        (one) => one.workspace === dir && one.component === "source:fs",
      )!
      assert.match(`${row.state} ${row.detail}`, /closed|unreadable|not be read|permission|denied/i)
    }),
  )

  test.effect("keeps names apart that are no text, and never prints them raw", () =>
    Effect.gen(function* () {
      const { world } = yield* Watched
      const dir = yield* watch("names")
      const names = [
        "new\nline",
        "esc\u001b[31mred",
        "bell\u0007",
        "bidi\u202etxt.exe",
        "{bold}tag",
        "tab\tand\rreturn",
      ]
      for (const name of names) writeFileSync(join(dir, name), "x")
      const bytes = [Buffer.from([0x62, 0xff, 0xfe]), Buffer.from([0x62, 0xff, 0xfd])]
      for (const name of bytes) {
        closeSync(openSync(Buffer.concat([Buffer.from(`${dir}/`), name]), "w"))
      }
      const all = yield* events
      const changes = () =>
        all()
          .filter(({ type, workspace }) => type === "fs.changed" && workspace === dir)
          .flatMap(
            (event) =>
              payload(event)["changes"] as ReadonlyArray<{ readonly path: string; readonly raw?: string }>,
          )
      yield* until("all of them are seen", () => changes().length >= names.length + bytes.length)
      for (const name of names)
        assert.include(
          changes().map(({ path }) => path),
          name,
        )
      assert.sameMembers(
        changes().flatMap(({ raw }) => raw ?? []),
        bytes.map((name) => name.toString("base64")),
      )
      const shown = yield* world.claw("log", "--type", "fs.changed", "--workspace", dir)
      assert.strictEqual(shown.exit, 0)
      // eslint-disable-next-line no-control-regex
      assert.notMatch(shown.stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      assert.strictEqual((yield* world.claw("audit", "verify")).exit, 0)
    }),
  )

  const configFile = (world: Claws) => join(world.directories.config, "claw.config.ts")
  const perHour = (view: ConfigView) =>
    (view.settings as { readonly attention: { readonly perHour: number } }).attention.perHour

  test.effect(
    "keeps the last good configuration over a syntax error and an unknown key, and says which line",
    () =>
      Effect.gen(function* () {
        const { world } = yield* Watched
        mkdirSync(world.directories.config, { recursive: true, mode: 0o700 })
        const write = (text: string) => writeFileSync(configFile(world), text)
        const view = ask<ConfigView>("Config", { workspace: world.repository })
        write("export default { attention: { perHour: 7 } }\n")
        assert.strictEqual(perHour(yield* view), 7)
        write("export default {\n  attention: {\n    perHour: ,\n  },\n}\n")
        const broken = yield* view
        assert.strictEqual(perHour(broken), 7)
        const own = broken.files.find((row) => row.workspace === null)!
        assert.strictEqual(own.state, "rejected")
        assert.match(own.message, /claw\.config\.ts:3: SyntaxError.*last good settings stay in force/)
        write("export default {\n  attention: {\n    perHuor: 9,\n  },\n}\n")
        const unknown = yield* view
        assert.strictEqual(perHour(unknown), 7)
        assert.match(
          unknown.files.find((row) => row.workspace === null)!.message,
          /claw\.config\.ts:3: attention\.perHuor: unknown key \(did you mean "perHour"\?\)/,
        )
        write("export default { attention: { perHour: 8 } }\n")
        assert.strictEqual(perHour(yield* view), 8)
        rmSync(configFile(world))
        assert.strictEqual(perHour(yield* view), 1, "without a file the defaults hold")
        const said = yield* untilEvent(
          "the log says what was refused",
          (event) => event.type === "daemon.config" && payload(event)["accepted"] === false,
        )
        assert.match(String(payload(said)["message"]), /SyntaxError/)
      }),
  )

  test.effect("runs nothing of a folder's configuration before its exact content is trusted", () =>
    Effect.gen(function* () {
      const { world } = yield* Watched
      const ran = (n: number) => join(world.root, `it-ran-${n}`)
      const text = (n: number) =>
        `process.getBuiltinModule("fs").writeFileSync(${JSON.stringify(ran(n))}, "")\nexport default { attention: { perHour: ${n} } }\n`
      const dir = yield* watch("team", (at) => writeFileSync(join(at, "claw.config.ts"), text(5)))
      const view = ask<ConfigView>("Config", { workspace: dir })
      const state = Effect.map(view, (now) => now.files.find((row) => row.workspace === dir)?.state)
      yield* until(
        "it is seen",
        Effect.map(Effect.provideService(state, Watched, yield* Watched), (now) => now === "untrusted"),
      )
      assert.isFalse(existsSync(ran(5)))
      assert.strictEqual(perHour(yield* view), 1)

      const onPipe = yield* world.claw("trust", dir)
      assert.strictEqual(onPipe.exit, 6)
      assert.strictEqual(onPipe.stdout, "")

      const files = yield* ask<ReadonlyArray<TrustFile>>("TrustFiles", { dir })
      const digests = Object.fromEntries(files.map((file) => [file.path, file.digest]))
      writeFileSync(join(dir, "claw.config.ts"), text(6))
      const { client } = yield* Watched
      const stale = yield* client.ask("Trust", { dir, digests, token: client.proof(), surface: "cli" })
      assert.match(JSON.stringify(stale?.exit), /Stale.*changed since it was shown/)
      assert.isFalse(existsSync(ran(5)) || existsSync(ran(6)))

      writeFileSync(join(dir, "claw.config.ts"), text(5))
      yield* ask("Trust", { dir, digests, token: client.proof(), surface: "cli" })
      yield* until(
        "it is loaded",
        Effect.map(Effect.provideService(state, Watched, yield* Watched), (now) => now === "loaded"),
      )
      assert.isTrue(existsSync(ran(5)), "the trap works")
      assert.strictEqual(perHour(yield* view), 5)

      writeFileSync(join(dir, "claw.config.ts"), text(60))
      yield* until(
        "the change is seen",
        Effect.map(Effect.provideService(state, Watched, yield* Watched), (now) => now === "untrusted"),
      )
      assert.isFalse(existsSync(ran(60)))
      assert.strictEqual(perHour(yield* view), 5, "what was trusted stays in force")
    }),
  )
})

const rule = (more: string) =>
  `[[rule]]\nname = "mine"\nverdict = "deny"\neffect = "exec"\nreason = "no"\n${more}\n`

describe("rule files", () => {
  it.live(
    "with an error are named by file and line; a gate that cannot be trusted denies everything",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        const file = join(world.repository, "mine.toml")
        const cases: ReadonlyArray<readonly [string, RegExp]> = [
          [rule("colour = 'red'\nprogram = 'x'"), /mine\.toml:\d+:\d+: .*colour/],
          [rule("program = 'git'\nmatch = ['ls']"), /mine\.toml:\d+:\d+: .*ls/],
          [rule("program = 'git'\nnot_match = ['git push']"), /mine\.toml:\d+:\d+: .*git push/],
          [rule("path = '/[a-z]+/'"), /mine\.toml:\d+:\d+: /],
          ["[[rule]\nname = 1", /mine\.toml:\d+:\d+: /],
        ]
        for (const [text, message] of cases) {
          writeFileSync(file, text)
          const checked = yield* world.claw("policy", "check", "mine.toml")
          assert.strictEqual(checked.exit, 1, text)
          assert.strictEqual(checked.stdout, "")
          assert.match(checked.stderr, message)
        }
        const dir = join(world.directories.config, "policies")
        mkdirSync(dir, { recursive: true, mode: 0o700 })
        renameSync(file, join(dir, "mine.toml"))
        const up = yield* world.claw("up", "--workspace", ".")
        assert.strictEqual(up.exit, 0, up.stderr)
        const shown = yield* world.claw("status", "--json")
        const { degraded } = JSON.parse(shown.stdout) as Status
        assert.match(degraded.join("\n"), /gate: everything is denied: .*mine\.toml/)
        const judged = yield* world.clawWith(
          { stdin: '{"tool":"bash","input":{"command":"git status"}}\n' },
          "policy",
          "test",
        )
        assert.strictEqual((JSON.parse(judged.stdout) as { readonly verdict: string }).verdict, "deny")
        const doctor = yield* world.claw("doctor")
        assert.strictEqual(doctor.exit, 1)
        assert.match(doctor.stdout, /BAD\s+gate: everything is denied: .*mine\.toml/)
      }).pipe(Effect.scoped),
    60_000,
  )
})
