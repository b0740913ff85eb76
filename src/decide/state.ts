/**
 * Everything the decider remembers between events: bounded, JSON, nothing that a replay could not rebuild.
 * Order matters where things are tried one after the other, so those are arrays.
 */
import type { Trust } from "../domain/action.ts"
import type { Situation } from "../domain/situation.ts"
import type { Mode } from "../domain/suggestion.ts"
import { type Circumstances, type Costs, type Keeping, noKeeping } from "./attention/keeping.ts"
import type { Bar, RuleRecord } from "./attention/standing.ts"
import type { Command, DeciderState, SaidOnce, Timing } from "./Decider.ts"
import { type DeliberationState, noDeliberation } from "./deliberation/state.ts"
import type { Failing } from "./failing.ts"
import type { ThoughtKind } from "./deliberation/kinds.ts"
import { type GitMemory, noGitMemory } from "./gitMemory.ts"
import type { OwnRules } from "./rules/ownRules.ts"

export interface SeenCommand {
  readonly seq: number
  readonly command: string
  readonly cwd: string
  readonly exit: number
  readonly atMs: number
  readonly session: string
  readonly startedAt: string
  /** Where its record ends in the spool of its shell. */
  readonly offset: number
}

/** A check that failed and was not run again since. */
export interface FailedCheck {
  readonly seq: number
  readonly command: string
  readonly cwd: string
  readonly exit: number
  readonly kind: "test" | "build" | "lint" | "types"
  readonly trust: Trust
  /** First failure since it last passed. */
  readonly since: number
  /** A situation was opened for it already. */
  readonly asked: boolean
}

/** Files that changed, and by whose hand; `unseen`: not everything is known of it. */
export interface Change {
  readonly seq: number
  readonly atMs: number
  /** `unseen`: more than is known; `unwatched`: likewise, until this moment. */
  readonly by: "save" | "git" | "unseen" | "unwatched"
  readonly paths: ReadonlyArray<string>
}

/** A check that ran to its end. */
export interface CheckRun {
  readonly seq: number
  readonly line: string
  readonly cwd: string
  readonly kind: "test" | "build" | "lint" | "types"
  readonly session: string
  readonly passed: boolean
  readonly startedMs: number
  readonly endedMs: number
  /** Since then only commands ran that change nothing. */
  readonly undisturbed: boolean
  /** Names of the tests that failed, where they are known. */
  readonly tests: ReadonlyArray<string>
  /** The command that runs no more than what failed; null: none is known. */
  readonly only: string | null
  /** Where HEAD was; null: not known. */
  readonly head: string | null
}

/** A test that failed and passed: said once it is sure that no change was on its way. */
export interface Flaky {
  readonly dueMs: number
  readonly causationId: string
  readonly trust: Trust
  readonly failed: number
  readonly passed: number
  readonly line: string
  readonly cwd: string
  readonly tests: ReadonlyArray<string>
}

/** A program that waits for an answer. */
export interface Waiting {
  readonly seq: number
  readonly id: string
  readonly trust: Trust
  readonly session: string
  readonly pid: number
  readonly program: string
  readonly cwd: string
  readonly waitedMs: number
}

/** A command that took long and ended while nobody was looking. */
export interface LongRun {
  readonly seq: number
  readonly id: string
  readonly trust: Trust
  readonly command: string
  readonly cwd: string
  readonly session: string
  readonly exit: number
  readonly durationMs: number
  readonly endedMs: number
  /** The longest of its runs before; null: it is the first. */
  readonly usualMs: number | null
}

/** A situation that waits for quiet before it is opened. */
export interface Deferred {
  readonly dueMs: number
  /** When the first of it was seen. */
  readonly sinceMs: number
  readonly items: ReadonlyArray<string>
  readonly seqs: ReadonlyArray<number>
  /** Event the situation will follow from: the newest of `seqs`. */
  readonly causationId: string
  readonly trust: Trust
}

export interface WorkspaceMemory {
  readonly branch: string | null
  readonly head: string | null
  readonly operation: string | null
  /** Paths in conflict, as git last said. */
  readonly conflicts: number
  /** When a merge or the like last began or left conflicts. */
  readonly conflictMs: number | null
  readonly failedChecks: ReadonlyArray<FailedCheck>
  readonly dirtySinceMs: number | null
  readonly dirtySeq: number | null
  /** The same by the clock of work. */
  readonly dirtyWorkedMs: number | null
  readonly uncommittedAskedMs: number | null
  /** When git last wrote files itself: what is saved then is no person's word. */
  readonly movedMs: number | null
  /** When the saves began that settled last. */
  readonly settledSinceMs: number | null
  readonly git: GitMemory
  readonly settling: Deferred | null
  readonly fetched: Deferred | null
  /** Newest pass and newest failure of each check, oldest first. */
  readonly runs: ReadonlyArray<CheckRun>
  /** Oldest first. */
  readonly changes: ReadonlyArray<Change>
  /** There were more than are remembered. */
  readonly changesLost: boolean
  readonly flaky: Flaky | null
  /** Nobody came back to them yet, oldest first. */
  readonly longRuns: ReadonlyArray<LongRun>
  /** Nobody was seen elsewhere yet. */
  readonly waiting: ReadonlyArray<Waiting>
  /** The longest of the last runs by line: newest last. */
  readonly durations: ReadonlyArray<{ readonly line: string; readonly ms: number }>
}

export const emptyWorkspace: WorkspaceMemory = {
  branch: null,
  head: null,
  operation: null,
  conflicts: 0,
  conflictMs: null,
  failedChecks: [],
  dirtySinceMs: null,
  dirtySeq: null,
  dirtyWorkedMs: null,
  uncommittedAskedMs: null,
  movedMs: null,
  settledSinceMs: null,
  git: noGitMemory,
  settling: null,
  fetched: null,
  runs: [],
  changes: [],
  changesLost: false,
  flaky: null,
  longRuns: [],
  waiting: [],
  durations: [],
}

/** A situation whose facts are being read. */
export interface OpenSituation {
  readonly seq: number
  readonly openedId: string
  readonly trust: Trust
  readonly situation: Situation
  readonly rules: ReadonlyArray<string>
  /** Those of them that failed before they had any facts, and with what. */
  readonly broken: Readonly<Record<string, string>>
}

/** How a suggestion first came to be seen. */
export interface Shown {
  readonly atMs: number
  readonly circumstances: Circumstances
  /** How likely it seemed that it would be kept, before calibration. */
  readonly raw: number
}

/** A suggestion the decider still has to do with: until it ended. */
export interface Tracked {
  readonly id: string
  readonly workspace: string | null
  readonly rule: string
  readonly fingerprint: string
  readonly mode: Mode
  readonly urgent: boolean
  readonly timing: Timing
  readonly trust: Trust
  readonly expiresWhen: ReadonlyArray<string>
  readonly expiresAtMs: number | null
  readonly madeMs: number
  readonly madeSeq: number
  readonly phase: "waiting" | "shown" | "snoozed" | "approved"
  /** When it was first shown, and in what; null: it was not yet. */
  readonly shown: Shown | null
  /** Somebody looked at a surface while it was shown. */
  readonly looked: boolean
  /** Commits in its workspace since it was shown. */
  readonly commits: number
  /** A person changed what it would do. */
  readonly edited: boolean
  /** A person approved it, and not a standing answer. */
  readonly answered: boolean
  /** What it is about, in a word: the program it would run, or the tool. */
  readonly about: string
  /** Canonical calls by index; it may be seen once all are judged. */
  readonly calls: ReadonlyArray<{ readonly call: string; readonly judged: boolean }>
  readonly finished: number
  readonly snoozedUntilMs: number | null
  /** Reasons of withholding already said: each is said once. */
  readonly said: ReadonlyArray<string>
}

export interface AttentionState {
  readonly lastActivityMs: number | null
  readonly lastEditMs: number | null
  /** The clock of work: see `worked.ts`. */
  readonly workedMs: number
  readonly boundary: {
    readonly kind: string
    readonly atMs: number
    /** When what ends here began; null: git moved files. */
    readonly begunMs: number | null
    readonly seq: number
    /** It is but an edit after a break. */
    readonly byEdit: boolean
  } | null
  /** Generic cell rate: when the hourly (by the clock of work) and the immediate allowance would be full again. */
  readonly hourlyMs: number
  readonly immediateMs: number
  /** When pop-ups were last asked for, oldest first. */
  readonly poppedMs: ReadonlyArray<number>
  readonly paused: boolean
  /** A person looks at the TUI. */
  readonly looking: boolean
  /** When the user's last command ended. */
  readonly lastCommandMs: number | null
  readonly rules: Readonly<Record<string, RuleRecord>>
  readonly keeping: Keeping
}

export interface DeciderSettings {
  readonly perHour: number
  readonly burst: number
  readonly quietAfterEditMs: number
  readonly awayAfterMs: number
  /** As the user wrote them. */
  readonly quietHours: ReadonlyArray<string>
  readonly timeZone: string
  readonly bar: Bar
  readonly learn: boolean
  readonly costs: Costs
  /** Pop-ups also for what is not urgent. */
  readonly notifyOthers: boolean
  readonly disabledReflexes: ReadonlyArray<string>
  readonly deliberation: {
    /** Kinds of situation that may be thought about; none: it is off. */
    readonly kinds: ReadonlyArray<ThoughtKind>
    readonly drafts: boolean
    readonly threshold: number
  }
}

/** What fell out because it was too much: see `overflow.ts`. */
export interface Overflow {
  /** When something last fell out; null: nothing did. */
  readonly lastMs: number | null
  /** It was said that something does. */
  readonly said: boolean
  readonly situations: number
  readonly suggestions: number
}

export interface MachineState extends DeciderState {
  readonly seq: number
  readonly outbox: ReadonlyArray<Command>
  readonly nowMs: number
  readonly settings: DeciderSettings
  /** Newest first. */
  readonly commands: ReadonlyArray<SeenCommand>
  readonly workspaces: Readonly<Record<string, WorkspaceMemory>>
  readonly open: ReadonlyArray<OpenSituation>
  /** Situations opened in the minute since. */
  readonly opened: { readonly sinceMs: number; readonly count: number }
  readonly overflow: Overflow
  readonly tracked: ReadonlyArray<Tracked>
  /** Fingerprints a person said no to or took back, oldest first. */
  readonly rejected: ReadonlyArray<string>
  /** Fingerprints shown and left alone, with when; oldest first. */
  readonly ignored: ReadonlyArray<{ readonly fingerprint: string; readonly atMs: number }>
  /** Kept suggestions that could still be undone, oldest first. */
  readonly kept: ReadonlyArray<{
    readonly id: string
    readonly rule: string
    readonly workspace: string | null
    readonly trust: Trust
    readonly fingerprint: string
    readonly shown: Shown | null
    readonly atMs: number
    /** A person's yes. */
    readonly answered: boolean
  }>
  /** What rules said that say a thing once, oldest first. */
  readonly saidOnce: ReadonlyArray<SaidOnce>
  readonly attention: AttentionState
  readonly deliberation: DeliberationState
  /** Rules that failed the last time they were asked. */
  readonly failing: Readonly<Record<string, Failing>>
  /** Texts of the rules that users wrote themselves. */
  readonly ownRules: OwnRules
}

export const limits = {
  commands: 50,
  failedChecks: 5,
  changes: 40,
  runs: 12,
  longRuns: 5,
  waiting: 5,
  durations: 50,
  openSituations: 64,
  /** A person makes no more of them; what does is a program. */
  situationsAMinute: 600,
  /** In a row, before a rule is switched off. */
  failures: 3,
  tracked: 200,
  rejected: 2_000,
  saidOnce: 1_000,
  ignored: 500,
  kept: 100,
  thoughts: 16,
  asked: 1_000,
  taken: 500,
} as const

export const initialState: MachineState = {
  seq: 0,
  outbox: [],
  nowMs: 0,
  settings: {
    perHour: 1,
    burst: 2,
    quietAfterEditMs: 5_000,
    awayAfterMs: 180_000,
    quietHours: [],
    timeZone: "UTC",
    bar: { share: 0.8, shows: 20 },
    learn: true,
    costs: { falseAlarm: 3, miss: 1 },
    notifyOthers: false,
    disabledReflexes: [],
    deliberation: {
      kinds: ["check", "hook", "push", "conflict", "comment", "return"],
      drafts: true,
      threshold: 0.5,
    },
  },
  commands: [],
  workspaces: {},
  open: [],
  opened: { sinceMs: 0, count: 0 },
  overflow: { lastMs: null, said: false, situations: 0, suggestions: 0 },
  tracked: [],
  rejected: [],
  ignored: [],
  kept: [],
  saidOnce: [],
  attention: {
    lastActivityMs: null,
    lastEditMs: null,
    workedMs: 0,
    boundary: null,
    hourlyMs: 0,
    immediateMs: 0,
    poppedMs: [],
    paused: false,
    looking: false,
    lastCommandMs: null,
    rules: {},
    keeping: noKeeping,
  },
  deliberation: noDeliberation,
  failing: {},
  ownRules: {},
}

/** The newest `max` of a list that grows at its end. */
export const keepLast = <A>(list: ReadonlyArray<A>, max: number): ReadonlyArray<A> =>
  list.length > max ? list.slice(list.length - max) : list

/** Less is a clock that was put right, more is one that was set back. */
export const setBackMs = 60_000

/** `then` lies less than `span` before `now`. A mark from the future (the clock was set back) counts for nothing. */
export const within = (now: number, then: number | null, span: number): boolean =>
  then !== null && now - then < span && now - then > -setBackMs
