/** claw undo of the real program: what comes back is shown, a conflict is asked about at a terminal and said on a pipe. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Pty } from "../e2e/Pty.ts"
import { type Claws, launcher, ndjson, watching } from "./claws.ts"

class Up extends Context.Service<Up, Claws>()("test/UndoUp") {}

const up = Layer.effect(Up, watching)

/** At a terminal; each answer goes to its prompt. */
const typed = (line: string, ...answers: ReadonlyArray<readonly [prompt: string, answer: string]>) =>
  Effect.flatMap(Up, (world) =>
    Effect.acquireUseRelease(
      Effect.sync(
        () => new Pty(`${process.execPath} ${launcher} ${line}`, { cwd: world.repository, env: world.env }),
      ),
      (pty) =>
        Effect.promise(async () => {
          let text = ""
          for (const [prompt, answer] of answers) {
            text += (await pty.until(prompt)).text
            pty.send(answer)
          }
          return { text, exit: await pty.ended }
        }),
      (pty) => Effect.promise(() => pty.kill()),
    ),
  )

/** Writes a file through the tool, at a terminal, and answers the id it is known by. */
const written = Effect.fnUntraced(function* (name: string, content: string) {
  const world = yield* Up
  const done = yield* typed(`tool run write_file path=${name} content=${content}`, ["[y/N]", "y\n"])
  assert.strictEqual(done.exit, 0, done.text)
  const log = yield* world.claw("log", "--type", "tool.requested", "-n", "1", "--json")
  return String(ndjson(log.stdout)[0]?.["correlationId"])
})

layer(up, { excludeTestServices: true, timeout: "60 seconds" })("claw undo", (test) => {
  test.effect(
    "shows a conflict with its sides, keeps mine when told so, and says on a pipe what is in the way",
    () =>
      Effect.gen(function* () {
        const world = yield* Up
        const file = join(world.repository, "a.txt")
        writeFileSync(file, "before")
        const id = yield* written("a.txt", "claws")
        writeFileSync(file, "mine")

        const piped = yield* world.claw("undo", id)
        assert.strictEqual(piped.exit, 1)
        assert.strictEqual(piped.stdout, "")
        assert.match(piped.stderr, /nothing was touched.*\n.*a\.txt changed since/)
        const unasked = yield* world.claw("undo", id, "--conflicts", "keep")
        assert.strictEqual(unasked.exit, 6)

        const dry = yield* world.claw("undo", id, "--dry-run", "--json")
        assert.strictEqual(dry.exit, 0, dry.stderr)
        const [step] = ndjson(dry.stdout)
        assert.strictEqual(step?.["v"], 1)
        assert.strictEqual(step?.["call"], `${id}#0`)
        assert.lengthOf(step?.["conflicts"] as ReadonlyArray<unknown>, 1)

        const stopped = yield* typed(`undo ${id}`, ["[keep/stop]", "stop\n"])
        assert.strictEqual(stopped.exit, 1)
        assert.include(stopped.text, "what changed since (mine)")
        assert.include(stopped.text, "+mine")
        assert.include(stopped.text, "+before")
        assert.strictEqual(readFileSync(file, "utf8"), "mine")
        const kept = yield* typed(`undo ${id}`, ["[keep/stop]", "k\n"])
        assert.strictEqual(kept.exit, 0)
        assert.strictEqual(readFileSync(file, "utf8"), "mine")
      }),
  )

  test.effect("takes a stretch back, newest first, after one yes", () =>
    Effect.gen(function* () {
      const world = yield* Up
      const file = join(world.repository, "b.txt")
      const first = yield* written("b.txt", "one")
      yield* written("c.txt", "other")
      const last = yield* written("b.txt", "two")
      const no = yield* typed(`undo ${first}..${last}`, ["[y/N]", "n\n"])
      assert.include(no.text, "comes back: b.txt")
      assert.strictEqual(readFileSync(file, "utf8"), "two")
      const yes = yield* typed(`undo ${last}..${first}`, ["[y/N]", "y\n"])
      assert.strictEqual(yes.exit, 0)
      assert.isFalse(existsSync(file))
      assert.isFalse(existsSync(join(world.repository, "c.txt")))
      const rest = yield* world.claw("undo", "--since", "1h", "--dry-run")
      assert.strictEqual(rest.stdout, "nothing to take back\n")
    }),
  )

  test.effect("wants one id, two with dots, or a stretch", () =>
    Effect.gen(function* () {
      const world = yield* Up
      for (const args of [[], ["s_1.."]]) {
        const ran = yield* world.claw("undo", ...args)
        assert.strictEqual(ran.exit, 2, args.join(" "))
      }
      const unknown = yield* world.claw("undo", "s_9..s_8", "--dry-run")
      assert.strictEqual(unknown.exit, 4)
    }),
  )
})
