/** Asking no more, on the screen: the list of what exactly, what a choice sends, and what was allowed taken back. */
import { assert, describe, it } from "@effect/vitest"
import type { GrantView, OffersView } from "../../src/rpc/grants.ts"
import { Driver } from "./drive.ts"
import { detail, nowMs, plan, suggestion } from "./samples.ts"

const row = suggestion("s_1")
const offers: OffersView = {
  offers: [
    { scope: "exact", title: "exactly this: npm ci", possible: true },
    {
      scope: "prefix",
      title: "npm ci can reach others: only this very call can be granted",
      possible: false,
    },
    { scope: "workspace", title: "write_file may write any file below docs", possible: true },
  ],
  note: null,
}
const connected = (given: OffersView = offers, plans = [plan({}, "d-1")]) => {
  const driver = new Driver({ columns: 120, rows: 36 }).connect([row], [detail(row, plans)])
  driver.keys("A")
  driver.tell({ _tag: "OffersCame", id: "s_1", offers: given })
  return driver
}
const shown = { digests: ["d-1"], plans: ["plan-d-1"], unsandboxed: false }
const grant = (id: string, more: Partial<GrantView> = {}): GrantView => ({
  v: 1,
  grant: id,
  scope: { _tag: "prefix", argvs: [["npm", "test"]], classes: ["runs"] },
  title: `anything that begins with ${id}`,
  verdict: "ask",
  rules: [],
  until: null,
  suggestion: "s_0",
  index: 0,
  seq: 7,
  at: "2026-11-22T09:00:00.000Z",
  actor: "user:tui",
  workspace: "/home/dev/proj",
  state: "in force",
  revoked: null,
  ...more,
})

describe("always", () => {
  it("asks the daemon what could be allowed, and lists it narrowest first, with what cannot be and why", () => {
    const driver = connected()
    assert.deepStrictEqual(driver.sent("LoadOffers"), [{ _tag: "LoadOffers", id: "s_1" }])
    assert.strictEqual(driver.context, "always")
    const places = ["one hour", "exactly this: npm ci", "can reach others", "below docs"].map((text) =>
      driver.screen.indexOf(text),
    )
    assert.deepStrictEqual(
      places,
      places.toSorted((a, b) => a - b),
    )
    assert.notInclude(places, -1)
  })

  it("sends the approval of what was shown with what was chosen", () => {
    const driver = connected().keys("enter")
    assert.deepStrictEqual(driver.sent("Approve"), [
      {
        _tag: "Approve",
        id: "s_1",
        shown,
        always: { scope: "exact", untilMs: driver.model.now + 3_600_000 },
      },
    ])
    const forGood = connected().keys("down", "enter")
    assert.deepStrictEqual(forGood.sent("Approve"), [
      { _tag: "Approve", id: "s_1", shown, always: { scope: "exact", untilMs: null } },
    ])
    assert.deepStrictEqual(
      connected()
        .keys("5")
        .sent("Approve")
        .map((command) => (command._tag === "Approve" ? command.always : null)),
      [{ scope: "workspace", untilMs: null }],
    )
  })

  it("takes nothing that cannot be had, nothing too fast, nothing from a burst, and nothing on escape", () => {
    assert.deepStrictEqual(connected().keys("3").sent("Approve"), [])
    const fast = connected()
    fast.key("enter", { after: 20 })
    assert.deepStrictEqual(fast.sent("Approve"), [])
    const burst = connected()
    burst.key("enter", { burst: true })
    assert.deepStrictEqual(burst.sent("Approve"), [])
    const left = connected().keys("escape")
    assert.deepStrictEqual(left.sent("Approve"), [])
    assert.strictEqual(left.context, "queue")
  })

  it("tells what is to be known first, and where no grant helps", () => {
    const risky = connected({ ...offers, note: "it rests on outside text" }, [
      plan({ sandbox: "none" }, "d-1"),
    ])
    assert.include(risky.screen, "WITHOUT a sandbox")
    assert.include(risky.screen, "it rests on outside text")
    const none = connected({ offers: [], note: "sudo is denied" })
    assert.strictEqual(none.context, "queue")
    assert.include(none.notice, "sudo is denied")
  })

  it("opens nothing where another item is selected by now", () => {
    const driver = new Driver().connect([row, suggestion("s_2")], [detail(row), detail(suggestion("s_2"))])
    driver.keys("A", "j")
    driver.tell({ _tag: "OffersCame", id: "s_1", offers })
    assert.strictEqual(driver.context, "queue")
  })
})

describe("what was allowed", () => {
  it("is listed and taken back", () => {
    const driver = new Driver().connect([row]).keys("R")
    assert.deepStrictEqual(driver.sent("LoadGrants"), [{ _tag: "LoadGrants" }])
    const until = new Date(nowMs + 1_800_000).toISOString()
    const grants = [grant("g_1"), grant("g_2", { until }), grant("g_3", { state: "revoked" })]
    driver.tell({ _tag: "GrantsCame", grants })
    assert.strictEqual(driver.context, "grants")
    assert.include(driver.screen, "anything that begins with g_2")
    assert.include(driver.screen, "expires in")
    assert.notInclude(driver.screen, "g_3")
    driver.keys("down", "enter")
    assert.deepStrictEqual(driver.sent("RevokeGrant"), [{ _tag: "RevokeGrant", grant: "g_2" }])
    driver.tell({ _tag: "GrantGone", grant: "g_2" })
    driver.tell({ _tag: "GrantsCame", grants: [grants[0]!] })
    assert.strictEqual(driver.context, "grants")
    driver.keys("enter")
    driver.tell({ _tag: "GrantsCame", grants: [] })
    assert.strictEqual(driver.context, "queue")
    assert.include(driver.notice, "nothing is granted")
  })
})
