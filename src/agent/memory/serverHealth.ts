/**
 * Whether the server that says what texts mean can be asked now.
 * Invariants: that it is away, and that it is back, is each one event; after a failure it is left alone for a while, for as
 * long as it wants where it says so; nobody waits for it meanwhile.
 */
import { Clock, Effect } from "effect"
import { draft } from "../../domain/event.ts"
import type { ModelError } from "../../model/ModelError.ts"
import type { AgentLog } from "../AgentLog.ts"

const restMs = 60_000
const longestRestMs = 3_600_000

export interface ServerHealth {
  readonly failed: (error: ModelError) => Effect.Effect<void>
  readonly answered: Effect.Effect<void>
  /** Why it is not asked now; null: it is. */
  readonly problem: Effect.Effect<string | null>
  /** To a conversation; null: since its last answer it was said. */
  readonly once: (why: string) => string | null
}

const problemOf = ({ cure, message }: ModelError): string => (cure === "" ? message : `${message}: ${cure}`)

export const serverHealth = (log: AgentLog["Service"]): ServerHealth => {
  let away: { readonly untilMs: number; readonly problem: string } | null = null
  let told = false
  const say = (state: "running" | "degraded", detail: string) =>
    log.append([
      draft("daemon.health", { component: "embeddings", state, backend: null, detail }, { actor: "claw" }),
    ])
  return {
    failed: Effect.fnUntraced(function* (error) {
      // Claw itself was stopped, and the server has nothing to do with it
      if (error.reason === "cancelled") return
      const first = away === null
      const forMs = Math.min(longestRestMs, Math.max(restMs, error.retryAfterMs ?? 0))
      away = { untilMs: (yield* Clock.currentTimeMillis) + forMs, problem: problemOf(error) }
      if (first) yield* say("degraded", `memories are searched by their words alone: ${away.problem}`)
    }),
    once: (why) => {
      if (told) return null
      told = true
      return why
    },
    answered: Effect.suspend(() => {
      told = false
      if (away === null) return Effect.void
      away = null
      return say("running", "memories are searched by what they mean again")
    }),
    problem: Effect.map(Clock.currentTimeMillis, (now) =>
      away !== null && now < away.untilMs ? away.problem : null,
    ),
  }
}
