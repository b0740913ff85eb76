/** The tools of the conversation itself. A new one is one more line here. */
import { Effect, Layer } from "effect"
import { childTool, sendTool } from "../agents/agentTools.ts"
import { boardRead, boardWrite } from "../agents/boardTools.ts"
import { AgentLog } from "../AgentLog.ts"
import { Hands } from "../Hands.ts"
import { InnerTools } from "../InnerTools.ts"
import { Memories } from "../memory/Memories.ts"
import { memoryTool } from "../memory/memoryTool.ts"
import { Skills } from "../skills/Skills.ts"
import { skillTool } from "../skills/skillTool.ts"
import { callOutput } from "./callOutput.ts"
import { toolSearch } from "./toolSearch.ts"

export const innerTools: Layer.Layer<InnerTools, never, AgentLog | Hands | Memories | Skills> = Layer.effect(
  InnerTools,
  Effect.gen(function* () {
    const log = yield* AgentLog
    const hands = yield* Hands
    const skills = yield* Skills
    const memories = yield* Memories
    const search = memoryTool({ log, memories })
    const shared = [boardRead(log), boardWrite(log), sendTool(log)]
    const late = shared.map(({ definition }) => definition)
    return InnerTools.of({
      tools: [
        toolSearch({ log, hands, late: [search] }),
        search,
        callOutput(log),
        skillTool(skills),
        childTool({ log, hands }, late),
        ...shared,
      ],
    })
  }),
)
