/**
 * Ended commands -> `command.failed`, and the memory of failed checks. What ended long before it was drained is
 * history: it is remembered, and nobody is told about it.
 */
import type { EventOf } from "../../domain/event.ts"
import { checkKind, sameLine } from "../checks.ts"
import { baseName, relativeTo } from "../paths.ts"
import type { SituationData } from "../situationData.ts"
import { type FailedCheck, keepLast, limits, type WorkspaceMemory } from "../state.ts"
import { isOwnCommand, simpleCommands } from "../words.ts"
import { candidate, type Watched } from "./found.ts"
import { tellingCandidates } from "./telling.ts"

/** A record drained later than this after its command's end tells of the past. */
const freshMs = 30_000
const outputMax = 16_384

/** Programs whose exit 1 is an answer and no failure. */
const answering = new Set([
  "grep",
  "egrep",
  "fgrep",
  "rg",
  "ag",
  "ack",
  "diff",
  "cmp",
  "colordiff",
  "test",
  "[",
  "[[",
  "false",
  "pgrep",
  "pidof",
  "which",
  "type",
  "command",
  "hash",
  "fzf",
  "sk",
  "fd",
  "locate",
  "expr",
  "let",
  "man",
  "read",
])
const answeringGit = new Set([
  "grep",
  "diff",
  "merge-base",
  "show-ref",
  "check-ignore",
  "config",
  "rev-parse",
  "ls-remote",
])

export const isAnswer = (line: string, exit: number): boolean => {
  if (exit !== 1) return false
  const last = simpleCommands(line)?.at(-1)?.words ?? line.trim().split(/\s+/)
  const program = baseName(last[0] ?? "")
  return (
    answering.has(program) ||
    (program === "git" && answeringGit.has(last.find((w, i) => i > 0 && !w.startsWith("-")) ?? ""))
  )
}

/** Ended by a signal: Ctrl-C, Ctrl-\, a closed pipe, stopped with Ctrl-Z. */
export const bySignal = (exit: number): boolean => exit > 128 && exit <= 165

export const endedMs = (event: EventOf<"terminal.command">, now: number): number => {
  const ended = Date.parse(event.payload.startedAt) + event.payload.durationMs
  return Number.isNaN(ended) || ended > now ? now : ended
}
export const isFresh = (event: EventOf<"terminal.command">, now: number): boolean =>
  now - endedMs(event, now) <= freshMs

/** What git wrote just before a run may be heard of only after its start. */
const lateMs = 2_000

/** Git moved files under a run that began then. */
export const movedDuring = ({ movedMs }: WorkspaceMemory, startedMs: number): boolean =>
  movedMs !== null && movedMs > startedMs + lateMs

const checksAfter = (
  memory: WorkspaceMemory,
  event: EventOf<"terminal.command">,
): ReadonlyArray<FailedCheck> => {
  const { command, cwd, exit, authorKind } = event.payload
  const kind = checkKind(command)
  const isSame = (each: FailedCheck): boolean =>
    each.cwd === cwd && sameLine(each.command) === sameLine(command)
  const before = memory.failedChecks.find(isSame)
  // of one kind in one place the newest says how things stand
  const rest = memory.failedChecks.filter(
    (each) => !isSame(each) && !(each.kind === kind && each.cwd === cwd),
  )
  const failed = exit !== 0 && exit !== 126 && exit !== 127 && !bySignal(exit)
  const unsure = event.payload.truncated === true || movedDuring(memory, Date.parse(event.payload.startedAt))
  return kind === null || !failed || authorKind !== "user" || unsure
    ? rest
    : keepLast(
        [
          ...rest,
          {
            seq: event.seq,
            command,
            cwd,
            exit,
            kind,
            trust: event.trust,
            since: before?.since ?? event.seq,
            asked: false,
          },
        ],
        limits.failedChecks,
      )
}

export const commandData = (
  { payload: { command, cwd, durationMs, exit, output, session, shell } }: EventOf<"terminal.command">,
  workspace: string,
): SituationData["command.failed"] => ({
  command,
  cwd,
  dir: relativeTo(workspace, cwd) ?? cwd,
  exit,
  shell,
  session,
  durationMs,
  ...(output === undefined ? {} : { output: output.slice(-outputMax) }),
})

export const watchCommand = (
  memory: WorkspaceMemory,
  event: EventOf<"terminal.command">,
  workspace: string,
  now: number,
): Watched => {
  const { payload } = event
  if (isOwnCommand(payload.command)) return { memory, found: [] }
  const next = { ...memory, failedChecks: checksAfter(memory, event) }
  const failed =
    payload.exit !== 0 &&
    payload.authorKind === "user" &&
    isFresh(event, now) &&
    !bySignal(payload.exit) &&
    !isAnswer(payload.command, payload.exit)
  const told = tellingCandidates(event, workspace, isFresh(event, now))
  if (!failed) return { memory: next, found: told }
  const found = candidate("command.failed", workspace, event, {
    subject: sameLine(payload.command).slice(0, 300),
    evidence: [event.seq],
    data: commandData(event, workspace),
    explain: true,
  })
  return { memory: next, found: [...told, found] }
}
