/** Outside text in what commands say: no control character, bidi or hidden mark reaches stdout or stderr raw. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { harmlessJson } from "../../src/domain/neutralise.ts"
import { clawWorld, ndjson, until } from "./claws.ts"

const hostile = "evil\u001b[31m\u009b31m\u202e\u200b\u{e0041}"
// eslint-disable-next-line no-control-regex
const raw = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e\u{e0041}]/u

describe("what commands print", () => {
  it("as JSON says the same, harmlessly", () => {
    const text = harmlessJson({ [hostile]: [hostile, "plain é 漢"] })
    assert.notMatch(text, raw)
    assert.deepStrictEqual(JSON.parse(text), { [hostile]: [hostile, "plain é 漢"] })
    assert.include(text, "é 漢")
  })

  it.live(
    "holds nothing raw of a hostile folder, commit or argument, on either stream",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        const dir = join(world.root, hostile)
        mkdirSync(dir)
        yield* world.claw("up", "--workspace", ".", "--workspace", dir)
        yield* world.exec("git", "commit", "-q", "--allow-empty", "-m", hostile)
        const committed = world.claw("log", "--type", "git.commit", "--json")
        yield* until(
          "the commit is in the log",
          Effect.map(committed, ({ stdout }) => stdout !== ""),
        )
        const events = ndjson((yield* committed).stdout)
        assert.include(JSON.stringify(events), JSON.stringify(hostile).slice(1, -1))
        for (const args of [
          ["status"],
          ["status", "--json"],
          ["doctor"],
          ["doctor", "--json"],
          ["log"],
          ["log", "--json"],
          ["show", hostile],
          ["config", "show", "--workspace", dir],
          ["policy", "check", join(dir, "none.toml")],
          ["policy", "explain", `cat ${hostile}`],
          ["audit", "export", join(dir, "none", "x")],
          ["audit", "import", join(dir, "none")],
          ["eval", "secrets", join(dir, "none")],
          ["down", "--workspace", join(dir, "none")],
          ["down", "--workspace", dir],
        ]) {
          const { stdout, stderr } = yield* world.claw(...args)
          assert.notStrictEqual(stdout + stderr, "", args[0])
          assert.notMatch(stdout, raw, `stdout of ${args[0]} ${args[1]}`)
          assert.notMatch(stderr, raw, `stderr of ${args[0]} ${args[1]}`)
        }
      }).pipe(Effect.scoped),
    60_000,
  )
})

describe("claw up --foreground", () => {
  it.live(
    "refuses what is no workspace, and says once, plainly, why it cannot start",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        const home = yield* world.claw("up", "--foreground", "--workspace", world.directories.home)
        assert.strictEqual(home.exit, 2)
        assert.match(home.stderr, /is no workspace/)
        const none = yield* world.claw("up", "--foreground", "--workspace", join(world.root, "none"))
        assert.strictEqual(none.exit, 2)
        mkdirSync(world.directories.runtime, { recursive: true, mode: 0o755 })
        const open = yield* world.claw("up", "--foreground")
        assert.strictEqual(open.exit, 1)
        assert.match(open.stderr, /^claw: [^\n]* is open to others [^\n]*chmod 700[^\n]*\n$/)
      }).pipe(Effect.scoped),
    60_000,
  )
})
