/** Help of every command, usage errors, completions, and what each command says where no daemon runs. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { TestConsole } from "effect/testing"
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { presenter } from "../../src/cli/app.ts"
import { commandsFor } from "../../src/cli/commandTable.ts"
import { type Claws, clawWorld, ndjson } from "./claws.ts"
import { parsed } from "./parsing.ts"

class Bare extends Context.Service<Bare, Claws>()("test/Bare") {}
const bare = Layer.effect(Bare, clawWorld)

// eslint-disable-next-line no-control-regex
const escape = /\u001b/

const subcommands = (help: string): ReadonlyArray<string> =>
  (/^SUBCOMMANDS\n((?: {2}.*\n)+)/m.exec(help)?.[1] ?? "")
    .split("\n")
    .flatMap((line) => /^ {2}([a-z]+)/.exec(line)?.[1] ?? [])

/** What a command line prints, in this process: the parser and the texts without a start for each. */
const printed = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    yield* parsed(args, presenter(false))
    return { out: (yield* TestConsole.logLines).join("\n"), err: (yield* TestConsole.errorLines).join("\n") }
  }).pipe(Effect.provide(TestConsole.layer))

/** The contract's commands, which must be among what help says. */
const promised =
  `up down restart status doctor init hooks shell log queue show approve edit reject snooze undo why pause
  resume replay audit policy eval bench demo config trust answer retry todo sandbox tool task chat ask print cost model
  login logout auth memory skill session agent digest reflex`.split(/\s+/)

layer(bare, { excludeTestServices: true, timeout: "60 seconds" })("the command line", (test) => {
  test.effect("has help with an example for every command, without colour on a pipe", () =>
    Effect.gen(function* () {
      const root = yield* (yield* Bare).claw("--help")
      assert.strictEqual(root.exit, 0)
      assert.strictEqual(root.stderr, "")
      const top = subcommands(root.stdout)
      assert.includeMembers([...top], promised)
      const visit = (path: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
        Effect.gen(function* () {
          const name = `claw ${path.join(" ")}`
          const help = yield* printed(...path, "--help")
          assert.strictEqual(help.err, "", name)
          assert.notMatch(help.out, escape, name)
          assert.include(help.out, `USAGE\n  ${name}`)
          const inner = subcommands(`${help.out}\n`)
          if (inner.length > 0) return (yield* Effect.forEach(inner, (one) => visit([...path, one]))).flat()
          assert.match(help.out, /EXAMPLES[\s\S]*\bclaw /, name)
          return [name]
        })
      const all = (yield* Effect.forEach(top, (one) => visit([one]))).flat()
      assert.includeMembers(
        [...all],
        [
          "claw audit import",
          "claw policy explain",
          "claw config schema",
          "claw hooks status",
          "claw task stop",
          "claw tool run",
        ],
      )
      assert.isAtLeast(all.length, 33)
    }),
  )

  test.effect(
    "loads the command that is called, all where none of them is, and none where none is wanted",
    () =>
      Effect.gen(function* () {
        const names = (line: string) =>
          Effect.map(
            Effect.promise(() => commandsFor(line.split(" ").filter(Boolean))),
            (commands) => commands.map(({ name }) => name),
          )
        const all = yield* names("--help")
        assert.includeMembers([...all], promised)
        for (const name of all) assert.deepStrictEqual(yield* names(`${name} --help`), [name])
        for (const line of ["--color never status", "--color=always status"])
          assert.deepStrictEqual(yield* names(line), ["status"], line)
        for (const line of [
          "statsu",
          "--completions bash",
          "status --completions zsh",
          "--color never",
          "toString",
        ])
          assert.deepStrictEqual(yield* names(line), all, line)
        assert.deepStrictEqual(yield* names(""), [])
      }),
  )

  const wrong: ReadonlyArray<readonly [string, RegExp]> = [
    ["statsu", /Unknown subcommand "statsu"[\s\S]*Did you mean this\?\s+status/],
    ["audit verfy", /Unknown subcommand "verfy"[\s\S]*verify[\s\S]*claw audit --help/],
    ["up --worskpace x", /Unrecognized flag: --worskpace[\s\S]*--workspace[\s\S]*claw up --help/],
    ["--bogus", /Unrecognized flag: --bogus/],
    ["show", /Missing required argument: id/],
    ["queue extra", /Unexpected positional argument: "extra"/],
    ["init tcsh", /"tcsh"[\s\S]*"bash" \| "zsh" \| "fish"/],
    ["log --limit many", /--limit: "many"/],
    ["log --since banana", /^claw: --since "banana": give a seq, an ISO time, or a duration/],
    ["snooze s_1 --for 1y", /^claw: "1y" is no duration: write 90s, 10m, 1h or 2d/],
    ["cost --since banana", /^claw: --since "banana": give an ISO time, or a duration/],
    ["cost --by colour", /--by: "colour"/],
    ["pause --for soon", /^claw: "soon" is no duration/],
    ["--color pink status", /--color: "pink"/],
    ["down --workspace", /Missing value for flag --workspace/],
    ["log --exit banana", /^claw: --exit "banana": give a code, or !0 for any other than 0/],
    ["log --exit !", /^claw: --exit "!": give a code/],
    ["log --path=", /^claw: --path: give a glob/],
    ["log --actor=", /^claw: --actor: give a glob/],
    ["log --command= --json", /^claw: --command: it is empty/],
    ["log --cause=", /^claw: --cause: it is empty/],
    ["log --at 5 --follow", /^claw: --at and --follow: the past does not go on/],
    ["status --at 5 --watch", /^claw: --at and --watch: the past does not change/],
    ["queue --at banana", /^claw: --at "banana": give a seq, a time such as/],
    ["log -n 1 -n 2 -n", /-n|--limit/],
    ["audit", /^claw: claw audit: which of its commands\?[\s\S]*SUBCOMMANDS[\s\S]*verify/],
    ["policy", /^claw: claw policy: which of its commands\?[\s\S]*explain/],
    ["config --color never", /^claw: claw config: which of its commands\?[\s\S]*schema/],
    ["hooks", /^claw: claw hooks: which of its commands\?[\s\S]*status/],
    ["eval policy", /^claw: claw eval policy FILE: name a table of cases/],
    ["eval soak --mutate 3", /^claw: --mutate is for claw eval policy, not for soak/],
    ["eval history . --runs 2", /^claw: --runs is for claw eval scenarios, not for history/],
    ["eval learning --users 0", /^claw: --users 0: give 1 or more/],
    ["eval soak weeks.jsonl", /^claw: soak takes no file/],
    ["bench nosuch", /^claw: no benchmark is called nosuch: there are log, fs/],
  ]
  test.effect("answers a wrong one with exit 2, on stderr only, and says what was meant", () =>
    Effect.gen(function* () {
      const world = yield* Bare
      yield* Effect.forEach(
        wrong,
        ([line, message]) =>
          Effect.map(world.claw(...line.split(" ")), (ran) => {
            assert.strictEqual(ran.exit, 2, line)
            assert.strictEqual(ran.stdout, "", line)
            assert.match(ran.stderr, message, line)
            assert.notMatch(ran.stderr, escape, line)
          }),
        { concurrency: 3, discard: true },
      )
    }),
  )

  test.effect("says exit 3 without a daemon, and starts none to look", () =>
    Effect.gen(function* () {
      const world = yield* Bare
      const lines =
        `status|status --at 1h|log|log --json --follow|queue --json|show s_1|why 1|reject s_1|snooze s_1|pause|resume|replay
        |task list|task stop t_1|cost --by rule|model list|tool list|todo|config show|hooks status|down|audit export x.jsonl`.split(
          "|",
        )
      yield* Effect.forEach(
        lines,
        (line) =>
          Effect.map(world.claw(...line.trim().split(" ")), (ran) => {
            assert.strictEqual(ran.exit, 3, line)
            assert.strictEqual(ran.stdout, "", line)
            assert.strictEqual(ran.stderr, "claw: the daemon is not running: start it with claw up\n", line)
          }),
        { concurrency: 3, discard: true },
      )
      for (const line of [
        "approve s_1",
        "edit s_1",
        "undo s_1",
        "answer q_1",
        "retry s_1",
        "trust",
        "config edit",
      ]) {
        const ran = yield* world.claw(...line.split(" "))
        assert.strictEqual(ran.exit, 6, line)
        assert.match(ran.stderr, /^claw: .*needs a person at a terminal/, line)
      }
      assert.isFalse(existsSync(join(world.repository, "x.jsonl")))
      assert.isNull(yield* world.daemonPid)
      assert.isFalse(existsSync(world.directories.runtime), "looking makes no folder")
    }),
  )

  test.effect("tells in the doctor, without a daemon, what the settings' models need", () =>
    Effect.gen(function* () {
      const world = yield* Bare
      const file = join(world.directories.config, "claw.config.ts")
      const said = Effect.fnUntraced(function* (settings: string | null, key = "") {
        if (settings === null) rmSync(file, { force: true })
        else writeFileSync(file, `export default ${settings}\n`)
        const { exit, stdout } = yield* world.clawWith(
          { env: { ANTHROPIC_API_KEY: key } },
          "doctor",
          "--json",
        )
        const check = ndjson(stdout).find(({ name }) => /^(credentials|settings)/.test(String(name)))
        return { ...check, exit } as Record<string, unknown>
      })
      mkdirSync(world.directories.config, { recursive: true })
      const used = `{ models: { default: "anthropic/claude-haiku-5" } }`
      assert.deepInclude(yield* said(null), { name: "credentials", ok: true })
      const missing = yield* said(used)
      assert.deepInclude(missing, { exit: 1, name: "credentials anthropic", ok: false })
      assert.match(String(missing["cure"]), /claw login anthropic --key/)
      assert.deepInclude(yield* said(used, "sk-ant-of-this-test"), {
        ok: true,
        detail: "from ANTHROPIC_API_KEY",
      })
      const broken = yield* said(`{ models: { defalt: "x" } }`)
      assert.deepInclude(broken, { exit: 1, name: "settings", ok: false })
      assert.match(
        String(broken["detail"]),
        /claw\.config\.ts:1: models\.defalt: unknown key \(did you mean "default"\?\)/,
      )
      yield* said(null)
    }),
  )

  test.effect("needs no daemon for what it can say alone", () =>
    Effect.gen(function* () {
      const world = yield* Bare
      const version = yield* world.claw("--version")
      assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
      const init = yield* world.claw("init", "bash")
      assert.strictEqual(init.exit, 0)
      assert.lengthOf(init.stdout.trimEnd().split("\n"), 1, "only the line for the rc file")
      assert.include(init.stdout, join(world.directories.data, "hooks", "claw.bash"))
      assert.match(init.stderr, /\.bashrc/)
      const line = `HOME=${world.env["HOME"]} XDG_RUNTIME_DIR=${world.env["XDG_RUNTIME_DIR"]} bash --norc -ic ${JSON.stringify(init.stdout.trim())}`
      execFileSync("bash", ["-c", line], { stdio: "pipe" })

      const schema = JSON.parse((yield* world.claw("config", "schema")).stdout) as Record<string, unknown>
      assert.strictEqual(schema["additionalProperties"], false)
      assert.notInclude(JSON.stringify(schema), "$ref")
      const rules = ndjson((yield* world.claw("policy", "list", "--json")).stdout)
      assert.isAtLeast(rules.length, 10)
      for (const rule of rules) {
        assert.strictEqual(rule["v"], 1)
        assert.hasAllKeys(rule, ["v", "rule", "verdict", "tier", "file", "line", "reason", "counts"])
      }
      const verified = yield* world.claw("audit", "verify")
      assert.strictEqual(verified.exit, 4)
      assert.match(verified.stderr, /^claw: there is no log in .* yet\n$/)
      writeFileSync(join(world.repository, "none.toml"), "")
      assert.strictEqual((yield* world.claw("policy", "check", "none.toml")).exit, 0)
      const missing = yield* world.claw("policy", "check", "no-such.toml")
      assert.strictEqual(missing.exit, 1)
      assert.include(missing.stderr, "no-such.toml")
    }),
  )

  test.effect("colours by --color, NO_COLOR and whether stdout is a terminal", () =>
    Effect.gen(function* () {
      const world = yield* Bare
      const help = (env: Readonly<Record<string, string>>, ...flags: ReadonlyArray<string>) =>
        Effect.map(world.clawWith({ env }, ...flags, "doctor"), ({ stdout }) => escape.test(stdout))
      assert.isFalse(yield* help({}))
      assert.isTrue(yield* help({}, "--color", "always"))
      assert.isTrue(yield* help({}, "--color=always"))
      assert.isTrue(yield* help({ NO_COLOR: "1" }, "--color", "always"), "what is asked for wins")
      const onTerminal = (env: string, flags: string) =>
        escape.test(
          execFileSync(
            "script",
            ["-qec", `${env} "${process.execPath}" bin/claw.cjs ${flags} doctor`, "/dev/null"],
            {
              cwd: join(import.meta.dirname, "..", ".."),
              env: world.env as NodeJS.ProcessEnv,
              encoding: "utf8",
              stdio: ["ignore", "pipe", "pipe"],
            },
          ),
        )
      assert.isTrue(onTerminal("", ""))
      assert.isFalse(onTerminal("NO_COLOR=1", ""))
      assert.isFalse(onTerminal("", "--color never"))
      assert.isTrue(onTerminal("NO_COLOR=", ""), "an empty NO_COLOR is none")
    }),
  )
})

const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, program)))

describe("completions", () => {
  const shells = {
    bash: ["bash", "-n"],
    zsh: ["zsh", "-n"],
    fish: ["fish", "--no-execute"],
  } as const
  for (const [shell, check] of Object.entries(shells)) {
    it.live.skipIf(!onPath(shell))(`${shell} takes them, with every command in them`, () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        const ran = yield* world.claw("--completions", shell)
        assert.strictEqual(ran.exit, 0)
        assert.strictEqual(ran.stderr, "")
        const file = join(world.root, `completions.${shell}`)
        writeFileSync(file, ran.stdout)
        execFileSync(check[0], [check[1], file], { stdio: "pipe" })
        for (const name of promised) assert.match(ran.stdout, new RegExp(`\\b${name}\\b`), name)
      }).pipe(Effect.scoped),
    )
  }

  it.live.skipIf(!onPath("bash"))("bash completes a command with them", () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const script = (yield* world.claw("--completions", "bash")).stdout
      const file = join(world.root, "completions.bash")
      writeFileSync(
        file,
        `${script}
complete -p claw > /dev/null || exit 9
function=$(complete -p claw | sed 's/.*-F \\([^ ]*\\).*/\\1/')
COMP_WORDS=(claw re) COMP_CWORD=1 COMP_LINE="claw re" COMP_POINT=7
$function claw re claw
printf '%s\\n' "\${COMPREPLY[@]}"
`,
      )
      const found = execFileSync("bash", ["--norc", file], { encoding: "utf8" }).split(/\s+/).filter(Boolean)
      assert.sameMembers(found, ["reflex", "reject", "replay", "restart", "resume", "retry"])
    }).pipe(Effect.scoped),
  )
})
