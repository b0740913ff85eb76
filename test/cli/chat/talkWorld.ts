/** A world with a daemon, a repository and a model on this machine, configured as a user does it. */
import { assert } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type ModelServer, modelServer } from "../../fixtures/models/server.ts"
import type { Turn } from "../../fixtures/models/turns.ts"
import { type Claws, clawWorld } from "../claws.ts"

export interface Talk extends Claws {
  readonly model: ModelServer
}

/** `answers`: the first whose words are in the user's last message, or in a tool's result. */
export const talkWorld = (
  answers: ReadonlyArray<readonly [string, Turn]>,
): Effect.Effect<Talk, never, Scope.Scope> =>
  Effect.gen(function* () {
    const world = yield* clawWorld
    const model = yield* modelServer({
      answer: ({ body }) => {
        const { messages } = body as { readonly messages: ReadonlyArray<unknown> }
        const last = JSON.stringify(messages.at(-1))
        return answers.find(([words]) => last.includes(words))?.[1] ?? { text: "Hello **you**." }
      },
    })
    mkdirSync(world.directories.config, { recursive: true })
    const local = {
      kind: "chat",
      baseUrl: model.openaiUrl,
      models: {
        tiny: { window: 100_000, price: { input: 1, output: 2 } },
        thinker: { window: 100_000, thinking: true, free: true },
      },
    }
    writeFileSync(
      join(world.directories.config, "claw.config.ts"),
      `export default ${JSON.stringify({ models: { default: "local/tiny", providers: { local } } })}\n`,
    )
    yield* world.exec("git", "init", "-q")
    yield* world.write("README.md", "shop\n")
    yield* world.exec("git", "add", ".")
    yield* world.exec("git", "commit", "-qm", "Began")
    const up = yield* world.claw("up", "--workspace", ".")
    assert.strictEqual(up.exit, 0, up.stderr)
    return { ...world, model }
  })

export const writeIt: Turn = {
  calls: [{ name: "write_file", input: { path: "hello.txt", content: "hello\nworld\n" } }],
}
