/**
 * How far the work on one word may go. Pure. Invariants: a limit is looked at before each step and ends in a rest that says
 * how to go on, never in a kill; a person's next word begins a new count of steps, tokens and time, but not of money.
 */
import type { RestReason, SessionKind, SessionLimits } from "../../domain/events/sessions.ts"
import type { Since } from "./since.ts"

export interface Reached {
  readonly reason: RestReason
  readonly message: string
}

const none: SessionLimits = { steps: null, tokens: null, usd: null, ms: null }

/**
 * Of a conversation that names none. A person who is there needs only a far end (OpenHands stops after 500 steps); what
 * works alone gets the bounds of an unattended child (30 turns, 10 minutes with Gemini's), with room for a test run.
 */
export const defaultLimits: Readonly<Record<SessionKind, SessionLimits>> = {
  chat: { ...none, steps: 200 },
  ask: { ...none, steps: 50 },
  print: { ...none, steps: 200 },
  draft: { ...none, steps: 30, ms: 600_000 },
  agent: { ...none, steps: 60, ms: 1_800_000 },
}

const usd = (amount: number): string => `$${amount.toFixed(2)}`

export const reached = (limits: SessionLimits, done: Since, spentUsd: number): Reached | null => {
  if (limits.steps !== null && done.turns.length >= limits.steps)
    return { reason: "steps", message: `it took ${limits.steps} steps on this: say "go on" for as many more` }
  if (limits.tokens !== null && done.tokens >= limits.tokens)
    return {
      reason: "tokens",
      message: `it used ${done.tokens} of ${limits.tokens} tokens on this: say "go on" for as many more`,
    }
  if (limits.ms !== null && done.ms >= limits.ms)
    return {
      reason: "time",
      message: `it worked on this for ${Math.round(done.ms / 1000)} s: say "go on" for as long again`,
    }
  if (limits.usd !== null && spentUsd >= limits.usd)
    return {
      reason: "money",
      message: `it spent ${usd(spentUsd)} of the ${usd(limits.usd)} it was given: begin another conversation, or give this one more (claw -p --resume ID --max-usd USD "go on")`,
    }
  return null
}
