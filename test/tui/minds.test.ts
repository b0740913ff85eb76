/** Conversations and agents on the screen: their order, the last words of one, a stop that is asked, a word that is sent. */
import { assert, describe, it } from "@effect/vitest"
import type { AgentView } from "../../src/rpc/agents.ts"
import type { SessionItem, SessionView } from "../../src/rpc/sessions.ts"
import { type Minds, mindRows } from "../../tui/minds.ts"
import { noWords, wordsCame } from "../../tui/words.ts"
import { Driver } from "./drive.ts"
import { event, status, suggestion } from "./samples.ts"
import { waiting } from "./waiting.ts"

const at = "2026-11-22T09:00:00.000Z"
const spent = { usd: 0, calls: 0, unpriced: 0 }

const conversation = (session: string, over: Partial<SessionView> = {}): SessionView => ({
  v: 1,
  session,
  kind: "chat",
  title: `About ${session}`,
  model: "local/tiny",
  workspace: "/home/dev/proj",
  cwd: "/home/dev/proj",
  actor: "user:cli",
  parent: null,
  state: "resting",
  rested: "completed",
  openedAt: at,
  lastAt: at,
  lastSeq: 3_000,
  words: 1,
  spent,
  ...over,
})

const agent = (id: string, session: string, over: Partial<AgentView> = {}): AgentView => ({
  v: 1,
  agent: id,
  session,
  type: "explore",
  title: `Look into ${id}`,
  state: "running",
  message: "",
  workspace: "/home/dev/proj",
  background: true,
  depth: 1,
  limits: { steps: 10, tokens: null, usd: null, ms: null },
  on: [],
  tree: null,
  patch: null,
  queuedAt: at,
  startedAt: at,
  endedAt: null,
  spent,
  ...over,
})

const minds: Minds = {
  conversations: [
    { view: conversation("ses_old"), open: [] },
    {
      view: conversation("ses_busy", { state: "working", rested: null, spent: { ...spent, usd: 0.0123 } }),
      open: [{ suggestion: "s_9", title: "$ npm test", state: "asks", question: false }],
    },
    { view: conversation("ses_parent"), open: [] },
  ],
  agents: [
    agent("ses_child", "ses_parent", { state: "waiting", on: ["s_1", "s_2"] }),
    agent("ses_grand", "ses_child"),
    agent("ses_gone", "ses_old", { state: "failed", endedAt: at }),
    agent("ses_alone", "ses_archived", { state: "succeeded", endedAt: at }),
  ],
  inbox: [],
}

const said = (seq: number, text: string): SessionItem => ({
  _tag: "said",
  seq,
  at,
  text,
  actor: "user:cli",
  files: [],
})
const answered = (seq: number, text: string): SessionItem => ({
  _tag: "answered",
  seq,
  at,
  call: "m_1",
  served: "tiny",
  parts: [{ type: "text", text }],
  finish: "stop",
  usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  usd: null,
})

const opened = (given: Minds = minds): Driver => {
  const driver = new Driver().connect([suggestion("s_1", { title: "$ npm ci" })])
  driver.tell({ _tag: "MindsCame", minds: given })
  return driver.keys("s")
}

describe("the list", () => {
  it("has what works first, agents under their parents, and those without one too", () => {
    assert.deepStrictEqual(
      mindRows({ minds, visible: [] }).map(({ depth, id }) => [id, depth]),
      [
        ["ses_busy", 0],
        ["ses_parent", 0],
        ["ses_child", 1],
        ["ses_grand", 2],
        ["ses_old", 0],
        ["ses_gone", 1],
        ["ses_alone", 0],
      ],
    )
  })

  it("keeps all that works and only the newest of the rest, and ends where agents go round in a circle", () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      view: conversation(`ses_${index}`, { state: index >= 290 ? "working" : "resting" }),
      open: [],
    }))
    const rows = mindRows({ minds: { ...minds, conversations: many, agents: [] }, visible: [] })
    assert.strictEqual(rows.length, 60)
    assert.isTrue(rows.slice(0, 10).every((row) => row.works))
    const round = [agent("ses_a", "ses_b"), agent("ses_b", "ses_a")]
    assert.deepStrictEqual(
      mindRows({ minds: { ...minds, conversations: [], agents: round }, visible: [] }),
      [],
    )
  })

  it("shows state, cost and what each waits for, made harmless", () => {
    const evil = {
      ...minds.conversations[0]!,
      view: conversation("ses_old", { title: "x\u001b[31m\u202ey" }),
    }
    const driver = opened({ ...minds, conversations: [evil, ...minds.conversations.slice(1)] })
    assert.strictEqual(driver.context, "agents")
    const lines = driver.screen.split("\n")
    const line = (text: string): string => lines.find((one) => one.includes(text)) ?? ""
    assert.include(line("About ses_busy"), "working")
    assert.include(line("About ses_busy"), "waits for you: $ npm test")
    assert.include(line("About ses_busy"), "$0.0123")
    assert.include(line("explore: Look into ses_child"), "waits for you: $ npm ci (+1)")
    assert.include(line("Look into ses_gone"), "failed")
    assert.notInclude(driver.screen, "\u001b")
    assert.notInclude(driver.screen, "\u202e")
  })

  it("stays on the same one when the order changes", () => {
    const driver = opened().keys("down", "down")
    const first = { view: conversation("ses_new", { state: "working" }), open: [] }
    driver.tell({ _tag: "MindsCame", minds: { ...minds, conversations: [first, ...minds.conversations] } })
    driver.keys("w")
    assert.include(driver.screen, "explore: Look into ses_child")
  })

  it("says so where there is nothing", () => {
    const driver = opened({ conversations: [], agents: [], inbox: [] })
    assert.include(driver.screen, "no conversation and no agent yet")
    driver.keys("enter", "x", "w")
    assert.strictEqual(driver.context, "agents")
    assert.strictEqual(driver.keys("escape").context, "queue")
  })

  it("opens from the palette", () => {
    const driver = new Driver().connect([]).keys(":").type("agents").keys("enter")
    assert.strictEqual(driver.context, "agents")
  })
})

describe("reading the list", () => {
  it("is done at the start and when something moves, once at a time and once more where more moved", () => {
    const driver = new Driver()
    driver.tell({ _tag: "Connected", head: 1 })
    assert.deepStrictEqual(driver.sent("LoadMinds"), [{ _tag: "LoadMinds", ended: false }])
    const moved = { _tag: "TailCame", events: [event(2, { type: "agent.queued" })] } as const
    driver.tell(moved)
    driver.tell(moved)
    assert.strictEqual(driver.sent("LoadMinds").length, 1)
    driver.tell({ _tag: "MindsCame", minds })
    assert.strictEqual(driver.sent("LoadMinds").length, 2)
    driver.tell({ _tag: "MindsCame", minds })
    driver.tell({ _tag: "TailCame", events: [event(3)] })
    assert.strictEqual(driver.sent("LoadMinds").length, 2)
    driver.tell({ _tag: "TailCame", events: [event(4, { type: "memory.proposed" })] })
    assert.strictEqual(driver.sent("LoadMinds").length, 3)
  })

  it("also wants agents that ended, and costs, while one looks", () => {
    const driver = opened()
    // what was asked for before it was opened
    driver.tell({ _tag: "MindsCame", minds })
    assert.deepStrictEqual(driver.sent("LoadMinds").at(-1), { _tag: "LoadMinds", ended: true })
    driver.tell({ _tag: "MindsCame", minds })
    const before = driver.sent("LoadMinds").length
    driver.tell({ _tag: "TailCame", events: [event(41, { type: "model.answered", payload: {} })] })
    assert.strictEqual(driver.sent("LoadMinds").length, before + 1)
  })

  it("keeps what it knows where it fails", () => {
    const driver = opened()
    driver.tell({ _tag: "MindsCame", minds: null })
    assert.include(driver.screen, "About ses_busy")
  })
})

describe("the last words", () => {
  it("are followed while they are looked at, and again after the daemon was lost", () => {
    const driver = opened().keys("enter")
    assert.strictEqual(driver.context, "talk")
    const follow = { _tag: "Follow", session: "ses_busy" } as const
    assert.deepStrictEqual(driver.sent("Follow"), [follow])
    driver.tell({ _tag: "Disconnected", reason: "gone" })
    driver.tell({ _tag: "Connected", head: 50 })
    assert.deepStrictEqual(driver.sent("Follow"), [follow, follow])
    driver.keys("w", "escape")
    assert.strictEqual(driver.sent("Follow").length, 2)
    driver.keys("escape")
    assert.strictEqual(driver.context, "agents")
    assert.deepStrictEqual(driver.sent("Follow").at(-1), { _tag: "Follow", session: null })
    assert.isNull(driver.model.words)
  })

  it("show what was said, what comes in, and what is open, made harmless", () => {
    const driver = opened().keys("enter")
    const part = (part: Parameters<typeof wordsCame>[1], session = "ses_busy") =>
      driver.tell({ _tag: "PartCame", session, part })
    part({ _tag: "item", item: said(10, "please\u001b]0;evil\u0007 look") })
    part({ _tag: "item", item: answered(11, "I looked") })
    part({
      _tag: "open",
      requests: [{ suggestion: "s_9", title: "$ npm test", state: "asks", question: false }],
    })
    part({ _tag: "text", call: "m_2", text: "and it " })
    part({ _tag: "text", call: "m_2", text: "comes in" })
    part({ _tag: "item", item: said(12, "of another") }, "ses_old")
    for (const text of ["> please", "I looked", "? waits $ npm test", "s_9", "and it comes in"])
      assert.include(driver.screen, text)
    assert.notInclude(driver.screen, "of another")
    assert.notInclude(driver.screen, "\u001b")
    part({ _tag: "item", item: answered(13, "it is whole") })
    assert.notInclude(driver.screen, "and it comes in")
    driver.tell({ _tag: "FollowEnded", session: "ses_busy", reason: "no such conversation" })
    assert.include(driver.screen, "no such conversation")
  })

  it("scroll back to the first and on to the newest, and not beyond", () => {
    const driver = opened().keys("enter")
    for (let n = 1; n <= 60; n++)
      driver.tell({
        _tag: "PartCame",
        session: "ses_busy",
        part: { _tag: "item", item: said(n, `word ${n}.`) },
      })
    assert.include(driver.screen, "word 60.")
    driver.keys(...Array.from({ length: 12 }, () => "pageup"))
    assert.include(driver.screen, "word 1.")
    assert.notInclude(driver.screen, "word 60.")
    driver.keys("k", "j")
    assert.notInclude(driver.screen, "word 1.")
    driver.keys(...Array.from({ length: 12 }, () => "pagedown"))
    assert.include(driver.screen, "word 60.")
  })

  it("are bounded, and forget what was rewound", () => {
    let words = noWords("ses_1")
    for (let seq = 1; seq <= 500; seq++)
      words = wordsCame(words, { _tag: "item", item: said(seq, "x".repeat(10_000)) })
    for (let n = 0; n < 100; n++)
      words = wordsCame(words, { _tag: "text", call: null, text: "y".repeat(1_000) })
    assert.strictEqual(words.entries.length, 60)
    assert.isBelow(words.entries[0]!.text.length, 4_100)
    assert.strictEqual(words.coming.length, 4_000)
    words = wordsCame(words, {
      _tag: "item",
      item: { _tag: "rewound", seq: 501, at, to: 490, files: false },
    })
    assert.strictEqual(words.entries.at(-2)?.seq, 489)
    assert.strictEqual(wordsCame(words, { _tag: "again", reason: "", afterMs: 0, model: "m" }).coming, "")
  })
})

describe("stopping one", () => {
  it("is asked, and done only by a key that came alone and late enough", () => {
    const driver = opened().keys("x")
    assert.strictEqual(driver.context, "stop")
    driver.key("enter", { burst: true })
    assert.deepStrictEqual(driver.sent("StopMind"), [])
    assert.strictEqual(driver.keys("escape").context, "agents")
    driver.keys("x")
    driver.key("enter", { after: 20 })
    assert.deepStrictEqual(driver.sent("StopMind"), [])
    driver.keys("enter")
    assert.deepStrictEqual(driver.sent("StopMind"), [{ _tag: "StopMind", session: "ses_busy", agent: false }])
    assert.strictEqual(driver.context, "agents")
  })

  it("ends an agent as an agent, and nothing that is at rest", () => {
    const driver = opened().keys("down", "down", "enter", "x", "enter")
    assert.deepStrictEqual(driver.sent("StopMind"), [{ _tag: "StopMind", session: "ses_child", agent: true }])
    assert.strictEqual(driver.context, "talk")
    const rests = opened().keys("down", "x")
    assert.strictEqual(rests.context, "agents")
    assert.include(rests.model.notice?.text, "does not work")
  })
})

describe("a word to one", () => {
  it("is typed on one line, pasted too, and sent", () => {
    const driver = opened().keys("w").type("go on")
    driver.tell({ _tag: "Input", input: { _tag: "paste", text: " with\nit" } })
    driver.keys("enter")
    const text = "go on with it"
    assert.deepStrictEqual(driver.sent("SayTo"), [{ _tag: "SayTo", session: "ses_busy", agent: false, text }])
    assert.strictEqual(driver.context, "agents")
  })

  it("is not sent empty, nor to an agent that ended, nor after escape", () => {
    const driver = opened().keys("w", "enter")
    assert.strictEqual(driver.context, "word")
    driver.type("no").keys("escape")
    assert.deepStrictEqual(driver.sent("SayTo"), [])
    const ended = opened().keys("down", "down", "down", "down", "down", "w")
    assert.strictEqual(ended.context, "agents")
    assert.include(ended.model.notice?.text, "it ended: failed")
  })
})

describe("the status line", () => {
  const last = (given: Minds): string => {
    const driver = new Driver().connect([])
    driver.tell({ _tag: "StatusCame", status: status() })
    driver.tell({ _tag: "MindsCame", minds: given })
    return driver.screen.split("\n").at(-2) ?? ""
  }
  it("says how many work and how many memories wait, where there are any", () => {
    assert.include(last(minds), "3 at work")
    assert.notInclude(last(minds), "inbox")
    assert.include(last({ ...minds, inbox: [waiting("k_1")] }), "1 memory in the inbox")
    const quiet = last({ conversations: [], agents: [], inbox: [waiting("k_1"), waiting("k_2")] })
    assert.include(quiet, "2 memories in the inbox")
    assert.notInclude(quiet, "at work")
  })
})
