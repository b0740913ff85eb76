/**
 * Puts a child that a call asks for into the log, with all it may: `act`'s `Agents`.
 * Invariants: a child never may more than its parent, nor spend more than the parent has left; how deep children go is
 * bounded; the same call is the same child; nothing is begun here.
 */
import { createHash } from "node:crypto"
import { Effect, Layer } from "effect"
import { refused, wrongInput } from "../../act/attempt.ts"
import { Agents, type AgentWanted } from "../../act/Agents.ts"
import type { ToolContext } from "../../act/Tool.ts"
import type { AgentSettings } from "../../config/agentSettings.ts"
import { isLive } from "../../domain/agents.ts"
import { draft } from "../../domain/event.ts"
import { nearest } from "../../domain/nearest.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { trustOf } from "../../domain/taint.ts"
import { AgentLog } from "../AgentLog.ts"
import { load } from "../engine/load.ts"
import { callerOf } from "../session/caller.ts"
import type { Transcript } from "../session/transcript.ts"
import { AgentTypes } from "./AgentTypes.ts"
import { childLimits } from "./share.ts"
import { type AgentType, mayWrite, narrowed, readingTools } from "./types.ts"
import { treeFault } from "./worktrees.ts"

export const agentTool = "Agent"

/** Of the child that a call asks for. */
export const agentId = (call: string): string =>
  `c_${createHash("sha256").update(`agent ${call}`).digest("hex").slice(0, 16)}`

const encoder = new TextEncoder()
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

export const agentStarts = (settings: (workspace: string) => Effect.Effect<AgentSettings>) =>
  Layer.effect(
    Agents,
    Effect.gen(function* () {
      const log = yield* AgentLog
      const types = yield* AgentTypes

      const parentOf = Effect.fnUntraced(function* ({ session }: ToolContext) {
        if (session === null) return yield* refused("only a conversation has agents")
        return yield* Effect.mapError(load(log, session), ({ message }) => refused(message))
      })
      const typeOf = Effect.fnUntraced(function* (name: string, workspace: string) {
        const { types: all } = yield* types.all(workspace)
        const found = all.find((type) => type.name === name)
        if (found !== undefined) return found
        const near = nearest(
          name,
          all.map((type) => type.name),
        )
        const there =
          near === null ? `; there are ${all.map((type) => type.name).join(", ")}` : `: did you mean ${near}?`
        return yield* wrongInput(`there is no agent ${neutralise(name.slice(0, 60))}${there}`)
      })

      const planned = Effect.fnUntraced(function* (wanted: AgentWanted, context: ToolContext) {
        const parent = yield* parentOf(context)
        if (parent.tools !== null && !parent.tools.includes(agentTool))
          return yield* refused("this conversation has no agents")
        const depth = (parent.parent?.depth ?? 0) + 1
        const deepest = (yield* settings(context.workspace)).depth
        if (depth > deepest)
          return yield* refused(
            deepest === 0
              ? "agents are off (agents.depth is 0)"
              : `agents go ${deepest} deep (agents.depth), and this would be one deeper: do it yourself`,
          )
        const type = yield* typeOf(wanted.type, context.workspace)
        const allowed = narrowed(parent.tools, type.tools)
        const readsOnly = mayWrite(allowed) ? yield* treeFault(context.workspace) : null
        const tools = readsOnly === null ? allowed : narrowed(allowed, [...readingTools, agentTool])
        return { parent, depth, type, tools, readsOnly, writes: readsOnly === null && mayWrite(allowed) }
      })

      const limitsOf = Effect.fnUntraced(function* (parent: Transcript, type: AgentType) {
        const rows = Object.values(yield* log.agents).filter(
          (row) => row.session === parent.session && isLive(row),
        )
        const children = yield* Effect.forEach(rows, (row) =>
          Effect.map(log.spent(row.agent), ({ usd }) => ({ row, usd })),
        )
        const { usd } = yield* log.spent(parent.session)
        return childLimits(parent, type.limits, { usd, children })
      })

      const look: Agents["Service"]["look"] = Effect.fn("Agents.look")(function* (wanted, context) {
        const { readsOnly, type, writes } = yield* planned(wanted, context)
        const how = writes
          ? "works in a worktree of its own"
          : readsOnly === null
            ? "changes no files"
            : `only reads: ${readsOnly}`
        return `Agent ${type.name} (${how}): ${wanted.description}`
      })

      const queue: Agents["Service"]["queue"] = Effect.fn("Agents.queue")(function* (wanted, context) {
        const agent = agentId(context.call)
        if (Object.hasOwn(yield* log.agents, agent)) return agent
        const { depth, parent, readsOnly, tools, type, writes } = yield* planned(wanted, context)
        const body = encoder.encode(type.prompt)
        yield* log.append([
          draft(
            "agent.queued",
            {
              agent,
              session: parent.session,
              call: context.call,
              type: type.name,
              title: neutralise(redactSecrets(wanted.description)),
              prompt: redactSecrets(wanted.prompt),
              model: wanted.model ?? type.model,
              tools: tools === null ? null : [...tools],
              limits: yield* limitsOf(parent, type),
              writes,
              readsOnly,
              background: wanted.background,
              depth,
              definition: { source: type.source, hash: sha256(body), trust: type.trust },
            },
            {
              actor: callerOf(parent),
              workspace: context.workspace,
              trust: trustOf([parent.trust, context.trust]),
              correlationId: agent,
              blobs: [body],
            },
          ),
        ])
        return agent
      })
      return Agents.of({ look, queue })
    }),
  )
