/**
 * Calls about what is remembered and about skills. Invariants: reading needs no proof; whatever changes a memory is a
 * person's; a folder stands for the watched workspace around it.
 */
import { Effect, SubscriptionRef } from "effect"
import { AgentLog } from "../../agent/AgentLog.ts"
import { Embeddings } from "../../agent/memory/Embeddings.ts"
import { Memories } from "../../agent/memory/Memories.ts"
import type { MemoryError } from "../../agent/memory/MemoryError.ts"
import { type Skill, Skills } from "../../agent/skills/Skills.ts"
import { describe } from "../../domain/describe.ts"
import { allMemories, inbox, type Memory } from "../../domain/memories.ts"
import { Folds } from "../../loop/Folds.ts"
import { BadInput, NoSuch, Refused } from "../../rpc/errors.ts"
import { MemoryRpcs, type MemoryView, type SkillView } from "../../rpc/memories.ts"
import { workspaceOf } from "../sources.ts"
import { Token } from "../Token.ts"
import { folder } from "../watchable.ts"

/** Of one event, in a history. */
const longestLine = 400
const mostFound = 100

const viewOf = (memory: Memory): MemoryView => {
  const { seq: _, since: __, ...rest } = memory
  return { v: 1, ...rest }
}

const skillView = ({ description, name, problem, scope, source, tools, trust }: Skill): SkillView => ({
  v: 1,
  name,
  description,
  scope,
  source,
  trust,
  tools,
  problem,
})

const toRpc = ({ message, reason }: MemoryError) =>
  reason === "input"
    ? new BadInput({ message })
    : reason === "no-such"
      ? new NoSuch({ what: "memory", id: message.replace(/^no such memory: /, "") })
      : new Refused({ message, rule: null })

export const memoryHandlers = MemoryRpcs.toLayer(
  Effect.gen(function* () {
    const memories = yield* Memories
    const embeddings = yield* Embeddings
    const skills = yield* Skills
    const log = yield* AgentLog
    const folds = yield* Folds
    const { person } = yield* Token

    const workspaceAt = Effect.fnUntraced(function* (dir: string) {
      const at = yield* Effect.orElseSucceed(folder(dir), () => dir)
      const { control } = yield* SubscriptionRef.get(folds.snapshot)
      return workspaceOf(control.workspaces, at) ?? at
    })

    return MemoryRpcs.of({
      Memories: Effect.fnUntraced(function* ({ dir, states }) {
        const workspace = dir === null ? null : yield* workspaceAt(dir)
        return allMemories(yield* memories.state)
          .filter(
            (memory) =>
              states.includes(memory.state) &&
              (dir === null || memory.scope === "user" || memory.workspace === workspace),
          )
          .map(viewOf)
      }),
      Memory: Effect.fnUntraced(function* ({ id }) {
        const memory = yield* memories.get(id).pipe(Effect.mapError(() => new NoSuch({ what: "memory", id })))
        const events = yield* log.read(memory.id)
        const evidence = yield* log.events(memory.evidence)
        return {
          memory: viewOf(memory),
          events: events.map((event) => ({
            seq: event.seq,
            at: event.at,
            actor: event.actor,
            text: describe(event).slice(0, longestLine),
          })),
          evidence: evidence.map((event) => ({
            seq: event.seq,
            at: event.at,
            text: describe(event).slice(0, longestLine),
          })),
        }
      }),
      FindMemories: Effect.fnUntraced(function* ({ dir, limit, query }) {
        const found = yield* memories.find(query, yield* workspaceAt(dir), Math.min(mostFound, limit))
        return found.map(({ memory }) => viewOf(memory))
      }),
      MemorySearch: Effect.fnUntraced(function* ({ dir }) {
        const workspace = yield* workspaceAt(dir)
        const waiting = inbox(yield* memories.state).filter(
          (one) => one.scope === "user" || one.workspace === workspace,
        )
        return { v: 1, waiting: waiting.length, ...(yield* embeddings.status(workspace)) }
      }),
      Remember: Effect.fnUntraced(function* (ask) {
        const { dir, layer, scope, surface, text, topic } = ask
        yield* person(ask)
        const workspace = yield* workspaceAt(dir)
        const { memory, near } = yield* memories
          .remember({ text, topic, layer, scope, workspace, session: null, surface })
          .pipe(Effect.mapError(toRpc))
        return { memory: viewOf(memory), near: near.map(viewOf) }
      }),
      AnswerMemory: Effect.fnUntraced(function* (ask) {
        const { answer, id, surface } = ask
        yield* person(ask)
        const done = () => {
          switch (answer.kind) {
            case "accept":
              return memories.accept(id, { surface, ...(answer.text === null ? {} : { text: answer.text }) })
            case "reject":
              return memories.reject(id, answer.reason, surface)
            case "edit":
              return memories.edit(id, answer.text, surface)
            case "forget":
              return memories.forget(id, surface)
            case "restore":
              return memories.restore(id, surface)
          }
        }
        return viewOf(yield* Effect.mapError(done(), toRpc))
      }),
      Skills: Effect.fnUntraced(function* ({ dir }) {
        return (yield* skills.list(yield* workspaceAt(dir))).map(skillView)
      }),
      Skill: Effect.fnUntraced(function* ({ dir, name }) {
        const { files, skill } = yield* skills
          .load(yield* workspaceAt(dir), name)
          .pipe(
            Effect.mapError(({ message, reason }) =>
              reason === "no-such"
                ? new NoSuch({ what: "skill", id: name })
                : new Refused({ message, rule: null }),
            ),
          )
        return { skill: skillView(skill), text: skill.body, files }
      }),
    })
  }),
)
