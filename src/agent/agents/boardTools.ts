/**
 * `board_read` and `board_write`: notes that a conversation, its children and theirs share. They are events, so they outlive
 * compactions and restarts.
 * Invariants: every entry says who put it; a change that was not made from the newest version changes nothing and is told
 * what is there now; made again after a crash, a change that was made is not made twice.
 */
import { Effect, Schema } from "effect"
import { jsonSchemaOf } from "../../act/defineTool.ts"
import { type Board, boardBounds, boardFault, boardId, boardOf, entryOf } from "../../domain/board.ts"
import { draft } from "../../domain/event.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { trustOf } from "../../domain/taint.ts"
import type { AgentLog } from "../AgentLog.ts"
import type { InnerTool } from "../InnerTools.ts"
import type { Prepared } from "../Preparation.ts"
import type { Transcript } from "../session/transcript.ts"
import { hasChildren } from "./agentTools.ts"

type Log = AgentLog["Service"]

const Key = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(boardBounds.key))
const Read = Schema.Struct({
  key: Schema.optionalKey(Key).annotate({ description: "Only this entry; a list of all if absent" }),
})
const Write = Schema.Struct({
  key: Key.annotate({ description: "What it is called: letters, digits, spaces and ./:#_-" }),
  text: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(boardBounds.text))).annotate({
    description: "What shall stand there; absent: take the entry off the board, for yourself alone",
  }),
  expected: Schema.Natural.annotate({
    description: "Version you have seen there; 0: nothing. Another one by now is a conflict",
  }),
})
const decodeRead = Schema.decodeUnknownEffect(Read, { onExcessProperty: "error" })
const decodeWrite = Schema.decodeUnknownEffect(Write, { onExcessProperty: "error" })

const ok = (value: unknown, trust: "trusted" | "untrusted") => ({
  ok: true,
  text: JSON.stringify(value),
  trust,
})
const failed = (value: unknown, trust: "trusted" | "untrusted" = "trusted") => ({
  ok: false,
  text: JSON.stringify(value),
  trust,
})

/** The conversation at the root of the tree that this one stands in. */
const rootOf = Effect.fnUntraced(function* (log: Log, session: string) {
  const rows = yield* log.agents
  let at = session
  while (Object.hasOwn(rows, at)) at = rows[at]!.session
  return at
})

/** Who put it, as the others know it. */
const nameOf = Effect.fnUntraced(function* (log: Log, session: string) {
  const rows = yield* log.agents
  const row = Object.hasOwn(rows, session) ? rows[session]! : null
  return row === null ? "the conversation" : `${row.type} "${row.title}" (${row.agent})`
})

const shown = (log: Log, key: string, entry: Board["entries"][string]) =>
  Effect.map(nameOf(log, entry.session), (by) => ({
    key,
    version: entry.version,
    by,
    at: entry.at,
    text: entry.text,
  }))

const inTree =
  (log: Log) =>
  (about: Prepared): Effect.Effect<boolean> =>
    about.agent === null ? hasChildren(log, about.session) : Effect.succeed(true)

export const boardRead = (log: Log): InnerTool => ({
  definition: {
    name: "board_read",
    description:
      "Reads the board that this conversation, its agents and theirs share: each entry with its key, version and who put it.",
    inputSchema: jsonSchemaOf(Read) as ModelTool["inputSchema"],
  },
  readOnly: true,
  offered: inTree(log),
  run: Effect.fnUntraced(function* (input, { transcript }) {
    const asked = yield* Effect.orElseSucceed(decodeRead(input), () => null)
    if (asked === null) return failed({ error: 'board_read takes {} or {"key": "..."}' })
    const board = boardOf(yield* log.boards, yield* rootOf(log, transcript.session))
    const wanted = Object.entries(board.entries).filter(
      ([key]) => asked.key === undefined || key === asked.key,
    )
    const entries = yield* Effect.forEach(wanted, ([key, entry]) => shown(log, key, entry))
    return ok({ entries }, trustOf(wanted.map(([, { trust }]) => trust)))
  }),
})

const change = Effect.fnUntraced(function* (
  log: Log,
  transcript: Transcript,
  call: string,
  asked: typeof Write.Type,
) {
  const root = yield* rootOf(log, transcript.session)
  const { expected, key } = asked
  const text = asked.text === undefined ? null : redactSecrets(asked.text)
  for (;;) {
    const board = boardOf(yield* log.boards, root)
    const there = entryOf(board, key)
    if (there?.call === call) return ok({ key, version: there.version }, "trusted")
    const took = board.taken.find(({ by }) => by === call)
    if (took !== undefined) return ok({ taken: yield* shown(log, took.key, took) }, took.trust)
    const fault = boardFault(board, { key, text, expected })
    if (fault?._tag === "bound") return failed({ error: fault.message })
    if (fault?._tag === "conflict") {
      const now = fault.now === null ? null : yield* shown(log, key, fault.now)
      return failed({ conflict: `version ${expected} is not what is there`, now }, fault.now?.trust)
    }
    const { session, trust, workspace } = transcript
    const version = board.version + 1
    const from = { actor: "claw", workspace, trust, correlationId: boardId(root) }
    const common = { board: root, key, version, session, call }
    const event =
      text === null ? draft("board.taken", common, from) : draft("board.put", { ...common, text }, from)
    // who came first in the same moment is seen on the next round
    const done = yield* log.appendAfter(boardId(root), board.lastSeq, [event])
    if (done !== null && text !== null) return ok({ key, version }, "trusted")
  }
})

export const boardWrite = (log: Log): InnerTool => ({
  definition: {
    name: "board_write",
    description: `Puts a note on the shared board, changes one, or takes one off. Say the version you saw; if somebody was faster nothing changes and you are told what is there. At most ${boardBounds.entries} entries.`,
    inputSchema: jsonSchemaOf(Write) as ModelTool["inputSchema"],
  },
  readOnly: false,
  offered: inTree(log),
  run: Effect.fnUntraced(function* (input, { id, transcript }) {
    const asked = yield* Effect.orElseSucceed(decodeWrite(input), () => null)
    return asked === null
      ? failed({ error: 'board_write takes {"key": "...", "text": "...", "expected": 0}' })
      : yield* change(log, transcript, id, asked)
  }),
})
