/**
 * claw log erase, compact, backup, restore: what is done to the log as a whole. Each is a subcommand of `claw log`,
 * which goes on reading the log where none of them is named.
 */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { json } from "../output.ts"
import { Session } from "../Session.ts"

const compact = Command.make(
  "compact",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const status = yield* orExit(client.Status())
    if (asJson) yield* json(status)
    else yield* Console.log("compacted")
  }, Effect.scoped),
).pipe(Command.withDescription("rewrite the log's files without the space that nothing uses any more"))

export const keepingCommands = [compact] as const
