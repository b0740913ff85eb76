/**
 * An authorization server for tests, over real HTTP: authorization code with PKCE, refresh with rotation, device code,
 * discovery; and the ways in which servers misbehave. It grants whatever it is asked, unless told otherwise.
 */
import { Effect } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Behaviour {
  /** Seconds; null: not said. */
  expiresIn: number | null
  rotates: boolean
  givesRefresh: boolean
  /** Ahead of this machine's clock. */
  skewMs: number
  authorize: "grant" | "deny" | "wrongState"
  /** What the next answers about a device code are, then it is granted. */
  device: Array<"authorization_pending" | "slow_down" | "access_denied" | "expired_token">
  deviceInterval: number | undefined
  deviceLife: number
  /** Instead of an answer to a request for tokens. */
  token: null | ((request: URLSearchParams, response: ServerResponse) => void)
  /** After an answer with tokens left. */
  onTokens: () => void
  metadata: Record<string, unknown>
}

export interface AuthorizationServer {
  readonly url: string
  readonly is: Behaviour
  /** Grant types that were asked for, in order. */
  readonly grants: Array<string>
  /** Tokens that are good now. */
  readonly refreshTokens: Set<string>
  readonly accessTokens: Set<string>
  /** Every secret that was ever given or taken. */
  readonly secrets: Set<string>
  readonly reused: Array<string>
  readonly issue: () => { readonly access: string; readonly refresh: string }
}

const body = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const parts: Array<Buffer> = []
  for await (const part of request) parts.push(part as Buffer)
  return new URLSearchParams(Buffer.concat(parts).toString("utf8"))
}

const named = (kind: string): string => `${kind}-${randomBytes(12).toString("hex")}`

export const json = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
}

export const makeAuthorizationServer = Effect.gen(function* () {
  const is: Behaviour = {
    expiresIn: 3600,
    rotates: true,
    givesRefresh: true,
    skewMs: 0,
    authorize: "grant",
    device: [],
    deviceInterval: 1,
    deviceLife: 600,
    token: null,
    onTokens: () => undefined,
    metadata: {},
  }
  const codes = new Map<string, { readonly challenge: string; readonly redirect: string }>()
  const devices = new Set<string>()
  const spent = new Set<string>()
  const made = {
    grants: [] as Array<string>,
    refreshTokens: new Set<string>(),
    accessTokens: new Set<string>(),
    secrets: new Set<string>(),
    reused: [] as Array<string>,
  }
  let url = ""

  const secret = (kind: string): string => {
    const text = named(kind)
    made.secrets.add(text)
    return text
  }
  const issue = () => {
    const access = secret("access")
    const refresh = secret("refresh")
    made.accessTokens.add(access)
    made.refreshTokens.add(refresh)
    return { access, refresh }
  }
  const give = (response: ServerResponse, rotates: boolean, old: string | null) => {
    const { access, refresh } = issue()
    if (old !== null && rotates) {
      made.refreshTokens.delete(old)
      spent.add(old)
    }
    const gives = is.givesRefresh && (old === null || rotates)
    if (!gives) made.refreshTokens.delete(refresh)
    response.once("finish", () => is.onTokens())
    json(response, 200, {
      access_token: access,
      token_type: "Bearer",
      ...(is.expiresIn === null ? {} : { expires_in: is.expiresIn }),
      ...(gives ? { refresh_token: refresh } : {}),
      // judged by no clock of ours
      id_token: "e30.e30.",
    })
  }
  const refuse = (response: ServerResponse, error: string) =>
    json(response, 400, { error, error_description: `the server says ${error}` })

  const onToken = (response: ServerResponse, asked: URLSearchParams): void => {
    const grant = asked.get("grant_type") ?? ""
    made.grants.push(grant)
    if (is.token !== null) return is.token(asked, response)
    if (asked.get("client_id") !== "claw-test") return refuse(response, "invalid_client")
    switch (grant) {
      case "authorization_code": {
        const code = codes.get(asked.get("code") ?? "")
        codes.delete(asked.get("code") ?? "")
        const verifier = asked.get("code_verifier") ?? ""
        made.secrets.add(verifier)
        const challenge = createHash("sha256").update(verifier).digest("base64url")
        if (code?.challenge !== challenge || code.redirect !== asked.get("redirect_uri"))
          return refuse(response, "invalid_grant")
        return give(response, true, null)
      }
      case "refresh_token": {
        const token = asked.get("refresh_token") ?? ""
        if (spent.has(token)) made.reused.push(token)
        if (!made.refreshTokens.has(token)) return refuse(response, "invalid_grant")
        return give(response, is.rotates, token)
      }
      case "urn:ietf:params:oauth:grant-type:device_code": {
        if (!devices.has(asked.get("device_code") ?? "")) return refuse(response, "invalid_grant")
        const next = is.device.shift()
        return next === undefined ? give(response, true, null) : refuse(response, next)
      }
      default:
        return refuse(response, "unsupported_grant_type")
    }
  }

  const onAuthorize = (response: ServerResponse, asked: URLSearchParams): void => {
    const back = new URL(asked.get("redirect_uri")!)
    const code = secret("code")
    codes.set(code, { challenge: asked.get("code_challenge")!, redirect: back.href })
    back.searchParams.set("state", is.authorize === "wrongState" ? "another" : asked.get("state")!)
    if (is.authorize === "deny") back.searchParams.set("error", "access_denied")
    else back.searchParams.set("code", code)
    response.writeHead(302, { location: back.href }).end()
  }

  const metadata = () => ({
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    device_authorization_endpoint: `${url}/device`,
    ...is.metadata,
  })

  const server = createServer((request, response) => {
    response.sendDate = false
    response.setHeader("date", new Date(Date.now() + is.skewMs).toUTCString())
    const asked = new URL(request.url!, url)
    switch (asked.pathname) {
      case "/.well-known/openid-configuration":
        return json(response, 200, metadata())
      case "/authorize":
        return onAuthorize(response, asked.searchParams)
      case "/token":
        return void body(request).then((form) => onToken(response, form))
      case "/device": {
        const code = secret("device")
        devices.add(code)
        return json(response, 200, {
          device_code: code,
          user_code: "WDJB-MJHT",
          verification_uri: `${url}/enter`,
          verification_uri_complete: `${url}/enter?code=WDJB-MJHT`,
          expires_in: is.deviceLife,
          ...(is.deviceInterval === undefined ? {} : { interval: is.deviceInterval }),
        })
      }
      default:
        response.writeHead(404, { "content-type": "text/html" }).end("<h1>not found</h1>")
    }
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))),
    () =>
      Effect.promise(
        () =>
          new Promise((done) => {
            server.close(done)
            server.closeAllConnections()
          }),
      ),
  )
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, is, issue, ...made } satisfies AuthorizationServer
})

/** As a browser: goes to `url` and follows to where the server sends it. */
export const browse = (url: string) =>
  Effect.promise(async () => {
    const sent = await fetch(url, { redirect: "manual" })
    return sent.headers.get("location")!
  })
