/**
 * Real web servers on loopback that record every hit, and a network in which names resolve as a test says and public
 * addresses lead to them. Everything that is not one of the test's public addresses is dialled for real.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { type AddressInfo, connect, type Server } from "node:net"
import { Effect } from "effect"
import type { Network } from "../../../src/act/web/Network.ts"
import type { WebOptions } from "../../../src/act/web/WebOptions.ts"
import type { SearchSettings } from "../../../src/config/Settings.ts"
import { selfSigned } from "./certificate.ts"

export interface Hit {
  readonly secure: boolean
  readonly host: string
  readonly url: string
  readonly method: string
  readonly headers: IncomingMessage["headers"]
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface Site {
  readonly hits: Array<Hit>
  readonly dialled: Array<string>
  readonly resolved: Array<string>
  /** Names -> answers of the name service, one list a question; the last stays. */
  readonly names: Map<string, Array<ReadonlyArray<string>>>
  readonly routes: Map<string, Handler>
  readonly httpPort: number
  readonly httpsPort: number
  readonly web: (search?: SearchSettings, environment?: Readonly<Record<string, string>>) => WebOptions
}

/** Public addresses of the test's world; everything sent there arrives at the servers. */
export const publicAddress = "93.184.216.34"
export const otherAddress = "2606:2800:220:1:248:1893:25c8:1946"

const listening = (server: Server, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port))
  })

/** On all addresses of this machine, so that any spelling of one would arrive. */
const everywhere = (server: Server): Promise<number> =>
  listening(server, "::").catch(() => listening(server, "0.0.0.0"))

export const page =
  (type: string, body: string | Uint8Array, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(200, { "content-type": type, ...headers })
    response.end(body)
  }

export const redirect =
  (location: string, status = 302): Handler =>
  (_, response) => {
    response.writeHead(status, { location })
    response.end()
  }

export const withSite = <A, E>(body: (site: Site) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.acquireUseRelease(
    Effect.promise(async () => {
      const hits: Array<Hit> = []
      const routes = new Map<string, Handler>()
      const answer =
        (secure: boolean): Handler =>
        (request, response) => {
          const url = request.url ?? ""
          const { headers, method = "" } = request
          hits.push({ secure, host: headers.host ?? "", url, method, headers })
          const route = routes.get(url.split("?")[0]!) ?? routes.get("*")
          if (route !== undefined) return route(request, response)
          response.writeHead(404, { "content-type": "text/plain" })
          response.end("no such page")
        }
      const certificate = selfSigned(["site.test", "*.site.test", "localhost", "other.test"], ["127.0.0.1"])
      const plain = createServer(answer(false))
      const secure = createSecureServer(certificate, answer(true))
      const httpPort = await everywhere(plain)
      const httpsPort = await everywhere(secure)
      const names = new Map<string, Array<ReadonlyArray<string>>>()
      const dialled: Array<string> = []
      const resolved: Array<string> = []
      const network: Network = {
        resolve: async (host) => {
          resolved.push(host)
          const answers = names.get(host)
          if (answers === undefined) throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" })
          return answers.length > 1 ? answers.shift()! : answers[0]!
        },
        dial: (address, port) => {
          dialled.push(`${address}:${port}`)
          const ours = address === publicAddress || address === otherAddress
          return connect(
            ours ? { host: "127.0.0.1", port: port === 443 ? httpsPort : port } : { host: address, port },
          )
        },
        authorities: [certificate.cert],
      }
      const web: Site["web"] = (search, environment = {}) => ({
        network,
        search: Effect.succeed(search ?? null),
        environment,
      })
      const site: Site = { hits, dialled, resolved, names, routes, httpPort, httpsPort, web }
      site.names.set("site.test", [[publicAddress]])
      site.names.set("other.test", [[otherAddress]])
      return { site, servers: [plain, secure] }
    }),
    ({ site }) => body(site),
    ({ servers }) =>
      Effect.promise(async () => {
        for (const server of servers) {
          server.closeAllConnections()
          await new Promise((resolve) => server.close(resolve))
        }
      }),
  )
