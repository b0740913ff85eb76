/**
 * `--always`: what a person wants to be asked no more, shown in one line of what exactly it would allow before the yes.
 * Invariant: what cannot be granted is refused before anything is done.
 */
import { Clock, Console, Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { type GrantScopeName, longestTaintedMs } from "../domain/grant.ts"
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
  "also-tainted": Flag.Boolean("also-tainted").pipe(
    Flag.withDefault(false),
    Flag.withDescription(
      "with --always: in the conversation that asks alone, also though it rests on text an outsider could have written, for a day at most",
    ),
  ),
}

/** Null where nothing is to be granted. */
export const alwaysWanted = Effect.fnUntraced(function* (flags: {
  readonly always: Option.Option<GrantScopeName>
  readonly for: Option.Option<string>
  readonly "also-tainted": boolean
}) {
  if (Option.isNone(flags.always)) {
    if (flags["also-tainted"]) return yield* usage("--also-tainted goes with --always: what it is to allow")
    if (Option.isSome(flags.for)) return yield* usage("--for goes with --always: how long it is to hold")
    return null
  }
  const now = yield* Clock.currentTimeMillis
  const untilMs = Option.isNone(flags.for) ? null : now + (yield* duration(flags.for.value))
  const alsoTainted = flags["also-tainted"]
  const latest = now + longestTaintedMs
  if (!alsoTainted) return { scope: flags.always.value, untilMs } satisfies Always
  return {
    scope: flags.always.value,
    untilMs: Math.min(untilMs ?? latest, latest),
    alsoTainted,
  } satisfies Always
})

/** Says what exactly would be allowed. */
export const showAlways = Effect.fnUntraced(function* (client: Client, id: string, always: Always) {
  const { note, offers } = yield* orExit(client.GrantOffers({ id }))
  const refused = (message: string) => new Exit({ reason: "refused", message })
  const alsoTainted = always.alsoTainted === true
  const offer = offers.find((one) => one.scope === always.scope && (one.alsoTainted ?? false) === alsoTainted)
  if (offers.length === 0) return yield* refused(`no grant helps here: ${note ?? ""}`)
  const others = offers
    .filter(({ possible }) => possible)
    .map(
      (one) => `\n  --always ${one.scope}${one.alsoTainted === true ? " --also-tainted" : ""}: ${one.title}`,
    )
  if (offer?.possible !== true)
    return yield* refused(
      `this cannot be granted as ${always.scope}: ${offer?.title ?? "not on outside text"}${others.join("")}`,
    )
  const colour = yield* paint
  const now = yield* Clock.currentTimeMillis
  const until =
    always.untilMs === null
      ? "until you revoke it"
      : `until ${clock(new Date(always.untilMs).toISOString(), now)}`
  yield* Console.log(
    `${colour("bold", "always")}  ${safe(offer.title)}${alsoTainted ? "" : ", in this workspace"}, ${until}`,
  )
  const warning =
    note ??
    (!alsoTainted && offers.some((one) => one.alsoTainted === true)
      ? "this one rests on outside text, where that does not count: --also-tainted would"
      : null)
  if (warning !== null) yield* Console.log(colour("yellow", `        ${safe(warning)}`))
})
