/** Running a tool from the screen, step by step: picked, filled in, judged, run or queued, its output on the screen. */
import { assert, describe, it } from "@effect/vitest"
import type { CallResult } from "../../src/domain/callResult.ts"
import type { ToolRow } from "../../src/rpc/toolShapes.ts"
import { Driver } from "./drive.ts"
import { detail, plan, suggestion } from "./samples.ts"

const row = (name: string, over: Partial<ToolRow> = {}): ToolRow => ({
  v: 1,
  name,
  description: `What ${name} is for.`,
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  inputSchema: {
    type: "object",
    properties: {
      path: { type: "string", minLength: 1, description: "which file" },
      limit: { type: "integer", minimum: 1 },
    },
    required: ["path"],
    additionalProperties: false,
  },
  examples: [{ path: "README.md", limit: 3 }],
  limits: [],
  readOnlyForms: [],
  off: null,
  undo: null,
  ...over,
})
const operation = (name: string, properties: object, required: ReadonlyArray<string>) => ({
  type: "object",
  properties: { operation: { type: "string", enum: [name] }, ...properties },
  required: ["operation", ...required],
  additionalProperties: false,
})
const tools = [
  row("git", {
    description: "Stage, commit.",
    inputSchema: {
      anyOf: [
        operation("stage", { paths: { type: "array", items: { type: "string" } } }, ["paths"]),
        operation("commit", { message: { type: "string" } }, ["message"]),
        operation("status", {}, []),
      ],
    },
    examples: [],
  }),
  row("read_file"),
]

const verdict = (kind: "allow" | "ask" | "deny") => ({
  ...plan().verdict,
  verdict: kind,
  rule: `rule-${kind}`,
})
const result = (over: Partial<CallResult> = {}): CallResult => ({
  v: 1,
  suggestion: "s_run",
  call: "s_run#0",
  tool: "read_file",
  input: { path: "a.txt" },
  edited: false,
  outcome: "done",
  ok: true,
  exit: null,
  text: "printed \u001b[31mred\u001b[0m",
  output: null,
  durationMs: 5,
  problem: null,
  verdict: null,
  undoable: false,
  ...over,
})

const open = (...keys: ReadonlyArray<string>) => {
  const driver = new Driver().connect([])
  driver.key("!")
  driver.tell({ _tag: "ToolsCame", tools })
  return driver.keys(...keys)
}
const said = (driver: Driver) => {
  const { dialog } = driver.model
  return dialog?._tag === "form" ? (dialog.said?._tag ?? "nothing") : "no form"
}
const judged = (driver: Driver, kind: "allow" | "ask" | "deny") => {
  const [asked] = driver.sent("JudgeTool").slice(-1)
  driver.tell({ _tag: "ToolJudged", call: asked!.call, verdict: verdict(kind), reason: null })
  return driver
}
const readForm = () => {
  const driver = open().type("read")
  driver.key("enter")
  return driver
}

describe("picking a tool", () => {
  it("asks for the tools once, and finds one by what is typed, its own name first", () => {
    const driver = new Driver().connect([])
    driver.keys("!")
    assert.lengthOf(driver.sent("LoadTools"), 1)
    assert.include(driver.screen, "asking the daemon")
    driver.tell({ _tag: "ToolsCame", tools })
    for (const name of ["git operation=stage", "git operation=commit", "read_file"])
      assert.include(driver.screen, name)
    driver.type("commit")
    const shown = driver.screen
    assert.isBelow(shown.indexOf("git operation=commit"), shown.indexOf("git operation=stage"))
    assert.notInclude(shown, "read_file")
    driver.keys("escape", "!")
    assert.lengthOf(driver.sent("LoadTools"), 1)
  })

  it("puts a tool's own name before other names that hold the word, and those before mere mentions", () => {
    const mentions = row("bash", { description: "Runs git and others." })
    const holds = row("digit")
    const driver = new Driver().connect([])
    driver.keys("!")
    driver.tell({ _tag: "ToolsCame", tools: [mentions, holds, ...tools] })
    const shown = driver.type("git").screen
    const at = ["git operation=stage", "git operation=commit", " digit ", " bash "].map((name) =>
      shown.indexOf(name),
    )
    assert.notInclude(at, -1)
    assert.deepStrictEqual(
      at.toSorted((a, b) => a - b),
      at,
    )
  })

  it("says of each form whether it only reads, and of what is off what turns it on", () => {
    const driver = new Driver().connect([])
    driver.keys("!")
    const hints = { readOnly: false, destructive: true, idempotent: false, openWorld: true }
    driver.tell({
      _tag: "ToolsCame",
      tools: [
        { ...tools[0]!, hints, readOnlyForms: [{ operation: "status" }], undo: "by refs" },
        row("WebSearch", { off: "set web.search" }),
      ],
    })
    assert.match(driver.screen, /git operation=status +reads/)
    assert.match(driver.screen, /git operation=commit +writes/)
    assert.match(driver.screen, /WebSearch +off +set web\.search/)
    driver.type("status").key("enter")
    assert.include(driver.screen, "undo: it changes nothing")
    driver.keys("escape", "escape", "!").type("web").key("enter")
    assert.include(driver.screen, "off: set web.search")
  })

  it("takes what is marked; of a tool with several forms the fields of that one", () => {
    const driver = open().type("git").keys("down", "enter")
    assert.strictEqual(driver.context, "form")
    assert.include(driver.screen, "message*")
    assert.notInclude(driver.screen, "paths")
  })

  it("is in the palette by name, and in the help", () => {
    const driver = new Driver().connect([]).keys(":").type("tool read")
    driver.key("enter")
    driver.tell({ _tag: "ToolsCame", tools })
    assert.include(driver.screen, "read_file")
    assert.notInclude(driver.screen, "git operation")
    driver.keys("escape", "?").type("run a tool")
    assert.include(driver.screen, "pick it, fill it in")
  })

  it("needs a daemon", () => {
    const driver = new Driver().connect([])
    driver.tell({ _tag: "Disconnected", reason: "gone" })
    driver.keys("!")
    assert.isNull(driver.model.dialog)
  })
})

describe("filling it in", () => {
  it("asks the gate of exactly what was typed, and runs that on the next enter", () => {
    const driver = readForm().type("a.txt").keys("tab").type("7")
    driver.key("enter")
    assert.deepStrictEqual(driver.sent("JudgeTool"), [
      { _tag: "JudgeTool", call: { tool: "read_file", input: { path: "a.txt", limit: 7 } } },
    ])
    assert.lengthOf(driver.sent("RunTool"), 0)
    driver.keys("enter")
    assert.lengthOf(driver.sent("RunTool"), 0)
    judged(driver, "allow")
    assert.include(driver.screen, "allow by rule-allow")
    assert.include(driver.screen, "enter runs it")
    driver.keys("enter", "enter")
    assert.deepStrictEqual(driver.sent("RunTool"), [
      { _tag: "RunTool", call: { tool: "read_file", input: { path: "a.txt", limit: 7 } } },
    ])
  })

  it("forgets the gate's word with the first change, and drops a word for what was typed before", () => {
    const driver = readForm().type("a.txt").keys("enter")
    const [asked] = driver.sent("JudgeTool")
    driver.type("2")
    driver.tell({ _tag: "ToolJudged", call: asked!.call, verdict: verdict("allow"), reason: null })
    assert.strictEqual(said(driver), "nothing")
    driver.keys("enter")
    judged(driver, "allow")
    driver.keys("backspace")
    assert.strictEqual(said(driver), "nothing")
    driver.keys("enter")
    assert.lengthOf(driver.sent("RunTool"), 0)
  })

  it("sends nothing that is denied, nor what several keys at once would run", () => {
    const driver = readForm().type("a.txt").keys("enter")
    judged(driver, "deny")
    driver.keys("enter")
    assert.lengthOf(driver.sent("RunTool"), 0)
    assert.include(driver.notice, "rule-deny")
    driver.type("3").keys("enter")
    judged(driver, "allow")
    driver.key("enter", { burst: true })
    assert.lengthOf(driver.sent("RunTool"), 0)
  })

  it("says what is wrong with a field, and leaves out what is empty", () => {
    const driver = readForm().type("a.txt").keys("down").type("x")
    driver.key("enter")
    assert.lengthOf(driver.sent("JudgeTool"), 0)
    assert.include(driver.screen, "limit takes a whole number")
    driver.keys("backspace", "enter")
    assert.deepStrictEqual(driver.sent("JudgeTool")[0]?.call.input, { path: "a.txt" })
  })

  it("shows the same as JSON and back, takes the example, and what an editor made of it", () => {
    const driver = readForm().keys("C-x")
    assert.include(driver.screen, "README.md")
    driver.keys("C-o")
    assert.include(driver.screen, 'JSON: {"path":"README.md","limit":3}')
    driver.keys("C-o", "C-g")
    const [editor] = driver.sent("OpenEditor")
    assert.deepStrictEqual(JSON.parse(editor!.text), { path: "README.md", limit: 3 })
    const after = JSON.stringify({ path: "two\nlines" })
    driver.tell({ _tag: "EditorClosed", id: editor!.id, before: editor!.text, after })
    driver.keys("enter")
    assert.deepStrictEqual(driver.sent("JudgeTool").at(-1)?.call.input, { path: "two\nlines" })
    driver.keys("C-o")
    assert.strictEqual(said(driver), "wrong")
    driver.tell({ _tag: "EditorClosed", id: editor!.id, before: editor!.text, after: "{" })
    assert.include(driver.screen, "this is no JSON")
  })

  it("takes pasted text as text", () => {
    const driver = readForm()
    driver.tell({ _tag: "Input", input: { _tag: "paste", text: "a b\nc" } })
    driver.keys("enter")
    assert.deepStrictEqual(driver.sent("JudgeTool")[0]?.call.input, { path: "a b c" })
  })

  it("fits a low and narrow screen, with the gate's word in sight", () => {
    const driver = readForm().type("a.txt").keys("enter")
    judged(driver, "ask")
    driver.tell({ _tag: "Resized", size: { columns: 40, rows: 14 } })
    assert.include(driver.screen, "ask by")
    for (const line of driver.screen.split("\n")) assert.isAtMost([...line].length, 40)
  })
})

const sentCall = (driver: Driver) => driver.sent("RunTool").at(-1)!.call

describe("running it", () => {
  const run = (kind: "allow" | "ask", state: "running" | "asking" | "refused") => {
    const driver = readForm().type("a.txt").keys("enter")
    judged(driver, kind)
    driver.keys("enter")
    driver.tell({
      _tag: "ToolTaken",
      call: sentCall(driver),
      requested: { v: 1, suggestion: "s_run", state },
    })
    return driver
  }

  it("shows what it prints, made harmless, in a pane that scrolls; esc goes back", () => {
    const driver = run("allow", "running")
    assert.deepStrictEqual(driver.sent("AwaitResults"), [{ _tag: "AwaitResults", id: "s_run" }])
    assert.include(driver.screen, "2 output")
    assert.include(driver.screen, "running")
    const text = Array.from({ length: 200 }, (_, n) => `line ${n}`).join("\n")
    driver.tell({ _tag: "ResultsCame", id: "s_run", results: [result({ text: `\u001b[31m\n${text}` })] })
    assert.include(driver.screen, "done")
    assert.notInclude(driver.screen, "\u001b")
    assert.notInclude(driver.screen, "line 199")
    driver.keys("G")
    assert.include(driver.screen, "line 199")
    driver.keys("escape")
    assert.notInclude(driver.screen, "line 199")
    driver.keys("O")
    assert.include(driver.screen, "line 1")
  })

  it("that asks gets its row selected in the queue, to be approved there like any other", () => {
    const other = suggestion("s_other")
    const driver = run("ask", "asking")
    const asked = suggestion("s_run", { rule: "requested", risk: "medium", title: "read_file: a.txt" })
    driver.tell({ _tag: "QueueCame", visible: [other] })
    driver.tell({ _tag: "QueueCame", visible: [other, asked] })
    assert.strictEqual(driver.model.selected, "s_run")
    driver.answer([detail(asked), detail(other)]).wait(1_000)
    driver.keys("a", "y")
    assert.strictEqual(driver.sent("Approve")[0]?.id, "s_run")
    driver.tell({ _tag: "Answered", row: { ...asked, state: "approved" }, ended: false })
    driver.tell({ _tag: "ResultsCame", id: "s_run", results: [result({ text: "printed" })] })
    assert.include(driver.screen, "printed")
  })

  it("is answered by one key where it can be taken back, by two where it cannot", () => {
    const asked = suggestion("s_run", { rule: "requested", risk: "low", title: "bash: make" })
    const answered = (undoable: boolean) => {
      const shown = plan({ undoable, undoReason: undoable ? null : "the workspace is too large to be kept" })
      return new Driver()
        .connect([asked], [detail(asked, [shown])])
        .wait(1_000)
        .keys("a")
    }
    assert.lengthOf(answered(true).sent("Approve"), 1)
    const final = answered(false)
    assert.lengthOf(final.sent("Approve"), 0)
    assert.include(final.screen, "it cannot be undone")
    final.wait(1_000)
    final.keys("y")
    assert.lengthOf(final.sent("Approve"), 1)
  })

  it("and its end do not take the screen from who looks at something else", () => {
    const driver = run("ask", "asking")
    driver.keys("3")
    driver.tell({ _tag: "ResultsCame", id: "s_run", results: [result({ text: "forty-two" })] })
    assert.notInclude(driver.screen, "forty-two")
    assert.include(driver.notice, "O shows")
    driver.keys("O")
    assert.include(driver.screen, "forty-two")
  })

  it("shows what an approved suggestion printed, of whichever is selected", () => {
    const driver = new Driver().connect([suggestion("s_open")])
    driver.keys("O")
    assert.include(driver.notice, "no tool was run from here yet")
    for (const [id, text] of [
      ["s_one", "on main"],
      ["s_two", "all passed"],
    ] as const) {
      driver.tell({ _tag: "QueueCame", visible: [suggestion(id, { state: "done" })] })
      driver.keys("1", "g", "O")
      assert.deepStrictEqual(driver.sent("AwaitResults").at(-1), { _tag: "AwaitResults", id })
      driver.tell({ _tag: "ResultsCame", id, results: [result({ suggestion: id, text })] })
      assert.include(driver.screen, text)
    }
  })

  it("that the daemon does not take says why in the form, to be mended", () => {
    const driver = readForm().type("a.txt").keys("enter")
    judged(driver, "allow")
    driver.keys("enter")
    driver.tell({ _tag: "ToolRefused", call: sentCall(driver), reason: "path: too short" })
    assert.strictEqual(driver.context, "form")
    assert.include(driver.screen, "path: too short")
  })

  it("that cannot be done says why where it was typed, and leaves nothing in the queue", () => {
    const driver = run("ask", "refused")
    assert.strictEqual(driver.context, "form")
    const problem = { reason: "failed", message: "a.txt does not hold the text to replace" }
    driver.tell({
      _tag: "ResultsCame",
      id: "s_run",
      results: [result({ ok: false, outcome: "failed", text: problem.message, problem })],
    })
    assert.strictEqual(said(driver), "wrong")
    assert.include(driver.screen, problem.message)
    assert.isNull(driver.model.wanted)
    assert.notInclude(driver.screen, "it is a question")
  })

  it("that read a repository is text, not records", () => {
    const driver = run("allow", "running")
    const records = JSON.stringify({ files: [], patch: "diff --git a/a b/a\n-one\n+two\n" })
    const output = { head: records, tail: "", bytes: records.length, blob: null }
    driver.tell({
      _tag: "ResultsCame",
      id: "s_run",
      results: [result({ tool: "git", input: { operation: "diff" }, text: records, output })],
    })
    assert.include(driver.screen, "diff --git a/a b/a")
    assert.notInclude(driver.screen, '"patch"')
  })

  it("that went wrong says so", () => {
    const driver = run("allow", "refused")
    const problem = { reason: "denied", message: "denied by outside-workspace" }
    driver.tell({
      _tag: "ResultsCame",
      id: "s_run",
      results: [result({ ok: false, outcome: "denied", text: problem.message, problem })],
    })
    assert.include(driver.screen, "denied by outside-workspace")
  })

  it("without a question leaves no row among what was answered", () => {
    const driver = new Driver().connect([])
    const ran = suggestion("s_ran", {
      rule: "requested",
      state: "done",
      visibleAt: null,
      title: "ran unasked",
    })
    const answered = suggestion("s_yes", { rule: "requested", state: "done", title: "was asked about" })
    driver.tell({ _tag: "RecentCame", all: [ran, answered] })
    assert.notInclude(driver.screen, "ran unasked")
    assert.include(driver.screen, "was asked about")
  })
})
