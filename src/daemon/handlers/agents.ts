/**
 * Calls about children of conversations: the fold of `agent.*` says which there are and how they stand.
 * Invariant: whatever changes one names a person's own client.
 */
import { Effect } from "effect"
import { AgentLog } from "../../agent/AgentLog.ts"
import { answerOf } from "../../agent/agents/outcome.ts"
import { SubAgents } from "../../agent/agents/SubAgents.ts"
import { type SessionError, Sessions } from "../../agent/Sessions.ts"
import { type AgentRow, isLive, treeOf } from "../../domain/agents.ts"
import type { EventOf } from "../../domain/event.ts"
import { AgentRpcs, type AgentView } from "../../rpc/agents.ts"
import { BadInput, NoSuch, Refused, Unavailable } from "../../rpc/errors.ts"
import { Token } from "../Token.ts"

const asRpc =
  (agent: string) =>
  ({ message, reason }: SessionError) => {
    switch (reason) {
      case "no-such":
        return new NoSuch({ what: "agent", id: agent })
      case "busy":
        return new Refused({ message, rule: null })
      case "unavailable":
        return new Unavailable({ message })
      case "input":
        return new BadInput({ message })
    }
  }

export const agentHandlers = AgentRpcs.toLayer(
  Effect.gen(function* () {
    const log = yield* AgentLog
    const sessions = yield* Sessions
    const subAgents = yield* SubAgents
    const { person } = yield* Token

    const viewOf = Effect.fnUntraced(function* (row: AgentRow) {
      const { call: _, definition: __, queuedSeq: ___, readsOnly: ____, tree, writes: _____, ...rest } = row
      const { usd, calls, unpriced } = yield* log.spent(row.agent)
      const view: AgentView = {
        v: 1,
        ...rest,
        on: [...row.on],
        tree:
          tree === null
            ? null
            : { state: tree.state, path: tree.path, branch: tree.branch, message: tree.message },
        spent: { usd, calls, unpriced },
      }
      return view
    })
    const find = Effect.fnUntraced(function* (word: string) {
      const rows = yield* log.agents
      if (Object.hasOwn(rows, word)) return rows[word]!
      const found = Object.values(rows).filter(({ agent }) => word.length >= 4 && agent.startsWith(word))
      return found.length === 1 ? found[0]! : yield* new NoSuch({ what: "agent", id: word })
    })

    return AgentRpcs.of({
      Agents: Effect.fnUntraced(function* ({ all, session }) {
        const rows = yield* log.agents
        const own = session === null ? Object.values(rows) : treeOf(rows, session)
        const newest = own.toSorted((a, b) => b.queuedSeq - a.queuedSeq)
        const live = newest.filter(isLive)
        const ended = newest.filter((row) => !isLive(row))
        return yield* Effect.forEach([...live, ...(all ? ended : [])], viewOf)
      }),
      Agent: Effect.fnUntraced(function* ({ agent: word }) {
        const row = yield* find(word)
        const events = yield* log.read(row.agent)
        const queued = events.find((event): event is EventOf<"agent.queued"> => event.type === "agent.queued")
        const transcript = yield* Effect.orElseSucceed(sessions.transcript(row.agent), () => null)
        return {
          view: yield* viewOf(row),
          prompt: queued?.payload?.prompt ?? "",
          answer: transcript === null ? "" : answerOf(transcript),
        }
      }),
      AgentKinds: Effect.fnUntraced(function* ({ workspace }) {
        const { problems, types } = yield* subAgents.types(workspace)
        return {
          kinds: types.map(({ description, model, name, source, tools, trust }) => ({
            name,
            description,
            tools: tools === null ? null : [...tools],
            model,
            source,
            trusted: trust === "trusted",
          })),
          problems: [...problems],
          strays: yield* subAgents.strays,
        }
      }),
      SendAgent: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const { agent } = yield* find(ask.agent)
        return yield* Effect.mapError(subAgents.send(agent, ask.text, ask.surface), asRpc(ask.agent))
      }),
      StopAgent: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const { agent } = yield* find(ask.agent)
        return yield* Effect.mapError(subAgents.stop(agent, ask.surface), asRpc(ask.agent))
      }),
      DiscardAgent: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const { agent } = yield* find(ask.agent)
        return yield* Effect.as(Effect.mapError(subAgents.discard(agent), asRpc(ask.agent)), true)
      }),
      TidyAgents: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        return yield* subAgents.tidy
      }),
    })
  }),
)
