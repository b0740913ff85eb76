/** The demo is the first that many see: every suggestion it promises comes, and its log verifies and replays. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { story } from "../../src/cli/story.ts"
import { clawWorld } from "./claws.ts"

it.live(
  "claw demo brings each suggestion of its story",
  () =>
    Effect.gen(function* () {
      const { claw } = yield* clawWorld
      const ran = yield* claw("demo", "--script", "--fast")
      assert.strictEqual(ran.exit, 0, `${ran.stderr}\n${ran.stdout}`)
      assert.notInclude(ran.stdout, "nothing to see")
      const promised = story.filter((step) => step._tag !== "say" && step.expects !== undefined)
      assert.lengthOf(ran.stdout.match(/\[seq \d+, on /g) ?? [], promised.length)
      assert.match(ran.stdout, /\d+ events, every link holds; replayed \d+ decisions, every one the same/)
    }).pipe(Effect.scoped),
  60_000,
)
