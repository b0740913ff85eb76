/**
 * The decider's contract: one pure machine, `step(state, event) -> state`, whose output is an outbox of commands
 * as data. The driver (`src/loop`) runs what stands in the outbox and appends the results; the events that come
 * back through `step` take the commands out again. So a crash loses no work, and a replay over the same
 * prefix makes the same commands, byte for byte.
 *
 * Invariants: `step` reads no clock (an event's `at` is the clock), no random, no world; the state is JSON;
 * every `situation.opened` is followed by exactly one decision for each rule that applied, or one silent decision.
 */
import type { Event, EventDraft } from "../domain/event.ts"
import type { Fact, ProbeRequest } from "../domain/probe.ts"
import type { ProbeAnswer, ProbeTag } from "../domain/probeAnswers.ts"
import type { Situation } from "../domain/situation.ts"
import type { Proposal } from "../domain/suggestion.ts"

/** What the driver shall do. Each stays in the outbox until an event shows that it was done. */
export type Command =
  /** Append exactly this draft (situation.opened, decision.*). */
  | { readonly _tag: "append"; readonly key: string; readonly draft: EventDraft }
  /** Answer these probes and append `situation.facts`. */
  | {
      readonly _tag: "probe"
      readonly key: string
      readonly situation: number
      readonly workspace: string | null
      readonly requests: ReadonlyArray<ProbeRequest>
    }
  /** Compile and judge each action of a suggestion, append `policy.verdict` for each. */
  | { readonly _tag: "judge"; readonly key: string; readonly suggestion: string }
  /** Have a model think about this situation, and append `situation.thought`. */
  | {
      readonly _tag: "think"
      readonly key: string
      readonly situation: number
      readonly workspace: string | null
    }
  /** Have work prepared on this situation, as the thought `thought` wants it, and append `situation.drafted`. */
  | {
      readonly _tag: "draft"
      readonly key: string
      readonly situation: number
      readonly workspace: string | null
      readonly thought: number
    }
  /** Append `decision.tick` at this time (ms since the epoch) unless something replaced it. */
  | { readonly _tag: "wake"; readonly key: string; readonly atMs: number }

/** Answers by request; `undefined` where the probe was unavailable. */
export interface Facts {
  readonly get: <T extends ProbeTag>(
    request: Extract<ProbeRequest, { readonly _tag: T }>,
  ) => ProbeAnswer<T> | undefined
  readonly all: ReadonlyArray<Fact>
}

/** What a rule may know of the past besides the situation: bounded, folded from the log. */
export interface Memory {
  /** Recent commands, newest first (bounded 50). */
  readonly commands: ReadonlyArray<{
    readonly seq: number
    readonly command: string
    readonly cwd: string
    readonly exit: number
    readonly atMs: number
  }>
  /** Fingerprints a person said no to. */
  readonly refused?: ReadonlyArray<string>
  /** What was said by rules that say a thing once, oldest first; and now. */
  readonly saidOnce?: ReadonlyArray<SaidOnce>
  readonly nowMs?: number
}

export interface SaidOnce {
  readonly rule: string
  readonly workspace: string | null
  readonly fingerprint: string
  readonly atMs: number
}

export interface Silence {
  readonly silent: string
  /** A fact it needed could not be read: says nothing about suggestions made before. */
  readonly unknown?: true
}

/**
 * When a rule's suggestion may be seen, if it is not urgent.
 * `boundary`: at a boundary, within the hourly budget; `next`: the same, at one that comes after it was made. `command`: it answers a command the user just
 * ran, so it is due at that command's own end, outside the hourly budget. `settled`: like `command`, and also
 * as soon as the edits that brought it have been quiet for long enough.
 */
export type Timing = "boundary" | "next" | "command" | "settled"

/** A deterministic, model-free rule: situation + facts -> proposal or a reasoned silence. */
export interface Reflex {
  /** Kebab-case, unique; appears in the log, in fingerprints and in configuration. */
  readonly name: string
  /** Situation kinds it answers. */
  readonly situations: ReadonlyArray<string>
  /** Absent: `boundary`. */
  readonly timing?: Timing
  /** It looks back on what it said. */
  readonly once?: true
  /** What it is made from, where that is written elsewhere: it is named by the digest of the rules as its own code is. */
  readonly data?: unknown
  /** Cheap first look, without facts: false means the rule does not apply at all (not even a logged silence). */
  readonly applies: (situation: Situation, memory: Memory) => boolean
  readonly probes: (situation: Situation, memory: Memory) => ReadonlyArray<ProbeRequest>
  /** Total: never throws; without a needed fact it stays silent and says so. */
  readonly propose: (situation: Situation, facts: Facts, memory: Memory) => Proposal | Silence
}

export interface DeciderState {
  /** Last event folded. */
  readonly seq: number
  readonly outbox: ReadonlyArray<Command>
}

export type Step<S extends DeciderState> = (state: S, event: Event) => S
