/** The list of memories that wait: what is shown of them, and that one key answers for exactly the one that was read. */
import { assert, describe, it } from "@effect/vitest"
import type { MemoryView } from "../../src/rpc/memories.ts"
import { Driver } from "./drive.ts"
import { waiting } from "./waiting.ts"

const opened = (...inbox: ReadonlyArray<MemoryView>): Driver => {
  const driver = new Driver().connect([])
  driver.tell({ _tag: "MindsCame", minds: { conversations: [], agents: [], inbox } })
  return driver.keys("m")
}
const comes = (driver: Driver, ...inbox: ReadonlyArray<MemoryView>): Driver => {
  driver.tell({ _tag: "MindsCame", minds: { conversations: [], agents: [], inbox } })
  return driver
}
const sent = (driver: Driver) => driver.sent("AnswerMemory")

describe("the inbox of memories", () => {
  it("shows the marked one whole, where it comes from, and whose words it is", () => {
    const bad = "first line\nsecond\u001b[31m line"
    const driver = opened(
      waiting("k_1", { text: bad, trust: "untrusted", replaces: ["k_9"] }),
      waiting("k_2", { layer: "fact", scope: "user", workspace: null }),
    )
    assert.strictEqual(driver.context, "inbox")
    const screen = driver.screen
    for (const text of [
      "first line",
      "not your words",
      "rests on 3, 5",
      "take the place of k_9",
      "words of k_2",
    ])
      assert.include(screen, text)
    assert.notInclude(screen, "\u001b[31m")
    assert.include(driver.keys("j").screen, "everywhere; from extraction")
    assert.include(opened().screen, "nothing waits to be remembered")
  })

  it("lets in and turns down with one key each, and stays open for the next", () => {
    const driver = opened(waiting("k_1"), waiting("k_2"), waiting("k_3"))
    driver.keys("j").keys("a")
    assert.deepStrictEqual(sent(driver), [{ _tag: "AnswerMemory", id: "k_2", accept: true }])
    comes(driver, waiting("k_1"), waiting("k_3")).keys("x")
    assert.deepStrictEqual(sent(driver).at(-1), { _tag: "AnswerMemory", id: "k_3", accept: false })
    assert.strictEqual(driver.context, "inbox")
    assert.notStrictEqual(driver.keys("escape").context, "inbox")
  })

  it("answers for nothing that came under the cursor just now, and for nothing that came in a burst", () => {
    const driver = opened(waiting("k_1"), waiting("k_2"))
    comes(driver, waiting("k_2")).key("a", { after: 50 })
    assert.deepStrictEqual(sent(driver), [])
    // another one before it leaves the cursor where it was
    driver.keys("j").wait(1_000)
    comes(driver, waiting("k_0"), waiting("k_2")).key("a", { after: 50 })
    assert.deepStrictEqual(sent(driver), [{ _tag: "AnswerMemory", id: "k_2", accept: true }])
    const burst = opened(waiting("k_1"))
    burst.key("x", { burst: true })
    assert.deepStrictEqual(sent(burst), [])
    assert.deepStrictEqual(sent(opened().keys("a")), [])
  })

  it("lets nothing in that is not in sight to its last word, and turns it down all the same", () => {
    const driver = opened(waiting("k_1", { text: "words ".repeat(330) }))
    driver.tell({ _tag: "Resized", size: { columns: 60, rows: 16 } })
    driver.keys("a")
    assert.deepStrictEqual(sent(driver), [])
    assert.include(driver.screen, "claw memory accept k_1")
    driver.keys("x")
    assert.deepStrictEqual(sent(driver), [{ _tag: "AnswerMemory", id: "k_1", accept: false }])
  })
})
