/** The timeline's pure part: a position that moves at once, moments that follow, and nothing that answers. */
import { assert, describe, it } from "@effect/vitest"
import { isCurrent, queueThen } from "../../tui/timeline.ts"
import { Driver } from "./drive.ts"
import { chain, event, moment, nowMs, suggestion } from "./samples.ts"

const head = 1_000
const rows = [suggestion("s_now"), suggestion("s_high", { risk: "high" })]
const now = () => new Driver().connect(rows, undefined, head)
const opened = () => now().keys("t").serve()
const at = (driver: Driver) => driver.model.timeline!.seq
const asked = (driver: Driver) => driver.sent("LoadMoment").map(({ point }) => point)
const header = (driver: Driver) => driver.screen.split("\n")[0]!

describe("the timeline", () => {
  it("starts at the newest event, at the one under the log's cursor, and where a chain begins", () => {
    assert.strictEqual(at(opened()), head)
    const fromLog = now().keys("3", "k", "k", "t").serve()
    assert.strictEqual(at(fromLog), head - 2)
    const driver = now().keys("@")
    driver.tell({ _tag: "WhyCame", id: "s_now", why: chain("s_now") })
    assert.strictEqual(at(driver.keys("t").serve()), 14)
  })

  it("counts as ended what had run out by then, also where the log did not say so yet", () => {
    const ranOut = suggestion("s_over", { expiresAt: new Date(nowMs).toISOString() })
    const stands = suggestion("s_stands", { expiresAt: new Date(nowMs + 1).toISOString() })
    const { visible, ended } = queueThen({ at: new Date(nowMs).toISOString(), queue: [ranOut, stands] })
    assert.deepStrictEqual(
      visible.map(({ id }) => id),
      ["s_stands"],
    )
    assert.deepStrictEqual(
      ended.map(({ id, state }) => [id, state]),
      [["s_over", "expired"]],
    )
  })

  it("moves by one, ten, a hundred, a twentieth, and to the ends, and stays inside", () => {
    const driver = opened()
    const moves: ReadonlyArray<readonly [string, number]> = [
      ["left", 999],
      ["S-left", 989],
      ["[", 889],
      ["<", 839],
      ["right", 840],
      ["S-right", 850],
      ["]", 950],
      [">", 1_000],
      [">", 1_000],
      ["g", 1],
      ["h", 1],
      ["l", 2],
      ["end", 1_000],
      ["home", 1],
    ]
    for (const [key, seq] of moves) {
      driver.key(key)
      assert.strictEqual(at(driver), seq, key)
      driver.serve()
      assert.isTrue(isCurrent(driver.model.timeline!))
    }
  })

  it("moves at once and asks for the newest position only, one at a time", () => {
    const driver = opened()
    for (let press = 0; press < 40; press++) driver.key("left", { after: 20 })
    assert.strictEqual(at(driver), 960)
    assert.deepStrictEqual(asked(driver), [{ seq: 999 }])
    assert.include(header(driver), "#960 of 1000")
    assert.include(header(driver), "reading")
    driver.commands = []
    driver.tell({ _tag: "MomentCame", point: { seq: 999 }, moment: moment(999) })
    assert.deepStrictEqual(asked(driver), [{ seq: 960 }])
    assert.notStrictEqual(driver.model.timeline!.moment?.seq, 999)
    driver.tell({ _tag: "MomentCame", point: { seq: 960 }, moment: moment(960) })
    assert.strictEqual(driver.model.timeline!.moment?.seq, 960)
    assert.notInclude(header(driver), "reading")
  })

  it("takes a moment for what is wanted when it comes, however often one went away from it", () => {
    const driver = opened().keys("left", "right", "left")
    assert.deepStrictEqual(asked(driver), [{ seq: 999 }])
    driver.tell({ _tag: "MomentCame", point: { seq: 999 }, moment: moment(999) })
    assert.strictEqual(driver.model.timeline!.moment?.seq, 999)
  })

  it("reads the rows of the log and the bar's marks only when the moment is there", () => {
    const driver = opened().keys("g")
    assert.deepStrictEqual(driver.sent("LoadRange"), [])
    driver.commands = []
    driver.tell({ _tag: "MomentCame", point: { seq: 1 }, moment: moment(1) })
    assert.deepStrictEqual(driver.sent("LoadRange"), [{ _tag: "LoadRange", from: 1, to: 256, past: true }])
  })

  it("stays where it is while the log grows", () => {
    const driver = opened().keys("[").serve()
    driver.tell({ _tag: "TailCame", events: [event(1_001), event(1_002, { type: "decision.question" })] })
    assert.strictEqual(at(driver), 900)
    assert.include(header(driver), "#900 of 1002")
    assert.deepStrictEqual(asked(driver), [])
    assert.notInclude(driver.screen, "step-1001")
    driver.key("G")
    assert.strictEqual(at(driver), 1_002)
  })

  it("goes to a typed seq or time, and says what it cannot read", () => {
    const driver = opened().keys("/").type("123").keys("enter")
    assert.strictEqual(at(driver), 123)
    driver.serve().keys("/").type("2026-11-22T09:43:25Z").keys("enter")
    assert.deepStrictEqual(asked(driver), [{ atMs: Date.parse("2026-11-22T09:43:25Z") }])
    driver.serve(moment, [], () => 456)
    assert.strictEqual(at(driver), 456)
    driver.keys("/").type("never").keys("enter")
    assert.include(driver.screen, '"never" is no point')
    assert.strictEqual(at(driver), 456)
    driver.keys(":").type("77").keys("enter")
    assert.strictEqual(at(driver), 77)
    driver.serve().keys("/", "escape")
    assert.strictEqual(at(driver), 77)
  })

  it("is opened at a typed point from the palette", () => {
    const driver = now().keys(":").type("timeline 300").keys("enter").serve()
    assert.strictEqual(at(driver), 300)
    assert.strictEqual(at(driver.keys(":").type("goto 31").keys("enter").serve()), 31)
  })

  it("jumps to decisions by what the moment says, and by the marks where they are known", () => {
    const driver = opened().keys("[", "left").serve()
    assert.strictEqual(at(driver.keys("N").serve()), 800)
    assert.strictEqual(at(driver.keys("n").serve()), 900)
    const marked = now()
      .keys("t")
      .serve(
        moment,
        [150, 250].map((seq) => ({ seq, kind: "decision" as const })),
      )
    // without waiting for the moment in between
    marked.keys("g", "n", "n")
    assert.strictEqual(at(marked), 250)
    marked.serve((seq) => moment(seq, { nextDecision: null })).keys("n")
    assert.include(marked.screen, "no later decision")
    assert.strictEqual(at(marked.keys("N")), 150)
    marked.serve(() => moment(150, { previousDecision: null })).keys("N")
    assert.include(marked.screen, "no earlier decision")
  })

  it("walks a causal chain on and back, and keeps it while one walks", () => {
    const driver = opened().keys("/").type("200").keys("enter").serve()
    const seqs: Array<number> = []
    // at its evidence an event has another chain, or none
    const lonely = (seq: number) => moment(seq, seq < 200 ? { chain: [] } : {})
    for (const key of ["c", "enter", "C", "C", "backspace", "C", "C", "c"]) {
      driver.key(key)
      driver.serve(lonely)
      seqs.push(at(driver))
    }
    assert.deepStrictEqual(seqs, [201, 210, 201, 200, 198, 197, 197, 198])
    assert.match(driver.screen, /▸ +#198 /)
    assert.match(driver.screen, /#200 .* later +decision\.question/)
    driver.key("left")
    driver.serve(lonely).key("c")
    assert.include(driver.screen, "belongs to no chain")
  })

  it("goes from the queue of then to where its item was decided", () => {
    const driver = opened().keys("/").type("345").keys("enter").serve().keys("1", "j", "j")
    assert.include(driver.screen, "decided at #200")
    assert.strictEqual(at(driver.keys("enter").serve()), 200)
    assert.strictEqual(driver.model.panel, "detail")
  })

  it("moves by the log's rows in the log, and scrolls the chain in the chain", () => {
    const driver = opened().keys("3", "k", "k", "j").serve()
    assert.strictEqual(at(driver), 999)
    const low = new Driver({ columns: 60, rows: 14 }).connect(rows, undefined, head).keys("t").serve()
    assert.include(low.screen, "known")
    low.keys("C-d", "C-d", "C-d", "C-d", "C-d")
    assert.include(low.screen, "cost")
    assert.strictEqual(at(low), head)
    low.keys("C-u", "C-u", "C-u", "C-u", "C-u")
    assert.include(low.screen, "known")
  })

  it("copies the event one stands on", () => {
    const driver = opened().keys("left").serve().keys("y")
    assert.strictEqual(JSON.parse(driver.sent("Copy")[0]!.text).seq, 999)
  })

  it("answers, changes and undoes nothing, and says so", () => {
    const driver = opened()
    for (const key of ["a", "e", "o", "x", "z", "u", "p", "@"]) {
      assert.deepStrictEqual(driver.key(key), [], key)
      assert.include(driver.screen, "this is the past")
      assert.isNull(driver.model.dialog)
    }
    driver.keys(":").type("pause").keys("enter")
    assert.include(driver.screen, "pause: not now, this is the past")
    assert.deepStrictEqual(driver.commands, [])
  })

  it("goes back to the present, which has to be looked at again before a key approves it", () => {
    const driver = opened()
    driver.key("escape")
    assert.isNull(driver.model.timeline)
    assert.include(driver.screen, "Install as locked")
    driver.answer([])
    assert.deepStrictEqual(driver.key("a", { after: 100 }), [])
    assert.include(driver.screen, "just came onto the screen")
    driver.key("a")
    assert.strictEqual(driver.sent("Approve")[0]?.id, "s_now")
  })

  it("says that a moment could not be read, and tries again when told or moved", () => {
    const driver = opened().keys("left")
    driver.tell({ _tag: "MomentFailed", point: { seq: 999 }, reason: "disk \u001b[2Jbroken" })
    assert.include(header(driver), "disk ␛[2Jbroken")
    driver.commands = []
    driver.tell({ _tag: "Ticked" })
    assert.deepStrictEqual(asked(driver), [])
    driver.key("r")
    assert.deepStrictEqual(asked(driver), [{ seq: 999 }])
    driver.serve()
    assert.notInclude(header(driver), "broken")
  })

  it("asks again after the connection was lost, for a log that may be another", () => {
    const driver = opened().keys("left")
    driver.tell({ _tag: "Disconnected", reason: "gone" })
    assert.include(header(driver), "not connected")
    driver.commands = []
    driver.tell({ _tag: "Connected", head: 400 })
    assert.strictEqual(at(driver), 400)
    assert.deepStrictEqual(asked(driver), [{ seq: 400 }])
    driver.serve((seq) => moment(seq, { head: 400 }))
    assert.include(header(driver), "#400 of 400")
  })

  it("cannot be opened on an empty log or without a daemon", () => {
    const driver = new Driver().keys("t")
    assert.isNull(driver.model.timeline)
    assert.include(driver.screen, "not connected")
    driver.tell({ _tag: "Connected", head: 0 })
    assert.include(driver.keys("t").screen, "the log is empty")
  })

  it("drops what comes after it was closed", () => {
    const driver = opened().keys("left", "escape")
    const before = driver.model
    driver.now = Math.max(driver.now, nowMs)
    driver.tell({ _tag: "MomentCame", point: { seq: 999 }, moment: moment(999) })
    driver.tell({ _tag: "MarksCame", to: 1_000, marks: [] })
    driver.tell({ _tag: "RangeCame", from: 1, to: 2, past: true, events: [event(1), event(2)] })
    assert.isNull(driver.model.timeline)
    assert.strictEqual(driver.model.log.blocks, before.log.blocks)
  })
})
