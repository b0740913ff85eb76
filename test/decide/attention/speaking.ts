/** A rule that speaks whenever it is asked to, and what attention made of what it said. */
import type { Reflex, Timing } from "../../../src/decide/Decider.ts"
import { propose } from "../../../src/decide/proposal.ts"
import type { Mode } from "../../../src/domain/suggestion.ts"
import { approveRow, Driver, run } from "../driver.ts"

/** A rule that speaks of every failed `rule-N`: N tells the suggestions apart. */
export const speaking = (
  name: string,
  over: {
    readonly timing?: Timing
    readonly urgent?: boolean
    readonly mode?: Mode
    readonly ttlMs?: number
  } = {},
): Reflex => ({
  name,
  situations: ["command.failed"],
  ...(over.timing === undefined ? {} : { timing: over.timing }),
  applies: (situation) => situation.subject.startsWith(name),
  probes: () => [],
  propose: (situation) =>
    propose(name, situation, {
      title: situation.subject,
      why: [],
      same: [],
      urgent: over.urgent ?? false,
      mode: over.mode ?? "draft",
      actions: [{ tool: "bash", input: { command: `make ${situation.subject}` } }],
      ...(over.ttlMs === undefined ? {} : { ttlMs: over.ttlMs }),
    }),
})

export const withheld = (driver: Driver) =>
  driver.of("decision.withheld").map((event) => event.payload.reason)
export const titles = (driver: Driver) =>
  driver.of("decision.shown").map((event) => driver.queue.suggestions[event.payload.suggestion]?.title)
export const reject = (driver: Driver, title: string) => {
  const row = driver.rows.findLast((each) => each.title === title)!
  driver.answer(row.id, "approval.rejected", { suggestion: row.id, reason: "", surface: "cli" })
}
/** A command every four minutes, so many times. */
export const work = (driver: Driver, times: number) => {
  for (let n = 0; n < times; n += 1) {
    driver.advance(4 * 60_000)
    run(driver, "ls")
  }
}
export const approve = (driver: Driver, title: string) => {
  approveRow(driver, driver.rows.findLast((each) => each.title === title)!.id)
}
