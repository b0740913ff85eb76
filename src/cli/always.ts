/**
 * `--always`: what a person wants to be asked no more, shown in one line of what exactly it would allow before the yes.
 * Invariant: what cannot be granted is refused before anything is done.
 */
import { Clock, Console, Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { GrantScopeName } from "../domain/grant.ts"
import type { Always } from "../rpc/grants.ts"
import { orExit } from "./errors.ts"
import { Exit, usage } from "./Exit.ts"
import { duration } from "./flags.ts"
import { clock, paint, safe } from "./output.ts"
import type { Client } from "./Session.ts"

export const alwaysFlags = {
  always: Flag.Literals("always", ["exact", "prefix", "workspace"]).pipe(
    Flag.withDescription(
      "and ask no more: for exactly this, for anything that begins with the same words, or for what the tool does below that folder",
    ),
    Flag.optional,
  ),
  for: Flag.String("for").pipe(
    Flag.withMetavar("1h"),
    Flag.withDescription("with --always: only for so long"),
    Flag.optional,
  ),
}

/** Null where nothing is to be granted. */
export const alwaysWanted = Effect.fnUntraced(function* (flags: {
  readonly always: Option.Option<GrantScopeName>
  readonly for: Option.Option<string>
}) {
  if (Option.isNone(flags.always)) {
    if (Option.isSome(flags.for)) return yield* usage("--for goes with --always: how long it is to hold")
    return null
  }
  const now = yield* Clock.currentTimeMillis
  const untilMs = Option.isNone(flags.for) ? null : now + (yield* duration(flags.for.value))
  return { scope: flags.always.value, untilMs } satisfies Always
})

/** Says what exactly would be allowed. */
export const showAlways = Effect.fnUntraced(function* (client: Client, id: string, always: Always) {
  const { note, offers } = yield* orExit(client.GrantOffers({ id }))
  const refused = (message: string) => new Exit({ reason: "refused", message })
  const offer = offers.find(({ scope }) => scope === always.scope)
  if (offer === undefined) return yield* refused(`no grant helps here: ${note ?? ""}`)
  if (!offer.possible) {
    const other = offers
      .filter(({ possible }) => possible)
      .map(({ scope, title }) => `\n  --always ${scope}: ${title}`)
    return yield* refused(`this cannot be granted as ${always.scope}: ${offer.title}${other.join("")}`)
  }
  const colour = yield* paint
  const now = yield* Clock.currentTimeMillis
  const until =
    always.untilMs === null
      ? "until you revoke it"
      : `until ${clock(new Date(always.untilMs).toISOString(), now)}`
  yield* Console.log(`${colour("bold", "always")}  ${safe(offer.title)}, in this workspace, ${until}`)
  if (note !== null) yield* Console.log(colour("yellow", `        ${safe(note)}`))
})
