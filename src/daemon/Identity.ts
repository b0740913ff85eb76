/** Who this daemon is: version, pid, start; what a client compares at the handshake. */
import { Context } from "effect"

export class Identity extends Context.Service<
  Identity,
  {
    readonly version: string
    readonly pid: number
    readonly startedAt: string
  }
>()("claw/daemon/Identity") {}
