/**
 * Where the browser brings the answer of a login: a listener on 127.0.0.1 that takes one.
 * Invariants: only a request to its own address with this login's state is an answer; anything else changes nothing; the
 * page says how it went and nothing of what came; it is gone with the scope.
 */
import { Deferred, Effect } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { OAuthError } from "./OAuthError.ts"

const ownPath = "/callback"

const digest = (text: string) => createHash("sha256").update(text).digest()
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const headers = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  connection: "close",
}

const page = (title: string, text: string): string =>
  `<!doctype html><meta charset="utf-8"><title>${title}</title><body style="font:1.1rem system-ui;margin:4rem"><h1>${title}</h1><p>${text}</p>`

const answer = (response: ServerResponse, status: number, title: string, text: string): void => {
  response.writeHead(status, headers).end(page(title, text))
}

export interface Loopback {
  /** Where the server shall send the browser. */
  readonly redirect: string
  /** From then on answers with this state are taken, into `into`. */
  readonly expect: (state: string, into: Deferred.Deferred<URLSearchParams, OAuthError>) => void
}

/** The address that the settings want, where it is this machine's; null: any port will do. */
const wanted = (redirect: string | undefined): URL | null =>
  redirect === undefined ? null : new URL(redirect)

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  })

/** Listens for the life of the scope. */
export const openLoopback = Effect.fn("openLoopback")(function* (redirect: string | undefined) {
  const own = wanted(redirect)
  let expected: Parameters<Loopback["expect"]> | null = null
  let address = new URL("http://127.0.0.1")

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const url = URL.canParse(request.url ?? "", address.origin) ? new URL(request.url!, address.origin) : null
    // another host's name that leads here is a page that tries its luck
    const isOwn = url !== null && url.pathname === address.pathname && request.headers.host === address.host
    if (!isOwn || request.method !== "GET") return answer(response, 404, "Not here", "There is nothing here.")
    if (expected === null || !isSame(url.searchParams.get("state") ?? "", expected[0]))
      return answer(
        response,
        400,
        "Not this login",
        "This answer belongs to no login that waits. Start again with claw login.",
      )
    const [, into] = expected
    expected = null
    const isDenied = url.searchParams.has("error")
    answer(
      response,
      isDenied ? 403 : 200,
      isDenied ? "Not logged in" : "Back to Claw",
      isDenied
        ? "The login was not allowed. The terminal says more."
        : "This page can be closed. The terminal says how it went.",
    )
    response.once("close", () => server.close())
    Deferred.doneUnsafe(into, Effect.succeed(url.searchParams))
  }
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, onRequest)

  const port = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => listen(server, own === null ? 0 : Number(own.port || 80)),
      catch: (error) =>
        new OAuthError({
          reason: "settings",
          message: `the port for the browser's answer cannot be opened (${(error as NodeJS.ErrnoException).code ?? "failed"}): try --paste or --device`,
        }),
    }),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      }),
  )
  address = own ?? new URL(`http://127.0.0.1:${port}${ownPath}`)
  return {
    redirect: redirect ?? address.href,
    expect: (...what) => {
      expected = what
    },
  } satisfies Loopback
})
