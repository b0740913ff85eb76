/** Today's reflexes and other attention over a past that the real machine made: nothing differs where nothing changed. */
import { describe, expect, it } from "vitest"
import { AttentionBacktest, type AttentionOverride } from "../../../src/decide/backtest/attention.ts"
import type { AttentionRow } from "../../../src/decide/backtest/attentionReport.ts"
import { ReflexBacktest } from "../../../src/decide/backtest/reflexes.ts"
import type { ReflexChange } from "../../../src/decide/backtest/reflexReport.ts"
import type { Reflex } from "../../../src/decide/Decider.ts"
import { propose } from "../../../src/decide/proposal.ts"
import { reflexes } from "../../../src/decide/registry.ts"
import { approveRow, Driver, run, save, stagedEvent, stagedLines } from "../driver.ts"

const reflexesOver = (driver: Driver, among: ReadonlyArray<Reflex>, off: ReadonlyArray<string> = []) => {
  const pass = new ReflexBacktest({ reflexes: among, disabled: (then) => [...then, ...off] })
  const rows: Array<ReflexChange> = driver.events.flatMap((event) => [...pass.take(event)])
  const last = pass.finish()
  return { summary: last.summary, rows: [...rows, ...last.rows] }
}
const attentionOver = (driver: Driver, settings: AttentionOverride, among = reflexes) => {
  const pass = new AttentionBacktest({ reflexes: among, settings })
  const rows: Array<AttentionRow> = driver.events.flatMap((event) => [...pass.take(event)])
  const last = pass.finish()
  return { summary: last.summary, rows: [...rows, ...last.rows] }
}

/** A check fails, its files are saved, and once they have settled it is offered again. */
const failAndSave = (driver: Driver, line = "npm test"): string => {
  run(driver, line, 1)
  driver.advance(60_000)
  save(driver, "src/a.ts")
  driver.advance(1_000)
  run(driver, "git status")
  driver.advance(60_000)
  return driver.rows.findLast((row) => row.rule === "run-again")!.id
}
const reject = (driver: Driver, id: string): void => {
  driver.answer(id, "approval.rejected", { suggestion: id, reason: "no", surface: "cli" })
}

const leftover = { gitStaged: stagedLines("test/a.test.ts", ['  it.only("adds", () => {']) }

/** Two kept, one rejected, one left: three hours apart. */
const day = (): Driver => {
  const driver = new Driver({ answers: leftover })
  approveRow(driver, failAndSave(driver))
  driver.advance(3 * 3_600_000)
  reject(driver, failAndSave(driver, "npm run lint"))
  driver.advance(3 * 3_600_000)
  driver.see("git.staged", stagedEvent("test/a.test.ts"))
  driver.advance(1_000)
  run(driver, "git status")
  driver.advance(60_000)
  const staged = driver.row("leftovers-staged")
  expect(staged.visibleAt).not.toBeNull()
  approveRow(driver, staged.id)
  driver.advance(3 * 3_600_000)
  failAndSave(driver, "npm run build")
  driver.advance(3 * 3_600_000)
  return driver
}

describe("a backtest of reflexes", () => {
  it("finds nothing changed where nothing was", () => {
    const { rows, summary } = reflexesOver(day(), reflexes)
    expect(rows).toEqual([])
    expect(summary.decisions).toBeGreaterThan(6)
    expect(summary.same).toBe(summary.decisions)
    expect(summary.verdict).toContain("decided everything the same")
  })

  it("scores what a rule that is off would not have said", () => {
    const { rows, summary } = reflexesOver(day(), reflexes, ["run-again"])
    expect(summary.silenced).toMatchObject({ suggestions: 3, kept: 1, dismissed: 1, ignored: 1 })
    expect(rows.map(({ change, rule, outcome }) => [change, rule, outcome])).toEqual([
      ["silenced", "run-again", "kept"],
      ["silenced", "run-again", "dismissed"],
      ["silenced", "run-again", "ignored"],
    ])
    expect(summary.rules.find((row) => row.rule === "leftovers-staged")!.silenced.suggestions).toBe(0)
    // half of what was kept
    expect(summary.verdict).toContain("keep that one on")
  })

  it("tells another title from a silence, and follows what really happened after it", () => {
    const wordier = reflexes.map((reflex): Reflex =>
      reflex.name !== "run-again"
        ? reflex
        : {
            ...reflex,
            propose: (situation, facts, memory) => {
              const said = reflex.propose(situation, facts, memory)
              return "silent" in said ? said : { ...said, title: `${said.title}, please` }
            },
          },
    )
    const { rows, summary } = reflexesOver(day(), wordier)
    expect(summary.otherwise).toMatchObject({ suggestions: 3, kept: 1, dismissed: 1 })
    expect(rows[0]).toMatchObject({
      change: "otherwise",
      was: "Run `npm test` again",
      now: "Run `npm test` again, please",
    })
  })

  const everyFailure = (asks: boolean): Reflex => ({
    name: "every-failure",
    situations: ["command.failed"],
    applies: () => true,
    probes: () => (asks ? [{ _tag: "readText", path: "notes.txt", maxBytes: 100 }] : []),
    propose: (situation, facts) =>
      asks && facts.all.every((fact) => fact.probe._tag !== "readText")
        ? { silent: "the notes could not be read", unknown: true }
        : propose("every-failure", situation, { title: "It failed", why: [], same: [] }),
  })

  it("counts what a new rule would have said, and how many different things", () => {
    const driver = day()
    run(driver, "npm test", 1)
    const { summary } = reflexesOver(driver, [...reflexes, everyFailure(false)])
    // the same once more so soon would be in the queue already
    expect(summary).toMatchObject({ anew: 3, anewDifferent: 3, unknown: 0 })
    expect(summary.same).toBe(reflexesOver(driver, reflexes).summary.same)
  })

  it("says what cannot be known, because nobody read it then", () => {
    const driver = new Driver({ reflexes: [everyFailure(false)] })
    run(driver, "npm test", 1)
    const id = driver.row("every-failure").id
    approveRow(driver, id)
    const { summary } = reflexesOver(driver, [everyFailure(true)])
    expect(summary).toMatchObject({ unknown: 1, anew: 0, silenced: { suggestions: 0 } })
    expect(summary.verdict).toContain("nothing can be said")
  })

  it("counts from an event on, though the fold starts at the first", () => {
    const driver = day()
    const lint = driver.events.find(
      (event) => event.type === "terminal.command" && event.payload.command === "npm run lint",
    )!
    const pass = new ReflexBacktest({ reflexes, disabled: () => ["run-again"], from: lint.seq })
    for (const event of driver.events) pass.take(event)
    expect(pass.finish().summary.silenced).toMatchObject({ suggestions: 2, kept: 0 })
  })
})

describe("a backtest of attention", () => {
  it("shows everything at the same time where nothing was changed", () => {
    const driver = day()
    const { rows, summary } = attentionOver(driver, {})
    expect(rows).toEqual([])
    expect(summary.shown.suggestions).toBe(driver.shown.length)
    expect(summary.same).toBe(summary.nowShown)
  })

  it("loses what was kept and spares what was not, where nothing may be shown", () => {
    const { rows, summary } = attentionOver(day(), { perHour: 0 })
    expect(rows.map(({ change, rule, outcome }) => [change, rule, outcome])).toEqual([
      ["withheld", "run-again", "kept"],
      ["withheld", "run-again", "dismissed"],
      ["withheld", "leftovers-staged", "kept"],
      ["withheld", "run-again", "ignored"],
    ])
    expect(summary.withheld).toMatchObject({ suggestions: 4, kept: 2, dismissed: 1, ignored: 1 })
    expect(summary.verdict).toContain("loosen them")
  })

  it("gives the answer of then to what is shown later", () => {
    const driver = new Driver()
    const id = failAndSave(driver)
    // answered a minute after it was seen, long before it would have been
    approveRow(driver, id)
    driver.advance(400_000)
    run(driver, "git log")
    driver.advance(3_600_000)
    const { rows } = attentionOver(driver, { quietAfterEditMs: 300_000 })
    expect(rows).toMatchObject([{ change: "later", outcome: "kept", delayMs: 456_000 }])
  })

  it("learns from an answer only where it was seen here too", () => {
    const driver = new Driver()
    // two dismissals make the rule hold back for two hours
    for (const line of ["npm test", "npm run lint"]) {
      reject(driver, failAndSave(driver, line))
      driver.advance(60_000)
    }
    failAndSave(driver, "npm run build")
    expect(driver.shown.length).toBe(2)
    driver.advance(3 * 3_600_000)
    const { rows } = attentionOver(driver, { quietAfterEditMs: 0 })
    expect(rows.map(({ change }) => change)).toContain("earlier")
    expect(attentionOver(driver, {}).rows).toEqual([])
  })

  it("tells what stayed unseen and would be shown", () => {
    const driver = new Driver({ answers: leftover })
    driver.see(
      "daemon.config",
      {
        file: "claw.config.ts",
        accepted: true,
        message: "",
        settings: { attention: { perHour: 0 } },
      },
      { workspace: null },
    )
    driver.see("git.staged", stagedEvent("test/a.test.ts"))
    driver.advance(1_000)
    run(driver, "git status")
    driver.advance(60_000)
    expect(driver.shown).toEqual([])
    const { rows, summary } = attentionOver(driver, { perHour: 5 })
    expect(rows).toMatchObject([{ change: "anew", rule: "leftovers-staged" }])
    expect(summary).toMatchObject({ nowShown: 1, shown: { suggestions: 0 } })
  })
})
