/**
 * What the parts of the loop share: what is shown, the daemon, and a way back into the loop's turn.
 * Invariant: only the loop's turn changes what is shown; what is under way ends in a turn.
 */
import { Effect, type Scope } from "effect"
import { harmless } from "../../../tui/text.ts"
import type { Client } from "../Session.ts"
import type { Chat } from "./Chat.ts"
import type { Drawing } from "./markdown.ts"
import { line, wrapLine } from "./styled.ts"

export type Failed = { readonly _tag: string; readonly message: string }

export const lostText = "the daemon went away before it answered"

/** How something failed, in plain words: that a connection ended is no news of a socket. */
export const failedText = ({ _tag, message }: Failed): string =>
  _tag === "RpcClientError" || _tag.startsWith("Socket") || _tag === "Exit" ? lostText : message

/** A fresh proof, and where it was given. */
export interface Person {
  readonly token: string
  readonly surface: "cli"
}

export interface Wires {
  readonly chat: Chat
  readonly cwd: string
  readonly workspace: string
  /** The newest connection. */
  readonly client: () => Client
  readonly person: Effect.Effect<Person, Failed>
  readonly drawing: () => Drawing
  /** Runs it in the loop's turn. */
  readonly turn: (run: () => void) => void
  /** Runs it beside the loop; how it failed is said. */
  readonly fork: (effect: Effect.Effect<void, Failed, Scope.Scope>) => void
}

export const session = ({ chat }: Wires): string => chat.view.session

export const say = ({ chat, drawing }: Wires, text: string, role: "dim" | "warn" | "bad" = "dim"): void => {
  const { cells, theme } = drawing()
  chat.commit(...text.split("\n").flatMap((one) => wrapLine(line(harmless(one), theme[role]), cells)))
}

/** Asks the daemon as the person, and goes on in the loop's turn. */
export const ask = <A>(
  wires: Wires,
  call: (who: Person, client: Client) => Effect.Effect<A, Failed>,
  done: (answer: A) => void = () => undefined,
): void =>
  wires.fork(
    Effect.flatMap(wires.person, (who) =>
      Effect.map(call(who, wires.client()), (answer) => wires.turn(() => done(answer))),
    ),
  )
