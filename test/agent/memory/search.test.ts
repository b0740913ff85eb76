/** Finding memories by words; the index is a cache of the fold and never says anything else. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { memorySearch, toldIn } from "../../../src/agent/memory/search.ts"
import { type MemoriesState, type Memory, shelfOf } from "../../../src/domain/memories.ts"

const now = Date.parse("2026-01-02T00:00:00.000Z")
const row = (id: string, text: string, more: Partial<Memory> = {}): Memory => ({
  id,
  layer: "fact",
  scope: "workspace",
  workspace: "/w",
  text,
  topic: "",
  evidence: [],
  confidence: 0.9,
  origin: "extraction",
  replaces: [],
  session: null,
  trust: "trusted",
  state: "known",
  reason: null,
  seq: 1,
  since: Number(id.replaceAll(/\D/g, "")),
  proposedAt: "2026-01-01T00:00:00.000Z",
  usedAt: null,
  uses: 0,
  ...more,
})
const stateOf = (...rows: ReadonlyArray<Memory>): MemoriesState => {
  const shelves: Record<string, Record<string, Memory>> = {}
  for (const one of rows) shelves[shelfOf(one.id)] = { ...shelves[shelfOf(one.id)], [one.id]: one }
  return { shelves, count: rows.length }
}
const ids = (state: MemoriesState, query: string, workspace: string | null = "/w") => {
  const search = memorySearch()
  search.follow(state)
  return search.find(query, workspace, 10, now).map(({ memory }) => memory.id)
}

describe("searching memories", () => {
  it("finds identifiers by their parts, beginnings and slips of the finger", () => {
    const state = stateOf(
      row("k_1", "parseStatus lives in src/git/status.ts"),
      row("k_2", "the database is PostgreSQL"),
    )
    assert.deepStrictEqual(ids(state, "parse"), ["k_1"])
    assert.deepStrictEqual(ids(state, "parseStatus"), ["k_1"])
    assert.deepStrictEqual(ids(state, "postgres"), ["k_2"])
    assert.deepStrictEqual(ids(state, "databse"), ["k_2"])
  })

  it("finds nothing that does not count here", () => {
    const state = stateOf(
      row("k_1", "tabs", { state: "proposed" }),
      row("k_2", "tabs", { state: "forgotten" }),
      row("k_3", "tabs", { state: "rejected" }),
      row("k_4", "tabs", { workspace: "/other" }),
      row("k_5", "tabs", { scope: "user", workspace: null }),
    )
    assert.deepStrictEqual(ids(state, "tabs"), ["k_5"])
    assert.deepStrictEqual(ids(state, "tabs", null), ["k_5"])
  })

  it("puts what is worth more before the same words that faded", () => {
    const state = stateOf(
      row("k_old", "deploy with make", { proposedAt: "2024-01-01T00:00:00.000Z" }),
      row("k_new", "deploy with make"),
    )
    assert.deepStrictEqual(ids(state, "deploy"), ["k_new", "k_old"])
  })

  it("gives by following the same as by beginning anew", () => {
    const words = ["alpha", "beta", "gamma", "delta", "epsilon"]
    const change = fc.record({
      id: fc.constantFrom("k_1", "k_2", "k_3", "k_4"),
      text: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }).map((list) => list.join(" ")),
      state: fc.constantFrom(
        "proposed" as const,
        "known" as const,
        "rejected" as const,
        "forgotten" as const,
      ),
      gone: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.constantFrom(...words), (changes, query) => {
        const followed = memorySearch()
        let rows: ReadonlyArray<Memory> = []
        for (const { gone, id, state: now_, text } of changes) {
          const others = rows.filter((one) => one.id !== id)
          rows = gone ? others : [...others, row(id, text, { state: now_ })]
          followed.follow(stateOf(...rows))
        }
        const anew = memorySearch()
        anew.follow(stateOf(...rows))
        const found = (search: typeof anew) =>
          search
            .find(query, "/w", 10, now)
            .map(({ memory }) => memory.id)
            .sort()
        assert.deepStrictEqual(found(followed), found(anew))
        const holds = rows.filter((one) => one.state === "known" && one.text.split(" ").includes(query))
        for (const { id } of holds) assert.ok(found(followed).includes(id))
      }),
    )
  })
})

describe("what is told before a conversation", () => {
  it("is every rule and as many facts as have room, those worth most first", () => {
    const state = stateOf(
      row("k_1", "x".repeat(50), { confidence: 0.2 }),
      row("k_2", "y".repeat(50), { confidence: 0.9 }),
      row("k_3", "rule", { layer: "rule" }),
    )
    const { left, memories } = toldIn(state, "/w", 100, now)
    assert.deepStrictEqual(
      memories.map(({ id }) => id),
      ["k_3", "k_2"],
    )
    assert.strictEqual(left, 1)
  })

  it("lets the newest rules speak where there is no room for all", () => {
    const state = stateOf(
      row("k_1", "older rule", { layer: "rule" }),
      row("k_2", "newer rule", { layer: "rule" }),
    )
    assert.deepStrictEqual(
      toldIn(state, "/w", 30, now).memories.map(({ id }) => id),
      ["k_2"],
    )
  })
})
