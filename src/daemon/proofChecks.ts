/** What `claw doctor` says of the log's proofs: where the signing key lies, how old the newest checkpoint and anchors are. */
import { Effect } from "effect"
import type { LogStore } from "../../log-store/LogStore.ts"
import type { Keychain } from "../config/Keychain.ts"
import type { Check } from "../rpc/shapes.ts"
import type { Anchoring, AnchorState } from "./Anchoring.ts"
import type { Checkpoints } from "./Checkpoints.ts"
import { bad, good, note } from "./checks.ts"
import { findSigningKey } from "./signingKey.ts"

/** Hours of events without a checkpoint: something hinders the hourly one. */
const late = 3
const hours = (fromIso: string, nowMs: number): number => (nowMs - Date.parse(fromIso)) / 3_600_000
const ago = (fromIso: string, nowMs: number): string => {
  const age = hours(fromIso, nowMs)
  return age < 1
    ? `${Math.max(Math.round(age * 60), 0)} min ago`
    : age < 48
      ? `${Math.round(age)} h ago`
      : `${Math.round(age / 24)} days ago`
}

/** Needs no daemon. */
export const signingKeyCheck = (keychain: Keychain["Service"]): Effect.Effect<Check> =>
  findSigningKey(keychain).pipe(
    Effect.map((found) => {
      if (found === null) return note("signing key", "none yet: the first checkpoint makes one", null)
      const { place, shadowed } = found
      if (shadowed !== null)
        return note(
          "signing key",
          `in ${place.where}; ${shadowed} holds another one, which does not count`,
          `rm ${shadowed}`,
        )
      return place.kind === "keychain"
        ? good("signing key", `in ${place.where}`)
        : good("signing key", `in ${place.where}, 0600: there is no keychain that Claw could use`)
    }),
    Effect.catch(({ message }) =>
      Effect.succeed(
        bad("signing key", message, "until then no checkpoint is signed; everything else goes on"),
      ),
    ),
  )

const anchorCheck = ({ problem, size, to }: AnchorState): Check => {
  const name = `anchor ${to}`
  if (problem !== null)
    return bad(name, problem, "mend what it says, then claw audit checkpoint tries it again")
  return size === null
    ? note(name, "nothing was written there since the daemon started", "claw audit checkpoint does it now")
    : good(name, `holds the checkpoint of ${size} events`)
}

export const proofChecks = (options: {
  readonly store: LogStore["Service"]
  readonly checkpoints: Checkpoints["Service"]
  readonly anchoring: Anchoring["Service"]
  readonly nowMs: number
}): Effect.Effect<ReadonlyArray<Check>> =>
  Effect.gen(function* () {
    const { nowMs } = options
    const head = yield* options.store.head
    const newest = yield* Effect.orElseSucceed(options.checkpoints.newest, () => null)
    const states = yield* options.anchoring.states
    const cure = "claw audit checkpoint makes one now, or says what is in its way"
    const checkpoint =
      newest === null
        ? note("checkpoints", "the log was not signed yet", cure)
        : head.at !== null && hours(newest.at, Date.parse(head.at)) > late
          ? bad("checkpoints", `the newest was made ${ago(newest.at, nowMs)}, and events came since`, cure)
          : good(
              "checkpoints",
              `the newest was made ${ago(newest.at, nowMs)}, of ${newest.payload.size} events`,
            )
    const anchors =
      states.length === 0
        ? [
            note(
              "anchors",
              "none: a log whose end was cut off, or that was written anew with its key, would not be noticed",
              'anchors: [{ file: "/other/disk/claw.checkpoints" }] in your claw.config.ts',
            ),
          ]
        : states.map(anchorCheck)
    return [checkpoint, ...anchors]
  })
