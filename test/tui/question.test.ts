/** Questions on the screen, and words that Claw says. */
import { assert, describe, it } from "vitest"
import { Driver } from "./drive.ts"
import { detail, event, suggestion } from "./samples.ts"

const question = (over: object = {}) => {
  const row = suggestion("q_1", {
    title: "Which branch?",
    rule: "ask_user",
    proposed: [],
    question: {
      session: "c_1",
      call: "s_1#0",
      text: "Which branch?\nThe \u001b[31mfix\u202e goes there.",
      options: ["main", "next", "ne\u001b[2Jither"],
      multiple: false,
      answer: null,
      ...over,
    },
  })
  return new Driver().connect([row], [{ ...detail(row), plans: [] }])
}

describe("a question on the screen", () => {
  it("is shown whole and harmless, and not approved or edited", () => {
    const driver = question()
    assert.include(driver.screen, "Which branch?")
    assert.include(driver.screen, "main")
    assert.notMatch(driver.screen, /[\u001b\u202e]/)
    driver.keys("a")
    assert.include(driver.notice, "w answers it")
    driver.keys("e")
    assert.deepStrictEqual(driver.sent("Approve"), [])
  })

  it("is answered with one of its options", () => {
    const driver = question().keys("w")
    assert.strictEqual(driver.context, "choose")
    driver.keys("2")
    assert.deepStrictEqual(driver.sent("Answer"), [
      { _tag: "Answer", id: "q_1", answer: { chosen: ["next"], text: null } },
    ])
    const other = question().keys("w", "down", "enter")
    assert.deepStrictEqual(other.sent("Answer")[0]?.answer, { chosen: ["next"], text: null })
    const none = question().keys("w", "9", "escape")
    assert.deepStrictEqual(none.sent("Answer"), [])
  })

  it("takes several options by number, and says what is no answer", () => {
    const driver = question({ multiple: true }).keys("w")
    assert.strictEqual(driver.context, "answer")
    driver.type("1,7").keys("enter")
    assert.deepStrictEqual(driver.sent("Answer"), [])
    assert.include(driver.screen, "answer with 1 (main)")
    driver.keys("backspace").type("3").keys("enter")
    assert.deepStrictEqual(driver.sent("Answer")[0]?.answer, {
      chosen: ["main", "ne\u001b[2Jither"],
      text: null,
    })
  })

  it("takes free words where there are no options", () => {
    const driver = question({ options: [] }).keys("w")
    driver.keys("enter")
    assert.deepStrictEqual(driver.sent("Answer"), [])
    driver.type("the release branch").keys("enter")
    assert.deepStrictEqual(driver.sent("Answer")[0]?.answer, { chosen: [], text: "the release branch" })
  })

  it("is not answered by a key that comes with it, or by several at once", () => {
    const driver = question()
    driver.key("w", { after: 0, burst: true })
    assert.strictEqual(driver.model.dialog, null)
    assert.include(driver.notice, "several keys")
  })

  it("has no say over what asks for an approval", () => {
    const driver = new Driver().connect([suggestion("s_1")]).keys("w")
    assert.include(driver.notice, "it asks for an approval")
  })
})

describe("a word of Claw's", () => {
  it("is shown when it comes, on one line", () => {
    const driver = new Driver().connect([])
    const payload = { message: "Done \u001b[2J.\nMore of it", status: "normal" }
    driver.tell({ _tag: "TailCame", events: [{ ...event(41), type: "session.message", payload }] })
    assert.include(driver.notice, "Done")
    assert.notInclude(driver.notice, "More of it")
    assert.notInclude(driver.screen, "\u001b")
  })
})
