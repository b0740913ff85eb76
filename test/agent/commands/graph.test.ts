/** The graph of slash commands: its rules, how a line is read by it, what may run when, and the page made of it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { commandsDoc, docPath } from "../../../build/commandsDoc.ts"
import { Ground } from "../../../src/agent/commands/Ground.ts"
import { commands } from "../../../src/agent/commands/registry.ts"
import { commandFault, type CommandRequest, runCommand } from "../../../src/agent/commands/runCommand.ts"
import { Memories } from "../../../src/agent/memory/Memories.ts"
import { Sessions } from "../../../src/agent/Sessions.ts"
import { SubAgents } from "../../../src/agent/agents/SubAgents.ts"
import { Skills } from "../../../src/agent/skills/Skills.ts"
import { clientCommands } from "../../../src/cli/chat/lines.ts"
import { themes } from "../../../src/cli/chat/theme.ts"
import { commandCategories } from "../../../src/domain/command.ts"
import {
  completingAt,
  findCommand,
  isCommandLine,
  readCommand,
  suggested,
  usageOf,
} from "../../../src/domain/commandLine.ts"

const request: CommandRequest = {
  line: "",
  session: "c_1",
  dir: "/tmp",
  workspace: "/tmp",
  surface: "cli",
  proven: true,
  attended: true,
}
const named = (name: string) => commands.find((command) => command.name === name)!
const success = <A>(result: Result.Result<A, string>): A => Result.getOrThrow(result)
const failure = (result: Result.Result<unknown, string>): string =>
  Result.isFailure(result) ? result.failure : assert.fail("it was taken")

describe("the graph of slash commands", () => {
  it("has every name once, in lower case, with a summary that fits a line of help", () => {
    const names = commands.flatMap(({ aliases, name }) => [name, ...aliases])
    assert.strictEqual(new Set(names).size, names.length)
    for (const { arguments: list, category, name, summary } of commands) {
      assert.match(name, /^[a-z]+$/)
      assert.include([...commandCategories], category)
      assert.notMatch(summary, /[.]$|^[A-Z]/, name)
      // only the last may take the rest, and nothing that is needed follows what is not
      for (const [at, argument] of list.entries()) {
        if (argument.rest) assert.strictEqual(at, list.length - 1, name)
        if (argument.required && at > 0) assert.isTrue(list[at - 1]!.required, name)
        if (argument.kind === "choice") assert.isAbove(argument.choices.length, 0, name)
      }
    }
  })

  it("leaves to the terminal exactly what the terminal does", () => {
    const own = commands.filter(({ where }) => where === "client").map(({ name }) => name)
    assert.sameMembers(own, Object.keys(clientCommands))
    assert.deepStrictEqual(named("theme").arguments[0]!.choices, Object.keys(themes))
  })

  it("lets nothing run on resume that says a word to a model", () => {
    for (const name of ["commit", "pr", "review", "init", "compact", "model", "rewind", "undo", "clear"])
      assert.isFalse(named(name).resumeSafe, name)
    for (const name of ["cost", "status", "context", "version", "export", "todo", "help", "log"])
      assert.isTrue(named(name).resumeSafe, name)
  })

  it("takes a path at the beginning of a text for no command", () => {
    for (const text of ["/", "/etc/hosts is wrong", "/home/me/a.ts:3 fails", " /usr/bin\nis there", "//"])
      assert.isFalse(isCommandLine(text), text)
    for (const text of ["/cost", "/?", " /model small", "/why\n12", "/nosuch-thing"])
      assert.isTrue(isCommandLine(text), text)
  })

  it("finds a command by name, alias and beginning, and says what was meant", () => {
    assert.strictEqual(success(findCommand("status", commands)).name, "status")
    assert.strictEqual(success(findCommand("STATUS", commands)).name, "status")
    assert.strictEqual(success(findCommand("?", commands)).name, "help")
    assert.strictEqual(success(findCommand("usage", commands)).name, "cost")
    assert.strictEqual(success(findCommand("rew", commands)).name, "rewind")
    assert.strictEqual(success(findCommand("pr", commands)).name, "pr", "an exact name is no beginning")
    assert.match(
      failure(findCommand("re", commands)),
      /could be \/resume, \/rewind, \/remember, \/review, \/replay/,
    )
    assert.match(failure(findCommand("stauts", commands)), /did you mean \/status\?/)
    assert.notInclude(failure(findCommand("zzzzzz", commands)), "did you mean")
    for (const { name } of commands) {
      assert.strictEqual(success(findCommand(name, commands)).name, name)
      const slip = `${name}x`
      if (name.length > 3) assert.strictEqual(suggested(slip, commands), name, slip)
    }
  })

  it("reads arguments by what they are", () => {
    const read = (line: string) => success(readCommand(line, commands)).values
    assert.deepStrictEqual(read("/model small"), { model: "small" })
    assert.deepStrictEqual(read("/commit  keep it  short "), { hint: "keep it  short" })
    assert.deepStrictEqual(read("/rewind 12 both"), { to: "12", what: "both" })
    assert.deepStrictEqual(read('/export "a b.md"'), { file: "a b.md" })
    assert.deepStrictEqual(read("/session title new words here"), { what: "title", word: "new words here" })
    const wrong = (line: string) => failure(readCommand(line, commands))
    assert.match(wrong("/why"), /\/why needs id: use it as \/why ID/)
    assert.match(wrong("/rewind soon"), /to is a number/)
    assert.match(wrong("/theme pink"), /name is one of middle, light, dark, mono/)
    assert.match(wrong("/model a b"), /no place for "b": use it as \/model \[MODEL\]/)
    assert.match(wrong("model"), /begins with a slash/)
    assert.strictEqual(usageOf(named("session")), "/session [WHAT] [WORD...]")
  })

  it("never throws on what is typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(60), (text, at) => {
        readCommand(`/${text}`, commands)
        completingAt(`/${text}`, Math.min(at, text.length + 1), commands)
      }),
    )
  })

  it("says what could stand at the cursor", () => {
    const at = (line: string) => completingAt(line, line.length, commands)
    assert.deepStrictEqual(at("/sta"), { from: 1, kind: "command", word: "sta", choices: ["status"] })
    assert.deepStrictEqual(at("/theme d"), { from: 7, kind: "choice", word: "d", choices: ["dark"] })
    assert.deepStrictEqual(at("/model "), { from: 7, kind: "model", word: "", choices: [] })
    assert.deepStrictEqual(at("/rewind 5 b"), { from: 10, kind: "choice", word: "b", choices: ["both"] })
    assert.isNull(at("/version "))
    assert.isNull(at("/commit so"))
    assert.isNull(at("hello"))
  })

  it("checks each call by what the graph says of the command", () => {
    const fault = (name: string, more: Partial<CommandRequest>) =>
      commandFault(named(name), { ...request, ...more })?.reason ?? null
    for (const { mutates, name, needsSession, remoteSafe, resumeSafe, where } of commands) {
      if (where === "client") {
        assert.strictEqual(fault(name, {}), "refused", name)
        continue
      }
      assert.isNull(fault(name, {}), name)
      assert.strictEqual(fault(name, { surface: "device" }), remoteSafe ? null : "refused", name)
      assert.strictEqual(fault(name, { attended: false }), resumeSafe ? null : "refused", name)
      assert.strictEqual(fault(name, { proven: false }), mutates ? "person" : null, name)
      assert.strictEqual(fault(name, { session: null }), needsSession ? "input" : null, name)
    }
  })

  it.effect("refuses before it runs, and answers help from the graph", () =>
    Effect.gen(function* () {
      const run = (line: string, more: Partial<CommandRequest> = {}) =>
        runCommand(commands, { ...request, ...more, line }).pipe(
          Effect.provide([
            Layer.mock(Ground, {}),
            Layer.mock(Sessions, {}),
            Layer.mock(Memories, {}),
            Layer.mock(Skills, {}),
            Layer.mock(SubAgents, {}),
          ]),
        )
      assert.strictEqual((yield* Effect.flip(run("/pause", { proven: false }))).reason, "person")
      assert.strictEqual((yield* Effect.flip(run("/nosuch"))).reason, "input")
      const all = yield* run("/help")
      assert.deepStrictEqual(
        all.data,
        commands.map(({ name }) => name),
      )
      const one = yield* run("/help why")
      assert.deepStrictEqual(one.data, ["why"])
      assert.include(JSON.stringify(one.blocks), "/why ID")
      assert.strictEqual((yield* Effect.flip(run("/help nosuch"))).reason, "input")
      const commit = yield* run("/commit keep it short")
      assert.strictEqual(commit.next?._tag, "say")
      assert.include(JSON.stringify(commit.next), "keep it short")
    }),
  )

  it("has a page that says what the graph says", () => {
    assert.strictEqual(readFileSync(docPath, "utf8"), commandsDoc(), "run node build/commandsDoc.ts")
    for (const { name } of commands) assert.include(commandsDoc(), `\`/${name}`)
  })
})
