/**
 * Whether the work goes round in circles. Pure. What is found ends in a question to the user, because only the user knows
 * whether waiting for the same thing is meant.
 * Thresholds are those of peers in use: the same call with the same result 4 times in a row, the same error 3 times,
 * six steps of A-B-A-B (OpenHands); the same call and result more than 5 times in the last 10 steps (Crush); 10 answers
 * without a tool (Gemini's bound on repeated content), of which 3 alike are enough.
 * Invariant: sleeping is not a step.
 */
import { cutOffText } from "../../domain/callResult.ts"
import { callKey } from "../../domain/canonicalCall.ts"
import type { Turn } from "./blocks.ts"

const sameCalls = 4
const sameErrors = 3
const alternating = 6
const inWindow = 5
const window = 10
const talk = 10
const sameTalk = 3

const waiting: ReadonlySet<string> = new Set(["Sleep"])

/** What a turn did and what came of it, as one text. */
const stepOf = (turn: Turn): string =>
  JSON.stringify(
    turn.calls.map(({ id, input, name, params }) => [
      callKey({ tool: name, input: input ?? { invalid: params } }, null),
      turn.results.get(id)?.ok ?? false,
      turn.results.get(id)?.text ?? "",
    ]),
  )

/** Null where one of its calls ended well, or was cut off by Claw's own end: that is no error of the same kind. */
const errorOf = (turn: Turn): string | null => {
  const results = turn.calls.map(({ id }) => turn.results.get(id))
  const isOther = (result: (typeof results)[number]) =>
    result === undefined || result.ok || result.text === cutOffText
  if (results.length === 0 || results.some(isOther)) return null
  return results.map((result) => `${result!.tool}: ${result!.text}`).join("\n")
}

const namesOf = (turn: Turn): string => [...new Set(turn.calls.map(({ name }) => name))].join(", ")

const allSame = (values: ReadonlyArray<string | null>, count: number): boolean => {
  const last = values.at(-1) ?? null
  return last !== null && values.length >= count && values.slice(-count).every((value) => value === last)
}

const talkOf = (turn: Turn): string =>
  turn.answer.parts.flatMap((part) => (part.type === "text" ? [part.text.trim()] : [])).join("\n")

const monologue = (turns: ReadonlyArray<Turn>): string | null => {
  const quiet = turns.slice(turns.findLastIndex(({ calls }) => calls.length > 0) + 1)
  if (quiet.length >= talk) return `it answered ${quiet.length} times without doing anything`
  return allSame(quiet.map(talkOf), sameTalk) ? `it said the same ${sameTalk} times` : null
}

/** What it does over and over, in a few words; null: nothing. `turns`: those since the user's word. */
export const loopIn = (turns: ReadonlyArray<Turn>): string | null => {
  const talking = monologue(turns)
  if (talking !== null) return talking
  const acting = turns.filter(
    ({ calls }) => calls.length > 0 && !calls.every(({ name }) => waiting.has(name)),
  )
  const last = acting.at(-1)
  if (last === undefined || last !== turns.findLast(({ calls }) => calls.length > 0)) return null
  const recent = acting.slice(-window)
  const steps = recent.map(stepOf)
  const errors = recent.map(errorOf)
  if (allSame(errors, sameErrors)) return `the same error came ${sameErrors} times (${namesOf(last)})`
  if (allSame(steps, sameCalls))
    return `it made the same call ${sameCalls} times with the same result (${namesOf(last)})`
  if (steps.filter((step) => step === steps.at(-1)).length > inWindow)
    return `it made the same call ${inWindow + 1} times in ${window} steps with the same result (${namesOf(last)})`
  const pair = steps.slice(-alternating)
  if (
    pair.length === alternating &&
    pair[0] !== pair[1] &&
    pair.every((step, index) => step === pair[index % 2])
  )
    return `it goes back and forth between two calls (${namesOf(recent.at(-2)!)}; ${namesOf(last)})`
  return null
}
