/** From what the daemon answers to the exit codes of the contract. */
import { Effect } from "effect"
import { CallError } from "../domain/callResult.ts"
import { GrantError } from "../domain/grantError.ts"
import { LoginFailed } from "../rpc/auth.ts"
import { Exit, fail } from "./Exit.ts"

type Answered = { readonly _tag: string; readonly message: string }

const reasons: Record<string, Exit["reason"]> = {
  NoSuch: "noSuch",
  Refused: "refused",
  Stale: "temporary",
  NeedsPerson: "needsPerson",
  Unavailable: "temporary",
  BadInput: "usage",
}

const callReasons = {
  input: "usage",
  "no-such": "noSuch",
  person: "needsPerson",
  unavailable: "temporary",
} as const

const grantReasons = {
  "no-such": "noSuch",
  refused: "refused",
  person: "needsPerson",
  unavailable: "temporary",
} as const

/** Another try may do where it passes. */
const byLogin = ({ message, reason }: LoginFailed): Exit =>
  new Exit({ reason: reason === "passing" ? "temporary" : "failed", message })

export const toExit = (error: Answered): Exit =>
  error instanceof Exit
    ? error
    : error instanceof CallError
      ? new Exit({ reason: callReasons[error.reason], message: error.message })
      : error instanceof GrantError
        ? new Exit({ reason: grantReasons[error.reason], message: error.message })
        : error instanceof LoginFailed
          ? byLogin(error)
          : error._tag in reasons
            ? new Exit({ reason: reasons[error._tag]!, message: error.message })
            : fail(`the connection to the daemon broke: ${error.message}`)

export const orExit = <A, E extends Answered, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Exit, R> =>
  Effect.mapError(effect, toExit)
