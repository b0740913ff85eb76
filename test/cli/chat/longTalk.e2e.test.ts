/** A conversation longer than a client is sent at once: its end is shown, and all of it is there for whoever asks. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { longSession, writeConversation } from "../../../src/daemon/benchConversation.ts"
import { mostItems } from "../../../src/rpc/sessions.ts"
import { Pty } from "../../e2e/Pty.ts"
import { clawWorld, launcher, ndjson } from "../claws.ts"

const turns = 250
/** A word, its answer, its rest. */
const items = 3 * turns

const world = Effect.gen(function* () {
  const made = yield* clawWorld
  mkdirSync(made.directories.config, { recursive: true })
  const anthropic = { kind: "anthropic", baseUrl: "http://127.0.0.1:9", free: true }
  const models = { default: "anthropic/claude-opus-5-5", providers: { anthropic } }
  writeFileSync(
    join(made.directories.config, "claw.config.ts"),
    `export default ${JSON.stringify({ models })}\n`,
  )
  yield* writeConversation(made.directories.log, made.repository, turns)
  return made
})

it.live(
  "a long conversation is shown from near its end, and listed, exported and searched whole",
  () =>
    Effect.gen(function* () {
      assert.isAbove(items, mostItems)
      const made = yield* world
      const { claw, env, repository } = made
      const pty = yield* Effect.acquireRelease(
        Effect.sync(
          () =>
            new Pty(`"${process.execPath}" "${launcher}" chat --resume ${longSession}; echo "exit:$?"`, {
              cwd: repository,
              env: { ...env, TERM: "xterm-256color" },
            }),
        ),
        (terminal) => Effect.promise(() => terminal.kill()),
      )
      const shown = yield* Effect.promise(async () => {
        const { text: begun } = await pty.until("ask, or /help")
        const { text } = await pty.until(`Part ${turns - 1} adds up`)
        pty.send("/rewind\r")
        const { text: words } = await pty.until(`What does part ${turns - 1} do?`)
        pty.send("\u0004")
        await pty.until("exit:")
        return { end: begun + text, words }
      })
      assert.include(shown.end, "there is more before this (/export shows all)")
      assert.notInclude(shown.end, "What does part 1 do?")
      assert.include(shown.words, "What does part 1 do?")

      const told = ndjson((yield* claw("session", "show", longSession, "--json")).stdout)
      assert.strictEqual(told.length, 1 + items)
      const seqs = told.slice(1).map(({ seq }) => Number(seq))
      assert.deepStrictEqual(
        seqs,
        seqs.toSorted((a, b) => a - b),
      )
      assert.strictEqual(new Set(seqs).size, items)
      const { stdout: exported } = yield* claw("session", "export", longSession)
      for (const part of [0, 1, turns - 1]) assert.include(exported, `What does part ${part} do?`)
      const { stdout: found } = yield* claw("session", "search", "part 7 do", "--json")
      assert.deepStrictEqual(
        ndjson(found).map(({ session }) => session),
        [longSession],
      )
    }).pipe(Effect.scoped),
  60_000,
)
