/** Which files of a workspace the user trusted, by exact content. The driver gives the layer. */
import { Context, type Effect } from "effect"

export class Trusted extends Context.Service<
  Trusted,
  {
    /** SHA-256 by path relative to the workspace. */
    readonly digests: (workspace: string) => Effect.Effect<Readonly<Record<string, string>>>
  }
>()("claw/agent/Trusted") {}
