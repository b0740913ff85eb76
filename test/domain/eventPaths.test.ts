/** What counts as a path, a command, an exit code: each field of the tables, on a payload that its schema accepts. */
import { assert, describe, it } from "@effect/vitest"
import {
  commandsOf,
  exitOf,
  pathsOf,
  typesWithCommands,
  typesWithExit,
  typesWithPaths,
} from "../../src/domain/eventPaths.ts"
import { payloads } from "../../src/domain/event.ts"

const call = { tool: "bash", input: { command: "npm test", path: "/w/in", paths: ["/w/a", "/w/b"] } }
const argv = ["npm", "test"]

describe("an event's paths, commands and exit code", () => {
  it("are told of types that exist only", () => {
    for (const type of [...typesWithPaths, ...typesWithCommands, ...typesWithExit])
      assert.isTrue(Object.hasOwn(payloads, type), type)
  })

  it("paths", () => {
    const cases: ReadonlyArray<readonly [string, unknown, ReadonlyArray<string>]> = [
      ["fs.changed", { changes: [{ path: "a" }, { path: "c", from: "b" }] }, ["a", "c", "b"]],
      ["git.commit", { files: ["a", "b"] }, ["a", "b"]],
      ["git.rebase", { files: ["a"] }, ["a"]],
      ["git.staged", { files: [{ path: "a", status: "M" }] }, ["a"]],
      ["git.conflict", { paths: ["a"] }, ["a"]],
      ["git.repository", { gitDir: "/w/.git" }, ["/w/.git"]],
      [
        "situation.facts",
        { facts: [{ probe: { paths: ["a"] } }, { probe: { path: "b" } }, { probe: { dir: "c" } }] },
        ["b", "a", "c"],
      ],
      ["decision.draft", { proposal: { actions: [call] } }, ["/w/in", "/w/a", "/w/b"]],
      [
        "policy.verdict",
        { call, verdict: { effects: [{ path: "/w/e" }, { argv }] } },
        ["/w/in", "/w/a", "/w/b", "/w/e"],
      ],
      ["approval.edited", { actions: [call] }, ["/w/in", "/w/a", "/w/b"]],
      ["tool.started", { ...call, undo: { before: [{ path: "/w/u" }] } }, ["/w/in", "/w/a", "/w/b", "/w/u"]],
      ["tool.finished", { after: [{ path: "/w/t" }] }, ["/w/t"]],
      ["tool.failed", { after: [{ path: "/w/t" }] }, ["/w/t"]],
      ["tool.undone", { paths: ["/w/t"] }, ["/w/t"]],
      ["daemon.workspace", { path: "/w" }, ["/w"]],
      [
        "daemon.trusted",
        { digests: { "claw.config.ts": "0", "rules.toml": "1" } },
        ["claw.config.ts", "rules.toml"],
      ],
      ["daemon.config", { file: "/w/claw.config.ts" }, ["/w/claw.config.ts"]],
      ["daemon.stopped", { reason: "/w/a" }, []],
    ]
    for (const [type, payload, expected] of cases)
      assert.deepStrictEqual(pathsOf(type, payload), expected, type)
  })

  it("commands, an argument list with its words apart", () => {
    assert.deepStrictEqual(commandsOf("terminal.command", { command: "ls -la" }), ["ls -la"])
    assert.deepStrictEqual(
      commandsOf("tool.started", { input: { command: "npm test" }, commands: [argv, ["git"]] }),
      ["npm test", "npm test", "git"],
    )
    assert.deepStrictEqual(commandsOf("policy.verdict", { call, verdict: { commands: [argv] } }), [
      "npm test",
      "npm test",
    ])
    assert.deepStrictEqual(commandsOf("decision.question", { proposal: { actions: [call] } }), ["npm test"])
    assert.deepStrictEqual(commandsOf("fs.changed", { command: "x" }), [])
  })

  it("exit codes, where there is one", () => {
    assert.strictEqual(exitOf("terminal.command", { exit: 137 }), 137)
    assert.strictEqual(exitOf("tool.finished", { exit: 0 }), 0)
    assert.isNull(exitOf("tool.finished", { exit: null }))
    assert.isNull(exitOf("situation.opened", { exit: 1 }))
  })

  it("of payloads that are nothing of the kind: none", () => {
    for (const payload of [null, 7, "x", [], { changes: 5 }, { changes: [null, 3] }, { files: { a: 1 } }])
      for (const type of Object.keys(payloads)) {
        assert.deepStrictEqual(pathsOf(type, payload), [])
        assert.deepStrictEqual(commandsOf(type, payload), [])
        assert.isNull(exitOf(type, payload))
      }
  })
})
