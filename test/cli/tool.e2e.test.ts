/** claw tool of the real program: what there is, and runs that are allowed, asked about, denied or wrong. */
import { assert, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rawClient } from "../daemon/rawClient.ts"
import { Pty } from "../e2e/Pty.ts"
import { type Claws, clawWorld, launcher, ndjson } from "./claws.ts"

class Up extends Context.Service<Up, Claws>()("test/Up") {}

const up = Layer.effect(
  Up,
  Effect.gen(function* () {
    const world = yield* clawWorld
    writeFileSync(join(world.repository, "notes.txt"), "first\nsecond\n")
    const ran = yield* world.claw("up", "--workspace", ".")
    assert.strictEqual(ran.exit, 0, ran.stderr)
    return world
  }),
)

const claw = (...args: ReadonlyArray<string>) => Effect.flatMap(Up, (world) => world.claw(...args))
const run = (...args: ReadonlyArray<string>) => claw("tool", "run", ...args)
const waitingId = (stderr: string): string => /s_[0-9a-f]{16}/.exec(stderr)?.[0] ?? ""

layer(up, { excludeTestServices: true, timeout: "60 seconds" })("claw tool", (test) => {
  test.effect("list and show print what there is, for people and for programs", () =>
    Effect.gen(function* () {
      const rows = ndjson((yield* claw("tool", "list", "--json")).stdout)
      const names = rows.map((row) => row["name"])
      assert.includeMembers(names, ["bash", "read_file", "write_file", "edit_file", "grep_search"])
      for (const row of rows) {
        assert.hasAllKeys(row, [
          "v",
          "name",
          "description",
          "hints",
          "inputSchema",
          "examples",
          "limits",
          "readOnlyForms",
          "off",
          "undo",
        ])
        assert.strictEqual(row["v"], 1)
      }
      const text = (yield* claw("tool", "list")).stdout
      assert.lengthOf(text.trimEnd().split("\n"), rows.length)
      assert.match(text, /^git +reads; writes for stage, unstage, \.\.\., reaches outside/m)
      assert.match(text, /^WebSearch +off +off: set web: \{ search/m)
      const shown = yield* claw("tool", "show", "read_file")
      assert.strictEqual(shown.exit, 0)
      for (const part of ["path", "[limit]", "reads only", '"additionalProperties": false'])
        assert.include(shown.stdout, part)
      const [json] = ndjson((yield* claw("tool", "show", "read_file", "--json")).stdout)
      assert.deepStrictEqual(
        json,
        rows.find((row) => row["name"] === "read_file"),
      )
      const none = yield* claw("tool", "show", "raed_file")
      assert.strictEqual(none.exit, 4)
      assert.include(none.stderr, "did you mean read_file?")
    }),
  )

  test.effect("run does at once what the gate allows: words, JSON, file and stdin as input", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const words = yield* run("read_file", "path=notes.txt", "limit=1")
      assert.strictEqual(words.exit, 0, words.stderr)
      assert.match(words.stdout, /^first\n\[lines 1 to 1 of 2\]\n$/)
      const inputOf = (limit: number) => JSON.stringify({ path: "notes.txt", offset: 2, limit })
      const file = join(world.root, "call.json")
      writeFileSync(file, inputOf(1))
      for (const ran of [
        yield* run("read_file", "--input", file),
        yield* world.clawWith({ stdin: inputOf(2) }, "tool", "run", "read_file", "--input", "-"),
        yield* world.clawWith(
          { cwd: world.root },
          "tool",
          "run",
          "read_file",
          inputOf(3),
          "--workspace",
          world.repository,
        ),
      ]) {
        assert.strictEqual(ran.exit, 0, ran.stderr)
        assert.include(ran.stdout, "second")
        assert.notInclude(ran.stdout, "first")
      }
      const state = yield* run("git", "operation=status")
      assert.match(state.stdout, /^(?:on \w+|no branch), (?:at [0-9a-f]{8}|no commit yet)/)
      const records = ndjson((yield* run("git", "operation=status", "--json")).stdout)[0]
      assert.property(JSON.parse(records?.["text"] as string), "entries")
      const [json] = ndjson((yield* run("read_file", "path=notes.txt", "--json")).stdout)
      assert.strictEqual(json?.["outcome"], "done")
      assert.strictEqual(json?.["text"], "first\nsecond")
      const id = json?.["suggestion"] as string
      const [requested] = ndjson((yield* claw("log", "--type", "tool.requested", "-n", "1", "--json")).stdout)
      assert.strictEqual(requested?.["actor"], "user:cli")
      assert.strictEqual(requested?.["correlationId"], id)
      const why = yield* claw("why", id)
      for (const type of ["tool.requested", "policy.verdict", "approval.waived", "tool.finished"])
        assert.include(why.stdout, type)
      const show = yield* claw("show", id)
      assert.strictEqual(show.exit, 0)
      assert.include(show.stdout, "asked for by user:cli")
    }),
  )

  test.effect("run leaves a question in the queue where nobody can be asked (6), and it can be dropped", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const asked = yield* run("write_file", "path=new.txt", "content=hello", "--json")
      assert.strictEqual(asked.exit, 6)
      const id = waitingId(asked.stderr)
      assert.deepStrictEqual(ndjson(asked.stdout), [{ v: 1, suggestion: id, state: "asking" }])
      assert.include(asked.stderr, `claw approve ${id}`)
      const [row] = ndjson((yield* claw("queue", "--json")).stdout)
      assert.strictEqual(row?.["id"], id)
      const rejected = yield* claw("reject", id, "--reason", "only a test")
      assert.strictEqual(rejected.exit, 0, rejected.stderr)
      assert.isFalse(existsSync(join(world.repository, "new.txt")))
    }),
  )

  test.effect("run leaves no question about what cannot be done", () =>
    Effect.gen(function* () {
      const ran = yield* run("WebSearch", "query=anything")
      assert.strictEqual(ran.exit, 1, ran.stderr)
      assert.match(ran.stderr, /^claw: WebSearch is off/)
      assert.strictEqual((yield* claw("queue", "--json")).stdout, "")
      const any = yield* run("StructuredOutput", "answer=42")
      assert.strictEqual(any.stdout, '{"answer":42}\n')
    }),
  )

  test.effect(
    "run says of what is denied which rule it was (5), of what is wrong what would be right (2)",
    () =>
      Effect.gen(function* () {
        const denied = yield* run("read_file", "path=/etc/passwd")
        assert.strictEqual(denied.exit, 5)
        assert.strictEqual(denied.stdout, "")
        assert.match(denied.stderr, /denied by [a-z-]+ \([^)]+\.toml:\d+\)/)
        const wrong: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
          [["raed_file", "path=a"], "did you mean read_file?"],
          [["read_file", "pth=a"], "did you mean path?"],
          [["read_file"], 'Missing key at ["path"]'],
          [["read_file", "path=notes.txt", "--input", "x.json"], "not from both"],
          [["read_file", "--input", "/nonexistent.json"], "cannot be read"],
          [["read_file", "path=notes.txt", "--workspace", "/nonexistent"], "/nonexistent"],
          [["read_file", "path=notes.txt", "--workspace", "/"], "no workspace"],
        ]
        for (const [args, said] of wrong) {
          const ran = yield* run(...args)
          assert.strictEqual(ran.exit, 2, `${args.join(" ")}: ${ran.stderr}`)
          assert.include(ran.stderr, said)
          assert.strictEqual(ran.stdout, "")
        }
        const failed = yield* run("read_file", "path=absent.txt")
        assert.strictEqual(failed.exit, 1)
        assert.include(failed.stderr, "absent.txt")
      }),
  )

  test.effect("takes no request from a client without this user's token", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const client = yield* rawClient(world.directories.socket)
      const call = { tool: "read_file", input: { path: "notes.txt" } }
      const asked = yield* client.ask("RequestCalls", {
        token: "x".repeat(64),
        surface: "cli",
        dir: world.repository,
        calls: [call],
      })
      assert.strictEqual(asked?.exit?._tag, "Failure")
      assert.include(JSON.stringify(asked), "wrong token")
    }).pipe(Effect.scoped),
  )

  test.effect("run asks at a terminal: a yes does it, a no drops it", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const at = (answer: string, content: string) =>
        Effect.acquireUseRelease(
          Effect.sync(
            () =>
              new Pty(
                `${process.execPath} ${launcher} tool run write_file path=made.txt content=${content}`,
                { cwd: world.repository, env: world.env },
              ),
          ),
          (pty) =>
            Effect.promise(async () => {
              const { text } = await pty.until("Do this? [y/N]")
              pty.send(answer)
              return { text, exit: await pty.ended }
            }),
          (pty) => Effect.promise(() => pty.kill()),
        )
      const no = yield* at("n\n", "one")
      assert.include(no.text, "made.txt")
      assert.include(no.text, "can be undone")
      assert.isFalse(existsSync(join(world.repository, "made.txt")))
      assert.lengthOf(ndjson((yield* claw("queue", "--json")).stdout), 0)
      const yes = yield* at("y\n", "two")
      assert.strictEqual(yes.exit, 0)
      assert.strictEqual(readFileSync(join(world.repository, "made.txt"), "utf8"), "two")
      const [requested] = ndjson((yield* claw("log", "--type", "tool.requested", "-n", "1", "--json")).stdout)
      const undone = yield* Effect.acquireUseRelease(
        Effect.sync(
          () =>
            new Pty(`${process.execPath} ${launcher} undo ${String(requested?.["correlationId"])}`, {
              cwd: world.repository,
              env: world.env,
            }),
        ),
        (pty) => Effect.promise(() => pty.ended),
        (pty) => Effect.promise(() => pty.kill()),
      )
      assert.strictEqual(undone, 0)
      assert.isFalse(existsSync(join(world.repository, "made.txt")))
      const replay = yield* claw("replay", "--json")
      assert.strictEqual(replay.exit, 0, replay.stdout)
      assert.strictEqual(ndjson(replay.stdout)[0]?.["same"], true)
    }),
  )
})

it.live("claw tool needs a daemon (3)", () =>
  Effect.gen(function* () {
    const world = yield* clawWorld
    for (const args of [["list"], ["show", "bash"], ["run", "bash", "command=ls"]])
      assert.strictEqual((yield* world.claw("tool", ...args)).exit, 3)
  }).pipe(Effect.scoped),
)
