/** A question asked by a tool and answered at a terminal, with the real program; and what a pipe may not do. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Pty } from "../e2e/Pty.ts"
import { clawWorld, launcher, until } from "./claws.ts"

it.live(
  "a question waits for a person at a terminal, and its answer is the tool's result",
  () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const up = yield* world.claw("up", "--workspace", ".")
      assert.strictEqual(up.exit, 0, up.stderr)
      const question = { question: "Which branch?\u0007", options: ["main", "next"] }
      const refused = yield* world.claw("tool", "run", "ask_user", JSON.stringify(question))
      assert.strictEqual(refused.exit, 5, refused.stderr)
      assert.notInclude(refused.stderr, "\u0007")
      const asking = yield* Effect.forkChild(
        world.claw("tool", "run", "ask_user", JSON.stringify({ ...question, question: "Which branch?" })),
        { startImmediately: true },
      )
      let id = ""
      yield* until(
        "the question is in the queue",
        Effect.map(world.claw("queue", "--json"), ({ stdout }) => {
          const rows =
            stdout.trim() === ""
              ? []
              : stdout
                  .trim()
                  .split("\n")
                  .map((line) => JSON.parse(line))
          const row = rows.find(({ rule }) => rule === "ask_user")
          id = row?.id ?? ""
          return id !== "" && row.question.options.length === 2
        }),
      )
      const piped = yield* world.claw("answer", id, "2")
      assert.strictEqual(piped.exit, 6)
      assert.strictEqual((yield* world.claw("approve", id)).exit, 6)
      const answered = yield* Effect.acquireUseRelease(
        Effect.sync(
          () =>
            new Pty(`"${process.execPath}" "${launcher}" answer ${id}; echo "exit:$?"`, {
              cwd: world.repository,
              env: world.env,
            }),
        ),
        (pty) =>
          Effect.promise(async () => {
            const { text } = await pty.until("> ")
            pty.send("next\r")
            await pty.until("exit:")
            const { text: exit } = await pty.until("\r\n")
            return { shown: text, exit: exit.trim() }
          }),
        (pty) => Effect.promise(() => pty.kill()),
      )
      assert.include(answered.shown, "Which branch?")
      assert.include(answered.shown, "2")
      assert.strictEqual(answered.exit, "0")
      const asked = yield* Fiber.join(asking)
      assert.strictEqual(asked.exit, 0, asked.stderr)
      assert.strictEqual(asked.stdout.trim(), "next")

      const todos = { todos: [{ content: "Test", activeForm: "Testing", status: "in_progress" }] }
      assert.strictEqual((yield* world.claw("tool", "run", "TodoWrite", JSON.stringify(todos))).exit, 0)
      assert.include((yield* world.claw("todo")).stdout, "[>] Testing")
      const [list] = (yield* world.claw("todo", "--json")).stdout.trim().split("\n")
      assert.deepInclude(JSON.parse(list!), { v: 1, session: null, ...todos })
    }).pipe(Effect.scoped),
  120_000,
)
