/** Approving is a person's: what is asked at a terminal, and what no answer, a no, Ctrl-C and Ctrl-D mean. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { openShell } from "../../src/cli/DemoShell.ts"
import { rawClient } from "../daemon/rawClient.ts"
import { Pty } from "../e2e/Pty.ts"
import { clawWorld, launcher, until } from "./claws.ts"

it.live(
  "nothing but a typed yes is a yes; Ctrl-C is exit 130, and the terminal is given back",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      yield* world.exec("git", "commit", "-q", "--allow-empty", "-m", "first")
      yield* world.exec("git", "init", "-q", "--bare", `${world.root}/origin.git`)
      yield* world.exec("git", "remote", "add", "origin", `${world.root}/origin.git`)
      const up = yield* world.claw("up", "--workspace", ".")
      assert.strictEqual(up.exit, 0, up.stderr)
      const client = yield* rawClient(world.directories.socket)
      const queue = Effect.map(
        client.ask("Queue", { all: false }),
        (answer) => answer?.exit?.value as Array<Suggestion>,
      )
      const shell = yield* openShell(world)
      yield* shell.type("git push")
      yield* until(
        "pushing is suggested",
        Effect.map(queue, (rows) => rows.length > 0 && rows[0]!.actions.length > 0),
      )
      const { id } = (yield* queue)[0]!
      const state = Effect.map(queue, (rows) => rows.find((row) => row.id === id)?.state)
      const approve = (answer: string) =>
        Effect.acquireUseRelease(
          Effect.sync(
            () =>
              new Pty(`"${process.execPath}" "${launcher}" approve ${id}; echo "exit:$?"; stty -a`, {
                cwd: world.repository,
                env: world.env,
              }),
          ),
          (pty) =>
            Effect.promise(async () => {
              const { text } = await pty.until("[y/N] ")
              pty.send(answer)
              await pty.until("exit:")
              const { text: exit } = await pty.until("\r\n")
              const { found } = await pty.until(" icanon", "-icanon")
              return { shown: text, exit: exit.trim(), cooked: found === " icanon" }
            }),
          (pty) => Effect.promise(() => pty.kill()),
        )
      for (const [answer, exit] of [
        ["n\r", "0"],
        ["\r", "0"],
        ["yikes\r", "0"],
        ["\u0004", "0"],
        ["\u0003", "130"],
      ] as const) {
        const ran = yield* approve(answer)
        assert.include(ran.shown, "git", "it is shown first")
        assert.strictEqual(ran.exit, exit, JSON.stringify(answer))
        assert.isTrue(ran.cooked, JSON.stringify(answer))
        assert.strictEqual(yield* state, "pending", JSON.stringify(answer))
      }
      const yes = yield* approve("yes\r")
      assert.strictEqual(yes.exit, "0")
      const { output } = yield* world.exec("git", "branch", "-r")
      assert.include(output, "origin/main")
    }).pipe(Effect.scoped),
  60_000,
)
