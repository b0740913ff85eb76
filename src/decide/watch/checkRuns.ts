/**
 * Runs of checks and what changed between them -> `check.failed` (it passed before) and `check.flaky` (a test failed and
 * passed while nothing changed).
 * Invariants: a change is believed to lie before a run unless the run was over when it was seen; where the order cannot
 * be told, or more happened than is remembered, nothing is said. A test is flaky only by two runs of one line in one
 * shell with nothing between them but reading.
 */
import type { Event, EventOf } from "../../domain/event.ts"
import { checkKind, sameLine } from "../checks.ts"
import { failedTestsIn } from "../failures/failedTests.ts"
import { onlyFailing } from "../failures/onlyFailing.ts"
import { placesIn } from "../failures/places.ts"
import { isPassing, relativeTo } from "../paths.ts"
import { type Change, type CheckRun, keepLast, limits, type WorkspaceMemory } from "../state.ts"
import { simpleCommands } from "../words.ts"
import { isFresh, movedDuring } from "./commands.ts"
import { candidate, eitherTrust, nothing, type Watched } from "./found.ts"

/** What a program said last is what counts. */
const outputMax = 16_384
/** A pass longer ago than this tells little of what broke it. */
const passCountsMs = 24 * 60 * 60_000
/** Two runs of one test further apart than this may have met another world. */
const flakyWithinMs = 10 * 60_000
/** A save just before a run may be seen only after it. */
const lateChangeMs = 2_000
/** More at once is no person's save. */
const maxPaths = 20

const maxTests = 10

/** Lines after which the same test still runs on the same things. */
const reading = new Set([
  "ls",
  "cat",
  "less",
  "head",
  "tail",
  "grep",
  "rg",
  "pwd",
  "clear",
  "echo",
  "wc",
  "bat",
  "history",
])
const readingGit = new Set(["status", "diff", "log", "show", "blame", "branch"])
const changesNothing = (line: string): boolean => {
  const kind = checkKind(line)
  if (kind !== null) return kind !== "build"
  const commands = simpleCommands(line)
  return (
    commands !== null &&
    commands.every(
      ({ words }) => reading.has(words[0]!) || (words[0] === "git" && readingGit.has(words[1] ?? "")),
    )
  )
}

const withChange = (memory: WorkspaceMemory, change: Change): WorkspaceMemory => ({
  ...memory,
  changes: keepLast([...memory.changes, change], limits.changes),
  changesLost: memory.changesLost || memory.changes.length >= limits.changes,
  flaky: null,
})

/** Something ran of which it is not known that it changed nothing. */
const disturbed = (memory: WorkspaceMemory): WorkspaceMemory =>
  memory.runs.some(({ undisturbed }) => undisturbed) || memory.flaky !== null
    ? { ...memory, runs: memory.runs.map((run) => ({ ...run, undisturbed: false })), flaky: null }
    : memory

/** Files changed by a person, by git, or unseen. */
export const rememberChange = (memory: WorkspaceMemory, event: Event, now: number): WorkspaceMemory => {
  switch (event.type) {
    case "fs.changed": {
      const paths = event.payload.changes.flatMap((change) => (isPassing(change.path) ? [] : [change.path]))
      const few = event.payload.cause === "watch" && !event.payload.truncated && paths.length <= maxPaths
      const by = few ? "save" : "unseen"
      if (paths.length === 0 && few) return memory
      return withChange(memory, { seq: event.seq, atMs: now, by, paths: paths.slice(0, maxPaths) })
    }
    case "git.checkout":
    case "git.merge":
    case "git.rebase":
    case "git.reset":
    case "git.pull":
    case "git.cherry-pick":
    case "git.revert":
      return withChange(memory, {
        seq: event.seq,
        atMs: now,
        by: "git",
        paths: event.payload.files.slice(0, maxPaths),
      })
    // nobody looked until now, or looks away from now on
    case "daemon.health": {
      const { component, state } = event.payload
      const by = state === "running" ? "unwatched" : "unseen"
      return component === "source:fs"
        ? withChange(memory, { seq: event.seq, atMs: now, by, paths: [] })
        : memory
    }
    case "tool.finished":
      return disturbed(memory)
    case "git.stash":
      return withChange(memory, { seq: event.seq, atMs: now, by: "unseen", paths: [] })
    default:
      return memory
  }
}

const between = (memory: WorkspaceMemory, earlier: CheckRun, untilMs: number): ReadonlyArray<Change> =>
  memory.changes.filter(({ atMs }) => atMs >= earlier.startedMs && atMs <= untilMs)

/** All changes since that run are remembered. */
const isWhole = (memory: WorkspaceMemory, earlier: CheckRun): boolean =>
  !memory.changesLost || (memory.changes[0] !== undefined && memory.changes[0].atMs < earlier.startedMs)

/** What it printed last, where that was seen. */
const printed = ({ payload: { output } }: EventOf<"terminal.command">): string =>
  (output ?? "").slice(-outputMax)

const failedSince = (
  memory: WorkspaceMemory,
  event: EventOf<"terminal.command">,
  workspace: string,
  run: CheckRun,
  passed: CheckRun | undefined,
  now: number,
): Watched => {
  const dir = relativeTo(workspace, event.payload.cwd)
  const output = printed(event)
  if (dir === null || output === "" || passed === undefined || !isFresh(event, now)) return nothing(memory)
  if (run.startedMs - passed.endedMs > passCountsMs || !isWhole(memory, passed)) return nothing(memory)
  const changes = between(memory, passed, run.endedMs)
  const data = {
    command: run.line,
    cwd: run.cwd,
    exit: event.payload.exit,
    kind: run.kind,
    session: run.session,
    durationMs: event.payload.durationMs,
    failed: run.seq,
    passed: passed.seq,
    changes,
    movedMeanwhile: movedDuring(memory, run.startedMs),
    tests: run.tests,
    places: placesIn(output, workspace, dir).slice(0, 20),
    only: run.only,
  }
  const found = candidate("check.failed", workspace, event, {
    subject: `${dir}: ${run.line}`.slice(0, 300),
    evidence: [passed.seq, ...changes.map(({ seq }) => seq), run.seq],
    data,
  })
  return { memory, found: [found] }
}

const flakyWith = (
  memory: WorkspaceMemory,
  event: EventOf<"terminal.command">,
  run: CheckRun,
  now: number,
): WorkspaceMemory => {
  const before = memory.runs.findLast((each) => each.cwd === run.cwd && each.line === run.line)
  const nothingBetween =
    before !== undefined &&
    before.passed !== run.passed &&
    before.session === run.session &&
    before.kind === "test" &&
    before.undisturbed &&
    run.startedMs - before.endedMs <= flakyWithinMs &&
    isWhole(memory, before) &&
    between(memory, before, now).length === 0 &&
    // somebody who sees nothing change has to be looking
    memory.changes.some(({ by }) => by === "save" || by === "unwatched")
  return nothingBetween
    ? {
        ...memory,
        flaky: {
          dueMs: now + lateChangeMs,
          causationId: event.id,
          trust: eitherTrust(event.trust, "untrusted"),
          failed: run.passed ? before.seq : run.seq,
          passed: run.passed ? run.seq : before.seq,
          line: run.line,
          cwd: run.cwd,
          tests: run.passed ? before.tests : run.tests,
        },
      }
    : memory
}

/** Any ended command: of a check its run is remembered, another may be why the next one ends otherwise. */
export const watchRun = (
  memory: WorkspaceMemory,
  event: EventOf<"terminal.command">,
  workspace: string,
  now: number,
): Watched => {
  const { authorKind, command, cwd, durationMs, exit, session, startedAt, truncated } = event.payload
  const startedMs = Date.parse(startedAt)
  const known = changesNothing(command) && authorKind === "user" ? memory : disturbed(memory)
  const kind = checkKind(command)
  if (kind === null || authorKind !== "user" || truncated === true || Number.isNaN(startedMs))
    return nothing(known)
  // not a word of the check: it could not be started, or was stopped
  if (exit === 126 || exit === 127 || exit > 128) return nothing(known)
  const line = sameLine(command)
  const tests = exit === 0 ? [] : failedTestsIn(printed(event))
  const run: CheckRun = {
    seq: event.seq,
    line,
    cwd,
    kind,
    session,
    passed: exit === 0,
    startedMs,
    endedMs: Math.min(now, startedMs + durationMs),
    undisturbed: true,
    tests: tests.map(({ name }) => name).slice(0, maxTests),
    only: onlyFailing(line, tests),
    head: memory.head,
  }
  const isSame = (each: CheckRun): boolean => each.cwd === cwd && each.line === line
  const passed = known.runs.findLast((each) => isSame(each) && each.passed)
  const flaky = kind === "test" ? flakyWith(known, event, run, now) : known
  // of each line the newest pass and the newest failure
  const runs = keepLast(
    [...flaky.runs.filter((each) => !isSame(each) || each.passed !== run.passed), run],
    limits.runs,
  )
  const next = { ...flaky, runs }
  return run.passed ? nothing(next) : failedSince(next, event, workspace, run, passed, now)
}

export const openFlaky = (memory: WorkspaceMemory, workspace: string, now: number): Watched => {
  const { flaky } = memory
  if (flaky === null || flaky.dueMs > now) return nothing(memory)
  const { causationId, cwd, failed, line, passed, tests, trust } = flaky
  const found = candidate(
    "check.flaky",
    workspace,
    { id: causationId, trust },
    {
      subject: `${relativeTo(workspace, cwd) ?? cwd}: ${line}`.slice(0, 300),
      evidence: [Math.min(failed, passed), Math.max(failed, passed)],
      data: { command: line, cwd, failed, passed, tests },
    },
  )
  return { memory: { ...memory, flaky: null }, found: [found] }
}
