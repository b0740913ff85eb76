/** What no keys, in whatever order and rhythm, can do. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { bindings } from "../../tui/keymap.ts"
import type { Command } from "../../tui/messages.ts"
import { Driver } from "./drive.ts"
import { detail, moment, plan, suggestion } from "./samples.ts"

const low = suggestion("s_low")
const rows = [low, suggestion("s_high", { risk: "high" }), suggestion("s_box"), suggestion("s_deny")]
const plans = {
  s_low: plan({}, "d-low"),
  s_high: plan({}, "d-high"),
  s_box: plan({ sandbox: "none" }, "d-box"),
  s_deny: plan({ verdict: { ...plan().verdict, verdict: "deny", digest: "d-deny" } }),
} as const
const details = rows.map((row) => detail(row, [plans[row.id as keyof typeof plans]]))

const allKeys = [...new Set([...bindings.flatMap(({ keys }) => keys), "b", "c", "s", "t", "0", "1", "space"])]

const action = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ key: fc.constantFrom(...allKeys), after: fc.constantFrom(0, 50, 1_000) }),
  },
  // what leads to an approval, often enough to be met
  {
    weight: 10,
    arbitrary: fc.record({ key: fc.constantFrom("a", "y", "tab", "enter", "j"), after: fc.constant(900) }),
  },
  { weight: 3, arbitrary: fc.record({ paste: fc.string() }) },
  {
    weight: 3,
    arbitrary: fc.record({ burst: fc.array(fc.constantFrom(...allKeys), { minLength: 2, maxLength: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ bump: fc.nat(3) }) },
  // in and out of the past
  { weight: 2, arbitrary: fc.record({ key: fc.constantFrom("t", "escape"), after: fc.constant(900) }) },
)

const answers = new Set(["Approve", "Reject", "Snooze", "Undo", "Edit", "OpenEditor", "Pause", "Resume"])
const isApproval = (command: Command) => command._tag === "Approve"

/** Plays the actions; calls `check` with the model as it was before each, and what was then asked for. */
const play = (
  actions: ReadonlyArray<typeof action extends fc.Arbitrary<infer A> ? A : never>,
  check: (before: Driver["model"], how: string, commands: ReadonlyArray<Command>) => void,
) => {
  const driver = new Driver().connect(rows, details)
  let visible = rows
  for (const one of actions) {
    driver.answer(visible.map((row) => detail(row, [plans[row.id as keyof typeof plans]])))
    if (driver.model.timeline !== null) driver.serve((seq) => moment(seq, { head: driver.model.log.head }))
    const before = driver.model
    if ("key" in one)
      check({ ...before, now: driver.now + one.after }, one.key, driver.key(one.key, { after: one.after }))
    else if ("paste" in one)
      check(before, "paste", driver.tell({ _tag: "Input", input: { _tag: "paste", text: one.paste } }))
    else if ("burst" in one)
      for (const key of one.burst) check(driver.model, "burst", driver.key(key, { burst: true, after: 0 }))
    else {
      visible = visible.map((row, index) => (index === one.bump ? { ...row, lastSeq: row.lastSeq + 1 } : row))
      check(before, "queue", driver.tell({ _tag: "QueueCame", visible }))
    }
  }
}

describe("whatever is pressed", () => {
  it("what is risky or without a sandbox is approved from its confirm dialog only, what is denied never", () => {
    let approvals = 0
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 60 }), (actions) => {
        play(actions, (before, how, commands) => {
          for (const command of commands) {
            if (command._tag !== "Approve") continue
            approvals++
            assert.notStrictEqual(command.id, "s_deny")
            if (command.id === "s_low" && before.dialog?._tag !== "confirm") continue
            assert.strictEqual(before.dialog?._tag, "confirm", `${command.id} by ${how}`)
            assert.isTrue(how === "y" || how === "enter", how)
            if (before.dialog?._tag === "confirm") {
              assert.strictEqual(before.dialog.id, command.id)
              assert.deepStrictEqual(command.shown, before.dialog.shown)
              if (how === "enter") assert.isTrue(before.dialog.yes)
            }
          }
        })
      }),
      { numRuns: 300 },
    )
    assert.isAbove(approvals, 20)
  })

  it("an approval carries the digests of the plan that was on the screen before the key", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 60 }), (actions) => {
        play(actions, (before, how, commands) => {
          for (const command of commands) {
            if (command._tag !== "Approve" || how === "y" || how === "enter") continue
            assert.strictEqual(before.detail?.state, "loaded")
            assert.strictEqual(before.selected, command.id)
            assert.deepStrictEqual(
              command.shown.digests,
              before.detail?.detail?.plans.map((one) => one.verdict.digest),
            )
            assert.isAtLeast(before.now - before.detail!.loadedAt, 250)
          }
        })
      }),
      { numRuns: 200 },
    )
  })

  it("nothing is answered, changed or undone from the past", () => {
    let past = 0
    fc.assert(
      fc.property(fc.array(action, { minLength: 20, maxLength: 60 }), (actions) => {
        play(actions, (before, how, commands) => {
          if (before.timeline === null) return
          past++
          assert.deepStrictEqual(
            commands.filter((one) => answers.has(one._tag)),
            [],
            how,
          )
        })
      }),
      { numRuns: 200 },
    )
    assert.isAbove(past, 200)
  })

  it("a paste asks for nothing, and a burst for no answer", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 10, maxLength: 40 }), (actions) => {
        play(actions, (_, how, commands) => {
          if (how === "paste")
            assert.deepStrictEqual(
              commands.filter((one) => !one._tag.startsWith("Load")),
              [],
            )
          if (how === "burst")
            assert.deepStrictEqual(
              commands.filter((one) => answers.has(one._tag)),
              [],
            )
          if (how === "queue") assert.deepStrictEqual(commands.filter(isApproval), [])
        })
      }),
      { numRuns: 200 },
    )
  })
})
