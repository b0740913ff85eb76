/** claw doctor: each thing that can be wrong, with its cure; non-zero if any is. */
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import type { Check } from "../../rpc/shapes.ts"
import { orExit } from "../errors.ts"
import { Exit, fail } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, paint, safe } from "../output.ts"
import { Session } from "../Session.ts"

/** The daemon's own checks may try the sandbox; a daemon that is stuck must not hold up the rest. */
const daemonLimitMs = 20_000

const deaf = (message: string): Check => ({
  v: 1,
  name: "daemon's own checks",
  ok: false,
  detail: message,
  cure: "claw restart; if that fails, end the process that claw doctor names as running",
})

/** Worktrees of agents that nobody works in; with `fix` those go in which nothing would be lost. */
const worktrees = Effect.fnUntraced(function* (fix: boolean) {
  const session = yield* Session
  const client = yield* session.attach
  const { cwd } = yield* Invocation
  const done = fix
    ? yield* orExit(client.TidyAgents({ token: yield* session.token, surface: "cli" }))
    : { removed: [], kept: [] }
  const { strays } = yield* orExit(client.AgentKinds({ workspace: cwd }))
  const taken = done.removed.length === 0 ? "" : `took ${done.removed.length} away; `
  const left = done.kept.map(({ path, why }) => `${path}: ${why}`)
  const check: Check = {
    v: 1,
    name: "worktrees of agents",
    ok: true,
    ...(strays.length === 0 ? {} : { note: true }),
    detail:
      strays.length === 0
        ? `${taken}none is left behind`
        : `${taken}left behind: ${(fix ? left : strays).join("; ")}`,
    cure:
      strays.length === 0
        ? null
        : fix
          ? "look what is in them; git worktree remove --force takes one away"
          : "claw agent tidy takes away those in which nothing was changed",
  }
  return [check]
})

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
    const { credentialsOffline } = yield* Effect.promise(() => import("../../daemon/credentialChecks.ts"))
    const local = yield* localChecks({ directories, entry, env, fix })
    const remote = (yield* session.isRunning)
      ? yield* Effect.flatMap(session.attach, (client) =>
          Effect.all([orExit(client.Doctor()), worktrees(fix)]),
        ).pipe(
          Effect.map((all) => all.flat()),
          Effect.timeoutOrElse({
            duration: daemonLimitMs,
            orElse: () =>
              Effect.fail(fail(`the daemon's own checks took more than ${daemonLimitMs / 1000} s`)),
          }),
          Effect.catch((error) => Effect.succeed([deaf(error.message)])),
        )
      : yield* credentialsOffline({ directories, entry, env })
    const checks = [...local, ...remote]
    const colour = yield* paint
    for (const check of checks) {
      if (asJson) {
        yield* json(check)
        continue
      }
      const mark = !check.ok
        ? colour("red", "BAD ")
        : check.note === true
          ? colour("yellow", "note")
          : colour("green", "ok  ")
      yield* Console.log(`${mark} ${safe(check.name)}: ${safe(check.detail)}`)
      if ((!check.ok || check.note === true) && check.cure !== null)
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
