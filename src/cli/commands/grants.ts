/** claw policy grants, revoke: what a person always allowed, and taking it back. Revoking is a person's, as granting is. */
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { GrantView } from "../../rpc/grants.ts"
import { orExit } from "../errors.ts"
import { usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { asOf, atFlag, pastOf } from "../past.ts"
import { needPerson } from "../person.ts"
import { Session } from "../Session.ts"

const stateText = (row: GrantView, nowMs: number): string => {
  if (row.revoked !== null)
    return `revoked ${clock(row.revoked.at, nowMs)}${row.revoked.reason === "" ? "" : ` (${safe(row.revoked.reason)})`}`
  if (row.state === "lapsed") return `lapsed ${clock(row.until ?? "", nowMs)}`
  return row.until === null ? "always" : `until ${clock(row.until, nowMs)}`
}

const showGrants = (rows: ReadonlyArray<GrantView>, colour: Paint, nowMs: number): string =>
  rows.length === 0
    ? "nothing is granted"
    : table(
        rows.map((row) => [
          colour("bold", row.grant),
          row.scope._tag,
          stateText(row, nowMs),
          safe(row.workspace),
          `${safe(row.title)}${colour("dim", `  (${row.actor.replace(/^user:/, "")}, with ${row.suggestion}; claw why ${row.seq})`)}`,
        ]),
      )

export const grants = Command.make(
  "grants",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("also those that were revoked or have lapsed"),
    ),
    at: atFlag,
    json: jsonFlag,
  },
  Effect.fn(function* ({ all, at, json: asJson }) {
    const past = yield* pastOf(at)
    const rows =
      past === null ? yield* orExit((yield* (yield* Session).attach).Grants()) : (past.moment.grants ?? [])
    const shown = all ? rows : rows.filter(({ state }) => state === "in force")
    if (asJson) return yield* Effect.forEach(shown, json, { discard: true })
    const colour = yield* paint
    const now = yield* Clock.currentTimeMillis
    if (past !== null) yield* Console.log(asOf(past.moment, colour, now))
    yield* Console.log(showGrants(shown, colour, now))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what you always allowed, where, and until when"),
  Command.withExamples([
    { command: "claw policy grants", description: "what is in force" },
    { command: "claw policy grants --all --at 1h", description: "as it was an hour ago" },
  ]),
)

export const revoke = Command.make(
  "revoke",
  {
    grant: Argument.String("grant").pipe(
      Argument.withDescription("as claw policy grants prints it"),
      Argument.optional,
    ),
    all: Flag.Boolean("all").pipe(
      Flag.withDefault(false),
      Flag.withDescription("every one that is in force"),
    ),
    reason: Flag.String("reason").pipe(
      Flag.withDefault(""),
      Flag.withDescription("why; it stays in the log with it"),
    ),
  },
  Effect.fn(function* ({ grant, all, reason }) {
    if (Option.isSome(grant) === all)
      return yield* usage("name one grant (claw policy grants lists them), or give --all")
    yield* needPerson("revoking")
    const session = yield* Session
    const client = yield* session.attach
    const gone = yield* orExit(
      client.RevokeGrant({
        token: yield* session.token,
        surface: "cli",
        grant: Option.getOrNull(grant),
        reason,
      }),
    )
    yield* Console.log(
      gone.length === 0
        ? "nothing was granted"
        : gone.map((row) => `revoked ${row.grant}: ${safe(row.title)}`).join("\n"),
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription("take back what you always allowed; it is asked again from now on"),
  Command.withExamples([
    { command: "claw policy revoke g_1f0c2b7d9e8a6543", description: "at a terminal only" },
    { command: "claw policy revoke --all", description: "ask about everything again" },
  ]),
)
