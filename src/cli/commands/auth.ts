/** claw auth status: where each provider's credential comes from, how long it holds, and what is wrong. Never what it is. */
import { Clock, Console, Effect } from "effect"
import { Command } from "effect/cli"
import type { AuthView } from "../../rpc/auth.ts"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { clock, json, paint, type Paint, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

const sources: Record<AuthView["source"], string> = {
  environment: "from the variable",
  keychain: "in",
  file: "in",
  missing: "none",
  needless: "takes none",
}

const stateText = ({ problem, used }: AuthView, colour: Paint): string => {
  if (problem === null) return colour("green", "ok")
  if (!problem.now) return colour("yellow", "soon")
  return used ? colour("red", "bad") : colour("dim", "not used")
}

const row = (view: AuthView, colour: Paint, now: number): ReadonlyArray<string> => {
  const { expiresAt, provider, renews, source, type, where } = view
  const end =
    expiresAt === null
      ? ""
      : renews
        ? `, renewed by itself (next by ${clock(expiresAt, now)})`
        : `, until ${clock(expiresAt, now)}`
  const what = type === null ? "" : `${type === "key" ? "a key" : "a login"} `
  return [
    colour("bold", safe(provider)),
    stateText(view, colour),
    `${what}${sources[source]}${where === null ? "" : ` ${safe(where)}`}${end}`,
  ]
}

const status = Command.make(
  "status",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const client = yield* (yield* Session).attach
    const views = yield* orExit(client.AuthStatus())
    const bad = views.filter(({ problem, used }) => used && problem?.now === true)
    if (asJson) {
      yield* Effect.forEach(views, json, { discard: true })
    } else {
      const colour = yield* paint
      const now = yield* Clock.currentTimeMillis
      yield* Console.log(table(views.map((view) => row(view, colour, now))))
      for (const { problem, used } of views) {
        if (problem !== null && (used || !problem.now))
          yield* Console.log(`${safe(problem.message)}: ${safe(problem.cure)}`)
      }
    }
    if (bad.length > 0)
      return yield* fail(`${bad.map(({ provider }) => safe(provider)).join(", ")}: no credential that works`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("where each provider's credential comes from, and how long it holds"),
  Command.withExamples([
    { command: "claw auth status", description: "exits 1 if one that is used does not work" },
    { command: "claw auth status --json", description: "one object a line" },
  ]),
)

export const auth = Command.make("auth").pipe(
  Command.withDescription("credentials of the providers of models"),
  Command.withSubcommands([status]),
)
