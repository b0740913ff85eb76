/**
 * A server did not keep to its protocol. Thrown by the translators, which are plain functions; `failureOf` makes the typed
 * error of it. `network`: the answer ended too early, which is the connection's fault as often as the server's.
 */
export class ProtocolBreak extends Error {
  readonly reason: "malformed" | "network"
  constructor(reason: "malformed" | "network", message: string) {
    super(message)
    this.reason = reason
  }
}

export const malformed = (message: string): ProtocolBreak => new ProtocolBreak("malformed", message)

export const cutOff = (): ProtocolBreak =>
  new ProtocolBreak("network", "the connection ended before the answer was complete")

/** Nothing came that the protocol knows: a page, or another API. */
export const notThisProtocol = (): ProtocolBreak => malformed("what came back is not an answer of this API")
