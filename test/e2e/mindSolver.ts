/**
 * A model that solves one coding task, whatever protocol it is asked in: reads, runs the tests, mends it wrongly, runs them
 * again, mends it, runs them, stages and commits. What did not come to its end is asked for again, as a good model does, so
 * a daemon that was killed has every chance to do things twice.
 */
import type { Asked, Turn } from "../fixtures/models/turns.ts"
import { heard, type HeardCall } from "./mindHeard.ts"

export const task = {
  word: "The sum is wrong. Find out why, mend it, and commit.",
  subject: "Mend the sum",
  files: {
    ".gitignore": "runs.txt\n",
    "sum.js": "exports.sum = (numbers) => numbers.reduce((all, one) => all - one, 0)\n",
    "check.js": [
      'const { appendFileSync } = require("node:fs")',
      'const { sum } = require("./sum.js")',
      "const token = process.argv[2]",
      'appendFileSync("runs.txt", `${token}\\n`)',
      "const found = sum([1, 2, 3])",
      'console.log(found === 6 ? "all is well" : `expected 6, found ${found}`)',
      "process.exitCode = found === 6 ? 0 : 1",
      "",
    ].join("\n"),
  },
  done: "exports.sum = (numbers) => numbers.reduce((all, one) => all + one, 0)\n",
} as const

interface Step {
  readonly call: (n: number) => { readonly name: string; readonly input: unknown }
  readonly ended: (call: HeardCall) => boolean
}

const step = (
  name: string,
  input: (n: number) => unknown,
  ended: (result: string) => boolean = () => true,
): Step => ({
  call: (n) => ({ name, input: input(n) }),
  ended: (call) => call.name === name && call.result !== null && ended(call.result),
})

const lost = /not run|interrupt|stopped|the daemon/i
const went = (result: string): boolean => !lost.test(result)

/** Each run of the check has a name of its own, so that one that ran twice is seen. */
const check = step(
  "bash",
  (n) => ({ command: `node check.js run-${n}` }),
  (result) => /all is well|expected 6/.test(result),
)
const edit = (from: string, to: string): Step =>
  step(
    "edit_file",
    () => ({ path: "sum.js", old_string: from, new_string: to }),
    // the second time there is nothing left to replace
    (result) => went(result) || /does not hold/.test(result),
  )

const steps: ReadonlyArray<Step> = [
  step("read_file", () => ({ path: "sum.js" }), went),
  check,
  edit("all - one", "all * one"),
  check,
  edit("all * one", "all + one"),
  check,
  step("git", () => ({ operation: "stage", paths: ["sum.js"] }), went),
  step(
    "git",
    () => ({ operation: "commit", message: task.subject }),
    (result) => went(result) || /nothing-to-commit/.test(result),
  ),
]

export const solve = (asked: Asked): Turn => {
  const { calls } = heard(asked)
  let at = 0
  for (const call of calls) if (steps[at]?.ended(call)) at++
  const next = steps[at]
  if (next === undefined) return { text: "The sum is mended and committed." }
  return { text: at === 0 ? "I look first." : undefined, calls: [next.call(calls.length)] } as Turn
}
