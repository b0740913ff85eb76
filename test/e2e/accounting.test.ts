/** The accounting finds what it is there to find: each planted fault breaks its promise, and only that. */
import { assert, it } from "@effect/vitest"
import { Effect, Semaphore } from "effect"
import type { Event } from "../../src/domain/event.ts"
import { brokenPromises } from "./accounting.ts"
import type { Ending } from "./Ordeal.ts"

const event = (seq: number, type: Event["type"], payload: unknown, correlationId: string | null = null) =>
  ({ seq, id: `e${seq}`, hash: `h${seq}`, type, payload, correlationId }) as Event

const events: ReadonlyArray<Event> = [
  event(1, "terminal.command", { command: ": a" }),
  event(2, "git.commit", { sha: "c1" }),
  event(3, "approval.approved", {}, "s_1"),
  event(4, "tool.started", {}, "s_1"),
  event(5, "tool.finished", { ok: true }, "s_1"),
]

const ending = (change: Partial<Pick<Ending, "events" | "runs" | "replayed">> = {}) =>
  Effect.map(Semaphore.make(1), (committing): Ending => ({
    account: {
      commands: [": a"],
      commits: ["c1"],
      approvals: new Map([["s_1", { token: "r1", acknowledged: true }]]),
      told: new Map(events.map(({ seq, id, hash }) => [seq, { id, hash }])),
      broken: [],
      startMs: [],
      caughtUpMs: [],
      committing,
    },
    events,
    runs: "start r1\nend r1\n",
    replayed: { decisions: 1, same: true },
    ...change,
  }))

const faults: ReadonlyArray<readonly [found: RegExp, change: Parameters<typeof ending>[0]]> = [
  [/event 5 .* lost/, { events: events.slice(0, 4) }],
  [/event 2 .* is other now/, { events: events.with(1, { ...events[1]!, id: "other" }) }],
  [/the command : a is in the log 2 times/, { events: [...events, { ...events[0]!, seq: 6, id: "e6" }] }],
  [/the commit c1 is in the log 0 times/, { events: events.filter(({ seq }) => seq !== 2) }],
  [/event e1 is there 2 times/, { events: [...events, events[0]!] }],
  [/its approval was acknowledged and is not/, { events: events.filter(({ seq }) => seq !== 3) }],
  [/approved 2 times/, { events: [...events, { ...events[2]!, seq: 6, id: "e6" }] }],
  [/started 2 times/, { events: [...events, { ...events[3]!, seq: 6, id: "e6" }] }],
  [/ran 2 times, 1 starts/, { runs: "start r1\nstart r1\nend r1\n" }],
  [/did not run to its end/, { runs: "start r1\n" }],
  [/nothing says what became of it/, { events: events.slice(0, 4) }],
  [/a replay decides otherwise/, { replayed: { decisions: 1, same: false } }],
]

it.effect("finds nothing where all is well", () =>
  Effect.map(ending(), (whole) => assert.deepStrictEqual(brokenPromises(whole), [])),
)

it.effect.each(faults)("finds %s", ([found, change]) =>
  Effect.map(ending(change), (whole) =>
    assert.isTrue(
      brokenPromises(whole).some((line) => found.test(line)),
      brokenPromises(whole).join("\n"),
    ),
  ),
)
