/** What changed since, in the way of an undo: shown with its sides, decided one by one, left at any time. */
import { assert, describe, it } from "vitest"
import type { UndoConflict } from "../../src/domain/undoConflict.ts"
import { Driver } from "./drive.ts"
import { suggestion } from "./samples.ts"

const conflict = (path: string, mergeable: boolean): UndoConflict => ({
  path,
  what: "edited",
  message: `${path} changed since`,
  mergeable,
  mine: "@@ -1 +1 @@\n-line 7\n+mine \u001b[31m\u202e\n",
  back: "@@ -1 +1 @@\n-claw's\n+line 1\n",
  merged: mergeable ? "@@ -1 +1 @@\n-claw's\n+line 1\n" : null,
})

/** An undo was asked for and answered with these. */
const blocked = (...conflicts: ReadonlyArray<UndoConflict>): Driver => {
  const driver = new Driver().connect([suggestion("s_1", { state: "done", undoable: true })])
  driver.tell({ _tag: "AnswerFailed", id: "s_1", reason: "a.txt changed since", difference: [], conflicts })
  return driver.wait(1_000)
}

describe("an undo with conflicts", () => {
  it("shows each with its sides, harmlessly, and sends what was said of all", () => {
    const driver = blocked(conflict("a.txt", true), conflict("b.txt", false))
    assert.strictEqual(driver.context, "conflicts")
    for (const text of ["1 of 2", "a.txt changed since", "-line 7", "+mine", "+line 1", "m merge"])
      assert.include(driver.screen, text)
    assert.notMatch(driver.screen, /[\u001b\u202e]/)
    driver.keys("m")
    assert.deepStrictEqual(driver.sent("Undo"), [])
    assert.include(driver.screen, "2 of 2")
    driver.keys("m")
    assert.include(driver.notice, "no clean merge")
    driver.keys("k")
    assert.deepStrictEqual(driver.sent("Undo"), [
      {
        _tag: "Undo",
        id: "s_1",
        choice: { stance: "stop", paths: { "a.txt": "merge", "b.txt": "keep" } },
      },
    ])
    assert.isNull(driver.model.dialog)
  })

  it("is left at any step without anything being taken back", () => {
    for (const key of ["escape", "q", "3"]) {
      const driver = blocked(conflict("a.txt", true), conflict("b.txt", true)).keys("k", key)
      assert.isNull(driver.model.dialog, key)
      assert.deepStrictEqual(driver.sent("Undo"), [])
      assert.include(driver.notice, "left as it was")
    }
  })

  it("takes no key that nobody can have read for, nor enter, nor keys in a burst", () => {
    const driver = blocked(conflict("a.txt", true))
    driver.keys("enter")
    driver.key("k", { burst: true })
    assert.deepStrictEqual(driver.sent("Undo"), [])
    const fast = blocked(conflict("a.txt", true), conflict("b.txt", true)).keys("k")
    fast.key("k", { after: 20 })
    assert.deepStrictEqual(fast.sent("Undo"), [])
    assert.include(fast.notice, "look first")
  })

  it("scrolls what does not fit, and fits the smallest screens", () => {
    const long = {
      ...conflict("a.txt", true),
      mine: Array.from({ length: 60 }, (_, n) => `+line ${n}`).join("\n"),
    }
    const driver = blocked(long)
    assert.include(driver.screen, "more lines")
    assert.notInclude(driver.screen, "+line 50")
    for (let n = 0; n < 80; n++) driver.keys("down")
    assert.include(driver.screen, "merged: mine stays")
    driver.tell({ _tag: "Resized", size: { columns: 30, rows: 8 } })
    assert.include(driver.screen, "k keep mine")
  })
})
