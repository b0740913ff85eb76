/**
 * Which memories have had their day. Pure.
 * What a person said, and every rule, stays until the person forgets it. A fact that was learned fades: its worth halves
 * with every half-life since it was last told, a half-life that doubles with each time it was of use (the shape of spaced
 * repetition: Settles and Meeder 2016, half-life regression), and what is worth less than the bar is due.
 */
import type { Memory } from "../../domain/memories.ts"

const dayMs = 86_400_000
/** Of a fact that was never told: a month and a half until it is down to a quarter of its confidence. */
const halfLifeDays = 21
const longestHalfLife = 730
const bar = 0.1

/** 0 to 1. */
export const worth = (memory: Memory, nowMs: number): number => {
  const since = Math.max(0, nowMs - Date.parse(memory.usedAt ?? memory.proposedAt)) / dayMs
  const halfLife = Math.min(longestHalfLife, halfLifeDays * 2 ** Math.min(memory.uses, 10))
  return memory.confidence * 2 ** (-since / halfLife)
}

const fades = (memory: Memory): boolean =>
  memory.state === "known" && memory.layer === "fact" && memory.origin !== "said"

/** Ids of those that are due at this time, the least worth first. */
export const dueToForget = (memories: ReadonlyArray<Memory>, nowMs: number): ReadonlyArray<string> =>
  memories
    .filter(fades)
    .map((memory) => ({ id: memory.id, worth: worth(memory, nowMs) }))
    .filter((one) => one.worth < bar)
    .sort((one, other) => one.worth - other.worth)
    .map(({ id }) => id)
