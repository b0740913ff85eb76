/**
 * Commands that took long and ended while the user was elsewhere -> `command.ended`.
 * Invariants: elsewhere is told by a command in another shell while it ran (then it is said as it ends), or by nobody
 * having done anything for long before and after its end (then on return, unless the return is to its own shell). A save
 * tells nothing: the command itself may have written it.
 */
import type { Event, EventOf } from "../../domain/event.ts"
import { isPulled } from "../attention/judge.ts"
import { checkKind, sameLine } from "../checks.ts"
import { baseName } from "../paths.ts"
import { keepLast, limits, type LongRun, type MachineState, type WorkspaceMemory } from "../state.ts"
import { simpleCommands } from "../words.ts"
import { bySignal, isFresh } from "./commands.ts"
import { type Candidate, candidate, type Watched } from "./found.ts"

const longMs = 60_000
/** Into its run: before this the user may have come from the other shell. */
const settledInMs = 10_000
const dayMs = 24 * 60 * 60_000

const working = new Set(
  (
    "make cmake ninja bazel cargo go mvn mvnw gradle gradlew dotnet mix docker podman docker-compose terraform " +
    "ansible-playbook npm pnpm yarn bun npx pip pip3 uv poetry bundle composer gem brew apt apt-get curl wget rsync " +
    "scp git svn tar zip unzip dd ffmpeg pg_dump pg_restore mysqldump python python3 node deno ruby perl php java"
  ).split(" "),
)
/** They talk with a person, or run until they are stopped. */
const talking =
  /^(?:git (?:commit|rebase|add|log|diff|show|mergetool|bisect)|docker(?:-compose)? .*(?:-it?\b|-ti\b|logs|attach)|(?:npm|pnpm|yarn|bun) (?:run )?(?:dev|start|serve|watch|preview|init|create|login)|\S+ .*--?(?:watch|interactive)\b)/

const runsAlone = (line: string): boolean => {
  if (checkKind(line) !== null) return true
  const commands = simpleCommands(line)
  return (
    commands !== null &&
    commands.every(({ words }) => {
      const [program = "", ...rest] = words
      return (
        (program === "cd" || working.has(baseName(program))) &&
        rest.length > 0 &&
        !talking.test([baseName(program), ...rest].join(" "))
      )
    })
  )
}

const found = (run: LongRun, workspace: string, evidence: ReadonlyArray<number>): Candidate =>
  candidate(
    "command.ended",
    workspace,
    { id: run.id, trust: run.trust },
    {
      subject: `${run.session} ${run.seq}`,
      evidence,
      data: {
        command: run.command,
        cwd: run.cwd,
        session: run.session,
        exit: run.exit,
        durationMs: run.durationMs,
        usualMs: run.usualMs,
        ended: run.seq,
      },
    },
  )

type Around = Pick<MachineState, "commands" | "nowMs" | "settings"> & {
  /** How long nobody had done anything before this event. */
  readonly idleMs: number
}

export const watchLongRun = (
  memory: WorkspaceMemory,
  event: EventOf<"terminal.command">,
  workspace: string,
  { commands, idleMs, nowMs, settings }: Around,
): Watched => {
  const { authorKind, command, cwd, durationMs, exit, session, startedAt } = event.payload
  const line = sameLine(command)
  if (authorKind !== "user" || bySignal(exit) || !runsAlone(line)) return { memory, found: [] }
  const usualMs = memory.durations.find((each) => each.line === line)?.ms ?? null
  const durations = keepLast(
    [
      ...memory.durations.filter((each) => each.line !== line),
      { line, ms: Math.max(durationMs, usualMs ?? 0) },
    ],
    limits.durations,
  )
  const next = { ...memory, durations }
  if (durationMs < longMs || !isFresh(event, nowMs)) return { memory: next, found: [] }
  const startedMs = Date.parse(startedAt)
  const run: LongRun = {
    seq: event.seq,
    id: event.id,
    trust: event.trust,
    command: line,
    cwd,
    session,
    exit,
    durationMs,
    endedMs: nowMs,
    usualMs,
  }
  const other = commands.find(
    (each) => each.session !== session && each.atMs > startedMs + settledInMs && each.seq < event.seq,
  )
  if (other !== undefined) return { memory: next, found: [found(run, workspace, [other.seq, event.seq])] }
  return idleMs >= settings.awayAfterMs
    ? { memory: { ...next, longRuns: keepLast([...next.longRuns, run], limits.longRuns) }, found: [] }
    : { memory: next, found: [] }
}

/** Who works in its shell again sees how it ended. */
export const seenIn = (memory: WorkspaceMemory, event: Event): WorkspaceMemory =>
  event.type === "terminal.command" &&
  memory.longRuns.some(({ session }) => session === event.payload.session)
    ? { ...memory, longRuns: memory.longRuns.filter(({ session }) => session !== event.payload.session) }
    : memory

/** A person came, and not only the end of something long. */
export const isBack = ({ attention: { boundary } }: MachineState, event: Event): boolean =>
  boundary !== null &&
  boundary.seq === event.seq &&
  (boundary.kind === "return" || isPulled(boundary.kind)) &&
  !(event.type === "terminal.command" && event.payload.durationMs >= longMs)

/** The user is back, elsewhere than in those shells. */
export const openEnded = (
  memory: WorkspaceMemory,
  workspace: string,
  event: Event,
  { nowMs, settings }: Pick<MachineState, "nowMs" | "settings">,
): Watched => {
  const due = memory.longRuns.filter(({ endedMs }) => {
    const ago = nowMs - endedMs
    return ago >= settings.awayAfterMs && ago < dayMs
  })
  return {
    memory: { ...memory, longRuns: [] },
    found: due.map((run) => found(run, workspace, [run.seq, event.seq])),
  }
}
