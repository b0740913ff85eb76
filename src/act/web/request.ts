/**
 * One HTTP request to one destination, over a connection to an address that was looked up once and checked. No agent,
 * no pool, no cookies, no redirects: nothing here goes anywhere by itself.
 * Invariant: a connection is only ever opened to a checked literal address, so a second answer of the name service
 * (rebinding) is never asked for.
 */
import { type IncomingMessage, request as httpRequest } from "node:http"
import { isIP, type Socket } from "node:net"
import { connect as tlsConnect } from "node:tls"
import { literalAddress } from "../../domain/addresses.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { codeOf, messageOf, refused } from "../attempt.ts"
import { ToolError } from "../Tool.ts"
import { addressFault, type Destination } from "./destination.ts"
import type { Network } from "./Network.ts"

export interface HttpRequest {
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Of many addresses the first few are tried, one after the other. */
const triedAddresses = 4
const dialLimitMs = 5_000
const maxHeaderBytes = 64 * 1024

export const failed = (message: string): ToolError => new ToolError({ reason: "failed", message })

const codes: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name service does not answer",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was cut",
  ETIMEDOUT: "no connection in time",
  HPE_HEADER_OVERFLOW: "its headers are too large",
}

/** What became of a connection, in words that name no more than host and reason. */
export const saidOf = (error: unknown): string => {
  const code = codeOf(error)
  if (code === null) return messageOf(error)
  return codes[code] === undefined ? `${messageOf(error)} (${neutralise(code)})` : `${codes[code]} (${code})`
}

/** Every address of a destination, each of them allowed: one that is not makes the whole name suspect. */
const checkedAddresses = async (
  destination: Destination,
  network: Network,
): Promise<ReadonlyArray<string>> => {
  const literal = literalAddress(destination.host)
  const addresses =
    literal === null
      ? await network.resolve(destination.host).catch((error: unknown) => {
          throw failed(`${neutralise(destination.host)}: ${saidOf(error)}`)
        })
      : [literal]
  if (addresses.length === 0) throw failed(`${neutralise(destination.host)}: it has no address`)
  for (const address of addresses) {
    const fault = addressFault(destination, address)
    if (fault !== null) throw refused(fault)
  }
  return addresses.slice(0, triedAddresses)
}

const opened = (socket: Socket, ready: "connect" | "secureConnect", signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const end = (error: Error | null): void => {
      clearTimeout(limit)
      signal.removeEventListener("abort", stop)
      socket.removeListener("error", end)
      if (error === null) return resolve(socket)
      socket.once("error", () => {})
      socket.destroy()
      reject(error)
    }
    const stop = (): void => end(new Error("stopped"))
    const limit = setTimeout(
      () => end(Object.assign(new Error("no connection"), { code: "ETIMEDOUT" })),
      dialLimitMs,
    )
    signal.addEventListener("abort", stop)
    socket.once("error", end)
    socket.once(ready, () => end(null))
    if (signal.aborted) stop()
  })

const connectTo = async (
  destination: Destination,
  addresses: ReadonlyArray<string>,
  network: Network,
  signal: AbortSignal,
): Promise<Socket> => {
  let last: unknown = null
  for (const address of addresses) {
    try {
      const socket = await opened(network.dial(address, destination.port), "connect", signal)
      if (destination.url.protocol === "http:") return socket
      const secure = tlsConnect({
        socket,
        host: destination.host,
        ALPNProtocols: ["http/1.1"],
        ...(isIP(destination.host) === 0 ? { servername: destination.host } : {}),
        ...(network.authorities === undefined ? {} : { ca: [...network.authorities] }),
      })
      return await opened(secure, "secureConnect", signal)
    } catch (error) {
      if (signal.aborted) throw error
      last = error
    }
  }
  throw failed(`${neutralise(destination.host)}: ${saidOf(last)}`)
}

/** The answer's head; its body is still to be read. Destroying the answer closes the connection. */
export const send = async (
  destination: Destination,
  request: HttpRequest,
  network: Network,
  signal: AbortSignal,
): Promise<IncomingMessage> => {
  const addresses = await checkedAddresses(destination, network)
  const socket = await connectTo(destination, addresses, network, signal)
  return new Promise((resolve, reject) => {
    const { url } = destination
    const sent = httpRequest({
      createConnection: () => socket,
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, connection: "close", ...request.headers },
      setHost: false,
      maxHeaderSize: maxHeaderBytes,
      signal,
    })
    sent.once("response", resolve)
    sent.on("error", (error) => {
      socket.destroy()
      reject(signal.aborted ? error : failed(`${neutralise(destination.host)}: ${saidOf(error)}`))
    })
    // an answer that is none (another protocol's) ends here too
    sent.once("close", () => reject(failed(`${neutralise(destination.host)}: it gave no answer`)))
    sent.end(request.body)
  })
}
