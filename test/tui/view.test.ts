import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import type { EventRecord } from "../../src/domain/event.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import { lineWidth, type Style, textOf } from "../../tui/spans.ts"
import { theme } from "../../tui/theme.ts"
import { view } from "../../tui/view/view.ts"
import { Driver } from "./drive.ts"
import { chain, detail, event, plan, status, suggestion } from "./samples.ts"

const exact = (driver: Driver) => {
  const { columns, rows } = driver.model.size
  const lines = view(driver.model)
  assert.strictEqual(lines.length, rows)
  for (const line of lines) assert.strictEqual(lineWidth(line), columns, textOf(line))
}

/** Every style with which `text` is on the screen. */
const stylesOf = (driver: Driver, text: string): ReadonlyArray<Style> =>
  view(driver.model).flatMap((line) => line.filter((one) => one.text.includes(text)).map((one) => one.style))

const hostile = "a\u001b[2J\u202e日本\u200b{bold}\r\n🚀👩‍👩‍👧\ud800"

describe("every screen", () => {
  const size = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) })
  const keys = fc.array(
    fc.constantFrom(
      "j",
      "k",
      "G",
      "g",
      "tab",
      "S-tab",
      "enter",
      "escape",
      "/",
      "?",
      ":",
      "a",
      "x",
      "z",
      "@",
      "3",
      "+",
      "界",
    ),
    { maxLength: 12 },
  )
  const text = fc.oneof(
    fc
      .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 20 })
      .map((points) => String.fromCodePoint(...points)),
    fc.constant(hostile),
  )

  it("is exactly as large as the terminal, whatever its size, the keys and the texts", () => {
    fc.assert(
      fc.property(size, keys, fc.array(text, { minLength: 1, maxLength: 4 }), (sized, pressed, texts) => {
        const rows = texts.map((one, index) =>
          suggestion(`s_${index}`, {
            title: one,
            rule: one,
            note: one,
            risk: "high",
            why: [{ text: one, seq: 1 }],
          }),
        )
        const details = rows.map((row) => detail(row, [plan({ summary: row.title, preview: row.title })]))
        const driver = new Driver(sized).connect(rows, details)
        for (const key of pressed) {
          driver.key(key)
          driver.answer(details)
          exact(driver)
        }
        assert.notMatch(driver.screen.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u200b\u202e]/)
      }),
      { numRuns: 150 },
    )
  })

  it("lays a dialog over wide characters without moving what is beside it", () => {
    const wide = ["日".repeat(60), `x${"日".repeat(60)}`].join("\n")
    const row = suggestion("s_1", { risk: "high" })
    const driver = new Driver({ columns: 121, rows: 40 })
      .connect([row], [detail(row, [plan({ preview: Array(20).fill(wide).join("\n") })])])
      .keys("2", "a")
    assert.strictEqual(driver.context, "confirm")
    for (const line of driver.screen.split("\n").slice(0, -2)) assert.match(line, /[│┃╮╯]$/, driver.screen)
  })

  it("survives a small terminal, panel by panel", () => {
    const driver = new Driver({ columns: 40, rows: 10 }).connect([suggestion("s_1")])
    for (const key of ["1", "2", "3", "?", "escape", ":", "escape", "1", "x", "escape", "a"]) {
      driver.key(key)
      exact(driver)
    }
    assert.include(driver.screen, "Leave it")
  })
})

describe("the queue", () => {
  it("says that all is well when there is nothing", () => {
    const driver = new Driver().connect([])
    assert.include(driver.screen, "nothing to see")
    assert.include(driver.screen, "Claw is watching 2 workspaces")
  })

  it("marks urgent items, risk and age, in aligned columns", () => {
    const driver = new Driver().connect([
      suggestion("s_1", { urgent: true, title: "A secret is staged" }),
      suggestion("s_2", { risk: "medium", title: "日本語 install" }),
    ])
    const rows = driver.screen.split("\n").slice(1, 3)
    assert.match(rows[0]!, /^│ ! A secret is staged +3m │/)
    assert.match(rows[1]!, /^│ \? 日本語 install +medium +3m │/)
  })

  it("shows how answered items ended", () => {
    const states: ReadonlyArray<readonly [Suggestion["state"], string]> = [
      ["done", "✓"],
      ["failed", "✗"],
      ["undone", "↶"],
      ["rejected", "−"],
    ]
    const driver = new Driver().connect([])
    driver.tell({ _tag: "RecentCame", all: states.map(([state]) => suggestion(`s_${state}`, { state })) })
    for (const [state, glyph] of states)
      assert.match(driver.screen, new RegExp(`${glyph} Install.* ${state}`))
  })
})

describe("the detail", () => {
  const row = suggestion("s_1", { tainted: true, evidence: [12, 99], expiresAt: "2026-11-22T12:00:00.000Z" })
  const patch = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same"
  const driver = new Driver({ columns: 120, rows: 60 }).connect(
    [row],
    [
      detail(row, [
        plan({ preview: patch, undoable: true, undoReason: null }),
        plan({ sandbox: "none", summary: "$ make" }),
      ]),
    ],
  )

  it("tells why, with the seqs it rests on", () => {
    assert.include(driver.screen, "• package-lock.json changed on a pull #12")
    assert.include(driver.screen, "further evidence: #99")
    assert.include(driver.screen, "outsider could have written")
    assert.include(driver.screen, "expires in 2h")
  })

  it("tells what, with verdict, rule, file and line, sandbox and undo", () => {
    assert.include(driver.screen, "ask by ask/network presets/default.toml:41")
    assert.include(driver.screen, "in the sandbox · can be undone")
    assert.include(driver.screen, "WITHOUT a sandbox · cannot be undone")
    assert.include(driver.screen, "node_modules is not kept")
    assert.deepStrictEqual(stylesOf(driver, "WITHOUT"), [theme.alarm])
  })

  it("colours a diff", () => {
    assert.deepStrictEqual(stylesOf(driver, "+new"), [theme.good])
    assert.deepStrictEqual(stylesOf(driver, "-old"), [theme.bad])
    assert.deepStrictEqual(stylesOf(driver, "@@ -1"), [theme.accent])
    assert.deepStrictEqual(stylesOf(driver, "--- a/x"), [theme.bold])
  })

  it("says what it left out of a very long preview", () => {
    const long = Array.from({ length: 2_500 }, (_, index) => `${index}`).join("\n")
    const shown = new Driver().connect([row], [detail(row, [plan({ preview: long })])]).keys("2", "G")
    assert.include(shown.screen, "500 more lines")
  })
})

describe("the log", () => {
  it("tells each event in a line", () => {
    const driver = new Driver().connect([])
    assert.match(driver.screen, / 40 \d\d:\d\d:\d\d terminal\.command {2}ok \$ make step-40/)
    assert.include(driver.screen, "exit 1 $ make step-35")
  })

  it("lives with events it does not know, erased ones and hostile ones", () => {
    const strange: ReadonlyArray<EventRecord> = [
      event(1, { type: "future.thing", payload: { text: hostile } }),
      event(2, { payload: null }),
      event(3, { type: "git.commit", payload: { nothing: "of the kind" } }),
      event(4, { type: "terminal.command", payload: { command: hostile, exit: 0 } }),
    ]
    const driver = new Driver()
    driver.tell({ _tag: "Connected", head: 4 })
    driver.tell({ _tag: "RangeCame", from: 1, to: 4, events: strange })
    assert.include(driver.screen, "(erased)")
    assert.include(driver.screen, "of the kind")
    assert.include(driver.screen, "␛[2J")
    exact(driver)
  })
})

describe("the status line", () => {
  it("tells of sources, queue, trouble and spending", () => {
    const driver = new Driver().connect([])
    driver.tell({
      _tag: "StatusCame",
      status: status({
        queue: { visible: 2, waiting: 3, urgent: 1 },
        degraded: ["no sandbox: bwrap is missing", "disk full"],
        spentToday: 0.5,
      }),
    })
    const line = driver.screen.split("\n").at(-2)!
    assert.include(line, "fs✓ git✓ terminal~")
    assert.include(line, "2 to answer (1 urgent), 3 later")
    assert.include(line, "no sandbox: bwrap is missing (+1)")
    assert.include(line, "$0.50 today")
  })

  it("tells of the chain's cost in the causal chain", () => {
    const driver = new Driver().connect([suggestion("s_1")]).keys("@")
    driver.tell({
      _tag: "WhyCame",
      id: "s_1",
      why: { ...chain("s_1"), cost: { usd: 0.01, modelCalls: 2 } },
    })
    assert.include(driver.screen, "cost $0.0100, 2 model calls")
  })
})
