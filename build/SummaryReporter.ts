/** Closes a test run with one plain line, `N passed, N failed`, for whoever reads only the end. */
import type { Reporter, TestModule } from "vitest/node"

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter(
      (module) => module.state() === "failed" && module.children.size === 0,
    ).length
    const skipped = count("skipped")
    process.on("exit", () => {
      process.stdout.write(
        `${count("passed")} passed, ${count("failed") + broken + errors.length} failed${skipped === 0 ? "" : `, ${skipped} skipped`}\n`,
      )
    })
  }
}
