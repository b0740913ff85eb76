/**
 * GET of one URL, redirects followed by hand: every hop is judged like the first, and one that leaves the hosts of the
 * verdict ends with where it wanted to go, so that it can be asked for.
 */
import type { IncomingMessage } from "node:http"
import { neutralise } from "../../domain/neutralise.ts"
import { refused } from "../attempt.ts"
import { acceptedEncodings, readBody } from "./body.ts"
import { type Destination, destinationOf, type NoWay, portOf, type Reach } from "./destination.ts"
import type { Network } from "./Network.ts"
import { failed, send } from "./request.ts"

const maxBytes = 10 * 1024 * 1024
const maxRedirects = 10

export interface Page {
  /** Where it came from in the end. */
  readonly url: string
  readonly status: number
  readonly statusText: string
  /** The `Content-Type` header. */
  readonly type: string | null
  readonly bytes: Uint8Array
  readonly redirects: number
}

const headers = {
  accept: "text/html, application/xhtml+xml, text/plain, application/json, */*;q=0.5",
  "accept-encoding": acceptedEncodings,
  "user-agent": "claw",
}

const redirecting: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

const shownUrl = (url: string): string => neutralise(url.slice(0, 500))

/** Header bytes arrive as Latin-1; URLs in them are UTF-8. */
const locationOf = (answer: IncomingMessage, from: URL): string | null => {
  const { location } = answer.headers
  if (location === undefined || !redirecting.has(answer.statusCode ?? 0)) return null
  const text = Buffer.from(location, "latin1").toString("utf8")
  // read in different ways by different programs, so nobody honest writes it
  if (/[\\\u0000-\u001f]/.test(text)) throw failed(`it redirects to ${shownUrl(text)}, which is not a URL`)
  try {
    return new URL(text, from).href
  } catch {
    throw failed(`it redirects to ${shownUrl(text)}, which is not a URL`)
  }
}

const noWay = (hop: number, url: string, { kind, reason }: NoWay) =>
  refused(
    hop === 0
      ? `${shownUrl(url)} is not fetched: ${reason}`
      : kind === "never"
        ? `it redirects to ${shownUrl(url)}, which is not followed: ${reason}`
        : `it redirects to ${shownUrl(url)}: ${reason}. To go there, call WebFetch with that URL.`,
  )

/** Another port of a host that was allowed is another service. */
const stays = (first: Destination | null, next: Destination): boolean =>
  first === null || [first.port, 80, 443].includes(portOf(next.url))

export const fetchPage = async (
  url: string,
  reach: Reach,
  network: Network,
  signal: AbortSignal,
): Promise<Page> => {
  const seen = new Set<string>()
  let first: Destination | null = null
  let wanted = url
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const next = destinationOf(wanted, reach)
    if ("reason" in next) throw noWay(hop, wanted, next)
    if (!stays(first, next)) {
      throw noWay(hop, wanted, { kind: "elsewhere", reason: `port ${next.port} was not allowed` })
    }
    if (seen.has(next.url.href)) throw failed(`it redirects in a circle, at ${shownUrl(next.url.href)}`)
    seen.add(next.url.href)
    first ??= next
    const answer = await send(next, { method: "GET", headers }, network, signal)
    const location = locationOf(answer, next.url)
    if (location === null) {
      return {
        url: next.url.href,
        status: answer.statusCode ?? 0,
        statusText: neutralise((answer.statusMessage ?? "").slice(0, 100)),
        type: answer.headers["content-type"] ?? null,
        bytes: await readBody(answer, maxBytes),
        redirects: hop,
      }
    }
    answer.destroy()
    wanted = location
  }
  throw failed(`it redirects more than ${maxRedirects} times`)
}
