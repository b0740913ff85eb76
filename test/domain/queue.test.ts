/** The fold of the queue: what becomes of a row, event by event, and what is kept of it. */
import { assert, describe, it } from "@effect/vitest"
import type { ToolCall, Verdict } from "../../src/domain/action.ts"
import { draft, type Event, type EventDraft, type EventType, type PayloadOf } from "../../src/domain/event.ts"
import { emptyQueue, evolveQueue, queueProjection, type QueueState } from "../../src/domain/queue.ts"
import type { Proposal } from "../../src/domain/suggestion.ts"

const calls: ReadonlyArray<ToolCall> = [
  { tool: "bash", input: { command: "one" } },
  { tool: "bash", input: { command: "two" }, cwd: "/w/a" },
]
const verdict = (digest: string): Verdict => ({
  verdict: "ask",
  rule: "r",
  file: "p0.toml",
  line: 3,
  reason: "because",
  effects: [],
  commands: [],
  matched: [],
  missing: null,
  digest,
})

class Story {
  state: QueueState = emptyQueue
  seq = 0
  ms = Date.parse("2026-01-01T00:00:00.000Z")

  put(made: EventDraft): Story {
    this.seq += 1
    const at = new Date(this.ms).toISOString()
    const event = { ...made, seq: this.seq, id: `e${this.seq}`, at, v: 1, prevHash: "", hash: "" } as Event
    this.state = evolveQueue(this.state, event)
    return this
  }
  of<T extends EventType>(id: string, type: T, payload: PayloadOf<T>): Story {
    return this.put(draft(type, payload, { actor: "test", correlationId: id }))
  }
  make(id: string, over: Partial<Proposal> = {}): Story {
    const proposal: Proposal = {
      rule: "rule",
      mode: "draft",
      title: "Title",
      why: [{ text: "so", seq: 1 }],
      evidence: [1],
      actions: calls,
      risk: "low",
      urgent: false,
      fingerprint: `rule:${id}`,
      expiresWhen: [],
      ttlMs: null,
      alternatives: [],
      ...over,
    }
    const made = { situation: 1, suggestion: id, proposal, tainted: true, expiresAt: null }
    return this.put(draft("decision.draft", made, { actor: "decider", workspace: "/w", correlationId: id }))
  }
  judge(id: string, over: ReadonlyArray<ToolCall> = calls): Story {
    for (const [index, call] of over.entries()) {
      this.of(id, "policy.verdict", { suggestion: id, index, call, verdict: verdict(`d${index}`) })
    }
    return this
  }
  start(id: string, index: number, possible: boolean): Story {
    return this.of(id, "tool.started", {
      suggestion: id,
      call: `${id}#${index}`,
      tool: "bash",
      input: {},
      commands: [],
      sandbox: "none",
      digest: "d",
      undo: { possible, reason: null, before: [], refs: {} },
    })
  }
  finish(id: string, index: number, ok = true): Story {
    return this.of(id, "tool.finished", {
      suggestion: id,
      call: `${id}#${index}`,
      ok,
      exit: ok ? 0 : 9,
      output: { head: "", tail: "", bytes: 0, blob: null },
      durationMs: 1,
      after: [],
      refs: {},
    })
  }
  approve(id: string): Story {
    return this.of(id, "approval.approved", {
      suggestion: id,
      digests: [],
      unsandboxed: false,
      surface: "cli",
    })
  }
  row(id: string) {
    return this.state.suggestions[id]!
  }
}

describe("a row", () => {
  it("is made pending, judged in order, shown, approved, run and done", () => {
    const story = new Story().make("s")
    assert.include(story.row("s"), {
      state: "pending",
      visibleAt: null,
      tainted: true,
      workspace: "/w",
      decidedSeq: 1,
      lastSeq: 1,
    })
    assert.deepStrictEqual(story.row("s").actions, [])
    story.judge("s")
    assert.deepStrictEqual(
      story.row("s").actions.map(({ input, cwd, digest }) => ({ input, cwd, digest })),
      [
        { input: { command: "one" }, cwd: undefined, digest: "d0" },
        { input: { command: "two" }, cwd: "/w/a", digest: "d1" },
      ],
    )
    story.of("s", "decision.withheld", { suggestion: "s", reason: "waits", until: null })
    assert.strictEqual(story.row("s").note, "waits")
    story.ms += 1_000
    story.of("s", "decision.shown", { suggestion: "s", reason: "now", boundary: "commit" })
    assert.include(story.row("s"), { note: null, visibleAt: "2026-01-01T00:00:01.000Z" })
    story.approve("s").start("s", 0, true).finish("s", 0)
    assert.strictEqual(story.row("s").state, "approved")
    story.start("s", 1, false).finish("s", 1)
    assert.include(story.row("s"), { state: "done", undoable: true, lastSeq: 10 })
  })
  it("is undone when all that can be taken back was", () => {
    const story = new Story().make("s").judge("s").approve("s")
    story.start("s", 0, true).finish("s", 0).start("s", 1, true).finish("s", 1)
    story.of("s", "tool.undone", { suggestion: "s", call: "s#1", paths: [] })
    assert.strictEqual(story.row("s").state, "done")
    story.of("s", "tool.undone", { suggestion: "s", call: "s#0", paths: [] })
    assert.include(story.row("s"), { state: "undone", undoable: false })
  })
  it("says why it cannot be taken back, failed, was refused or expired", () => {
    const refused = new Story().make("s").judge("s").approve("s").start("s", 0, true).finish("s", 0, false)
    assert.include(refused.row("s"), { state: "failed", note: "it ended with exit 9", undoable: true })
    refused.of("s", "tool.undo-refused", { suggestion: "s", call: "s#0", reason: "a.txt changed since" })
    assert.include(refused.row("s"), { state: "failed", note: "cannot be taken back: a.txt changed since" })
    const failed = new Story()
      .make("s")
      .approve("s")
      .of("s", "tool.failed", { suggestion: "s", call: "s#0", reason: "timeout", message: "took too long" })
    assert.include(failed.row("s"), { state: "failed", note: "took too long", undoable: false })
    const no = new Story()
      .make("s")
      .of("s", "approval.rejected", { suggestion: "s", reason: "no thanks", surface: "tui" })
    assert.include(no.row("s"), { state: "rejected", note: "no thanks" })
    const old = new Story()
      .make("s")
      .of("s", "decision.expired", { suggestion: "s", reason: "HEAD moved", evidence: [] })
    assert.include(old.row("s"), { state: "expired", note: "HEAD moved" })
  })
  it("without actions is done when agreed to", () => {
    assert.strictEqual(new Story().make("s", { actions: [] }).approve("s").row("s").state, "done")
  })
  it("snoozed is hidden until it is shown again", () => {
    const story = new Story()
      .make("s")
      .of("s", "decision.shown", { suggestion: "s", reason: "", boundary: null })
    story.of("s", "approval.snoozed", { suggestion: "s", until: "2026-01-01T01:00:00.000Z", surface: "cli" })
    assert.include(story.row("s"), {
      state: "snoozed",
      visibleAt: null,
      snoozedUntil: "2026-01-01T01:00:00.000Z",
    })
    story.of("s", "decision.shown", { suggestion: "s", reason: "", boundary: null })
    assert.include(story.row("s"), { state: "pending", snoozedUntil: null })
  })
  it("edited waits for new verdicts; old ones do not count", () => {
    const story = new Story().make("s").judge("s")
    const actions = [{ tool: "bash", input: { command: "three" } }]
    story.of("s", "approval.edited", { suggestion: "s", actions, surface: "cli" })
    assert.deepStrictEqual(story.row("s").actions, [])
    story.judge("s")
    assert.deepStrictEqual(story.row("s").actions, [])
    story.judge("s", actions)
    assert.deepStrictEqual(
      story.row("s").actions.map((action) => action.input),
      [{ command: "three" }],
    )
  })
  it("once ended is not opened again by what comes late", () => {
    const story = new Story()
      .make("s")
      .of("s", "approval.rejected", { suggestion: "s", reason: "", surface: "cli" })
    const ended = story.row("s")
    story.of("s", "decision.shown", { suggestion: "s", reason: "", boundary: null })
    story.of("s", "decision.expired", { suggestion: "s", reason: "late", evidence: [] })
    story.of("s", "approval.snoozed", { suggestion: "s", until: "x", surface: "cli" })
    story.approve("s").of("s", "approval.edited", { suggestion: "s", actions: [], surface: "cli" })
    assert.deepStrictEqual(story.row("s"), { ...ended, lastSeq: story.seq })
    const running = new Story().make("s").approve("s")
    running.of("s", "decision.expired", { suggestion: "s", reason: "late", evidence: [] })
    assert.strictEqual(running.row("s").state, "approved")
  })
  it("lastSeq is the newest event of its correlation, whatever its type; others leave it alone", () => {
    const story = new Story().make("s").make("t")
    story.put(draft("decision.tick", { dueMs: 1 }, { actor: "attention" }))
    assert.strictEqual(story.row("s").lastSeq, 1)
    story.of("s", "approval.undo", { suggestion: "s", surface: "cli" })
    assert.deepStrictEqual([story.row("s").lastSeq, story.row("t").lastSeq, story.state.seq], [4, 2, 4])
  })
  it("an erased event moves the position only, but what was answered is not offered again", () => {
    const story = new Story().make("s")
    const before = story.row("s")
    const at = "2026-01-01T00:00:00.000Z"
    const shown = {
      ...draft(
        "decision.shown",
        { suggestion: "s", reason: "r", boundary: null },
        { actor: "x", correlationId: "s" },
      ),
      seq: 2,
      id: "e2",
      at,
      v: 1,
      payload: null,
      prevHash: "",
      hash: "",
    }
    const moved = evolveQueue(story.state, shown as never)
    assert.deepStrictEqual(moved.suggestions["s"], { ...before, lastSeq: 2 })
    const erased = {
      ...draft(
        "approval.approved",
        { suggestion: "s", digests: [], unsandboxed: false, surface: "cli" },
        { actor: "x", correlationId: "s" },
      ),
      seq: 3,
      id: "e3",
      at,
      v: 1,
      payload: null,
      prevHash: "",
      hash: "",
    }
    const row = evolveQueue(moved, erased as never).suggestions["s"]
    assert.deepStrictEqual([row?.state, row?.lastSeq, row?.endedMs], ["expired", 3, Date.parse(at)])
  })
})

describe("an approval that is void", () => {
  const voided = (story: Story) =>
    story.of("s", "approval.voided", { suggestion: "s", reason: "it changed", changed: ["a.txt changed"] })

  it("leaves a question that says why, and can be approved again", () => {
    const story = new Story().make("s").judge("s").approve("s")
    assert.deepStrictEqual(story.row("s").answered, { by: "test", at: new Date(story.ms).toISOString() })
    voided(story)
    assert.include(story.row("s"), {
      state: "pending",
      note: "it changed; a.txt changed",
      answered: null,
      visibleAt: new Date(story.ms).toISOString(),
      endedMs: null,
    })
    assert.lengthOf(story.row("s").actions, 2)
    story.approve("s")
    assert.include(story.row("s"), { state: "approved", note: null })
  })

  it("voids nothing that was not approved, or has ended", () => {
    const story = voided(new Story().make("s").judge("s"))
    assert.include(story.row("s"), { state: "pending", note: null })
    story.of("s", "approval.rejected", { suggestion: "s", reason: "no", surface: "cli" })
    assert.include(voided(story).row("s"), { state: "rejected", note: "no" })
  })

  it("is not what a failure is: that stays, and says as what it was asked for once more", () => {
    const story = new Story().make("s").judge("s").approve("s")
    story.of("s", "tool.failed", { suggestion: "s", call: "s#0", reason: "interrupted", message: "killed" })
    story.of("s", "approval.retried", { suggestion: "s", as: "s_2", surface: "cli" })
    assert.include(story.row("s"), { state: "failed", note: "killed; asked for once more as s_2" })
  })
})

describe("the queue", () => {
  it("forgets ended rows after a day, and beyond two hundred; never open ones", () => {
    const story = new Story().make("open").make("ended")
    story.of("ended", "approval.rejected", { suggestion: "ended", reason: "", surface: "cli" })
    story.ms += 24 * 3_600_000
    assert.isDefined(story.make("a").row("ended"))
    story.ms += 1
    assert.isUndefined(story.make("b").row("ended"))
    assert.isDefined(story.row("open"))
    for (let n = 0; n < 250; n += 1) {
      story.ms += 1
      story
        .make(`n${n}`)
        .of(`n${n}`, "approval.rejected", { suggestion: `n${n}`, reason: "", surface: "cli" })
    }
    story.make("last")
    assert.isUndefined(story.row("n49"))
    assert.isDefined(story.row("n50"))
    assert.deepStrictEqual(Object.keys(story.state.suggestions).length, 200 + 4)
  })
  it("is a projection whose state is JSON", () => {
    const story = new Story().make("s").judge("s").approve("s").start("s", 0, true)
    assert.deepStrictEqual(JSON.parse(JSON.stringify(story.state)), story.state)
    assert.strictEqual(queueProjection.evolve, evolveQueue)
    assert.deepStrictEqual(queueProjection.initial.suggestions, {})
  })
})

describe("the risk of what somebody asked for", () => {
  const asked = (...effects: ReadonlyArray<Verdict["effects"]>) => {
    const story = new Story()
    story.of("s_1", "tool.requested", { suggestion: "s_1", title: "T", calls, session: "c_1" })
    effects.forEach((some, index) =>
      story.of("s_1", "policy.verdict", {
        suggestion: "s_1",
        index,
        call: calls[index]!,
        verdict: { ...verdict(`d${index}`), effects: some },
      }),
    )
    return story.state.suggestions["s_1"]!.risk
  }
  const write = { _tag: "write", path: "/w/a" } as const
  const exec = { _tag: "exec", argv: ["make"], cwd: "/w", env: {} } as const
  const net = { _tag: "net", scheme: "https", host: "example.com", port: null, addresses: [] } as const

  it("is low where all of it can be taken back, and known only once it is judged", () => {
    assert.strictEqual(asked(), "medium")
    assert.strictEqual(asked([write], [exec]), "low")
  })
  it("is not low where any of it leaves the workspace or destroys", () => {
    assert.strictEqual(asked([write], [exec, net]), "medium")
    assert.strictEqual(asked([net], [write]), "medium")
    assert.strictEqual(asked([{ _tag: "delete", path: "/w/a" }]), "medium")
    assert.strictEqual(asked([{ _tag: "secret", kind: "key" }]), "medium")
  })
})
