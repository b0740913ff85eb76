/**
 * `Agent` as a conversation has it, and `agent_send`. The request itself passes the gate like any other; the conversation
 * then waits for the child's end, which is the result.
 * Invariants: made again after a crash it is the same child, and the result is told once; whoever is stopped waits no more.
 */
import { callerOf } from "../session/caller.ts"
import { Effect, Option, Schema, Stream } from "effect"
import { agentContract } from "../../act/conversation/agent.ts"
import { jsonSchemaOf } from "../../act/defineTool.ts"
import { type AgentRow, isLive, treeOf } from "../../domain/agents.ts"
import { draft } from "../../domain/event.ts"
import { callId } from "../../domain/ids.ts"
import type { ModelTool } from "../../domain/modelRequest.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { header } from "../engine/drafts.ts"
import type { AgentLog } from "../AgentLog.ts"
import type { Hands } from "../Hands.ts"
import type { InnerTool } from "../InnerTools.ts"
import { agentId, agentTool } from "./agentStarts.ts"
import { endOf } from "./finish.ts"
import { lateTools } from "./lateTools.ts"

interface Services {
  readonly log: AgentLog["Service"]
  readonly hands: Hands["Service"]
}

const failed = (text: string) => ({ ok: false, text, trust: "trusted" as const })

/** Its row once it has ended. */
const ended = Effect.fnUntraced(function* (log: AgentLog["Service"], agent: string) {
  const over = Effect.map(log.agents, (rows) => {
    const row = rows[agent]
    return row === undefined || isLive(row) ? null : row
  })
  const head = yield* log.head
  const known = yield* over
  if (known !== null) return known
  const found = yield* log.follow(head).pipe(
    Stream.mapEffect(() => over),
    Stream.filter((row): row is AgentRow => row !== null),
    Stream.runHead,
  )
  return Option.isSome(found) ? found.value : yield* Effect.never
})

/** `late`: shown from the first child on. */
export const childTool = ({ hands, log }: Services, late: ReadonlyArray<ModelTool>): InnerTool => ({
  definition: agentContract() as unknown as ModelTool,
  readOnly: true,
  offered: (about) =>
    Effect.map(
      hands.offered(about),
      (tools) =>
        (about.tools === null || about.tools.includes(agentTool)) &&
        tools.some(({ name }) => name === agentTool),
    ),
  run: Effect.fnUntraced(function* (input, { causationId, id, transcript }) {
    const { cwd, session, trust, workspace } = transcript
    const agent = agentId(callId(id, 0))
    const request = {
      id,
      session,
      workspace,
      cwd,
      actor: callerOf(transcript),
      trust,
      causationId,
      call: { tool: agentTool, input },
    }
    if ((yield* log.agents)[agent] === undefined) {
      const asked = yield* Effect.result(hands.call(request))
      if ((yield* log.agents)[agent] === undefined)
        return failed(asked._tag === "Failure" ? asked.failure.message : asked.success.text)
    }
    const drafts = yield* lateTools(log, transcript, late)
    const begun = (yield* log.agents)[agent]
    if (begun?.background === true)
      return {
        ok: true,
        text: `${agent} works in the background; you will be told when it ends`,
        trust: "trusted" as const,
        drafts,
      }
    const row = yield* ended(log, agent)
    return { ok: row.state === "succeeded", ...(yield* endOf(log, row)), drafts }
  }),
})

const Send = Schema.Struct({
  agent: Schema.String.annotate({ description: "Id of an agent of yours: c_..." }),
  message: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(20_000)).annotate({
    description: "What it shall know or do: it hears it before its next step",
  }),
})
const decodeSend = Schema.decodeUnknownEffect(Send, { onExcessProperty: "error" })

export const sendTool = (log: AgentLog["Service"]): InnerTool => ({
  definition: {
    name: "agent_send",
    description: "Says something to an agent of yours while it works in the background.",
    inputSchema: jsonSchemaOf(Send) as ModelTool["inputSchema"],
  },
  readOnly: false,
  offered: (about) => hasChildren(log, about.session),
  run: Effect.fnUntraced(function* (input, { causationId, transcript }) {
    const asked = yield* Effect.orElseSucceed(decodeSend(input), () => null)
    if (asked === null) return failed('agent_send takes {"agent": "c_...", "message": "..."}')
    const rows = treeOf(yield* log.agents, transcript.session)
    const row = rows.find(({ agent }) => agent === asked.agent)
    if (row === undefined) return failed(`no agent of yours has the id ${asked.agent.slice(0, 40)}`)
    if (!isLive(row) || row.startedAt === null)
      return failed(row.state === "queued" ? "it has not begun yet" : `it ${row.state} already`)
    const child = (yield* log.sessions)[row.agent]
    const at = { session: row.agent, workspace: child?.workspace ?? transcript.workspace }
    const { trust } = transcript
    const said = draft(
      "session.said",
      { session: row.agent, text: redactSecrets(asked.message), surface: null },
      header(at, { actor: callerOf(transcript), trust, causationId }),
    )
    return { ok: true, text: `${row.agent} was told`, trust: "trusted" as const, drafts: [said] }
  }),
})

export const hasChildren = (log: AgentLog["Service"], session: string): Effect.Effect<boolean> =>
  Effect.map(log.agents, (rows) => Object.values(rows).some((row) => row.session === session))
