/** claw doctor: each thing that can be wrong, with its cure; non-zero if any is. */
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { orExit } from "../errors.ts"
import { Exit } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, paint, safe } from "../output.ts"
import { Session } from "../Session.ts"

export const doctor = Command.make(
  "doctor",
  {
    fix: Flag.Boolean("fix").pipe(
      Flag.withDefault(false),
      Flag.withDescription("do the cures that are safe to do"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ fix, json: asJson }) {
    const session = yield* Session
    const { directories, entry, env } = yield* Invocation
    const { localChecks } = yield* Effect.promise(() => import("../../daemon/doctor.ts"))
    const local = yield* localChecks({ directories, entry, env, fix })
    const remote = (yield* session.isRunning)
      ? yield* Effect.flatMap(session.attach, (client) => orExit(client.Doctor()))
      : []
    const checks = [...local, ...remote]
    const colour = yield* paint
    for (const check of checks) {
      if (asJson) {
        yield* json(check)
        continue
      }
      const mark = check.ok ? colour("green", "ok  ") : colour("red", "BAD ")
      yield* Console.log(`${mark} ${check.name}: ${safe(check.detail)}`)
      if (!check.ok && check.cure !== null)
        yield* Console.log(`     ${colour("yellow", "cure:")} ${safe(check.cure)}`)
    }
    const bad = checks.filter((check) => !check.ok).length
    if (bad > 0)
      return yield* new Exit({
        reason: "failed",
        message: `${bad} of ${checks.length} checks found something wrong`,
      })
  }, Effect.scoped),
).pipe(
  Command.withDescription("look for what can be wrong, and say how to cure it"),
  Command.withExamples([
    { command: "claw doctor --fix", description: "make missing folders, remove a dead socket" },
  ]),
)
