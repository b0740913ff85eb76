/** The driver and the list of conversations: read when something moves, one followed while it is looked at, told what is meant. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Minds } from "../../tui/minds.ts"
import { mount } from "./mount.ts"
import { script, suggestion } from "./samples.ts"
import { waiting } from "./waiting.ts"

const at = "2026-11-22T09:00:00.000Z"
const minds = (state: "working" | "resting", inbox: number): Minds => ({
  conversations: [
    {
      view: {
        v: 1,
        session: "ses_1",
        kind: "chat",
        title: "About tests",
        model: "local/tiny",
        workspace: null,
        cwd: "/",
        actor: "user:cli",
        parent: null,
        state,
        rested: null,
        openedAt: at,
        lastAt: at,
        lastSeq: 10,
        words: 1,
        spent: { usd: 0, calls: 0, unpriced: 0 },
      },
      open: [],
    },
  ],
  agents: [],
  inbox: Array.from({ length: inbox }, (_, n) => waiting(`k_${n}`)),
})

describe("conversations on the screen", () => {
  it.live("follow the daemon, and tell it to stop one or what was typed", () =>
    Effect.gen(function* () {
      const shown = yield* mount(
        script([], {
          minds: minds("working", 0),
          talks: {
            ses_1: [
              {
                _tag: "item",
                item: { _tag: "said", seq: 9, at, text: "look", actor: "user:cli", files: [] },
              },
              { _tag: "live", seq: 9, state: "working" },
            ],
          },
        }),
      )
      yield* shown.until("1 at work")
      yield* shown.press("s")
      yield* shown.until("About tests")
      yield* shown.press("\r")
      yield* shown.until("> look")
      assert.deepStrictEqual(shown.called("follow"), [["follow", "ses_1"]])
      yield* shown.press("w")
      yield* shown.until("send a word")
      yield* shown.press("h", "i", "\r")
      yield* shown.until("sent")
      assert.deepStrictEqual(shown.called("sayTo"), [["sayTo", "ses_1", false, "hi"]])
      yield* shown.press("x")
      yield* shown.until("stop it?")
      yield* Effect.sleep(200)
      yield* shown.press("\r")
      yield* shown.untilCalled("stopMind")
      yield* shown.setMinds(minds("resting", 2))
      yield* shown.setQueue([suggestion("s_1")])
      yield* shown.until("2 memories in the inbox")
      assert.notInclude(shown.text(), "at work")
      yield* shown.press("q")
      yield* shown.until("conversations and agents")
      yield* shown.press("q")
      yield* shown.until("! run a tool")
      yield* shown.press("m")
      yield* shown.until("words of k_0")
      yield* Effect.sleep(200)
      yield* shown.press("a")
      yield* shown.until("claw memory forget k_0")
      assert.deepStrictEqual(shown.called("answerMemory"), [["answerMemory", "k_0", true]])
      yield* shown.stop
    }),
  )
})
