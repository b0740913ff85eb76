/** Any story, under any order in which the driver gets to its work: the laws of the machine. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { canonical } from "../../src/decide/canonical.ts"
import { emptyReplay, otherRules, replayWith } from "../../src/decide/replay.ts"
import { deciderProjection } from "../../src/decide/step.ts"
import { draft, type Event } from "../../src/domain/event.ts"
import { branch, command, Driver, saved, stagedEvent, stagedLines, workspace } from "./driver.ts"

type Step =
  | { readonly _tag: "run"; readonly line: string; readonly exit: number }
  | { readonly _tag: "save"; readonly path: string }
  | { readonly _tag: "stage"; readonly secret: boolean }
  | { readonly _tag: "git"; readonly type: "git.commit" | "git.fetched" | "git.pull" | "git.lock" }
  | { readonly _tag: "answer"; readonly how: "approve" | "reject" | "snooze"; readonly nth: number }
  | { readonly _tag: "wait"; readonly ms: number }
  | { readonly _tag: "work"; readonly nth: number }
  | { readonly _tag: "daemon"; readonly type: "daemon.paused" | "daemon.resumed" | "tui" | "back" }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    _tag: fc.constant("run" as const),
    line: fc.constantFrom(
      "npm test",
      "git push",
      "git push origin x",
      "ls",
      "cargo build",
      "next dev",
      "git add .",
    ),
    exit: fc.constantFrom(0, 0, 1, 128, 130),
  }),
  fc.record({
    _tag: fc.constant("save" as const),
    path: fc.constantFrom("src/a.ts", "package-lock.json", "b.txt", "dist/x.js"),
  }),
  fc.record({ _tag: fc.constant("stage" as const), secret: fc.boolean() }),
  fc.record({
    _tag: fc.constant("git" as const),
    type: fc.constantFrom("git.commit", "git.fetched", "git.pull", "git.lock"),
  }),
  fc.record({
    _tag: fc.constant("answer" as const),
    how: fc.constantFrom("approve", "reject", "reject", "snooze"),
    nth: fc.nat(5),
  }),
  fc.record({
    _tag: fc.constant("wait" as const),
    ms: fc.constantFrom(10, 1_000, 4_999, 5_000, 31_000, 200_000, 3_600_000, 9_000_000),
  }),
  fc.record({ _tag: fc.constant("work" as const), nth: fc.nat(3) }),
  fc.record({
    _tag: fc.constant("daemon" as const),
    type: fc.constantFrom("daemon.paused", "daemon.resumed", "daemon.resumed", "tui", "back"),
  }),
)
const story = fc.array(step, { minLength: 5, maxLength: 60 })

const fakeKey = ["AKIA", "Z7QK3M5N2P4R6S8T"].join("")
const clean = stagedLines("a.js", ["const a = 1"])
const dirty = stagedLines("a.js", [`const key = "${fakeKey}"`])

const world = () => ({
  gitBranch: branch({ remotes: ["origin"] }),
  gitStaged: clean,
  gitDirty: { files: 4, oldestMs: 1, paths: ["src/a.ts", "b.txt"] },
  gitIndexLock: { ageMs: 120_000, holder: null },
  conflictMarkers: [{ path: "b.txt", lines: [1, 2] }],
  compromised: [{ name: "axios", version: "1.14.1", campaign: null, advisories: [] }],
  portOwner: { pid: 5, command: "node x" },
})

const put = (driver: Driver, event: Parameters<typeof draft>): void => {
  driver.put(draft(...event))
}

const take = (driver: Driver, made: Step, prompt: boolean): void => {
  const header = { actor: "source:test", workspace, trust: "untrusted" as const }
  switch (made._tag) {
    case "run":
      put(driver, ["terminal.command", command(driver, made.line, made.exit), header])
      break
    case "save":
      put(driver, ["fs.changed", saved(made.path), header])
      break
    case "stage":
      driver.answers = { ...driver.answers, gitStaged: made.secret ? dirty : clean }
      put(driver, ["git.staged", stagedEvent("a.js"), header])
      break
    case "git": {
      const moved = { from: "a", to: "b", fromBranch: "x", branch: "x", subject: "", files: ["package.json"] }
      if (made.type === "git.commit")
        put(driver, [made.type, { sha: "c", parents: [], branch: "x", subject: "", files: [] }, header])
      else if (made.type === "git.fetched") put(driver, [made.type, { refs: [] }, header])
      else if (made.type === "git.pull") put(driver, [made.type, moved, header])
      else put(driver, [made.type, { ageMs: 70_000, holder: null }, header])
      break
    }
    case "answer": {
      const rows = driver.rows.filter((row) => row.state === "pending" || row.state === "snoozed")
      const row = rows[made.nth % Math.max(rows.length, 1)]
      if (row === undefined) return
      const by = { actor: "user:cli", workspace, correlationId: row.id }
      const until = new Date(driver.nowMs + 60_000).toISOString()
      if (made.how === "approve")
        put(driver, [
          "approval.approved",
          { suggestion: row.id, digests: [], unsandboxed: false, surface: "cli" },
          by,
        ])
      else if (made.how === "reject")
        put(driver, ["approval.rejected", { suggestion: row.id, reason: "", surface: "cli" }, by])
      else put(driver, ["approval.snoozed", { suggestion: row.id, until, surface: "cli" }, by])
      break
    }
    case "wait":
      if (prompt) driver.advance(made.ms)
      else driver.nowMs += made.ms
      return
    case "work": {
      const due = driver.state.outbox.filter((each) => each._tag !== "wake" || each.atMs <= driver.nowMs)
      const command = due[made.nth % Math.max(due.length, 1)]
      if (command !== undefined) driver.fulfil(command)
      return
    }
    case "daemon": {
      const alone = { actor: "daemon" }
      if (made.type === "daemon.paused") put(driver, ["daemon.paused", { until: null, reason: "" }, alone])
      else if (made.type === "daemon.resumed") put(driver, ["daemon.resumed", { reason: "" }, alone])
      else if (made.type === "back") driver.nowMs -= 7_200_000
      else
        put(driver, [
          "daemon.health",
          { component: "client:tui", state: "running", backend: null, detail: "" },
          alone,
        ])
      break
    }
  }
  if (prompt) driver.settle()
}

const play = (steps: ReadonlyArray<Step>, prompt: boolean): Driver => {
  const driver = new Driver({ answers: world() })
  for (const made of steps) take(driver, made, prompt)
  driver.settle()
  return driver
}

/** Changes that no schema allows are part of what replay must notice. */
const tampered = (event: Event, change: object): Event =>
  ({ ...event, payload: { ...event.payload, ...change } }) as Event

const replayStep = replayWith(deciderProjection)
const replay = (events: ReadonlyArray<Event>) => events.reduce(replayStep, emptyReplay(1))

/** A no that comes with the very event by which the clock is seen to have been set back. */
const refusedAsTheClockWentBack: ReadonlyArray<Step> = [
  { _tag: "git", type: "git.lock" },
  { _tag: "work", nth: 0 },
  { _tag: "work", nth: 0 },
  { _tag: "work", nth: 0 },
  { _tag: "run", line: "git push origin x", exit: 128 },
  { _tag: "daemon", type: "back" },
  { _tag: "answer", how: "reject", nth: 0 },
]

describe("for any story", () => {
  it("a replay gives the same decisions, byte for byte, however the driver's work was interleaved", () => {
    let compared = 0
    fc.assert(
      fc.property(story, fc.boolean(), (steps, prompt) => {
        const { events, state } = play(steps, prompt)
        const again = replay(events)
        assert.isNull(again.difference)
        assert.deepStrictEqual(again.machine, state)
        compared += again.decisions
      }),
      { numRuns: 150 },
    )
    assert.isAbove(compared, 1_000)
  })
  it("the state survives JSON at any point", () => {
    fc.assert(
      fc.property(story, fc.nat(), (steps, cut) => {
        const driver = play(steps, false)
        const at = cut % (driver.events.length + 1)
        const { evolve, initial } = driver.projection
        const before = driver.events.slice(0, at).reduce(evolve, initial)
        const restored = JSON.parse(canonical(before)) as typeof before
        assert.deepStrictEqual(driver.events.slice(at).reduce(evolve, restored), driver.state)
      }),
      { numRuns: 60 },
    )
  })
  it("once everything is fulfilled only a wake can be left, and each decision stands once", () => {
    fc.assert(
      fc.property(story, fc.boolean(), (steps, prompt) => {
        const driver = play(steps, prompt)
        assert.deepStrictEqual(
          driver.state.outbox.filter((each) => each._tag !== "wake"),
          [],
        )
        assert.isAtMost(driver.state.outbox.length, 1)
        assert.deepStrictEqual(driver.state.open, [])
        const keys = driver.events.flatMap((event) =>
          event.type === "decision.silent"
            ? [`${event.payload.situation} ${event.payload.rule}`]
            : "payload" in event && event.payload !== null && "proposal" in event.payload
              ? [`${event.payload.situation} ${event.payload.proposal.rule}`]
              : [],
        )
        assert.strictEqual(new Set(keys).size, keys.length)
        const answered = new Set(keys.map((key) => Number(key.split(" ")[0])))
        assert.deepStrictEqual(
          [...answered].toSorted((a, b) => a - b),
          driver.of("situation.opened").map((event) => event.seq),
        )
      }),
      { numRuns: 100 },
    )
  })
  it("nothing that is not urgent is shown within five seconds of an edit", () => {
    let shown = 0
    fc.assert(
      fc.property(story, (steps) => {
        const driver = play(steps, true)
        for (const event of driver.of("decision.shown")) {
          shown += 1
          if (event.payload.reason === "urgent") continue
          const at = Date.parse(event.at)
          const edits = driver
            .of("fs.changed")
            .filter((edit) => edit.seq < event.seq && !edit.payload.changes[0]!.path.startsWith("dist/"))
          for (const edit of edits) {
            const since = at - Date.parse(edit.at)
            assert.isFalse(since >= 0 && since < 5_000, `shown ${since} ms after an edit`)
          }
        }
      }),
      { numRuns: 150 },
    )
    assert.isAbove(shown, 15)
  })
  it("a fingerprint is neither made nor shown again after a no", () => {
    let refused = 0
    fc.assert(
      fc.property(story, fc.boolean(), (steps, prompt) => {
        const driver = play(steps, prompt)
        const no = new Map<string, number>()
        const fingerprint = new Map<string, string>()
        for (const event of driver.events) {
          if ("payload" in event && event.payload !== null && "proposal" in event.payload) {
            const { fingerprint: print } = event.payload.proposal
            fingerprint.set(event.payload.suggestion, print)
            assert.isFalse(no.has(print), "made after a no")
          }
          if (event.type === "approval.rejected") {
            refused += 1
            no.set(fingerprint.get(event.payload.suggestion)!, event.seq)
          }
          // what was decided to be shown before the no may still arrive behind it
          if (event.type === "decision.shown" && prompt)
            assert.isFalse(no.has(fingerprint.get(event.payload.suggestion)!))
        }
      }),
      { numRuns: 150, examples: [[refusedAsTheClockWentBack, false]] },
    )
    assert.isAbove(refused, 5)
  })
})

describe("replay", () => {
  const { events } = play(
    [
      { _tag: "run", line: "git push", exit: 128 },
      { _tag: "stage", secret: true },
      { _tag: "run", line: "npm test", exit: 1 },
      { _tag: "save", path: "src/a.ts" },
      { _tag: "wait", ms: 5_000 },
    ],
    true,
  )
  const decisions = events.filter((event) => event.actor === "decider")

  it("names the first decision that differs, is invented or was done by other means", () => {
    assert.isAbove(decisions.length, 8)
    for (const target of decisions) {
      const changed = events.map((event) =>
        event === target ? tampered(event, { reason: "another", title: "x", subject: "y" }) : event,
      )
      assert.strictEqual(replay(changed).difference?.seq, target.seq, target.type)
      const headless = events.map((event) =>
        event === target
          ? ({ ...event, trust: event.trust === "trusted" ? "untrusted" : "trusted" } as Event)
          : event,
      )
      assert.strictEqual(replay(headless).difference?.seq, target.seq, target.type)
      const twice = [...events, { ...target, seq: events.length + 1 } as Event]
      assert.strictEqual(replay(twice).difference?.expected, "no such decision")
    }
  })
  it("a fact that was tampered with shows in the decision that rested on it", () => {
    const facts = events.find((event) => event.type === "situation.facts")!
    const other = { ...facts, payload: { ...facts.payload, facts: [] } } as Event
    assert.isNotNull(replay(events.map((event) => (event === facts ? other : event))).difference)
  })
  it("compares from where it is told, and says what was erased", () => {
    const first = decisions[0]!
    const changed = events.map((event) =>
      event === first ? ({ ...event, trust: "trusted" } as Event) : event,
    )
    assert.strictEqual(changed.reduce(replayStep, emptyReplay(1)).difference?.seq, first.seq)
    assert.isNull(changed.reduce(replayStep, emptyReplay(first.seq + 1)).difference)
    const erased = events.map((event) =>
      event === events.at(-1) ? ({ ...event, payload: null } as unknown as Event) : event,
    )
    const { erased: count, erasedFrom } = replay(erased)
    assert.deepStrictEqual([count, erasedFrom], [1, events.length])
  })
  it("other rules decide otherwise", () => {
    const without = new Driver({ reflexes: [] }).projection
    assert.isNotNull(events.reduce(replayWith(without), emptyReplay(1)).difference)
  })
  it("what other rules decided is told apart, and what these decide behind it is compared again", () => {
    const without = new Driver({ reflexes: [] }).projection
    const started = (seq: number, rules: string, at: string) =>
      ({
        ...events[0]!,
        seq,
        at,
        type: "daemon.started",
        payload: { version: "0.0.9", pid: 1, node: "26", rules },
        workspace: null,
        causationId: null,
      }) as Event
    const [head, ...rest] = events
    const tail = rest.at(-1)!
    const state = (log: ReadonlyArray<Event>, own: string) =>
      log.reduce(replayWith(without, own), emptyReplay(1))
    const behind = [started(head!.seq, "theirs", head!.at), ...rest, started(tail.seq + 1, "ours", tail.at)]
    const replayed = state(behind, "ours")
    assert.isNull(replayed.difference)
    const [stretch] = otherRules(replayed)
    assert.deepInclude(stretch, { version: "0.0.9", rules: "theirs", from: head!.seq, to: tail.seq })
    assert.strictEqual(stretch!.decisions, replayed.decisions)
    assert.isAbove(stretch!.differing, 0)
    assert.isNotNull(state([started(head!.seq, "ours", head!.at), ...rest], "ours").difference)
    assert.lengthOf(otherRules(state(rest, "ours")), 0)
  })
})
