/** claw chat of the real program on a terminal: talking, approving in place, commands, stopping, leaving, resuming. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Pty } from "../../e2e/Pty.ts"
import { clawWorld, launcher, ndjson, until } from "../claws.ts"
import { type Talk, talkWorld, writeIt } from "./talkWorld.ts"

class Place extends Context.Service<Place, Talk>()("test/Place") {}
const place = Layer.effect(
  Place,
  talkWorld([
    ["write it", writeIt],
    [
      "grant this",
      { calls: [{ name: "write_file", input: { path: "notes/granted.txt", content: "yes\n" } }] },
    ],
    [
      "write another",
      { calls: [{ name: "write_file", input: { path: "notes/another.txt", content: "no\n" } }] },
    ],
    ["notes/", { text: "Done **so**." }],
    ["use another name", { text: "Then I leave it." }],
    ["for ever", { text: "begun ".repeat(400), fault: { kind: "slow", chunkBytes: 64, everyMs: 50 } }],
    ["code", { text: "See:\n\n```ts\nconst a = 1\n```\n" }],
  ]),
)

/** A conversation at a terminal; what was printed is looked at by `until`. */
const chatting = <A>(
  use: (pty: Pty, world: Talk) => Promise<A>,
  args = "chat",
  env: Readonly<Record<string, string>> = {},
) =>
  Effect.flatMap(Place, (world) =>
    Effect.acquireUseRelease(
      Effect.sync(
        () =>
          new Pty(`"${process.execPath}" "${launcher}" ${args}; echo "exit:$?"`, {
            cwd: world.repository,
            env: { ...world.env, TERM: "xterm-256color", ...env },
          }),
      ),
      (pty) => Effect.promise(() => use(pty, world)),
      (pty) => Effect.promise(() => pty.kill()),
    ),
  )

const ready = "ask, or /help"
const leave = async (pty: Pty) => {
  pty.send("\u0004")
  const { text } = await pty.until("exit:")
  const { text: exit } = await pty.until("\r\n")
  return { text, exit: Number(exit.trim()) }
}

layer(place, { excludeTestServices: true, timeout: "60 seconds" })("claw chat", (test) => {
  test.effect("streams an answer with colours, keeps the screen's history, and leaves by Ctrl-D", () =>
    Effect.gen(function* () {
      const seen = yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("show me code\r")
        const { text } = await pty.until("const")
        await pty.until(ready)
        return { text, left: await leave(pty) }
      })
      assert.notInclude(seen.text, "\u001b[?1049h", "no other screen")
      assert.include(seen.text, "show me code")
      assert.strictEqual(seen.left.exit, 0)
      assert.match(seen.left.text, /claw chat --resume c_[0-9a-f]{16} goes on here/)
      assert.include(seen.left.text, "\u001b[?2004l", "the terminal is left as it was")
    }),
  )

  test.effect("asks for an approval in place, and takes one key of its own for it", () =>
    Effect.gen(function* () {
      const world = yield* Place
      const file = join(world.repository, "hello.txt")
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("write it\r")
        const { text } = await pty.until("y yes")
        assert.match(text, /Create hello\.txt[\s\S]*\+world/)
        // a paste answers nothing
        pty.send("\u001b[200~y\u001b[201~")
        await pty.until("send or clear")
        assert.isFalse(existsSync(file))
        pty.send("\u0015")
        await pty.until("y yes")
        await new Promise((resolve) => setTimeout(resolve, 350))
        pty.send("y")
        await pty.until("approved: write_file: hello.txt")
        await pty.until("Hello ")
        await leave(pty)
      })
      assert.strictEqual(readFileSync(file, "utf8"), "hello\nworld\n")
    }),
  )

  test.effect("takes a no with its reason to the model", () =>
    Effect.gen(function* () {
      const { model } = yield* Place
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("write it\r")
        await pty.until("y yes")
        await new Promise((resolve) => setTimeout(resolve, 350))
        pty.send("r")
        await pty.until("why not?")
        pty.send("use another name\r")
        await pty.until("refused: write_file: hello.txt (use another name)")
        await pty.until("Then I leave it.")
        await leave(pty)
      })
      assert.include(JSON.stringify(model.journal.at(-1)!.body), "use another name")
    }),
  )

  test.effect("asks no more about files of a folder that were granted here by name, and nowhere else", () =>
    Effect.gen(function* () {
      const world = yield* Place
      const at = (name: string) => join(world.repository, "notes", name)
      const pressed = async (pty: Pty, key: string) => {
        await new Promise((resolve) => setTimeout(resolve, 350))
        pty.send(key)
      }
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("grant this\r")
        await pty.until("a always")
        await pressed(pty, "a")
        await pty.until("choose by number")
        await pressed(pty, "1")
        const { text } = await pty.until("y do it, and ask no more about that")
        const words = text.replaceAll(/\s+/g, " ")
        // git's words stand before every conversation of a repository
        assert.match(words, /always .*any plain file below notes, in this conversation alone, also though/)
        assert.include(words, "it rests on text an outsider could have written, for one hour")
        assert.isFalse(existsSync(at("granted.txt")))
        await pressed(pty, "y")
        await pty.until("granted: ")
        await pty.until("Done ")
        assert.isTrue(existsSync(at("granted.txt")))
        await pty.until(ready)
        pty.send("write another\r")
        // the end of the turn before is drawn twice: this one begins with its file
        const { text: begun } = await pty.until("another.txt")
        const { text: free } = await pty.until("Done ")
        assert.notInclude(begun + free, "a always")
        assert.isTrue(existsSync(at("another.txt")))
        await pty.until(ready)
        pty.send("write it\r")
        await pty.until("a always")
        await pressed(pty, "n")
        await pty.until("refused: ")
        await leave(pty)
      })
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("write another\r")
        await pty.until("a always")
        await pressed(pty, "n")
        await pty.until("refused: ")
        await leave(pty)
      })
      const { stdout } = yield* world.claw("log", "--type", "policy.granted", "--json")
      assert.strictEqual(ndjson(stdout).length, 1, stdout)
      const listed = yield* world.claw("policy", "grants")
      assert.match(listed.stdout, /until .*below notes, in this conversation alone, also though it rests on/)
    }),
  )

  test.effect("stops the work by Ctrl-C, and leaves by two of them", () =>
    Effect.gen(function* () {
      const ended = yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("go on for ever\r")
        await pty.until("Ctrl-C stops")
        await pty.until("begun")
        pty.send("\u0003")
        await pty.until("stopped by the user")
        // the line of state says how it stands, and not that it is stopping
        await pty.until(" tokens")
        // both in one read: how soon the second comes is not the test's to say
        pty.send("\u0003\u0003")
        await pty.until("exit:")
        return pty.until("\r\n")
      })
      assert.strictEqual(ended.text.trim(), "0")
    }),
  )

  test.effect("completes and runs commands, and says what was meant", () =>
    Effect.gen(function* () {
      const world = yield* Place
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("/vers\t")
        await pty.until("/version ")
        pty.send("\r")
        await pty.until("claw 0.")
        pty.send("/stauts\r")
        await pty.until("did you mean /status?")
        pty.send("@READ\t")
        await pty.until("@README.md")
        pty.send("\u0015")
        pty.send("/export out.md\r")
        await pty.until("written to")
        pty.send("/exit\r")
        await pty.until("exit:0")
      })
      assert.isTrue(existsSync(join(world.repository, "out.md")))
    }),
  )

  test.effect("keeps the look and the keys for the next conversation, in the user's own settings", () =>
    Effect.gen(function* () {
      const world = yield* Place
      const own = () => readFileSync(join(world.directories.config, "claw.config.ts"), "utf8")
      const inForce = (look: string) =>
        Effect.runPromise(
          until(
            `${look} is in force`,
            Effect.map(world.claw("log", "--type", "daemon.config", "--json"), ({ stdout }) =>
              (stdout.trimEnd().split("\n").at(-1) ?? "").includes(look),
            ),
          ),
        )
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("/theme dark\r")
        await pty.until("theme dark")
        pty.send("/vim\r")
        await pty.until("vim's keys")
        await inForce('"chat":{"theme":"dark","vim":true}')
        await leave(pty)
      })
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("/theme\r")
        await pty.until("theme dark")
        // Esc commands, dd clears, i types
        pty.send("words that go")
        await pty.until("that go")
        pty.send("\u001b")
        await new Promise((resolve) => setTimeout(resolve, 100))
        pty.send("ddi")
        await pty.until(ready)
        pty.send("/vim off\r")
        await pty.until("are off")
        await inForce('"chat":{"theme":"dark","vim":false}')
        await leave(pty)
      })
      // a file that is a program is left alone, and the person hears of it
      const before = own()
      const program = `const look = {}\nexport default { ...${before.replace(/^export default/, "")}, chat: look }\n`
      writeFileSync(join(world.directories.config, "claw.config.ts"), program)
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("/theme light\r")
        await pty.until("for this conversation alone")
        await leave(pty)
      })
      assert.strictEqual(own(), program)
      writeFileSync(join(world.directories.config, "claw.config.ts"), before)
    }),
  )

  test.effect("lends the terminal to a login, which shows no key, and has it back", () =>
    Effect.gen(function* () {
      const world = yield* Place
      const key = ["a", "key", "of", "mine"].join("-").repeat(3)
      const text = yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("/login nobody\r")
        await pty.until("no such provider: nobody")
        await pty.until(ready)
        pty.send("/login local key\r")
        await pty.until("API key of local (not shown): ")
        pty.send(`${key}\r`)
        const { text: shown } = await pty.until("the key is kept for local")
        const after = await pty.until(ready)
        pty.send("/login local key\r")
        await pty.until("(not shown): ")
        // stops the login, not the conversation
        pty.send("\u0003")
        await pty.until(ready)
        pty.send("hello\r")
        await pty.until("Hello ")
        return shown + after.text + (await leave(pty)).text
      })
      assert.notInclude(text, key)
      assert.strictEqual((yield* world.claw("logout", "local")).exit, 0)
    }),
  )

  test.effect("takes lines by backslash and paste, and what was said before by Up", () =>
    Effect.gen(function* () {
      const { model } = yield* Place
      const said = () => JSON.stringify((model.journal.at(-1)!.body as { messages: unknown }).messages)
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("first\\\r")
        await pty.until("first")
        pty.send("\u001b[200~second\nthird\u001b[201~")
        await pty.until("third")
        pty.send("\r")
        await pty.until("you")
        await pty.until(ready)
        assert.include(said(), "first\\nsecond\\nthird")
        await leave(pty)
      })
      // in another conversation, from the log
      yield* chatting(async (pty) => {
        await pty.until(ready)
        pty.send("\u001b[A")
        await pty.until("third")
        pty.send("\u0003")
        await pty.until(ready)
        await leave(pty)
      })
    }),
  )

  test.effect("resumes with what was said, and without colours where none are wanted", () =>
    Effect.gen(function* () {
      const text = yield* chatting(
        async (pty) => {
          const { text: shown } = await pty.until("Hello you.")
          await pty.until(ready)
          await leave(pty)
          return shown
        },
        "chat --continue",
        { NO_COLOR: "1" },
      )
      assert.include(text, "> first")
      // eslint-disable-next-line no-control-regex
      assert.notMatch(text, /\u001b\[[\d;]*m/)
    }),
  )

  test.effect("asks one question at a terminal and ends with the answer", () =>
    Effect.gen(function* () {
      const text = yield* chatting(async (pty) => (await pty.until("exit:0")).text, 'ask "hello"')
      assert.include(text, "Hello ")
    }),
  )

  test.effect("waits for a daemon that went away, and goes on", () =>
    Effect.gen(function* () {
      const world = yield* Place
      yield* chatting(async (pty) => {
        await pty.until(ready)
        await Effect.runPromise(world.claw("down"))
        await pty.until("the daemon went away")
        pty.send("/cost\r")
        await pty.until("Enter sends this once it is back")
        const up = await Effect.runPromise(world.claw("up"))
        assert.strictEqual(up.exit, 0, up.stderr)
        const { text } = await pty.until("the daemon is back")
        assert.notMatch(text, /Socket|token/)
        pty.send("\r")
        await pty.until("with what its children cost")
        pty.send("hello again\r")
        await pty.until("Hello ")
        assert.strictEqual((await leave(pty)).exit, 0)
      })
    }),
  )

  test.effect("puts a conversation away in which nothing was said", () =>
    Effect.gen(function* () {
      const world = yield* Place
      const count = Effect.map(
        world.claw("log", "--type", "session.archived", "--json"),
        ({ stdout }) => ndjson(stdout).length,
      )
      const before = yield* count
      yield* chatting(async (pty) => {
        await pty.until(ready)
        await leave(pty)
      })
      yield* until(
        "it is archived",
        Effect.map(count, (now) => now === before + 1),
      )
    }),
  )

  test.effect("without a model ends with exit 1 and says what to do", () =>
    Effect.gen(function* () {
      const bare = yield* clawWorld
      writeFileSync(join(bare.repository, "a.txt"), "a")
      const pty = new Pty(`"${process.execPath}" "${launcher}" chat; echo "exit:$?"`, {
        cwd: bare.repository,
        env: bare.env,
      })
      const { text } = yield* Effect.promise(() => pty.until("exit:1"))
      yield* Effect.promise(() => pty.kill())
      assert.match(text, /model/)
    }).pipe(Effect.scoped),
  )
})
