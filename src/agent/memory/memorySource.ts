/**
 * What is remembered, as sections before a conversation. Invariants: the same memories give the same bytes; that they were
 * told is said once where the conversation begins and once after each compaction.
 */
import { Effect } from "effect"
import { draft } from "../../domain/event.ts"
import type { AgentLog } from "../AgentLog.ts"
import type { SectionSource } from "../Preparation.ts"
import type { Memories } from "./Memories.ts"
import { memorySections } from "./memoryText.ts"

export const memorySource =
  (memories: Memories["Service"], log: AgentLog["Service"]): SectionSource =>
  (about) =>
    Effect.gen(function* () {
      const { memories: told, more } = yield* memories.told(about.workspace)
      const first = !about.before.some(({ kind }) => kind === "memory")
      if (first && told.length > 0)
        yield* log.append([
          draft(
            "memory.used",
            { memories: told.map(({ id }) => id), session: about.session },
            { actor: "claw", workspace: about.workspace },
          ),
        ])
      return memorySections(told, more)
    })
