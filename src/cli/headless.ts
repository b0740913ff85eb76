/**
 * A word to the agent without anybody there, and what it did as text, one JSON object, or a stream of them.
 * Invariants: what waits for a person is never answered here: it stays in the queue and its id is said; the last line of a
 * stream, and the object, say how it ended; text that came from outside steers no terminal.
 */
import { nearCeiling } from "../domain/costs.ts"
import { Console, Effect, Stream } from "effect"
import { harmless } from "../../tui/text.ts"
import { bareJson } from "../domain/bareJson.ts"
import type { SessionItem, SessionPart, SessionSpent } from "../rpc/sessions.ts"
import { type Attached } from "./chat/attach.ts"
import { asPerson, type Entered } from "./conversations.ts"
import { orExit } from "./errors.ts"
import { Exit, fail } from "./Exit.ts"
import { json } from "./output.ts"
import type { Client } from "./Session.ts"

export type OutputKind = "text" | "json" | "stream-json"

export interface Word {
  readonly text: string
  readonly files: ReadonlyArray<Attached>
}

export interface HeadlessOptions {
  readonly output: OutputKind
  /** Text goes out as it comes. */
  readonly stream: boolean
  /** Waits for whoever answers elsewhere. */
  readonly wait: boolean
  /** The answer is JSON. */
  readonly structured: boolean
}

type Item<T extends SessionItem["_tag"]> = Extract<SessionItem, { readonly _tag: T }>

/** Several lines of text for a pipe or a terminal; tabs stay. */
const plainText = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.split("\t").map(harmless).join("\t"))
    .join("\n")

/** The rest of an answer of which so much was written, to the end of its line: its last pieces may be told with the whole. */
export const unwritten = (written: string, whole: string): string => {
  const missing = whole.startsWith(written) ? whole.slice(written.length) : ""
  const last = missing === "" ? written : missing
  return last === "" || last.endsWith("\n") ? missing : `${missing}\n`
}

interface Waiting {
  readonly id: string
  readonly title: string
  readonly question: boolean
}

/** What came so far. */
export interface Course {
  readonly answers: ReadonlyArray<Item<"answered">>
  readonly waiting: ReadonlyArray<Waiting>
  readonly rested: Item<"rested"> | null
  /** The whole conversation, with its children; null: that was not told. */
  readonly spent: SessionSpent | null
}

const nothing: Course = { answers: [], waiting: [], rested: null, spent: null }

const coursed = (course: Course, part: SessionPart): Course => {
  switch (part._tag) {
    case "open":
      return {
        ...course,
        waiting: part.requests
          .filter(({ state }) => state === "asks")
          .map(({ question, suggestion, title }) => ({ id: suggestion, title, question })),
      }
    case "spent":
      return { ...course, spent: { usd: part.usd, calls: part.calls, unpriced: part.unpriced } }
    case "paused":
      return {
        ...course,
        waiting: [{ id: part.question, title: "a ceiling of spending was reached", question: true }],
      }
    case "item":
      return part.item._tag === "answered"
        ? { ...course, answers: [...course.answers, part.item] }
        : part.item._tag === "rested"
          ? { ...course, rested: part.item }
          : course
    default:
      return course
  }
}

const textOfAnswer = ({ parts }: Item<"answered">): string =>
  parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")

/** The last words; of an answer that only called tools there are none. */
const finalText = ({ answers }: Course): string =>
  answers.map(textOfAnswer).findLast((text) => text.trim() !== "") ?? ""

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(bareJson(text))
  } catch {
    return null
  }
}

const sum = (answers: Course["answers"], key: "input" | "output" | "cacheRead" | "cacheWrite"): number =>
  answers.reduce((all, { usage }) => all + usage[key], 0)

const resultOf = (session: string, course: Course, structured: boolean) => {
  const { answers, rested, spent, waiting } = course
  const text = finalText(course)
  return {
    v: 1,
    type: "result",
    session,
    model: answers.at(-1)?.served ?? null,
    ended: rested?.reason ?? (waiting.length > 0 ? "waiting" : "lost"),
    message: rested?.message ?? "",
    answer: text,
    ...(structured ? { structured: parsed(text) } : {}),
    turns: answers.length,
    usage: {
      input: sum(answers, "input"),
      output: sum(answers, "output"),
      cacheRead: sum(answers, "cacheRead"),
      cacheWrite: sum(answers, "cacheWrite"),
    },
    usd: answers.some(({ usd }) => usd === null)
      ? null
      : answers.reduce((all, { usd }) => all + (usd ?? 0), 0),
    spent,
    waiting,
  }
}

/** Items by their own name, views by theirs. */
const streamed = (part: SessionPart): Record<string, unknown> => {
  const { _tag: type, ...rest } = part._tag === "item" ? part.item : part
  return { v: 1, type, ...rest }
}

const exitReason = (reason: Item<"rested">["reason"]): Exit["reason"] =>
  reason === "refused" ? "refused" : "failed"

const ending = Effect.fnUntraced(function* (session: string, { rested, waiting }: Course) {
  if (rested?.reason === "completed") return
  if (rested?.reason === "stopped") return yield* Effect.interrupt
  if (rested !== null) return yield* new Exit({ reason: exitReason(rested.reason), message: rested.message })
  const [first] = waiting
  if (first === undefined)
    return yield* fail(`the daemon went away; claw -p --resume ${session} goes on where it was`)
  const how = first.question ? `claw answer ${first.id}` : `claw approve ${first.id}`
  return yield* new Exit({
    reason: "needsPerson",
    message: `it waits for a person: ${first.title} (${how} at a terminal; it goes on then, and claw chat --resume ${session} shows it)`,
  })
})

const write = (text: string) =>
  Effect.sync(() => {
    process.stdout.write(plainText(text))
  })

export const runHeadless = Effect.fn("runHeadless")(function* (
  client: Client,
  { view: { session } }: Entered,
  word: Word,
  options: HeadlessOptions,
) {
  const said = yield* orExit(client.Say({ ...(yield* asPerson), session, ...word }))
  let course = nothing
  /** What of the answer under way was written. */
  let written = ""
  const show = Effect.fnUntraced(function* (part: SessionPart) {
    if (options.output === "stream-json") return yield* json(streamed(part))
    if (part._tag === "item" && part.item._tag === "warned")
      yield* Console.error(harmless(nearCeiling(part.item)))
    if (part._tag === "again") {
      if (written !== "" && !written.endsWith("\n")) yield* write("\n")
      written = ""
      const after = part.afterMs === 0 ? "" : ` in ${Math.ceil(part.afterMs / 1000)} s`
      yield* Console.error(harmless(`asked again${after} (${part.reason}), ${part.model}`))
    }
    if (!options.stream || options.output !== "text") return
    if (part._tag === "text") {
      written += part.text
      return yield* write(part.text)
    }
    if (part._tag === "item" && part.item._tag === "answered") {
      const before = written
      written = ""
      yield* write(unwritten(before, textOfAnswer(part.item)))
    }
  })
  yield* client.FollowSession({ session, from: said - 1, untilRested: true }).pipe(
    Stream.takeUntil((part) => {
      course = coursed(course, part)
      return !options.wait && course.waiting.length > 0
    }),
    Stream.runForEach(show),
    orExit,
  )
  if (options.output !== "text") yield* json(resultOf(session, course, options.structured))
  else if (!options.stream) {
    const text = finalText(course)
    if (text !== "") yield* Console.log(plainText(text.trimEnd()))
  }
  yield* ending(session, course)
})
