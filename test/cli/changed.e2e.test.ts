/** A file that changes while the prompt of an approval waits: the yes does nothing, the difference is shown, and it is asked again. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Pty } from "../e2e/Pty.ts"
import { clawWorld, launcher } from "./claws.ts"

it.live(
  "what was not seen is not approved: the terminal shows what changed and asks once more",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const file = join(world.repository, "a.txt")
      writeFileSync(file, "one\ntwo\n")
      assert.strictEqual((yield* world.claw("up")).exit, 0)
      const said = yield* Effect.acquireUseRelease(
        Effect.sync(
          () =>
            new Pty(
              `"${process.execPath}" "${launcher}" tool run edit_file path=a.txt old_string=two new_string=2; echo "exit:$?"`,
              { cwd: world.repository, env: world.env },
            ),
        ),
        (pty) =>
          Effect.promise(async () => {
            const first = await pty.until("[y/N] ")
            writeFileSync(file, "another one\ntwo\n")
            pty.send("y\r")
            const second = await pty.until("[y/N] ")
            pty.send("y\r")
            const rest = await pty.until("exit:")
            const { text: exit } = await pty.until("\r\n")
            return { first: first.text, second: second.text, rest: rest.text, exit }
          }),
        (pty) => Effect.promise(() => pty.kill()),
      )
      assert.include(said.first, "-two")
      assert.include(said.second, "it changed since it was shown, and nothing was done")
      assert.include(said.second, "a.txt changed")
      assert.match(said.second, /- one[\s\S]*\+ another one/)
      assert.strictEqual(said.exit, "0")
      assert.strictEqual(readFileSync(file, "utf8"), "another one\n2\n")
      const log = yield* world.claw("log", "--type", "approval.*")
      assert.lengthOf(log.stdout.trim().split("\n"), 1, log.stdout)
    }).pipe(Effect.scoped),
  60_000,
)
