/** What is remembered, proposed and forgotten, as the log says now. The driver gives the layer. */
import { Context, type Effect } from "effect"
import type { MemoriesState } from "../../domain/memories.ts"

export class Remembered extends Context.Service<
  Remembered,
  { readonly state: Effect.Effect<MemoriesState> }
>()("claw/agent/Remembered") {}
