/**
 * Which situations ask for thought, what makes two of them the same, and when what was thought about one is moot: tables
 * over situations. Pure.
 * Invariant: a kind is told from the situation alone, so that a replay asks for the same thoughts.
 */
import { checkKind, sameLine } from "../checks.ts"
import { isSituation } from "../situationData.ts"
import type { Situation } from "../../domain/situation.ts"
import type { WorkspaceMemory } from "../state.ts"
import { simpleCommands } from "../words.ts"

export const thoughtKinds = ["check", "hook", "push", "conflict", "comment", "return"] as const
export type ThoughtKind = (typeof thoughtKinds)[number]

/** Git's own verbs behind which hooks of the repository run. */
const hooked: ReadonlySet<string> = new Set(["commit", "merge", "cherry-pick", "revert", "rebase", "am"])
/** What git says where no hook had a word: there was nothing to do, or a conflict, which is a situation of its own. */
const gitsOwn =
  /nothing to commit|nothing added to commit|no changes added to commit|empty commit message|CONFLICT \(|Already up to date/

const gitVerb = (line: string): string | null => {
  const words = simpleCommands(line)?.at(-1)?.words ?? line.trim().split(/\s+/)
  return words[0] === "git" ? (words.find((word, at) => at > 0 && !word.startsWith("-")) ?? null) : null
}

export const thoughtKind = (situation: Situation): ThoughtKind | null => {
  if (isSituation(situation, "command.failed")) {
    const { command, exit, output = "" } = situation.data
    // a situation may have been written by another version
    if (typeof command !== "string" || typeof output !== "string") return null
    // not found, and not to be run: the line itself is wrong
    if (exit === 126 || exit === 127) return null
    if (checkKind(command) !== null) return "check"
    const verb = gitVerb(command)
    if (verb === "push") return "push"
    return verb !== null && hooked.has(verb) && !gitsOwn.test(output) ? "hook" : null
  }
  if (isSituation(situation, "merge.conflicted")) return "conflict"
  if (isSituation(situation, "comment.addressed")) return "comment"
  return isSituation(situation, "work.resumed") ? "return" : null
}

/** Times, colours, addresses and temporary names differ from run to run and mean nothing. */
const steady = (output: string): string =>
  output
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, "")
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?Z?)?|\b\d\d:\d\d:\d\d\b/g, "T")
    .replaceAll(/\b\d+(?:\.\d+)?\s?(?:ns|µs|us|ms|s|sec|seconds|m|min|minutes)\b/g, "T")
    .replaceAll(/0x[0-9a-f]{4,}/g, "0x")
    .replaceAll(/\/(?:private\/)?(?:tmp|var\/folders)\/[^\s:'"]+/g, "/tmp")
    .replaceAll(/[ \t]+$/gm, "")

/** What its workspace is known by. */
type Around = Pick<WorkspaceMemory, "failedChecks" | "head">

/**
 * What makes it the same as one before: where a command's output is known, that. Where it is not, a check is thought about
 * once until it passed, because editing towards green is the developer's own work; anything else once until HEAD moved.
 */
export const sameness = (situation: Situation, around: Around): unknown => {
  if (isSituation(situation, "command.failed")) {
    const { command, cwd, exit, output } = situation.data
    const line = sameLine(command)
    if (output !== undefined) return [line, exit, steady(output)]
    const red = around.failedChecks.find((each) => each.cwd === cwd && sameLine(each.command) === line)
    return [line, red === undefined ? [exit, around.head] : red.since]
  }
  if (isSituation(situation, "merge.conflicted"))
    return [situation.data.paths, situation.data.count, situation.data.head]
  if (isSituation(situation, "comment.addressed"))
    return [situation.data.path, situation.data.text, situation.data.wants]
  if (isSituation(situation, "work.resumed"))
    return [situation.data.branch, situation.data.head, situation.data.sinceMs]
  return situation.data
}

/** Evidence whose change makes a word about it moot, in the words of `expiresWhen`. */
export const mootWhen = (situation: Situation): ReadonlyArray<string> => {
  if (isSituation(situation, "command.failed")) {
    const line = sameLine(situation.data.command)
    return [`ran:${line}`, `passed:${line}`]
  }
  if (isSituation(situation, "merge.conflicted")) return ["git:operation", "git:HEAD"]
  if (isSituation(situation, "comment.addressed")) return [`file:${situation.data.path}`]
  return isSituation(situation, "work.resumed") ? ["git:HEAD"] : []
}

/** Nothing that was thought is worth showing for longer. */
export const thoughtLivesMs = 8 * 60 * 60_000
