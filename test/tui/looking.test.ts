/** What one looks at and how one gets there: the cursor, the causal chain, filters, named commands, notices. */
import { assert, describe, it } from "@effect/vitest"
import { Driver } from "./drive.ts"
import { chain, detail, event, nowMs, plan, suggestion } from "./samples.ts"
import { connected, low, rows } from "./threeWaiting.ts"

describe("the cursor", () => {
  it("stays on its item when others come and go", () => {
    const driver = connected().keys("j")
    driver.tell({ _tag: "QueueCame", visible: [suggestion("s_new", { urgent: true }), ...rows] })
    assert.strictEqual(driver.model.selected, "s_high")
  })

  it("waits for the first question until one moved", () => {
    const driver = new Driver().connect([])
    driver.tell({ _tag: "RecentCame", all: [suggestion("s_old", { state: "done" })] })
    assert.strictEqual(driver.model.selected, "s_old")
    driver.tell({ _tag: "QueueCame", visible: [low] })
    assert.strictEqual(driver.model.selected, "s_low")
  })

  it("moves to the ends and by pages", () => {
    const many = Array.from({ length: 60 }, (_, index) => suggestion(`s_${index}`))
    const driver = new Driver().connect(many).keys("G")
    assert.strictEqual(driver.model.selected, "s_59")
    driver.keys("g")
    assert.strictEqual(driver.model.selected, "s_0")
    driver.keys("C-d")
    const half = driver.model.queueIndex
    assert.isAbove(half, 3)
    driver.keys("C-u", "k")
    assert.strictEqual(driver.model.queueIndex, 0)
  })

  it("goes round the panels, and to each by its number", () => {
    const driver = connected().keys("tab")
    assert.strictEqual(driver.model.panel, "detail")
    driver.keys("tab", "tab", "S-tab")
    assert.strictEqual(driver.model.panel, "log")
    assert.strictEqual(driver.keys("2").model.panel, "detail")
    assert.strictEqual(driver.keys("escape").model.panel, "queue")
  })
})

describe("looking", () => {
  it("shows the causal chain, and comes back", () => {
    const driver = connected().keys("@")
    assert.deepStrictEqual(driver.sent("LoadWhy"), [{ _tag: "LoadWhy", id: "s_low" }])
    driver.tell({ _tag: "WhyCame", id: "s_low", why: chain("s_low") })
    assert.include(driver.screen, "pull origin/main")
    assert.include(driver.screen, "#12")
    driver.keys("a")
    assert.deepStrictEqual(driver.sent("Approve"), [])
    driver.keys("escape")
    assert.include(driver.screen, "what")
  })

  it("shows an event of the log whole, and its chain", () => {
    const driver = connected().keys("3", "k", "k", "enter")
    assert.include(driver.screen, '"command": "make step-38"')
    driver.keys("escape", "@")
    assert.deepStrictEqual(driver.sent("LoadWhy"), [{ _tag: "LoadWhy", id: "38" }])
  })

  it("filters the queue while one types; esc gives it back", () => {
    const driver = new Driver().connect([
      suggestion("s_1", { title: "Push" }),
      suggestion("s_2", { title: "Pull" }),
    ])
    driver.keys("/").type("pul")
    assert.strictEqual(driver.model.selected, "s_2")
    driver.keys("enter")
    assert.notInclude(driver.screen, "Push")
    driver.keys("/").type("gone").keys("C-u").type("!pul").keys("enter")
    assert.strictEqual(driver.model.selected, "s_1")
    driver.keys("escape")
    assert.include(driver.screen, "Pull")
  })

  it("filters the log on the daemon's side", () => {
    const driver = connected().keys("3", "/").type("step-7").keys("enter")
    assert.deepStrictEqual(driver.sent("LoadMatches"), [
      { _tag: "LoadMatches", text: "step-7", from: 1, to: 40, older: true },
    ])
    driver.tell({ _tag: "MatchesCame", text: "step-7", older: true, events: [event(7)], upTo: 40 })
    assert.include(driver.screen, "log /step-7 1")
    driver.keys("escape")
    assert.include(driver.screen, "log 7 of 40")
  })

  it("finds in the detail with n and N", () => {
    const long = Array.from({ length: 200 }, (_, index) => `line ${index}`).join("\n")
    const driver = new Driver().connect([low], [detail(low, [plan({ preview: long })])]).keys("2", "/")
    driver.type("line 150").keys("enter", "n")
    assert.include(driver.screen, "line 150")
    driver.keys("n")
    assert.include(driver.notice, "no further match")
  })

  it("puts a pasted text into a field, and nowhere else", () => {
    const driver = connected()
    driver.tell({ _tag: "Input", input: { _tag: "paste", text: "ayx\r" } })
    assert.deepStrictEqual(driver.commands, [])
    assert.include(driver.notice, "presses no keys")
    driver.keys("x", "3")
    driver.tell({ _tag: "Input", input: { _tag: "paste", text: "two\r\nlines\u0007" } })
    assert.strictEqual(driver.context, "reason")
    driver.keys("enter")
    assert.deepInclude(driver.sent("Reject")[0], { id: "s_low", reason: "two lines" })
  })

  it("asks once more for what failed, and for nothing else", () => {
    const failed = suggestion("s_failed", { state: "failed", note: "no such file" })
    const driver = new Driver().connect([low])
    driver.keys(".")
    assert.lengthOf(driver.sent("Retry"), 0)
    assert.include(driver.notice, "it is pending, and did not fail")
    driver.tell({ _tag: "RecentCame", all: [low, failed] })
    driver.keys("j")
    assert.strictEqual(driver.model.selected, "s_failed")
    driver.key(".", { burst: true })
    assert.lengthOf(driver.sent("Retry"), 0)
    driver.keys(".")
    const [sent] = driver.sent("Retry")
    assert.deepStrictEqual(sent, { _tag: "Retry", id: "s_failed", call: failed.proposed[0]! })
    driver.tell({
      _tag: "ToolTaken",
      call: sent!.call,
      requested: { v: 1, suggestion: "s_again", state: "asking" },
    })
    driver.tell({ _tag: "QueueCame", visible: [low, suggestion("s_again")] })
    assert.strictEqual(driver.model.selected, "s_again")
  })

  it("runs named commands with what follows the name", () => {
    const driver = connected().keys(":").type("snooze 30m").keys("enter")
    assert.deepStrictEqual(driver.sent("Snooze"), [
      { _tag: "Snooze", id: "s_low", untilMs: driver.now + 30 * 60_000 },
    ])
    driver.keys(":").type("pause 1h").keys("enter")
    assert.deepStrictEqual(driver.sent("Pause"), [{ _tag: "Pause", untilMs: driver.now + 3_600_000 }])
    driver.keys(":").type("undo").keys("enter")
    assert.include(driver.notice, "undo: not now")
  })

  it("lists the keys of the panel one is in, filtered as one types", () => {
    const driver = connected().keys("?")
    assert.include(driver.screen, "approve: do what is shown")
    driver.type("palette")
    assert.include(driver.screen, "no key does that here")
    driver.keys("C-k").type("name")
    assert.include(driver.screen, "commands by name")
    assert.notInclude(driver.screen, "snooze ")
  })

  it("copies the call in the detail, the event in the log", () => {
    const driver = connected().keys("2", "y", "3", "y")
    assert.strictEqual(driver.sent("Copy")[0]?.text, "$ npm ci\n$ npm ci")
    assert.strictEqual((JSON.parse(driver.sent("Copy")[1]!.text) as { seq: number }).seq, 40)
  })

  it("quits step by step with q, at once with control-C", () => {
    const driver = connected().keys("3", "q")
    assert.deepStrictEqual(driver.sent("Quit"), [])
    driver.keys("q")
    assert.deepStrictEqual(driver.sent("Quit"), [{ _tag: "Quit", interrupted: false }])
    driver.keys("x", "C-c")
    assert.deepStrictEqual(driver.sent("Quit")[1], { _tag: "Quit", interrupted: true })
  })

  it("tells the daemon when a person is looking", () => {
    const driver = new Driver()
    driver.tell({ _tag: "Connected", head: 0 })
    driver.tell({ _tag: "Input", input: { _tag: "focus", focused: false } })
    driver.tell({ _tag: "Disconnected", reason: "gone" })
    driver.tell({ _tag: "Connected", head: 0 })
    assert.deepStrictEqual(
      driver.sent("Presence").map(({ present }) => present),
      [true, false, false],
    )
  })

  it("lets a notice go after a while", () => {
    const driver = connected().keys("r")
    assert.include(driver.screen, "read again")
    driver.wait(10_000).tell({ _tag: "Ticked" })
    assert.isNull(driver.model.notice)
    assert.isAbove(driver.now, nowMs)
  })
})
