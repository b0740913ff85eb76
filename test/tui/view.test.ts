/** Every screen at every size: what is shown and that it fits. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import type { EventRecord } from "../../src/domain/event.ts"
import type { Suggestion } from "../../src/domain/suggestion.ts"
import type { Moment } from "../../src/rpc/shapes.ts"
import { lineWidth, type Style, textOf } from "../../tui/spans.ts"
import { theme } from "../../tui/theme.ts"
import { view } from "../../tui/view/view.ts"
import { Driver } from "./drive.ts"
import { chain, detail, event, moment, plan, status, suggestion } from "./samples.ts"

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

/** A moment whose every text an outsider wrote. */
const hostileMoment = (seq: number, rows: ReadonlyArray<Suggestion>): Moment => {
  const text = rows[0]?.title ?? hostile
  const strange = event(seq, {
    type: text,
    actor: text,
    correlationId: rows[0]?.id ?? null,
    payload: { text },
  })
  return moment(seq, {
    head: 40,
    event: seq === 0 ? null : strange,
    queue: rows.map((row) => ({ ...row, actions: [judged(text)] })),
    status: status({ degraded: [text] }),
    chain:
      seq % 2 === 0
        ? []
        : [
            { role: "evidence", event: strange, text },
            { role: "decision", event: event(seq + 1, { type: text }), text },
          ],
  })
}

const judged = (text: string): Suggestion["actions"][number] => ({
  tool: "bash",
  input: { command: text },
  verdict: "ask",
  rule: text,
  file: text,
  line: 1,
  reason: text,
  digest: "d",
})

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
      "t",
      "left",
      "c",
      "[",
      "n",
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
          exact(driver)
          driver.answer(details)
          driver.serve((seq) => hostileMoment(seq, rows))
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
    assert.include(driver.screen, "in the sandbox; ")
    assert.include(driver.screen, "can be undone")
    assert.include(driver.screen, "WITHOUT a sandbox; may touch anything")
    assert.include(driver.screen, "cannot be undone: node_modules is not kept")
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

  it("names sources in one order, and the help however little room there is", () => {
    const driver = new Driver({ columns: 60, rows: 20 }).connect([suggestion("s_1")])
    driver.tell({ _tag: "StatusCame", status: status({ sources: status().sources.toReversed() }) })
    assert.include(driver.screen.split("\n").at(-2)!, "fs✓ git✓ terminal~")
    const hints = driver.screen.split("\n").at(-1)!
    assert.match(hints, /^ a approve {2}.*\? help *$/)
    assert.notInclude(hints, "quit", "the others fill what is left")
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

describe("the past", () => {
  const past = (seq: number, size = { columns: 120, rows: 40 }, marks: Parameters<Driver["serve"]>[1] = []) =>
    new Driver(size)
      .connect([suggestion("s_now", { title: "Of today" })], undefined, 1_000)
      .keys("t")
      .serve(moment, marks)
      .keys("/")
      .type(String(seq))
      .keys("enter")
      .serve(moment, marks)

  it("is marked, and everything on the screen is as it was", () => {
    const { screen } = past(205)
    const [head] = screen.split("\n")
    assert.match(head!, /^ PAST {2}#205 of 1000 · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d · 16m ago/)
    assert.include(screen, "− Made at 100")
    // made five events ago, and not yet shown
    assert.notInclude(screen, "• Made at 200")
    assert.notInclude(screen, "Made at 300")
    assert.notInclude(screen, "Of today")
    assert.include(screen, "$0.20 today")
    assert.include(screen, "log until 205")
    assert.include(screen, "make step-205")
    assert.notInclude(screen, "make step-206")
    assert.include(past(215).screen, "? Made at 200")
    assert.notInclude(past(215).screen, "● watching")
  })

  it("tells what was known, decided, judged and done, what came later, and what it cost", () => {
    const driver = past(201)
    const text = driver.screen
    for (const heading of ["known  2 of 2", "decided  1 of 2", "judged  1 of 2", "done", "cost"])
      assert.include(text, heading)
    assert.match(text, /▸ +#201 \d\d:\d\d:\d\d policy\.verdict ask by/)
    assert.match(text, /#210 .* later +decision.shown/)
    assert.notMatch(text, /#200 .*later/)
    assert.include(text, "no model was asked; $0.20 that day until then")
    const paid = past(201)
    paid.keys("r").serve((seq) => moment(seq, { cost: { usd: 0.012, modelCalls: 3 } }))
    assert.include(paid.screen, "$0.0120, 3 model calls")
  })

  it("shows the event where it belongs to no chain", () => {
    const { screen } = past(50)
    assert.include(screen, '"command": "make step-50"')
  })

  it("shows a suggestion as it was, with the verdicts it had then", () => {
    const driver = past(245)
    driver.keys("r").serve((seq) => {
      const then = moment(seq)
      return { ...then, queue: then.queue.map((row) => ({ ...row, actions: [judged("npm ci")] })) }
    })
    driver.keys("1", "j")
    assert.include(driver.screen, "Made at 200")
    assert.include(driver.screen, "ask by npm ci npm ci:1")
    assert.include(driver.screen, "decided at #200: enter goes there")
  })

  it("has a bar over the whole log: decisions, actions, both, more than one, and where one is", () => {
    const driver = past(500, { columns: 122, rows: 40 }, [
      { seq: 11, kind: "decision" },
      { seq: 101, kind: "action" },
      { seq: 201, kind: "decision" },
      { seq: 202, kind: "action" },
      { seq: 301, kind: "decision" },
      { seq: 302, kind: "decision" },
      { seq: 991, kind: "action" },
      { seq: 992, kind: "action" },
    ])
    const bar = driver.screen.split("\n")[1]!
    assert.match(bar, /^├•─+▴─+◆─+●─+▲┤ • decided ▴ done ◆ both +$/)
    const spans = view(driver.model)[1]!
    const cursor = spans.findIndex((one) => "inverse" in one.style)
    assert.strictEqual(spans[cursor]!.text, "─")
    const before = spans.slice(0, cursor).reduce((sum, one) => sum + one.text.length, 0)
    assert.approximately(before / bar.indexOf("┤"), 0.5, 0.02)
  })

  it("shows on the bar where there is much of it", () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ seq: 507 + index, kind: "decision" as const }))
    const driver = past(1_000, { columns: 122, rows: 40 }, [
      { seq: 101, kind: "decision" },
      { seq: 201, kind: "action" },
      { seq: 301, kind: "decision" },
      { seq: 302, kind: "action" },
      { seq: 303, kind: "action" },
      { seq: 304, kind: "action" },
      ...many,
    ])
    assert.match(driver.screen.split("\n")[1]!, /^├─+·─+▵─+◈─+●─+┤/)
  })

  it("says that it is the past at every size", () => {
    for (const size of [
      { columns: 80, rows: 24 },
      { columns: 40, rows: 10 },
      { columns: 24, rows: 6 },
      { columns: 20, rows: 3 },
      { columns: 12, rows: 2 },
      { columns: 12, rows: 1 },
    ]) {
      const driver = past(205, size)
      exact(driver)
      assert.include(driver.screen, "PAST", `${size.columns}x${size.rows}`)
      for (const key of ["1", "2", "3", "+", "?", "escape", ":"]) {
        driver.key(key)
        exact(driver)
      }
    }
  })
})
