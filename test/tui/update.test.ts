import { assert, describe, it } from "@effect/vitest"
import { Driver } from "./drive.ts"
import { chain, detail, event, nowMs, plan, status, suggestion } from "./samples.ts"

const low = suggestion("s_low")
const high = suggestion("s_high", { risk: "high" })
const danger = suggestion("s_box")
const rows = [low, high, danger]
const details = [
  detail(low, [plan({}, "d-low-1"), plan({}, "d-low-2")]),
  detail(high, [plan({}, "d-high")]),
  detail(danger, [plan({ sandbox: "none" }, "d-box")]),
]
const connected = () => new Driver().connect(rows, details)
const notice = (driver: Driver) => driver.model.notice?.text ?? ""

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
    assert.include(notice(driver), "still being read")
  })

  it("does not take a key that was on its way when the plan came onto the screen", () => {
    const driver = connected().keys("j").answer(details)
    driver.key("a", { after: 100 })
    assert.include(notice(driver), "look first")
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
    assert.include(notice(denied.keys("a")), "policy forbids it: deny/outside")
    const broken = new Driver().connect([low], [detail(low, [plan({ problem: "no such file" })])])
    assert.include(notice(broken.keys("a")), "no such file")
    assert.deepStrictEqual([...denied.sent("Approve"), ...broken.sent("Approve")], [])
  })

  it("asks anew when the plan changed under the open question", () => {
    const driver = connected().keys("j").answer(details).keys("a")
    driver.tell({ _tag: "QueueCame", visible: rows.map((row) => ({ ...row, lastSeq: row.lastSeq + 1 })) })
    assert.isNull(driver.model.dialog)
    assert.include(notice(driver), "it changed")
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
    assert.include(notice(driver.keys("a")), "not connected")
    assert.include(driver.wait(7_000).screen, "disconnected, retrying")
  })

  it("sends one answer at a time for an item", () => {
    const driver = connected().keys("a", "a")
    assert.lengthOf(driver.sent("Approve"), 1)
    assert.include(notice(driver), "on its way")
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

describe("other answers", () => {
  it("rejects with a reason of one key, or a typed one", () => {
    const driver = connected().keys("x", "2")
    driver.tell({ _tag: "AnswerFailed", id: "s_low", reason: "no", difference: [] })
    driver.wait(2_000).keys("x", "3").type("my reason").keys("enter")
    const [first, second] = driver.sent("Reject")
    assert.deepInclude(first, { id: "s_low", reason: "wrong" })
    assert.deepInclude(second, { id: "s_low", reason: "my reason" })
    // with how long it had been before the person
    assert.isAtLeast(second!.lookedMs - first!.lookedMs, 2_000)
  })

  it("snoozes for ten minutes, an hour, or until tomorrow at nine", () => {
    for (const [key, check] of [
      ["1", (until: number, now: number) => assert.strictEqual(until, now + 600_000)],
      ["2", (until: number, now: number) => assert.strictEqual(until, now + 3_600_000)],
      [
        "3",
        (until: number, now: number) => {
          assert.strictEqual(new Date(until).getHours(), 9)
          assert.strictEqual(new Date(until).getDate(), new Date(now + 86_400_000).getDate())
        },
      ],
    ] as const) {
      const driver = connected().keys("z", key)
      check(driver.sent("Snooze")[0]!.untilMs, driver.now)
    }
  })

  it("takes back the selected, or asks about the last that was answered here", () => {
    const done = { ...low, state: "done", undoable: true } as const
    const driver = connected().keys("a")
    driver.tell({ _tag: "Answered", row: done, ended: true })
    driver.keys("u")
    assert.strictEqual(driver.context, "confirm")
    assert.include(driver.screen, "not the selected one")
    driver.keys("y")
    assert.deepStrictEqual(driver.sent("Undo"), [{ _tag: "Undo", id: "s_low" }])
  })

  it("pauses and resumes with the same key", () => {
    const driver = connected().keys("p")
    driver.tell({ _tag: "StatusCame", status: status({ paused: true }) })
    assert.include(driver.screen, "‖ paused")
    driver.keys("p")
    assert.deepStrictEqual(
      driver.commands.map((command) => command._tag),
      ["Pause", "Resume"],
    )
  })

  it("takes another fix of the rule as an edit: judged and shown before it can be approved", () => {
    const other = [{ tool: "bash", input: { command: "git pull --no-rebase" } }]
    const row = suggestion("s_o", { alternatives: [other] })
    const driver = new Driver().connect([row]).keys("o")
    assert.include(driver.screen, "1  $ git pull --no-rebase")
    driver.keys("enter")
    assert.deepStrictEqual(driver.commands, [{ _tag: "Edit", id: "s_o", actions: other }])
    assert.include(connected().keys("o").screen, "there is no other fix")
  })

  it("edits, and shows the judged actions again before any approval", () => {
    const driver = connected().keys("e")
    const [open] = driver.sent("OpenEditor")
    assert.deepStrictEqual(JSON.parse(open!.text), low.proposed)
    driver.tell({ _tag: "EditorClosed", id: "s_low", before: open!.text, after: open!.text })
    assert.include(notice(driver), "not changed")
    driver.tell({ _tag: "EditorClosed", id: "s_low", before: open!.text, after: "[{]" })
    assert.include(notice(driver), "these are no actions")
    const actions = [{ tool: "bash", input: { command: "npm ci --ignore-scripts" } }]
    driver.tell({ _tag: "EditorClosed", id: "s_low", before: open!.text, after: JSON.stringify(actions) })
    assert.deepStrictEqual(driver.sent("Edit"), [{ _tag: "Edit", id: "s_low", actions }])
    const row = { ...low, proposed: actions, lastSeq: low.lastSeq + 2 }
    driver.tell({ _tag: "Answered", row, ended: true })
    driver.keys("a")
    assert.deepStrictEqual(driver.sent("Approve"), [])
    driver.answer([detail(row, [plan({ summary: "$ npm ci --ignore-scripts" }, "d-edited")])])
    assert.include(driver.screen, "--ignore-scripts")
    driver.keys("a")
    assert.deepStrictEqual(driver.sent("Approve")[0]?.shown.digests, ["d-edited"])
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
    assert.include(notice(driver), "no further match")
  })

  it("puts a pasted text into a field, and nowhere else", () => {
    const driver = connected()
    driver.tell({ _tag: "Input", input: { _tag: "paste", text: "ayx\r" } })
    assert.deepStrictEqual(driver.commands, [])
    assert.include(notice(driver), "presses no keys")
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
    assert.include(notice(driver), "it is pending, and did not fail")
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
    assert.include(notice(driver), "undo: not now")
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
