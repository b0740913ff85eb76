/**
 * What `claw shell`, the hooks in the shell it runs, and the daemon say to each other. Pure.
 * A hook brackets each command with marks in the terminal's stream, OSC 133 with a parameter of our own:
 *   ESC ] 133;C;claw=NONCE;N BEL           command N begins to print
 *   ESC ] 133;D;EXIT;claw=NONCE;N BEL      it ended; without EXIT: it is not recorded, and to be forgotten
 * Invariant: only who knows the nonce can mark. It is drawn for each shell, told to the hook alone and taken out of the
 * environment there, so a program that prints marks, or prints them again, changes nothing.
 */
import { Schema } from "effect"

/** Of the shell's environment: `ID NONCE`. The hook takes it away before anything else is run. */
export const shellVariable = "CLAW_SHELL"

/** `PID-RANDOM`: names the socket at which its output is asked for. */
export const shellId = /^\d{1,10}-[0-9a-f]{16}$/

export const introducer = "\u001b]133;"
/** Longer than any mark of ours. */
export const maximumMark = 96

export type Mark =
  | { readonly kind: "began"; readonly command: number }
  /** `exit`: null where it is not recorded. */
  | { readonly kind: "ended"; readonly command: number; readonly exit: number | null }

const mark = /^(?:C|D;(-?\d{0,10}));claw=([0-9a-f]{32});(\d{1,9})$/

/** What stands between `introducer` and BEL; null where it is no mark of this nonce. */
export const parseMark = (text: string, nonce: string): Mark | null => {
  const found = mark.exec(text)
  if (found === null || found[2] !== nonce) return null
  const command = Number(found[3])
  return text.startsWith("C")
    ? { kind: "began", command }
    : { kind: "ended", command, exit: found[1] === "" ? null : Number(found[1]) }
}

/** What is asked at the socket, as one line. */
export const OutputRequest = Schema.Struct({ v: Schema.Literal(1), command: Schema.Finite })

/** The line before the bytes: how many there are, and how many were left out behind the first `head` of them. */
export const OutputReply = Schema.Struct({
  v: Schema.Literal(1),
  bytes: Schema.Finite,
  head: Schema.Finite,
  left: Schema.Finite,
})
export type OutputReply = typeof OutputReply.Type
