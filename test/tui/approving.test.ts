/** A yes at the screen: when one key is enough, what is asked again, and what an approval is bound to. */
import { assert, describe, it } from "@effect/vitest"
import { Driver } from "./drive.ts"
import { detail, plan } from "./samples.ts"
import { connected, details, low, rows } from "./threeWaiting.ts"

describe("approving", () => {
  it("takes one key where the risk is low and the plan is on the screen, and sends its digests", () => {
    const driver = connected().keys("a")
    assert.deepStrictEqual(driver.sent("Approve"), [
      {
        _tag: "Approve",
        id: "s_low",
        shown: {
          digests: ["d-low-1", "d-low-2"],
          plans: ["plan-d-low-1", "plan-d-low-2"],
          unsandboxed: false,
        },
      },
    ])
  })

  it("asks again where the risk is not low; the safe button is marked", () => {
    const driver = connected().keys("j").answer(details).keys("a")
    assert.strictEqual(driver.context, "confirm")
    assert.include(driver.screen, "▸ Leave it")
    driver.keys("enter")
    assert.deepStrictEqual(driver.sent("Approve"), [])
    driver.keys("a", "y")
    assert.deepStrictEqual(driver.sent("Approve"), [
      {
        _tag: "Approve",
        id: "s_high",
        shown: { digests: ["d-high"], plans: ["plan-d-high"], unsandboxed: false },
      },
    ])
  })

  it("asks again without a sandbox, and says so in the approval", () => {
    const driver = connected().keys("j").answer(details).keys("j").answer(details).keys("a")
    assert.include(driver.screen, "WITHOUT a sandbox")
    driver.keys("tab", "enter")
    assert.deepStrictEqual(driver.sent("Approve"), [
      {
        _tag: "Approve",
        id: "s_box",
        shown: { digests: ["d-box"], plans: ["plan-d-box"], unsandboxed: true },
      },
    ])
  })

  it("asks again where the plan is not on the screen", () => {
    const small = new Driver({ columns: 40, rows: 10 }).connect(rows, details)
    assert.strictEqual(small.keys("a").context, "confirm")
    assert.include(small.screen, "npm ci")
  })

  it("waits for the plan, and says so", () => {
    const driver = new Driver().connect(rows, [])
    driver.keys("a")
    assert.deepStrictEqual(driver.sent("Approve"), [])
    assert.include(driver.notice, "still being read")
  })

  it("does not take a key that was on its way when the plan came onto the screen", () => {
    const driver = connected().keys("j").answer(details)
    driver.key("a", { after: 100 })
    assert.include(driver.notice, "look first")
    assert.isNull(driver.model.dialog)
    assert.strictEqual(driver.key("a").length + (driver.context === "confirm" ? 0 : 1), 0)
  })

  it("takes no answer from keys that came in a burst", () => {
    const driver = connected()
    for (const key of ["a", "x", "z", "u", "e", "p"]) driver.key(key, { burst: true })
    assert.deepStrictEqual(driver.commands, [])
    assert.isNull(driver.model.dialog)
    driver.keys("j").answer(details).keys("a")
    driver.key("y", { burst: true })
    assert.deepStrictEqual(driver.sent("Approve"), [])
    assert.strictEqual(driver.context, "confirm")
  })

  it("refuses what policy denies and what cannot be done, with the reason", () => {
    const denied = new Driver().connect(
      [low],
      [detail(low, [plan({ verdict: { ...plan().verdict, verdict: "deny", rule: "deny/outside" } })])],
    )
    assert.include(denied.keys("a").notice, "policy forbids it: deny/outside")
    const broken = new Driver().connect([low], [detail(low, [plan({ problem: "no such file" })])])
    assert.include(broken.keys("a").notice, "no such file")
    assert.deepStrictEqual([...denied.sent("Approve"), ...broken.sent("Approve")], [])
  })

  it("asks anew when the plan changed under the open question", () => {
    const driver = connected().keys("j").answer(details).keys("a")
    driver.tell({ _tag: "QueueCame", visible: rows.map((row) => ({ ...row, lastSeq: row.lastSeq + 1 })) })
    assert.isNull(driver.model.dialog)
    assert.include(driver.notice, "it changed")
    driver.keys("y")
    assert.deepStrictEqual(driver.sent("Approve"), [])
    assert.deepStrictEqual(driver.sent("LoadDetail").at(-1), { _tag: "LoadDetail", id: "s_high" })
  })

  it("closes the question when its item is gone", () => {
    const driver = connected().keys("j").answer(details).keys("a")
    driver.tell({ _tag: "QueueCame", visible: [low] })
    assert.isNull(driver.model.dialog)
  })

  it("closes it also when the daemon is lost", () => {
    const driver = connected().keys("j").answer(details).keys("a")
    driver.tell({ _tag: "Disconnected", reason: "gone" })
    assert.isNull(driver.model.dialog)
    assert.include(driver.keys("a").notice, "not connected")
    assert.include(driver.wait(7_000).screen, "disconnected, retrying")
  })

  it("sends one answer at a time for an item", () => {
    const driver = connected().keys("a", "a")
    assert.lengthOf(driver.sent("Approve"), 1)
    assert.include(driver.notice, "on its way")
  })

  it("moves on to the next question when it was taken, and tells how it ended", () => {
    const driver = connected().keys("a")
    driver.tell({ _tag: "Answered", row: { ...low, state: "approved" }, ended: false })
    assert.strictEqual(driver.model.selected, "s_high")
    driver.tell({ _tag: "Answered", row: { ...low, state: "done", undoable: true }, ended: true })
    assert.include(driver.screen, "done: Install as locked (s_low) (u takes it back)")
    assert.include(driver.screen, "✓ Install")
  })
})

describe("what changed between the look and the yes", () => {
  const changed = {
    _tag: "AnswerFailed",
    id: "s_low",
    reason: "it changed since it was shown: /home/dev/proj/a.txt changed",
    difference: [
      {
        index: 0,
        summary: "Edit a.txt",
        changed: ["/home/dev/proj/a.txt changed"],
        preview: "--- as it was shown\n+++ as it would be now\n@@ -1 +1 @@\n-old\u001b[31m line\n+new line\n",
      },
    ],
  } as const

  it("is shown with the difference, the plan is read again, and a key approves what is there now", () => {
    const driver = connected().keys("a")
    driver.commands = []
    driver.tell(changed)
    assert.deepStrictEqual(driver.sent("LoadDetail"), [{ _tag: "LoadDetail", id: "s_low" }])
    driver.answer([detail(low, [plan({}, "d-now")])])
    assert.include(driver.screen, "changed since it was shown; nothing was done")
    assert.include(driver.screen, "a.txt changed")
    assert.include(driver.screen, "+new line")
    assert.include(driver.screen, "-old␛[31m line")
    driver.key("a", { after: 100 })
    assert.deepStrictEqual(driver.sent("Approve"), [], "it just came onto the screen")
    driver.key("a", { after: 1_000 })
    assert.deepStrictEqual(driver.sent("Approve")[0]?.shown.plans, ["plan-d-now"])
  })

  it("is told of its own item only, and no longer once that was answered otherwise", () => {
    const driver = connected().keys("a")
    driver.tell(changed)
    driver.answer(details).wait(1_000)
    driver.keys("j").answer(details)
    assert.notInclude(driver.screen, "changed since it was shown; nothing was done")
    driver.keys("k").answer(details)
    driver.tell({ _tag: "AnswerFailed", id: "s_low", reason: "somebody was first", difference: [] })
    driver.answer(details)
    assert.notInclude(driver.screen, "changed since it was shown; nothing was done")
  })
})
