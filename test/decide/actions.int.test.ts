/** What rules propose is what the tools take: each call is decoded by the tool it names. */
import { assert, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as actions from "../../src/decide/actions.ts"
import { withTools } from "../act/toolFixture.ts"

const calls = [
  actions.stage(["a.ts"]),
  actions.unstage(["a.ts"]),
  actions.commit("begin"),
  actions.pushWithUpstream("origin", "main"),
  actions.pull("rebase"),
  actions.pull("ff-only"),
  actions.pull("merge"),
  actions.fetch("origin"),
  actions.removeStaleLock(),
  actions.push("origin", "main"),
  actions.branchCreate("rescue-1234567", { from: "1234567890123456789012345678901234567890" }),
  actions.branchCreate("work-1234567", { switch: true }),
  actions.branchSwitch("main"),
  actions.branchDelete("old"),
  actions.stashPop(0),
  actions.goOn("merge"),
  actions.goOn("rebase"),
  actions.goOn("cherry-pick"),
  actions.goOn("revert"),
  actions.bash("npm test", "/w"),
  actions.notify("a", "b", "critical"),
  actions.editFile("a.ts", "it.only(", "it("),
]

it.live("every call that rules propose is one its tool understands", () =>
  withTools(({ plan }) =>
    Effect.gen(function* () {
      for (const { tool, input } of calls) {
        const planned = yield* Effect.result(plan(tool, input))
        const said = Result.isFailure(planned) ? planned.failure : null
        assert.notStrictEqual(said?.reason, "input", `${tool} ${JSON.stringify(input)}: ${said?.message}`)
      }
    }),
  ),
)
