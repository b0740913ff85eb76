/**
 * How the tests run. Files share a process, which loads each module once: no module holds state, and a test that
 * changes its process puts it back. The whole program's tests come first, against one bundle built for the run; one
 * after the other, because a process is shared only among neighbours of one project.
 */
import { defineConfig } from "vitest/config"

const endToEnd = "test/**/*.e2e.test.ts"
const common = { isolate: false, testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    reporters: [process.env["CI"] === undefined ? "default" : "dot", "./build/SummaryReporter.ts"],
    projects: [
      {
        test: {
          ...common,
          name: "program",
          include: [endToEnd],
          globalSetup: ["test/builtLauncher.ts"],
          // they mostly wait for other processes
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: "parts",
          include: ["test/**/*.test.ts"],
          exclude: [endToEnd],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
