/**
 * What is said to the authorization servers of the user's settings, one method an exchange. The library is loaded when a
 * login or a renewal needs it.
 * Invariants: a public client, so PKCE always and no client secret; endpoints that a server's metadata names are
 * encrypted wherever the issuer is; each exchange is one request.
 */
import { Clock, Context, Effect, Layer, Redacted } from "effect"
import type * as oauth from "oauth4webapi"
import { type AuthSettings, isSafeEndpoint } from "../../config/authSettings.ts"
import { boundedFetch } from "./boundedFetch.ts"
import { OAuthError } from "./OAuthError.ts"
import { oauthFailure } from "./oauthFailure.ts"

type Library = typeof oauth
const load = (): Promise<Library> => import("oauth4webapi")

export interface Tokens {
  readonly access: Redacted.Redacted<string>
  /** Null: none came with it; a renewal keeps the one it had. */
  readonly refresh: Redacted.Redacted<string> | null
  /** This machine's clock before it was asked for. */
  readonly issuedAtMs: number
  readonly lifeMs: number | null
  readonly skewMs: number | null
}

/** What one login of a browser is bound to. */
export interface Authorization {
  readonly url: string
  readonly redirect: string
  readonly state: string
  readonly verifier: Redacted.Redacted<string>
}

export interface DeviceCode {
  readonly code: Redacted.Redacted<string>
  readonly userCode: string
  readonly uri: string
  readonly completeUri: string | null
  readonly lifeMs: number
  readonly intervalMs: number
}

/** A hundred years: more says nothing, and a sum with it stays a date. */
const longestLifeMs = 3_155_760_000_000
const endpointNames = ["authorization_endpoint", "token_endpoint", "device_authorization_endpoint"] as const

const tokensOf = (
  answer: oauth.TokenEndpointResponse,
  response: Response,
  askedAtMs: number,
  cameAtMs: number,
): Tokens => {
  const date = Date.parse(response.headers.get("date") ?? "")
  const { access_token: access, expires_in: seconds, refresh_token: refresh } = answer
  if (!/^[\x21-\x7e]+$/.test(access))
    throw new OAuthError({
      reason: "malformed",
      message: "the server's token is nothing a request can carry",
    })
  return {
    access: Redacted.make(access),
    refresh: refresh === undefined || refresh === "" ? null : Redacted.make(refresh),
    issuedAtMs: askedAtMs,
    lifeMs: seconds === undefined ? null : Math.min(seconds * 1000, longestLifeMs),
    skewMs: Number.isNaN(date) ? null : date - cameAtMs,
  }
}

export class AuthorizationServers extends Context.Service<
  AuthorizationServers,
  {
    readonly authorization: (auth: AuthSettings, redirect: string) => Effect.Effect<Authorization, OAuthError>
    /** `answer`: the parameters the browser came back with. */
    readonly exchange: (
      auth: AuthSettings,
      authorization: Authorization,
      answer: URLSearchParams,
    ) => Effect.Effect<Tokens, OAuthError>
    readonly deviceCode: (auth: AuthSettings) => Effect.Effect<DeviceCode, OAuthError>
    /** Asks once; `pending` and `slow` are failures. */
    readonly deviceTokens: (auth: AuthSettings, code: DeviceCode) => Effect.Effect<Tokens, OAuthError>
    readonly renew: (
      auth: AuthSettings,
      refresh: Redacted.Redacted<string>,
    ) => Effect.Effect<Tokens, OAuthError>
  }
>()("claw/model/credentials/AuthorizationServers") {
  static readonly layer = Layer.sync(AuthorizationServers, () => {
    const known = new Map<string, oauth.AuthorizationServer>()

    const options = (library: Library) => ({
      [library.customFetch]: boundedFetch,
      // every address was checked: http is this machine itself
      [library.allowInsecureRequests]: true,
    })

    const discover = async (library: Library, issuer: string): Promise<oauth.AuthorizationServer> => {
      const url = new URL(issuer)
      let last: unknown
      for (const algorithm of ["oauth2", "oidc"] as const) {
        try {
          const response = await library.discoveryRequest(url, { ...options(library), algorithm })
          return await library.processDiscoveryResponse(url, response)
        } catch (error) {
          last = error
        }
      }
      throw last
    }

    const serverOf = async (library: Library, auth: AuthSettings): Promise<oauth.AuthorizationServer> => {
      const { authorizationEndpoint, deviceEndpoint, issuer, tokenEndpoint } = auth
      const named = {
        ...(authorizationEndpoint === undefined ? {} : { authorization_endpoint: authorizationEndpoint }),
        ...(tokenEndpoint === undefined ? {} : { token_endpoint: tokenEndpoint }),
        ...(deviceEndpoint === undefined ? {} : { device_authorization_endpoint: deviceEndpoint }),
      }
      if (issuer === undefined) return { issuer: new URL(tokenEndpoint!).origin, ...named }
      let found = known.get(issuer)
      if (found === undefined) {
        found = await discover(library, issuer)
        for (const name of endpointNames) {
          const at = found[name]
          if (at === undefined) continue
          if (!isSafeEndpoint(at) || (issuer.startsWith("https:") && !at.startsWith("https:")))
            throw new OAuthError({
              reason: "settings",
              message: `${issuer} names an address as its ${name} that is not https: nothing is sent there`,
            })
        }
        known.set(issuer, found)
      }
      return { ...found, ...named }
    }

    /** One exchange; what it throws is told without `secrets`. */
    const attempt = <A>(
      auth: AuthSettings,
      secrets: ReadonlyArray<string>,
      run: (library: Library, server: oauth.AuthorizationServer) => Promise<A>,
    ) =>
      Effect.tryPromise({
        try: async () => {
          const library = await load()
          return run(library, await serverOf(library, auth))
        },
        catch: (error) => oauthFailure(error, secrets),
      }).pipe(
        Effect.tapError(({ reason }) =>
          Effect.sync(() => {
            // its endpoints may have moved
            if (reason !== "pending" && reason !== "slow") known.delete(auth.issuer ?? "")
          }),
        ),
      )

    /** A request for tokens, timed on both sides. */
    const tokens = (
      auth: AuthSettings,
      secrets: ReadonlyArray<string>,
      ask: (library: Library, server: oauth.AuthorizationServer, client: oauth.Client) => Promise<Response>,
      read: (
        library: Library,
        server: oauth.AuthorizationServer,
        client: oauth.Client,
        response: Response,
      ) => Promise<oauth.TokenEndpointResponse>,
    ) =>
      Effect.flatMap(Clock.Clock, (clock) =>
        attempt(auth, secrets, async (library, server) => {
          const client: oauth.Client = { client_id: auth.clientId }
          const askedAtMs = clock.currentTimeMillisUnsafe()
          const response = await ask(library, server, client)
          const cameAtMs = clock.currentTimeMillisUnsafe()
          return tokensOf(await read(library, server, client, response), response, askedAtMs, cameAtMs)
        }),
      )

    const authorization = Effect.fn("AuthorizationServers.authorization")(
      (auth: AuthSettings, redirect: string) =>
        attempt(auth, [], async (library, server): Promise<Authorization> => {
          const endpoint = server.authorization_endpoint
          if (endpoint === undefined)
            throw new OAuthError({
              reason: "settings",
              message: "this provider has no login in the browser: try --device",
            })
          const state = library.generateRandomState()
          const verifier = library.generateRandomCodeVerifier()
          const url = new URL(endpoint)
          const parameters = {
            response_type: "code",
            client_id: auth.clientId,
            redirect_uri: redirect,
            state,
            code_challenge: await library.calculatePKCECodeChallenge(verifier),
            code_challenge_method: "S256",
            ...(auth.scopes.length === 0 ? {} : { scope: auth.scopes.join(" ") }),
          }
          for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
          return { url: url.href, redirect, state, verifier: Redacted.make(verifier) }
        }),
    )

    const exchange = Effect.fn("AuthorizationServers.exchange")(
      (auth: AuthSettings, { redirect, state, verifier }: Authorization, answer: URLSearchParams) =>
        tokens(
          auth,
          [answer.get("code") ?? "", state, Redacted.value(verifier)],
          (library, server, client) => {
            const own = new URLSearchParams(answer)
            // without an issuer in the settings nobody said what it should be
            if (auth.issuer === undefined) own.delete("iss")
            const checked = library.validateAuthResponse(server, client, own, state)
            return library.authorizationCodeGrantRequest(
              server,
              client,
              library.None(),
              checked,
              redirect,
              Redacted.value(verifier),
              options(library),
            )
          },
          (library, server, client, response) =>
            library.processAuthorizationCodeResponse(server, client, response),
        ),
    )

    const deviceCode = Effect.fn("AuthorizationServers.deviceCode")((auth: AuthSettings) =>
      attempt(auth, [], async (library, server): Promise<DeviceCode> => {
        if (server.device_authorization_endpoint === undefined)
          throw new OAuthError({
            reason: "settings",
            message: "this provider has no login by code: try without --device",
          })
        const client = { client_id: auth.clientId }
        const response = await library.deviceAuthorizationRequest(
          server,
          client,
          library.None(),
          auth.scopes.length === 0 ? {} : { scope: auth.scopes.join(" ") },
          options(library),
        )
        const answer = await library.processDeviceAuthorizationResponse(server, client, response)
        return {
          code: Redacted.make(answer.device_code),
          userCode: answer.user_code,
          uri: answer.verification_uri,
          completeUri: answer.verification_uri_complete ?? null,
          lifeMs: Math.min(answer.expires_in * 1000, longestLifeMs),
          intervalMs: (answer.interval ?? 5) * 1000,
        }
      }),
    )

    const deviceTokens = Effect.fn("AuthorizationServers.deviceTokens")(
      (auth: AuthSettings, { code }: DeviceCode) =>
        tokens(
          auth,
          [Redacted.value(code)],
          (library, server, client) =>
            library.deviceCodeGrantRequest(
              server,
              client,
              library.None(),
              Redacted.value(code),
              options(library),
            ),
          (library, server, client, response) => library.processDeviceCodeResponse(server, client, response),
        ),
    )

    const renew = Effect.fn("AuthorizationServers.renew")(
      (auth: AuthSettings, refresh: Redacted.Redacted<string>) =>
        tokens(
          auth,
          [Redacted.value(refresh)],
          (library, server, client) =>
            library.refreshTokenGrantRequest(
              server,
              client,
              library.None(),
              Redacted.value(refresh),
              options(library),
            ),
          (library, server, client, response) =>
            library.processRefreshTokenResponse(server, client, response),
        ),
    )

    return AuthorizationServers.of({ authorization, exchange, deviceCode, deviceTokens, renew })
  })
}
