/** A story as it went: when each step was, and the log of its daemon. Data only; times are those of the story's clock. */
import type { Event } from "../../domain/event.ts"
import type { Moment } from "./Story.ts"

export interface PlayedStep {
  readonly startMs: number
  readonly endMs: number
  /** First event that is of this step or of a later one. */
  readonly fromSeq: number
}

export interface Played {
  readonly startMs: number
  readonly endMs: number
  /** As in the story. */
  readonly steps: ReadonlyArray<PlayedStep>
  readonly events: ReadonlyArray<Event>
  /** Suggestion -> milliseconds of the system's clock from a save to its being seen, where a save brought it. */
  readonly afterSave: ReadonlyMap<string, number>
  /** Where it went otherwise than its file says: the line, and how. */
  readonly broken: ReadonlyArray<{ readonly line: number; readonly message: string }>
}

/**
 * The time of a moment: a step's name alone is when it begins, a name and a time count from when it was done; the end is
 * the story's.
 */
export const momentMs = (
  { afterMs, step }: Moment,
  played: Pick<Played, "startMs" | "endMs" | "steps">,
): number => {
  if (step === "begin") return played.startMs + afterMs
  const at = step === "end" ? undefined : played.steps[step]
  if (at === undefined) return played.endMs + afterMs
  return afterMs === 0 ? at.startMs : at.endMs + afterMs
}

/** Which step an event is of; -1: it came before the first. */
export const stepOf = (seq: number, { steps }: Pick<Played, "steps">): number =>
  steps.findLastIndex(({ fromSeq }) => fromSeq <= seq)
