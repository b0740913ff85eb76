/**
 * What the model's confidence is worth: counted from how this user took its suggestions of like confidence. Pure.
 * A Beta prior for each bucket stands for what is known of models' proposals before anything was counted: people keep
 * about a third to a half of them, and more of the sure ones.
 * Invariants: bounded; an outcome that is taken back is counted as not kept; the numbers behind a weight are given with it.
 */
import type { Event } from "../../domain/event.ts"
import type { Weighed } from "../../domain/events/thought.ts"
import { isKept } from "../attention/standing.ts"
import { keepLast, limits } from "../state.ts"

/** A suggestion of deliberation, as it was taken so far. */
export interface Taken {
  readonly id: string
  readonly confidence: number
  readonly shown: boolean
  readonly kept: boolean
}

const buckets = 5
/** As many imagined suggestions as the prior weighs. */
const priorShown = 4
/** Kept of every suggestion that a model was wholly sure of, and of one that it was not sure of at all. */
const prior = { low: 0.1, high: 0.8 } as const

const bucketOf = (confidence: number): number => Math.min(buckets - 1, Math.floor(confidence * buckets))
const round = (value: number): number => Math.round(value * 1000) / 1000

export const weigh = (taken: ReadonlyArray<Taken>, thought: number, confidence: number): Weighed => {
  const bucket = bucketOf(confidence)
  const alike = taken.filter((one) => one.shown && bucketOf(one.confidence) === bucket)
  const kept = alike.filter((one) => one.kept).length
  const middle = (bucket + 0.5) / buckets
  const expected = prior.low + (prior.high - prior.low) * middle
  const calibrated = round((kept + expected * priorShown) / (alike.length + priorShown))
  return { thought, confidence, calibrated, shown: alike.length, kept }
}

const change = (taken: ReadonlyArray<Taken>, id: string, over: Partial<Taken>): ReadonlyArray<Taken> =>
  taken.some((one) => one.id === id) ? taken.map((one) => (one.id === id ? { ...one, ...over } : one)) : taken

export const takenAfter = (taken: ReadonlyArray<Taken>, event: Event): ReadonlyArray<Taken> => {
  switch (event.type) {
    case "decision.digest":
    case "decision.notify":
    case "decision.question":
    case "decision.draft": {
      const { suggestion, weighed } = event.payload
      if (weighed === undefined) return taken
      const made = { id: suggestion, confidence: weighed.confidence, shown: false, kept: false }
      return keepLast([...taken, made], limits.taken)
    }
    case "decision.shown":
      return change(taken, event.payload.suggestion, { shown: true })
    case "decision.outcome": {
      const { outcome, suggestion } = event.payload
      return change(taken, suggestion, { kept: isKept(outcome) })
    }
    default:
      return taken
  }
}
