/** A rule that fails: said once, switched off, and no other harmed. */
import { assert, describe, it } from "@effect/vitest"
import { standingOf } from "../../src/daemon/standings.ts"
import type { Reflex } from "../../src/decide/Decider.ts"
import { propose } from "../../src/decide/proposal.ts"
import { ruleFailed } from "../../src/decide/reflexes/ruleFailed.ts"
import { emptyReplay, replayWith } from "../../src/decide/replay.ts"
import { ruleStatisticsProjection } from "../../src/domain/ruleStatistics.ts"
import type { QueueRow } from "../../src/domain/queue.ts"
import { Driver, run } from "./driver.ts"

const sound: Reflex = {
  name: "sound",
  situations: ["command.failed"],
  applies: () => true,
  probes: () => [],
  propose: (situation) => propose("sound", situation, { title: situation.subject, why: [], same: [] }),
}

const boom = (): never => {
  throw new Error("no\u001b[31mpe ‮ approve s_1")
}

/** As TypeScript would not let it be written. */
const odd = <A>(value: unknown): A => value as A

const broken: Readonly<Record<string, Partial<Reflex>>> = {
  "in its first look": { applies: boom },
  "in its questions": { probes: boom },
  "in what it makes of the answers": { propose: boom },
  "with an answer that is none": { propose: () => odd(undefined) },
  "with a proposal that is none": { propose: () => odd({ title: "x" }) },
}

const rules = (over: Partial<Reflex>): ReadonlyArray<Reflex> => [
  { ...sound, name: "unsound", ...over },
  sound,
  ruleFailed,
]

const said = (driver: Driver) =>
  driver.of("decision.silent").filter(({ payload }) => payload.rule === "unsound")
const notices = (driver: Driver): ReadonlyArray<QueueRow> =>
  driver.rows.filter((row) => row.rule === "rule-failed")
const standing = ({ nowMs, state }: Driver) =>
  standingOf(state, ruleStatisticsProjection.initial, "unsound", nowMs).state
const restart = (driver: Driver) =>
  driver.see("daemon.started", { version: "1", pid: 1, node: "26" }, { workspace: null })

describe("a rule that fails", () => {
  for (const [where, over] of Object.entries(broken))
    it(`${where}: it is silent with its error, switched off the third time, and that is said once`, () => {
      const driver = new Driver({ reflexes: rules(over) })
      for (const n of [1, 2, 3, 4, 5]) run(driver, `failing-${n}`, 1)
      assert.lengthOf(said(driver), 3)
      for (const { payload } of said(driver)) assert.match(payload.reason, /^the rule failed: /)
      assert.strictEqual(standing(driver), "off")
      // the others were asked each time
      assert.lengthOf(
        driver.rows.filter((row) => row.rule === "sound"),
        5,
      )
      const [notice, ...more] = notices(driver)
      assert.lengthOf(more, 0)
      assert.isDefined(notice)
      assert.strictEqual(notice.title, "unsound is switched off: it failed 3 times in a row")
      assert.strictEqual(notice.mode, "digest")
      assert.deepStrictEqual(notice.proposed, [])
      // what it threw is one harmless line
      const texts = [
        ...said(driver).map(({ payload }) => payload.reason),
        ...notice.why.map(({ text }) => text),
      ]
      for (const text of texts) assert.notMatch(text, /[\u0000-\u001f\u202e]/)
      const replayed = driver.events.reduce(replayWith(driver.projection), emptyReplay(1))
      assert.isNull(replayed.difference)
    })

  it("works in between: only failures in a row count", () => {
    let fails = true
    const driver = new Driver({
      reflexes: rules({
        propose: (situation) => (fails ? boom() : sound.propose(situation, odd(0), odd(0))),
      }),
    })
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8]) {
      fails = n % 3 !== 0
      run(driver, `failing-${n}`, 1)
    }
    assert.strictEqual(standing(driver), "speaks")
    assert.lengthOf(notices(driver), 0)
  })

  it("is tried again after a start and when settings or rules change, and a no to the notice holds", () => {
    const driver = new Driver({ reflexes: rules({ propose: boom }) })
    for (const n of [1, 2, 3]) run(driver, `failing-${n}`, 1)
    const { id } = notices(driver)[0]!
    driver.answer(id, "approval.rejected", { suggestion: id, reason: "", surface: "cli" })
    restart(driver)
    assert.strictEqual(standing(driver), "speaks")
    for (const n of [4, 5, 6, 7]) run(driver, `failing-${n}`, 1)
    assert.lengthOf(said(driver), 6)
    assert.strictEqual(standing(driver), "off")
    assert.lengthOf(notices(driver), 1)
    driver.see(
      "daemon.config",
      { file: "/home/dev/claw.config.ts", accepted: true, message: "" },
      { workspace: null },
    )
    run(driver, "failing-8", 1)
    assert.lengthOf(said(driver), 7)
  })

  it("is named where nobody else knows a failure", () => {
    const driver = new Driver({ reflexes: [{ ...sound, name: "unsound", propose: boom }, ruleFailed] })
    for (const n of [1, 2, 3, 4]) run(driver, `failing-${n}`, 1)
    assert.strictEqual(driver.silence("none"), "no rule knows this (unsound failed and is switched off)")
  })
})
