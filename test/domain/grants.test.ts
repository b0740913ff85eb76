/** The fold of grants: in force, revoked, lapsed, by the clock of the events. */
import { describe, expect, it } from "@effect/vitest"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import { emptyGrants, evolveGrants, grantsIn, type GrantsState, grantState } from "../../src/domain/grants.ts"

const workspace = "/w"
const at = (minutes: number) =>
  new Date(Date.parse("2026-03-02T09:00:00.000Z") + minutes * 60_000).toISOString()

const log = () => {
  const events: Array<Event> = []
  const put = (made: EventDraft, minutes: number): Event => {
    const seq = events.length + 1
    const event = { ...made, seq, id: `e${seq}`, at: at(minutes), v: 1, prevHash: "", hash: "" } as Event
    events.push(event)
    return event
  }
  const fold = (from: GrantsState = emptyGrants) => events.reduce(evolveGrants, from)
  return { events, put, fold }
}
const grant = (id: string, until: string | null = null, where: string | null = workspace) =>
  draft(
    "policy.granted",
    {
      grant: id,
      scope: { _tag: "prefix", argvs: [["npm", "test"]], classes: ["runs"] },
      title: "anything that begins with npm test",
      verdict: "ask",
      rules: [{ rule: "no-rule", file: "policies/evaluate.ts" }],
      until,
      suggestion: "s_1",
      index: 0,
      surface: "tui",
    },
    { actor: "user:tui", workspace: where, correlationId: "s_1" },
  )
const revoke = (id: string, of: string) =>
  draft(
    "policy.revoked",
    { grant: id, reason: "done", surface: "cli" },
    { actor: "user:cli", workspace, causationId: of },
  )
const tick = draft("daemon.stopped", { reason: "asked" }, { actor: "daemon" })
const ids = (state: GrantsState, where = workspace) => grantsIn(state, where).map((row) => row.grant)

describe("grants", () => {
  it("hold in their workspace until they are revoked", () => {
    const { put, fold } = log()
    const given = put(grant("g_1"), 0)
    put(grant("g_2"), 1)
    put(grant("g_3", null, "/elsewhere"), 1)
    put(grant("g_4", null, null), 1)
    expect(ids(fold())).toEqual(["g_1", "g_2"])
    expect(ids(fold(), "/elsewhere")).toEqual(["g_3"])
    put(revoke("g_1", given.id), 2)
    expect(ids(fold())).toEqual(["g_2"])
    expect(fold().grants["g_1"]).toMatchObject({
      revoked: { at: at(2), reason: "done" },
      seq: 1,
      actor: "user:tui",
    })
    expect(fold().grants["g_4"]).toBeUndefined()
  })

  it("lapse by the time of the events alone, which never goes back", () => {
    const { put, fold } = log()
    put(grant("g_1", at(60)), 0)
    put(tick, 59)
    expect(ids(fold())).toEqual(["g_1"])
    put(tick, 60)
    expect(ids(fold())).toEqual([])
    put(tick, 10)
    expect(ids(fold())).toEqual([])
    expect(grantState(fold().grants["g_1"]!, fold().nowMs)).toBe("lapsed")
  })

  it("do not come back: neither by the same event twice, nor where the revocation was erased", () => {
    const { events, put, fold } = log()
    const given = put(grant("g_1"), 0)
    put(revoke("g_1", given.id), 1)
    put(grant("g_1"), 2)
    expect(ids(fold())).toEqual([])
    events[1] = { ...events[1]!, payload: null, erased: true } as unknown as Event
    expect(ids(fold())).toEqual([])
    events[0] = { ...events[0]!, payload: null, erased: true } as unknown as Event
    expect(fold().grants["g_1"]?.seq).toBe(3)
  })

  it("are forgotten when they are over long since, never while they hold", () => {
    const { put, fold } = log()
    put(grant("g_first"), 0)
    for (let n = 0; n < 250; n++) {
      const given = put(grant(`g_${n}`), n)
      put(revoke(`g_${n}`, given.id), n)
    }
    put(grant("g_last"), 300)
    expect(ids(fold())).toEqual(["g_first", "g_last"])
    expect(Object.keys(fold().grants).length).toBeLessThanOrEqual(202)
    expect(fold().grants["g_249"]).toBeDefined()
    expect(fold().grants["g_0"]).toBeUndefined()
  })
})
