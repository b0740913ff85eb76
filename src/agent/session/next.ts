/**
 * What a conversation has to do next. Pure and total: any transcript has exactly one next step.
 * Invariants: no model is asked before every call of the answers before has its result, before the limits were looked at,
 * nor twice for the same thing; what a person stopped is settled before anything else; whatever ends the work says why.
 */
import type { RestReason } from "../../domain/events/sessions.ts"
import { blocksOf, openCalls, type Turn } from "./blocks.ts"
import type { AnswerCall } from "./calls.ts"
import { cutOf } from "./compaction.ts"
import { answerFault } from "./format.ts"
import { reached } from "./limits.ts"
import { loopIn } from "./loops.ts"
import { lastRest, lastStop, lastWord, since, type Since } from "./since.ts"
import type { Transcript } from "./transcript.ts"
import { isFull } from "./window.ts"

export interface Circumstances {
  /** What the whole session cost so far, with its children. */
  readonly spentUsd: number
  /** Tokens the model takes in all; null: not known. */
  readonly window: number | null
  readonly maxOutput: number
  /** Sections and tools were looked at since the user's last word. */
  readonly prepared: boolean
}

export type Step =
  /** Nothing, until somebody says something. */
  | { readonly _tag: "wait" }
  | { readonly _tag: "prepare" }
  /** `cause`: the last event that stands in the prompt. */
  | { readonly _tag: "think"; readonly cause: { readonly seq: number; readonly id: string } }
  | { readonly _tag: "call"; readonly turn: Turn; readonly calls: ReadonlyArray<AnswerCall> }
  /** Stopped by a person: what waits is taken back, what runs is ended, and each call has its result. */
  | { readonly _tag: "settle"; readonly turn: Turn; readonly calls: ReadonlyArray<AnswerCall> }
  | { readonly _tag: "compact" }
  | { readonly _tag: "note"; readonly kind: string; readonly text: string }
  | { readonly _tag: "rest"; readonly reason: RestReason; readonly message: string }

const rest = (reason: RestReason, message: string): Step => ({ _tag: "rest", reason, message })
const note = (kind: string, text: string): Step => ({ _tag: "note", kind, text })

/** Times that an answer may be asked for again: cut at its length, of the wrong form, empty. */
const again = { length: 3, format: 2, empty: 1, pause: 10 } as const

const timesNoted = ({ notes }: Since, kind: string): number => notes.filter((one) => one.kind === kind).length

const textOf = (turn: Turn): string =>
  turn.answer.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")

const cut = (done: Since): Step =>
  timesNoted(done, "length") < again.length
    ? note(
        "length",
        "Your answer was cut at its longest. Go on exactly where it stopped, without repeating anything.",
      )
    : rest(
        "completed",
        `the answer was cut ${again.length + 1} times at the longest the model gives: say "go on" for the rest`,
      )

const misfit = (done: Since, fault: string): Step =>
  timesNoted(done, "format") < again.format
    ? note(
        "format",
        `Your answer must be JSON alone that fits the schema, and it does not: ${fault}. Answer once more, with the JSON and nothing else.`,
      )
    : rest("failed", `the answer does not fit the wanted form after ${again.format + 1} tries: ${fault}`)

const empty = (done: Since): Step =>
  timesNoted(done, "empty") < again.empty
    ? note("empty", "Your answer was empty. Answer, or say what keeps you from it.")
    : rest("failed", "the model gave an empty answer twice: ask it another way, or change the model")

/** After an answer without calls. Null: the model is to be asked on. */
const afterAnswer = (transcript: Transcript, done: Since, turn: Turn): Step | null => {
  const paused = done.turns.slice(-again.pause)
  switch (turn.answer.finish) {
    case "pause":
      return paused.length === again.pause && paused.every(({ answer }) => answer.finish === "pause")
        ? rest("failed", `the server paused its answer ${again.pause} times: say "go on" to ask it again`)
        : null
    case "length":
      return cut(done)
    case "content-filter":
      return rest(
        "refused",
        "the provider's filter held the answer back: ask in other words, or change the model",
      )
    case "error":
      return rest("failed", 'the server broke the answer off: say "go on" to ask it again')
    default: {
      const text = textOf(turn)
      if (text.trim() === "") return empty(done)
      const fault = transcript.format === null ? null : answerFault(transcript.format, text)
      return fault === null ? rest("completed", "") : misfit(done, fault)
    }
  }
}

/** The newest event that stands in the prompt. */
export const causeOf = (transcript: Transcript): { readonly seq: number; readonly id: string } | null => {
  const last = transcript.entries.findLast(({ _tag }) => _tag !== "rested" && _tag !== "stopped") ?? null
  const { compacted } = transcript
  if (compacted !== null && compacted.seq > (last?.seq ?? 0)) return { seq: compacted.seq, id: compacted.id }
  return last === null ? null : { seq: last.seq, id: last.id }
}

/** The prompt was made shorter, and nothing was said since. */
export const justCompacted = (transcript: Transcript): boolean =>
  transcript.compacted !== null && causeOf(transcript)?.seq === transcript.compacted.seq

export const next = (transcript: Transcript, circumstances: Circumstances): Step => {
  const blocks = blocksOf(transcript.entries)
  const open = blocks.find((block): block is Turn => block._tag === "turn" && openCalls(block).length > 0)
  const word = lastWord(transcript)
  const rested = lastRest(transcript)
  if (word === null || (rested !== null && rested.seq > word.seq)) return { _tag: "wait" }
  if (open !== undefined)
    return { _tag: open.stopped ? "settle" : "call", turn: open, calls: openCalls(open) }
  const stopped = lastStop(transcript)
  if (stopped !== null && stopped.seq > word.seq) return rest("stopped", "stopped by the user")
  const done = since(transcript)
  const last = blocks.at(-1)!
  if (last._tag === "turn" && last.calls.length === 0) {
    const step = afterAnswer(transcript, done, last)
    if (step !== null) return step
  }
  const looping = loopIn(done.turns)
  if (looping !== null) return rest("loop", `${looping}: shall it go on, or do it another way?`)
  const limit = reached(transcript.limits, done, circumstances.spentUsd)
  if (limit !== null) return rest(limit.reason, limit.message)
  if (transcript.prepared === null || !circumstances.prepared) return { _tag: "prepare" }
  if (!justCompacted(transcript) && isFull(transcript, circumstances)) {
    const { maxOutput, window } = circumstances
    if (cutOf(transcript, window, maxOutput, false) !== null) return { _tag: "compact" }
  }
  return { _tag: "think", cause: causeOf(transcript)! }
}
