/**
 * The only way out of the sandbox: an HTTP proxy (CONNECT and plain requests) on a socket that listens inside the
 * command's own network and is served here. It resolves names itself, refuses what the rules do not name, and
 * connects to exactly the address it judged, so that a second answer of the name server changes nothing.
 * Invariants: every attempt is counted, reached or refused; closing it ends all that runs through it.
 */
import { lookup as systemLookup } from "node:dns/promises"
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http"
import { connect, type Server, type Socket } from "node:net"
import type { Duplex } from "node:stream"
import { canonicalHost, hostNamed, literalAddress } from "../../domain/addresses.ts"
import { greetingOf } from "./clientHello.ts"
import { addressRefused, type Connection, hostRefused } from "./connections.ts"

export type Lookup = (host: string) => Promise<ReadonlyArray<string>>

export interface FilteringProxy {
  /** Serves a socket that listens in the command's network. */
  readonly serve: (listening: Server) => void
  readonly connections: () => ReadonlyArray<Connection>
  readonly close: () => void
}

const connectMs = 15_000
const mostConnections = 256
const mostPlaces = 200

const resolve: Lookup = async (host) =>
  (await systemLookup(host, { all: true, order: "verbatim" })).map(({ address }) => address)

class Refusal extends Error {}

/** Headers that belong to one connection, not to the request. */
const ofConnection =
  /^(?:connection|proxy-.*|keep-alive|te|trailer|transfer-encoding|upgrade|host|http2-settings)$/i

export const filteringProxy = (rules: ReadonlyArray<string>, lookup: Lookup = resolve): FilteringProxy => {
  const places = new Map<string, Connection>()
  const open = new Set<Duplex>()
  const servers = new Set<Server>()

  const count = (host: string, port: number, refused: string | null): void => {
    const key = `${host} ${port} ${refused}`
    const before = places.get(key)
    if (before === undefined && places.size >= mostPlaces) return
    places.set(key, { host, port, refused, times: (before?.times ?? 0) + 1 })
  }
  const track = <A extends Duplex>(socket: A): A => {
    open.add(socket)
    socket.on("close", () => open.delete(socket)).on("error", () => socket.destroy())
    return socket
  }

  /** The address to connect to. A name with one forbidden address is refused whole: it may be turning. */
  const judged = async (host: string, port: number): Promise<string> => {
    const refuse = (reason: string): never => {
      count(host, port, reason)
      throw new Refusal(`${host}: ${reason}`)
    }
    const reason = hostRefused(rules, host)
    if (reason !== null) return refuse(reason)
    const own = literalAddress(host)
    const addresses = own === null ? await lookup(host).catch(() => []) : [own]
    if (addresses.length === 0) return refuse("the name is not known")
    for (const address of addresses) {
      const forbidden = addressRefused(rules, host, address)
      if (forbidden !== null) return refuse(forbidden)
    }
    return addresses[0]!
  }

  const dial = async (host: string, port: number): Promise<Socket> => {
    const address = await judged(host, port)
    return new Promise((done, failed) => {
      const socket = track(connect({ host: address, port }))
      const fail = (reason: string): void => {
        socket.destroy()
        count(host, port, reason)
        failed(new Error(`${host}: ${reason}`))
      }
      socket.setTimeout(connectMs, () => fail("no answer"))
      socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? "no connection"))
      socket.once("connect", () => {
        socket.setTimeout(0)
        socket.removeAllListeners("error").on("error", () => socket.destroy())
        done(socket)
      })
    })
  }

  const answered = (error: unknown): readonly [number, string] => [
    error instanceof Refusal ? 403 : 502,
    `claw: ${error instanceof Error ? error.message : "no connection"}\n`,
  ]

  const tunnel = async (incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void> => {
    track(client)
    const target = /^(\[[^\]]*\]|[^:]+):(\d{1,5})$/.exec(incoming.url ?? "")
    const [host, port] = [canonicalHost(target?.[1] ?? ""), Number(target?.[2] ?? 0)]
    try {
      if (host === "" || port < 1 || port > 65_535) throw new Refusal("no host and port")
      const upstream = await dial(host, port)
      if (client.destroyed) return void upstream.destroy()
      client.write("HTTP/1.1 200 Connection established\r\n\r\n")
      upstream.pipe(client)
      upstream.on("close", () => client.destroy())
      client.on("close", () => upstream.destroy())
      afterGreeting(client, head, host, (first, foreign) => {
        count(host, port, foreign)
        if (foreign !== null) {
          upstream.destroy()
          client.destroy()
          return
        }
        upstream.write(first)
        client.pipe(upstream)
      })
    } catch (error) {
      const [status, text] = answered(error)
      client.end(
        `HTTP/1.1 ${status} ${status === 403 ? "Forbidden" : "Bad Gateway"}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
      )
    }
  }

  /** Waits for the client's first words; a TLS greeting must be for the host that was asked for. */
  const afterGreeting = (
    client: Duplex,
    head: Buffer,
    host: string,
    go: (first: Buffer, foreign: string | null) => void,
  ): void => {
    let held = head
    const stop = (): void => {
      client.off("data", more).off("end", ended).off("close", ended)
      client.pause()
    }
    const look = (): boolean => {
      const greeting = greetingOf(held)
      if (greeting._tag === "more") return false
      stop()
      const name = greeting._tag === "name" ? greeting.name : null
      const foreign =
        rules.length > 0 && name !== null && canonicalHost(name) !== host && !hostNamed(rules, name)
      go(held, foreign ? `greeted as ${name.slice(0, 80)}, which no rule names` : null)
      return true
    }
    const more = (chunk: Buffer): void => {
      held = Buffer.concat([held, chunk])
      look()
    }
    const ended = (): void => {
      stop()
      go(held, null)
    }
    if (head.length > 0 && look()) return
    client.on("data", more).on("end", ended).on("close", ended)
    client.resume()
  }

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const reply = (status: number, text: string): void => {
      if (outgoing.headersSent) return void outgoing.destroy()
      outgoing.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(text)
    }
    const url = URL.parse(incoming.url ?? "")
    if (url === null || url.protocol !== "http:") return reply(400, "claw: a proxy takes http URLs only\n")
    const host = canonicalHost(url.hostname)
    const port = url.port === "" ? 80 : Number(url.port)
    try {
      const socket = await dial(host, port)
      count(host, port, null)
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).filter(([name]) => !ofConnection.test(name)),
      )
      const upstream = request({
        createConnection: () => socket,
        method: incoming.method ?? "GET",
        path: `${url.pathname}${url.search}`,
        headers: { ...headers, host: url.host, connection: "close" },
      })
      upstream.on("response", (response) => {
        const back = Object.entries(response.headers).filter(([name]) => !ofConnection.test(name))
        outgoing.writeHead(response.statusCode ?? 502, Object.fromEntries(back))
        response.pipe(outgoing)
        response.on("error", () => outgoing.destroy())
      })
      upstream.on("error", () => reply(502, "claw: the connection broke\n"))
      outgoing.on("close", () => socket.destroy())
      incoming.pipe(upstream)
    } catch (error) {
      reply(...answered(error))
    }
  }

  const http = createServer({ requireHostHeader: false, headersTimeout: 10_000, keepAliveTimeout: 5000 })
  http.on("connect", (incoming, socket, head) => void tunnel(incoming, socket, head))
  http.on("request", (incoming, outgoing) => void forward(incoming, outgoing))
  http.on("upgrade", (_, socket: Duplex) => socket.destroy())
  http.on("clientError", (_, socket: Duplex) => socket.destroy())

  return {
    serve: (listening) => {
      servers.add(listening)
      listening.maxConnections = mostConnections
      listening.on("error", () => {})
      listening.on("connection", (socket) => http.emit("connection", track(socket)))
    },
    connections: () => [...places.values()],
    close: () => {
      for (const server of servers) server.close()
      for (const socket of open) socket.destroy()
      http.closeAllConnections()
    },
  }
}
