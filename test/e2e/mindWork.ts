/**
 * A longer task than `mindSolver`'s, for daemons and clients that die in the middle of it: reads, runs the check, mends it
 * wrongly, notes that, runs the check, mends it, notes that, runs it, stages and commits. In a draft it prepares as much in
 * one bundle. Each run and each note has a token of its own, so what happened twice shows in the files; what did not come to
 * its end is asked for again under another token, as a good model does.
 */
import type { Asked, Turn } from "../fixtures/models/turns.ts"
import { heard, type HeardCall } from "./mindHeard.ts"
import { task } from "./mindSolver.ts"

export const work = {
  word: task.word,
  answer: "It is mended, noted and committed.",
  subject: "Mend the sum",
  done: task.files["sum.js"].replace("all - one", "all + one"),
  files: { ...task.files, "NOTES.md": "# Notes\n" },
  /** What the user writes above the first line to have it prepared. */
  comment: "// claw: the sum is wrong, prepare a commit that mends it\n",
} as const

interface Step {
  readonly ask: (token: number) => { readonly name: string; readonly input: unknown }
  readonly fits: (call: HeardCall) => boolean
}

const lost = /not run|interrupt|stopped|cut off|the daemon|another (?:surface|answer)/i
const step = (
  name: string,
  input: (token: number) => unknown,
  marks: RegExp,
  ends: (result: string) => boolean = (result) => !lost.test(result),
): Step => ({
  ask: (token) => ({ name, input: input(token) }),
  fits: (call) =>
    call.name === name &&
    call.result !== null &&
    marks.test(JSON.stringify(call.input)) &&
    (ends(call.result) || isKept(call.result)),
})

const isKept = (result: string): boolean => result.includes("Kept for the developer")

const read = step("read_file", () => ({ path: "sum.js" }), /sum\.js/)
const check = step(
  "bash",
  (token) => ({ command: `node check.js run-${token}` }),
  /check\.js/,
  (result) => /all is well|expected 6/.test(result),
)
const edit = (from: string, to: string): Step =>
  step(
    "edit_file",
    () => ({ path: "sum.js", old_string: from, new_string: to }),
    /sum\.js/,
    // what was done before a kill leaves nothing to replace
    (result) => !lost.test(result) || /does not hold/.test(result),
  )
const note = step(
  "edit_file",
  (token) => ({
    path: "NOTES.md",
    old_string: "# Notes\n",
    new_string: `# Notes\n- note-${token}\n`,
  }),
  /NOTES\.md/,
)
const stage = step("git", () => ({ operation: "stage", paths: ["sum.js", "NOTES.md"] }), /"stage"/)
const commit = step(
  "git",
  () => ({ operation: "commit", message: work.subject }),
  /"commit"/,
  (result) => !lost.test(result) || /nothing-to-commit/.test(result),
)

const talked = [
  read,
  check,
  edit("all - one", "all * one"),
  note,
  check,
  edit("all * one", "all + one"),
  note,
  check,
  stage,
  commit,
]
const prepared = [read, edit("all - one", "all + one"), note, check, stage, commit]

const seqOf = (text: string): number => Number(/seq (\d+) situation\.opened/.exec(text)?.[1] ?? Number.NaN)

export const doWork = (asked: Asked): Turn => {
  const text = JSON.stringify(asked.body)
  const evidence = [seqOf(text)]
  if (text.includes("the judgement of Claw")) {
    const title = "mend the sum"
    return {
      text: JSON.stringify({
        decision: "draft",
        confidence: 0.9,
        title,
        reason: "It is asked for.",
        evidence,
      }),
    }
  }
  const { calls, words } = heard(asked)
  const draft = !words.some((word) => word.includes(work.word))
  const steps = draft ? prepared : talked
  let at = 0
  for (const call of calls) if (steps[at]?.fits(call) === true) at++
  const next = steps[at]
  if (next !== undefined) return { calls: [next.ask(calls.length)] }
  return {
    text: draft
      ? JSON.stringify({ title: "Mend the sum", why: [{ text: "It is asked for.", evidence }] })
      : work.answer,
  }
}
