/** Judging and scoring, without a daemon: the definitions hold for whatever was shown, also beside the two baselines. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Event } from "../../../src/domain/event.ts"
import type { Played } from "../../../src/cli/scenarios/Played.ts"
import { judgeStory } from "../../../src/cli/scenarios/judgeStory.ts"
import { p95, score } from "../../../src/cli/scenarios/score.ts"
import type { Need, Story } from "../../../src/cli/scenarios/Story.ts"

const beginMs = Date.parse("2026-11-24T10:00:00Z")
const stepMs = 60_000

interface Said {
  readonly step: number
  readonly afterMs: number
  readonly action: string
  readonly urgent?: boolean
  readonly evidence?: ReadonlyArray<number>
  readonly boundary?: string
  readonly fingerprint?: string
}

const need = (from: number, action: string, more: Partial<Need> = {}): Need => ({
  line: 100 + from,
  what: action,
  from,
  until: { step: from, afterMs: 30_000 },
  rules: [],
  actions: [action],
  says: null,
  urgent: false,
  evidence: [],
  ...more,
})

const storyOf = (steps: number, needs: ReadonlyArray<Need>, edits: ReadonlyArray<number> = []): Story => ({
  file: "a.toml",
  name: "a",
  about: "",
  shell: "bash",
  start: { day: 2, minutes: 600 },
  settings: {},
  files: {},
  setup: "",
  commit: true,
  remote: false,
  steps: Array.from({ length: steps }, (_, index) => ({
    line: index + 1,
    name: null,
    at: { since: "before", ms: stepMs },
    act: edits.includes(index) ? { _tag: "write", path: "a", text: "" } : { _tag: "run", command: "ls" },
    exit: null,
  })),
  needs,
  silences: [],
})

/** A command a minute; `refused`: steps at which the first thing said was refused. */
const playedOf = (story: Story, said: ReadonlyArray<Said>, refused: ReadonlyArray<number> = []): Played => {
  const events: Array<Event> = []
  const push = (type: string, ms: number, payload: unknown, causationId: string | null = null) => {
    const seq = events.length + 1
    events.push({ seq, id: `e${seq}`, type, at: new Date(ms).toISOString(), payload, causationId } as never)
    return events[seq - 1]!
  }
  const commands: Array<Event> = []
  const steps = story.steps.map((step, index) => {
    const ms = beginMs + index * stepMs
    const fromSeq = events.length + 1
    const seen = push(
      step.act._tag === "write" ? "fs.changed" : "terminal.command",
      ms + 100,
      step.act._tag === "write"
        ? { changes: [], counts: {}, truncated: false, cause: "watch" }
        : { command: "ls", exit: 0, authorKind: "user" },
    )
    commands.push(seen)
    if (refused.includes(index)) push("approval.rejected", ms + 150, { suggestion: "s0", surface: "cli" })
    for (const [at, one] of said.entries()) {
      if (one.step !== index) continue
      const situation = push("situation.opened", ms + 110, {}, seen.id).seq
      const proposal = {
        rule: "rule",
        title: one.action,
        actions: [{ tool: "bash", input: { command: one.action } }],
        urgent: one.urgent ?? false,
        fingerprint: one.fingerprint ?? `f${at}`,
        evidence: (one.evidence ?? [index]).map((step) => commands[step]?.seq ?? 0),
      }
      push("decision.notify", ms + 120, { situation, suggestion: `s${at}`, proposal })
      push("decision.shown", ms + one.afterMs, {
        suggestion: `s${at}`,
        boundary: one.boundary ?? "command-end",
      })
    }
    return { startMs: ms, endMs: ms + 200, fromSeq }
  })
  const endMs = beginMs + story.steps.length * stepMs
  return { startMs: beginMs, endMs, steps, events, afterSave: new Map(), broken: [] }
}

const judge = (story: Story, said: ReadonlyArray<Said>, refused?: ReadonlyArray<number>) =>
  judgeStory(story, playedOf(story, said, refused))
const kinds = (one: ReturnType<typeof judge>) => one.failures.map(({ kind, line }) => `${line} ${kind}`)

const actions = ["git status", "git push", "npm test"]
const saids = (steps: number) =>
  fc.array(
    fc.record({
      step: fc.nat(steps - 1),
      afterMs: fc.integer({ min: 121, max: 59_000 }),
      action: fc.constantFrom(...actions),
      urgent: fc.boolean(),
      boundary: fc.constantFrom("command-end", "asked"),
    }),
    { maxLength: 6 },
  )
const stories = fc.integer({ min: 1, max: 8 }).chain((steps) =>
  fc.array(fc.tuple(fc.nat(steps - 1), fc.constantFrom(...actions)), { maxLength: 5 }).map((needs) =>
    storyOf(
      steps,
      needs.map(([from, action]) => need(from, action)),
    ),
  ),
)
const plays = stories.chain((story) => fc.tuple(fc.constant(story), saids(story.steps.length)))

describe("scoring stories", () => {
  it("takes who says nothing for the baseline that never speaks", () => {
    fc.assert(
      fc.property(stories, (story) => {
        const judged = judge(story, [])
        const total = score([judged])
        const { falseAlarmsPerActiveHour, precision, recall, shown } = total
        assert.deepStrictEqual(
          { falseAlarmsPerActiveHour, precision, recall, shown },
          total.baselines.alwaysSilent,
        )
        assert.strictEqual(precision, null)
        assert.strictEqual(recall, story.needs.length === 0 ? null : 0)
        assert.strictEqual(judged.failures.filter(({ kind }) => kind === "missed").length, story.needs.length)
      }),
    )
  })

  it("is beaten in recall by nobody who speaks, and in alarms by nobody who does not", () => {
    fc.assert(
      fc.property(plays, ([story, said]) => {
        const total = score([judge(story, said)])
        const { alwaysSilent, alwaysSpeak } = total.baselines
        assert.isAtLeast(total.falseAlarmsPerActiveHour, alwaysSilent.falseAlarmsPerActiveHour)
        assert.strictEqual(alwaysSpeak.shown, total.points)
        const distinct = new Set(story.needs.map(({ from }) => from)).size === story.needs.length
        if (distinct && story.needs.length > 0) assert.strictEqual(alwaysSpeak.recall, 1)
      }),
    )
  })

  it("serves each need at most once, and what serves none alarms unless a person came to see it", () => {
    fc.assert(
      fc.property(plays, ([story, said]) => {
        const judged = judge(story, said)
        const total = score([judged])
        const alarms = judged.shows.filter((show) => show.need === null && !show.pulled).length
        assert.strictEqual(new Set(judged.served).size, judged.served.length)
        assert.strictEqual(total.shown, judged.served.length + alarms)
        assert.approximately(total.falseAlarmsPerActiveHour * total.activeHours, alarms, 1e-9)
        assert.strictEqual(
          judged.failures.filter(({ kind }) => kind === "missed").length,
          story.needs.length - judged.served.length,
        )
        if (total.precision !== null && total.recall !== null)
          assert.approximately(total.precision * total.shown, total.recall * total.needs, 1e-9)
      }),
    )
  })

  it("counts what is late, early, not urgent enough, or something else as missed", () => {
    const due = need(1, "git status")
    for (const more of [{}, { says: "/^GIT/i" }, { actions: ["git stash", "/^git st.*s$/"] }])
      assert.deepStrictEqual(
        kinds(judge(storyOf(3, [{ ...due, ...more }]), [{ step: 1, afterMs: 900, action: "git status" }])),
        [],
      )
    for (const [wrong, more] of [
      [{ step: 1, afterMs: 31_000, action: "git status" }, {}],
      [{ step: 0, afterMs: 900, action: "git status" }, {}],
      [{ step: 1, afterMs: 900, action: "git push" }, {}],
      [{ step: 1, afterMs: 900, action: "git status" }, { urgent: true }],
      [{ step: 1, afterMs: 900, action: "git status" }, { rules: ["other"] }],
      [{ step: 1, afterMs: 900, action: "git status" }, { says: "/^push/" }],
    ] as const)
      assert.includeMembers(kinds(judge(storyOf(3, [{ ...due, ...more }]), [wrong])), ["101 missed"])
  })

  it("counts the second that serves a need, and the same after a no, each as itself", () => {
    const twice: ReadonlyArray<Said> = [
      { step: 0, afterMs: 900, action: "git status", fingerprint: "f" },
      { step: 1, afterMs: 900, action: "git status", fingerprint: "f" },
    ]
    const story = storyOf(3, [need(0, "git status", { until: { step: "end", afterMs: 0 } })])
    assert.deepStrictEqual(kinds(judge(story, twice)), ["2 false alarm"])
    const refused = judge(story, twice, [1])
    assert.deepStrictEqual(kinds(refused), ["2 after a no"])
    assert.strictEqual(score([refused]).repeatedAfterNo, 1)
  })

  it("counts what was put off once more: in its time for a need, before as a false alarm", () => {
    const story = storyOf(4, [
      need(0, "git status"),
      need(2, "git status", { until: { step: "end", afterMs: 0 } }),
    ])
    const again = (step: number): Played => {
      const played = playedOf(story, [{ step: 0, afterMs: 900, action: "git status" }])
      const seq = played.events.length
      const put = (type: string, ms: number, payload: unknown, at: number) =>
        ({
          seq: seq + at,
          id: `e${seq + at}`,
          type,
          at: new Date(ms).toISOString(),
          payload,
          causationId: null,
        }) as never
      const snoozedMs = beginMs + 10_000
      return {
        ...played,
        events: [
          ...played.events,
          put(
            "approval.snoozed",
            snoozedMs,
            { suggestion: "s0", until: new Date(snoozedMs + stepMs).toISOString() },
            1,
          ),
          put(
            "decision.shown",
            beginMs + step * stepMs + 20_000,
            { suggestion: "s0", boundary: "snooze-over" },
            2,
          ),
        ],
      }
    }
    assert.deepStrictEqual(kinds(judgeStory(story, again(2))), [])
    const early = judgeStory(storyOf(4, [need(0, "git status")]), again(0))
    assert.include(
      early.failures.map(({ kind }) => kind),
      "false alarm",
    )
    assert.deepStrictEqual(kinds(judgeStory(storyOf(4, [need(0, "git status")]), again(2))), [])
  })

  it("counts what comes within five seconds of an edit or at no boundary, unless it is urgent", () => {
    const story = storyOf(2, [need(1, "x")], [1])
    const at = (afterMs: number, urgent = false) => judge(story, [{ step: 1, afterMs, action: "x", urgent }])
    assert.deepStrictEqual(kinds(at(4_900)), ["2 mid-edit"])
    assert.strictEqual(score([at(4_900)]).withinFiveSecondsOfEdit, 1)
    assert.deepStrictEqual(kinds(at(4_900, true)), [])
    assert.deepStrictEqual(kinds(at(5_200)), [])
    assert.strictEqual(score([at(5_200)]).atBoundary, 1)
    const late = judge(storyOf(2, [need(1, "x", { until: { step: "end", afterMs: 0 } })]), [
      { step: 1, afterMs: 40_000, action: "x" },
    ])
    assert.deepStrictEqual(kinds(late), ["2 no boundary"])
    assert.strictEqual(score([late]).atBoundary, 0)
  })

  it("weighs what is cited too much and too little", () => {
    const f1 = (cited: ReadonlyArray<number>, wanted: ReadonlyArray<number>) =>
      score([
        judge(storyOf(3, [need(2, "x", { evidence: wanted })]), [
          { step: 2, afterMs: 900, action: "x", evidence: cited },
        ]),
      ]).evidenceF1
    assert.strictEqual(f1([1, 2], [1, 2]), 1)
    assert.approximately(f1([1], [1, 2])!, 2 / 3, 1e-9)
    assert.approximately(f1([0, 1, 2], [1, 2])!, 0.8, 1e-9)
    assert.strictEqual(f1([0], [1, 2]), 0)
    assert.strictEqual(f1([2], []), null)
  })

  it("takes the time from what a decision follows from", () => {
    assert.strictEqual(score([judge(storyOf(1, []), [{ step: 0, afterMs: 900, action: "x" }])]).p95Ms, 20)
    assert.strictEqual(p95([]), null)
    assert.strictEqual(p95(Array.from({ length: 100 }, (_, index) => index + 1)), 95)
  })
})
