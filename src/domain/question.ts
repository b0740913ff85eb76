/** A question in the queue: what it offers, what was answered, and whether words are an answer to it. Pure. */
import { Result, Schema } from "effect"
import { Answer } from "./events/conversation.ts"

export const Question = Schema.Struct({
  session: Schema.NullOr(Schema.String),
  /** The call that waits for the answer. */
  call: Schema.String,
  text: Schema.String,
  options: Schema.Array(Schema.String),
  multiple: Schema.Boolean,
  answer: Schema.NullOr(Answer),
})
export type Question = typeof Question.Type

const longestAnswer = 10_000

/** Why this is no answer; null where it is one. */
export const answerFault = (question: Question, { chosen, text }: Answer): string | null => {
  const unknown = chosen.find((one) => !question.options.includes(one))
  if (unknown !== undefined) return `it does not offer ${JSON.stringify(unknown)}`
  if (new Set(chosen).size < chosen.length) return "the same option is named twice"
  if (chosen.length > 1 && !question.multiple) return "it takes one option"
  if ((text ?? "").trim() === "" && chosen.length === 0) return "an answer needs words"
  return (text ?? "").length > longestAnswer ? `an answer has at most ${longestAnswer} characters` : null
}

const optionOf = (question: Question, word: string): string | null => {
  const byName = question.options.find((option) => option.toLowerCase() === word.toLowerCase())
  return byName ?? (/^[1-9]\d{0,2}$/.test(word) ? (question.options[Number(word) - 1] ?? null) : null)
}

/**
 * Typed words as an answer. With options, each word (or the whole, or what stands between commas) is an option's number
 * or name; anything else is refused, so that a slip of the finger is not taken for free words.
 */
export const readAnswer = (question: Question, typed: string): Result.Result<Answer, string> => {
  const line = typed.trim()
  if (question.options.length === 0) {
    return line === "" ? Result.fail("an answer needs words") : Result.succeed({ chosen: [], text: line })
  }
  const whole = optionOf(question, line)
  const parts = line.split(line.includes(",") ? /\s*,\s*/ : /\s+/).filter((part) => part !== "")
  const found = whole === null ? parts.map((part) => optionOf(question, part)) : [whole]
  const chosen = found.filter((option) => option !== null)
  if (chosen.length === 0 || chosen.length < found.length) {
    return Result.fail(
      `answer with ${question.options.map((option, index) => `${index + 1} (${option})`).join(", ")}`,
    )
  }
  const fault = answerFault(question, { chosen, text: null })
  return fault === null ? Result.succeed({ chosen, text: null }) : Result.fail(fault)
}

/** One line of what was answered. */
export const answerText = ({ chosen, text }: Answer): string =>
  [chosen.join(", "), text ?? ""].filter((part) => part !== "").join("; ")
