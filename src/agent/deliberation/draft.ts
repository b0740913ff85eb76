/**
 * The stronger model's turn: work prepared in a conversation of its own, none of it run. What it is told, what its last
 * answer must be, and what of it holds. Pure.
 * Invariants: its conversation is untrusted from its first word, because it rests on what others wrote; what it would
 * change is kept and shown, never done; a claim that what it saw does not hold is taken out.
 */
import { Result, Schema } from "effect"
import { createHash } from "node:crypto"
import type { ToolCall } from "../../domain/action.ts"
import type { Triage, Unthought } from "../../domain/events/thought.ts"
import type { Reason } from "../../domain/suggestion.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { blocksOf } from "../session/blocks.ts"
import { readAnswer } from "../session/format.ts"
import type { Transcript } from "../session/transcript.ts"
import { checkedText, citedOf, unfounded } from "./claims.ts"
import { isHeld } from "./held.ts"
import { type Piece, piecesText } from "./pieces.ts"

/** One for each situation, the same after a crash. */
export const draftSession = (openedId: string): string =>
  `c_${createHash("sha256").update(`draft ${openedId}`).digest("hex").slice(0, 16)}`

/** What a draft may look with, and what it may have prepared. */
export const draftTools: ReadonlyArray<string> = [
  "read_file",
  "glob_search",
  "grep_search",
  "git",
  "write_file",
  "edit_file",
  "apply_patch",
  "bash",
]

export const draftFormat = {
  type: "object",
  properties: {
    title: { type: "string" },
    why: {
      type: "array",
      items: {
        type: "object",
        properties: {
          text: { type: "string" },
          evidence: { type: "array", items: { type: "integer" } },
        },
        required: ["text", "evidence"],
        additionalProperties: false,
      },
    },
  },
  required: ["title", "why"],
  additionalProperties: false,
} as const

export const draftWord = (triage: Triage, pieces: ReadonlyArray<Piece>): string =>
  `Claw saw a situation on the developer's machine, and a first look at it says that this is worth preparing: ${triage.title}
Why: ${triage.reason}

Prepare it: a patch for what fails, a commit message for what is staged, a test, or an explanation, whichever fits. Read what you need. Your edits and commands are not run: each is kept and shown to the developer as one bundle, in the order you make them, and runs only if the developer approves all of it. So make each call once, right, and in an order that works: change first, then what checks the change; commit only where the situation is about a commit. Where an explanation is all that is wanted, make no such call.

End with JSON alone: title (one line: what the bundle does, or what the explanation says) and why (one to five short statements, each with the seq numbers of the events below that it rests on; name paths, numbers and quotes only as they stand there or in what you read).

What is known, each event with its seq:

${piecesText(pieces)}`

const Answer = Schema.Struct({
  title: Schema.String,
  why: Schema.Array(Schema.Struct({ text: Schema.String, evidence: Schema.Array(Schema.Finite) })),
})
const decode = Schema.decodeUnknownResult(Answer)

/** The calls that were kept, in order. */
const heldCalls = (transcript: Transcript): ReadonlyArray<ToolCall> =>
  blocksOf(transcript.entries).flatMap((block) =>
    block._tag !== "turn"
      ? []
      : block.calls.flatMap(({ id, input, name }) => {
          const result = block.results.get(id)
          return input !== null && result !== undefined && isHeld(result)
            ? [{ tool: name, input, cwd: transcript.cwd }]
            : []
        }),
  )

/** Everything it was told or read itself. */
const seen = (transcript: Transcript): ReadonlyArray<string> =>
  blocksOf(transcript.entries).flatMap((block) =>
    block._tag === "turn"
      ? [
          ...[...block.results.values()].map(({ text }) => text),
          ...block.calls.map(({ input }) => JSON.stringify(input) ?? ""),
          ...block.calls.flatMap(({ input }) =>
            Object.values(input ?? {}).filter((value) => typeof value === "string"),
          ),
        ]
      : [],
  )

const lastText = (transcript: Transcript): string => {
  const turn = blocksOf(transcript.entries).findLast((block) => block._tag === "turn")
  return turn?._tag === "turn"
    ? turn.answer.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")
    : ""
}

const line = (text: string, most: number): string =>
  neutralise(text.replaceAll(/\s+/g, " ").trim()).slice(0, most)

export interface Drafted {
  readonly skipped: Unthought | null
  readonly title: string
  readonly why: ReadonlyArray<Reason>
  readonly actions: ReadonlyArray<ToolCall>
  readonly dropped: ReadonlyArray<string>
}

export const notDrafted = (
  reason: Unthought["reason"],
  message: string,
  dropped: ReadonlyArray<string> = [],
): Drafted => ({ skipped: { reason, message }, title: "", why: [], actions: [], dropped })

/** What came of it, by its conversation and what it was given. */
export const readDraft = (transcript: Transcript, pieces: ReadonlyArray<Piece>): Drafted => {
  const answer = Result.flatMap(readAnswer(draftFormat, lastText(transcript)), (value) =>
    Result.mapError(decode(value), String),
  )
  if (Result.isFailure(answer)) return notDrafted("invalid", answer.failure)
  const own = seen(transcript)
  const dropped: Array<string> = []
  const why = answer.success.why.slice(0, 5).flatMap(({ evidence, text }) => {
    const cited = citedOf(pieces, evidence)
    if (cited.length === 0) {
      dropped.push(`it cites nothing that was given: ${line(text, 200)}`)
      return []
    }
    const checked = checkedText(line(text, 300), [...cited.map((piece) => piece.text), ...own])
    dropped.push(...checked.dropped)
    return checked.text === "" ? [] : [{ text: checked.text, seq: cited[0]!.seq }]
  })
  if (why.length === 0) return notDrafted("uncited", "nothing of its reasons is in what it cites", dropped)
  const title = line(answer.success.title, 160)
  const fault = unfounded(title, [...pieces.map(({ text }) => text), ...own])
  if (title === "" || fault !== null)
    return notDrafted("uncited", `its title says ${JSON.stringify(fault)}, which it never saw`, dropped)
  return { skipped: null, title, why, actions: heldCalls(transcript), dropped }
}
