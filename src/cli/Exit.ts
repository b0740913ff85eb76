/**
 * How a command ends other than well: the exit codes of the contract, each with a message that says what was
 * wrong, where, and what to do. Everything goes to stderr.
 */
import { Runtime, Schema } from "effect"

export const codes = {
  failed: 1,
  usage: 2,
  notRunning: 3,
  noSuch: 4,
  refused: 5,
  needsPerson: 6,
  temporary: 75,
  interrupted: 130,
} as const

export class Exit extends Schema.TaggedError<Exit>()("Exit", {
  reason: Schema.Literals(["failed", "usage", "notRunning", "noSuch", "refused", "needsPerson", "temporary"]),
  message: Schema.String,
}) {
  override get [Runtime.errorExitCode](): number {
    return codes[this.reason]
  }
}

/** A daemon of another version runs: it can be stopped, and nothing else be said to it. */
export class OtherProtocol extends Exit {}

export const fail = (message: string) => new Exit({ reason: "failed", message })
export const usage = (message: string) => new Exit({ reason: "usage", message })
export const notRunning = new Exit({
  reason: "notRunning",
  message: "the daemon is not running: start it with claw up",
})
