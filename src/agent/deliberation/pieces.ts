/**
 * What a model is given to think about: events of the log as text, each named by its seq, under a budget. Pure.
 * Invariants: the same events give the same text byte for byte; every piece is fenced as data; the most telling come first,
 * and what has no room is counted.
 */
import { describe } from "../../domain/describe.ts"
import type { Event } from "../../domain/event.ts"
import { fenced } from "../session/fence.ts"

export interface Piece {
  readonly seq: number
  readonly type: string
  readonly text: string
}

/** Characters of one piece, and of a command's output, whose end says most. */
const longestPiece = 12_000
const longestOutput = 6_000
/** Of English and code, roughly. */
const charactersPerToken = 4

const ended = (text: string, most: number): string =>
  text.length <= most ? text : `... (${text.length - most} characters before)\n${text.slice(-most)}`
const begun = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}\n... (${text.length - most} characters more)`

const plain = (value: unknown): string => JSON.stringify(value) ?? "null"

/** The situation's own words; what a command printed stands with the command. */
const situationText = (event: Event & { readonly type: "situation.opened" }): string => {
  const { data, kind, subject } = event.payload
  const told =
    typeof data === "object" && data !== null
      ? Object.fromEntries(Object.entries(data).filter(([key]) => key !== "output"))
      : data
  return `${kind}: ${subject}\n${plain(told)}`
}

const bodyOf = (event: Event, blob: string | null): string => {
  switch (event.type) {
    case "terminal.command": {
      const { command, cwd, exit, output } = event.payload
      const printed = output === undefined ? "(its output is not known)" : ended(output, longestOutput)
      return `$ ${command}\n(in ${cwd}, exit ${exit}, by ${event.payload.authorKind})\n${printed}`
    }
    case "situation.opened":
      return situationText(event)
    case "situation.facts":
      return event.payload.facts
        .filter(({ unavailable }) => unavailable === null)
        .map(({ answer, probe }) => `${plain(probe)}\n${begun(plain(answer), 2_000)}`)
        .join("\n")
    case "situation.read":
      return `${event.payload.path}${event.payload.cut ? " (a part)" : ""}\n${blob ?? "(not kept)"}`
    case "decision.outcome":
      return `the suggestion ${event.payload.suggestion} was ${event.payload.outcome}`
    case "decision.digest":
    case "decision.notify":
    case "decision.question":
    case "decision.draft": {
      const { proposal, suggestion } = event.payload
      return `suggested ${suggestion}: ${proposal.title}\n${proposal.why.map(({ text }) => text).join("\n")}`
    }
    default:
      return describe(event)
  }
}

/** `blob`: the text of a file that was read. */
export const pieceOf = (event: Event, blob: string | null): Piece => ({
  seq: event.seq,
  type: event.type,
  text:
    (event.payload as unknown) === null
      ? "(erased)"
      : begun(`${event.at} ${event.type}\n${bodyOf(event, blob)}`, longestPiece),
})

const sizeOfPiece = ({ text }: Piece): number => Math.ceil((text.length + 80) / charactersPerToken)

/** As many as there is room for, in this order; later small ones may still fit where a large one did not. */
export const withinBudget = (
  pieces: ReadonlyArray<Piece>,
  tokens: number,
): { readonly taken: ReadonlyArray<Piece>; readonly left: number } => {
  let room = tokens
  const taken = pieces.filter((piece) => {
    const size = sizeOfPiece(piece)
    if (size > room) return false
    room -= size
    return true
  })
  return { taken, left: pieces.length - taken.length }
}

export const piecesText = (pieces: ReadonlyArray<Piece>): string =>
  pieces.map(({ seq, text, type }) => fenced("event", `seq ${seq} ${type}`, text)).join("\n\n")
