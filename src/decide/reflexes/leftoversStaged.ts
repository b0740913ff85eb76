/**
 * What was left in for debugging and is about to be committed: focused tests, breakpoints, prints that say so
 * themselves. A plain `console.log` is often meant, so it counts only where its text is a debugger's.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { editFile, stage, unstage } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { isGenerated } from "../paths.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { stagedExpiry, stagedRequest } from "./stagedFiles.ts"

const name = "leftovers-staged"

interface Pattern {
  readonly files: RegExp
  readonly line: RegExp
  readonly what: string
  /** The line as it should be; "" removes it. */
  readonly mend?: (line: string) => string | null
}

const script = /\.(?:[cm]?[jt]sx?|vue|svelte)$/
const tests = /(?:^|[./_-])(?:test|tests|spec|specs|__tests__|cy|e2e)(?:[./_-]|$)/i
const comment = /^\s*(?:\/\/|\/\*|\*|#|--|<!--)/
const whole =
  (pattern: RegExp) =>
  (line: string): string | null =>
    pattern.test(line) ? "" : null

const patterns: ReadonlyArray<Pattern> = [
  {
    files: script,
    line: /\b(?:describe|context|suite|it|test|bench)\.only\s*[(`.]/,
    what: "a focused test (.only)",
    mend: (line) => line.replace(/\b(describe|context|suite|it|test|bench)\.only(?=\s*[(`.])/g, "$1"),
  },
  { files: script, line: /^\s*(?:fdescribe|fit)\s*\(/, what: "a focused test" },
  {
    files: script,
    line: /^\s*debugger\s*;?\s*$/,
    what: "a debugger statement",
    mend: whole(/^\s*debugger\s*;?\s*$/),
  },
  {
    files: script,
    line: /\bconsole\.(?:log|debug|trace)\(\s*(?:["'`](?:\W*(?:debug|here|xxx+|asdf|foo|test(?:ing)?|wtf|todo|>+|=+|\*+|-+|#+|!+|\d+)\W*)["'`]|\))/i,
    what: "a debugging print",
  },
  {
    files: /\.py$/,
    line: /^\s*(?:breakpoint\(\)|import i?pdb\b|i?pdb\.set_trace\(\))/,
    what: "a breakpoint",
  },
  { files: /\.rb$/, line: /^\s*(?:binding\.(?:pry|irb)|byebug|debugger)\s*$/, what: "a breakpoint" },
  { files: /\.rs$/, line: /\bdbg!\(/, what: "a dbg! print" },
  { files: /\.php$/, line: /^\s*(?:var_dump|dd|dump|print_r)\(/, what: "a debugging print" },
  { files: /\.(?:exs?)$/, line: /\bIEx\.pry\b|\|>\s*dbg\(\)/, what: "a breakpoint" },
]

/** An odd quotation mark before it: it is said and not done. */
const isSaid = (before: string): boolean =>
  ['"', "'", "`"].some((mark) => before.replaceAll(`\\${mark}`, "").split(mark).length % 2 === 0)

type Staged = ProbeAnswer<"gitStaged">["files"][number]
interface Leftover {
  readonly path: string
  readonly line: number
  readonly text: string
  readonly what: string
  readonly mended: string | null
}

const leftoversIn = (file: Staged): ReadonlyArray<Leftover> =>
  isGenerated(file.path) || file.path.includes("fixtures/")
    ? []
    : file.added.flatMap(({ line, text }) => {
        if (comment.test(text) || text.length > 500) return []
        const pattern = patterns.find((each) => each.files.test(file.path) && each.line.test(text))
        if (pattern === undefined || isSaid(text.slice(0, text.search(pattern.line)))) return []
        // a focused test is one only in a test
        if (pattern.what.startsWith("a focused") && !tests.test(file.path)) return []
        return [{ path: file.path, line, text, what: pattern.what, mended: pattern.mend?.(text) ?? null }]
      })

/** An edit needs a text that stands in the file once; long lines with words of their own do. */
const canEdit = (found: ReadonlyArray<Leftover>): boolean =>
  found.length <= 3 &&
  found.every((each) => each.mended !== null && each.mended !== "" && each.mended !== each.text) &&
  new Set(found.map((each) => `${each.path}\n${each.text}`)).size === found.length

export const leftoversStaged: Reflex = {
  name,
  situations: ["index.staged"],
  applies: (situation) => isSituation(situation, "index.staged") && situation.data.paths.length > 0,
  probes: () => [stagedRequest],
  propose: (situation, facts) => {
    const staged = facts.get<"gitStaged">(stagedRequest)
    if (staged === undefined) return unknown("what is staged")
    const found = staged.files.flatMap(leftoversIn)
    if (found.length === 0) return silent("no debugging leftovers in the staged lines")
    const paths = [...new Set(found.map((each) => each.path))].toSorted()
    const places = found.map((each) => `${each.path}:${each.line}`)
    const edits = found.map((each) => editFile(each.path, each.text, each.mended ?? ""))
    return propose(name, situation, {
      title: `Left in for debugging: ${listed([...new Set(found.map((each) => each.what))])} in ${listed(places)}`,
      why: [
        { text: `${listed(paths)} staged`, seq: situation.evidence.at(-1) ?? null },
        ...found.slice(0, 5).map((each) => `${each.path}:${each.line}: ${each.text.trim()}`),
      ],
      same: found.map((each) => `${each.path} ${each.text.trim()}`).toSorted(),
      actions: canEdit(found) ? [...edits, stage(paths)] : [unstage(paths)],
      alternatives: canEdit(found) ? [[unstage(paths)]] : [],
      expiresWhen: stagedExpiry,
    })
  },
}
