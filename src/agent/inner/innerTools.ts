/** The tools of the conversation itself. A new one is one more line here. */
import { Effect, Layer } from "effect"
import { AgentLog } from "../AgentLog.ts"
import { Hands } from "../Hands.ts"
import { InnerTools } from "../InnerTools.ts"
import { callOutput } from "./callOutput.ts"
import { toolSearch } from "./toolSearch.ts"

export const innerTools: Layer.Layer<InnerTools, never, AgentLog | Hands> = Layer.effect(
  InnerTools,
  Effect.gen(function* () {
    const log = yield* AgentLog
    const hands = yield* Hands
    return InnerTools.of({ tools: [toolSearch({ log, hands }), callOutput(log)] })
  }),
)
