/**
 * Logging in to a provider: in the browser with a listener or pasted back, or by a code on another device.
 * Invariants: tokens are stored before a login is said to be done; a login takes one answer, from whichever side it comes,
 * within its time; nothing of it is kept once it ended; its codes are in no message.
 */
import { Clock, Context, Deferred, Effect, Layer, Queue, type Scope, Stream } from "effect"
import { randomBytes } from "node:crypto"
import { isSafeEndpoint } from "../../config/authSettings.ts"
import {
  type Authorization,
  AuthorizationServers,
  type DeviceCode,
  type Tokens,
} from "./AuthorizationServers.ts"
import type { CredentialOwner } from "./Credentials.ts"
import { CredentialStore } from "./CredentialStore.ts"
import { firstInterval, nextInterval } from "./devicePolling.ts"
import { openLoopback } from "./Loopback.ts"
import { OAuthError } from "./OAuthError.ts"
import { pastedAnswer } from "./pastedAnswer.ts"
import { bindingOf } from "./storedCredential.ts"

export type LoginWay = "browser" | "device"

export type LoginStep =
  /** To be opened in a browser; `login` names it to `paste`. */
  | {
      readonly _tag: "open"
      readonly login: string
      readonly url: string
      /** The browser's answer comes by itself where it runs on this machine. */
      readonly listens: boolean
      readonly endsAt: string
    }
  | {
      readonly _tag: "code"
      readonly uri: string
      readonly completeUri: string | null
      readonly userCode: string
      readonly endsAt: string
    }
  | { readonly _tag: "done"; readonly expiresAt: string | null; readonly renews: boolean }

/** How long a login waits for the browser. */
const browserLimitMs = 5 * 60_000
const mostAtOnce = 8

interface Waiting {
  readonly authorization: Authorization
  readonly answer: Deferred.Deferred<URLSearchParams, OAuthError>
}

const isOwnMachine = (redirect: string | undefined): boolean =>
  redirect === undefined || (redirect.startsWith("http:") && isSafeEndpoint(redirect))

const late = (minutes: number) =>
  new OAuthError({ reason: "expired", message: `nobody answered within ${minutes} min` })

const isoAfter = (ms: number) =>
  Effect.map(Clock.currentTimeMillis, (now) => new Date(now + ms).toISOString())

export class Logins extends Context.Service<
  Logins,
  {
    /** Ends with `done`; giving up the stream gives up the login. */
    readonly start: (owner: CredentialOwner, way: LoginWay) => Stream.Stream<LoginStep, OAuthError>
    /** The answer by hand. False: no such login waits. */
    readonly paste: (login: string, text: string) => Effect.Effect<boolean, OAuthError>
  }
>()("claw/model/credentials/Logins") {
  static readonly layer = Layer.effect(
    Logins,
    Effect.gen(function* () {
      const servers = yield* AuthorizationServers
      const store = yield* CredentialStore
      const waiting = new Map<string, Waiting>()

      const authOf = ({ auth, name }: CredentialOwner) =>
        auth === undefined
          ? Effect.fail(
              new OAuthError({
                reason: "settings",
                message: `the settings describe no login for ${name}: give a key with claw login ${name} --key, or add auth to this provider`,
              }),
            )
          : Effect.succeed(auth)

      const keep = Effect.fnUntraced(function* (owner: CredentialOwner, tokens: Tokens) {
        yield* store
          .write(owner.name, {
            v: 1,
            type: "oauth",
            for: bindingOf(owner, "oauth"),
            ...tokens,
            ended: null,
          })
          .pipe(Effect.mapError(({ message }) => new OAuthError({ reason: "settings", message })))
        const { issuedAtMs, lifeMs, refresh } = tokens
        return {
          _tag: "done",
          expiresAt: lifeMs === null ? null : new Date(issuedAtMs + lifeMs).toISOString(),
          renews: refresh !== null,
        } satisfies LoginStep
      })

      type Say = (step: LoginStep) => Effect.Effect<void>

      const browser = Effect.fnUntraced(function* (owner: CredentialOwner, say: Say) {
        const auth = yield* authOf(owner)
        if (waiting.size >= mostAtOnce)
          return yield* new OAuthError({
            reason: "settings",
            message: `${mostAtOnce} logins wait already: answer or end one`,
          })
        const listens = isOwnMachine(auth.redirect)
        const loopback = listens ? yield* openLoopback(auth.redirect) : null
        const authorization = yield* servers.authorization(auth, loopback?.redirect ?? auth.redirect!)
        const answer = Deferred.makeUnsafe<URLSearchParams, OAuthError>()
        loopback?.expect(authorization.state, answer)
        const login = randomBytes(8).toString("hex")
        yield* Effect.acquireRelease(
          Effect.sync(() => waiting.set(login, { authorization, answer })),
          () => Effect.sync(() => waiting.delete(login)),
        )
        const { url } = authorization
        yield* say({ _tag: "open", login, url, listens, endsAt: yield* isoAfter(browserLimitMs) })
        const parameters = yield* Effect.timeoutOrElse(Deferred.await(answer), {
          duration: browserLimitMs,
          orElse: () => Effect.fail(late(browserLimitMs / 60_000)),
        })
        return yield* Effect.flatMap(servers.exchange(auth, authorization, parameters), (tokens) =>
          keep(owner, tokens),
        ).pipe(Effect.uninterruptible)
      })

      const polled = (auth: Parameters<typeof servers.deviceTokens>[0], code: DeviceCode) =>
        Effect.gen(function* () {
          let intervalMs = firstInterval(code.intervalMs)
          for (;;) {
            yield* Effect.sleep(intervalMs)
            const answer = yield* Effect.result(servers.deviceTokens(auth, code))
            if (answer._tag === "Success") return answer.success
            const next = nextInterval(intervalMs, answer.failure)
            if (next === null) return yield* answer.failure
            intervalMs = next
          }
        }).pipe(
          Effect.timeoutOrElse({
            duration: code.lifeMs,
            orElse: () => Effect.fail(late(Math.ceil(code.lifeMs / 60_000))),
          }),
        )

      const device = Effect.fnUntraced(function* (owner: CredentialOwner, say: Say) {
        const auth = yield* authOf(owner)
        const code = yield* servers.deviceCode(auth)
        const { completeUri, uri, userCode } = code
        yield* say({ _tag: "code", uri, completeUri, userCode, endsAt: yield* isoAfter(code.lifeMs) })
        return yield* keep(owner, yield* polled(auth, code))
      })

      const start = (owner: CredentialOwner, way: LoginWay) =>
        Stream.callback<LoginStep, OAuthError>((queue) => {
          const say: Say = (step) => Effect.asVoid(Queue.offer(queue, step))
          const run: Effect.Effect<LoginStep, OAuthError, Scope.Scope> =
            way === "device" ? device(owner, say) : browser(owner, say)
          return run.pipe(
            Effect.flatMap(say),
            Effect.matchCauseEffect({
              onSuccess: () => Queue.end(queue),
              onFailure: (cause) => Queue.failCause(queue, cause),
            }),
          )
        })

      const paste = Effect.fn("Logins.paste")(function* (login: string, text: string) {
        const found = waiting.get(login)
        if (found === undefined) return false
        const answer = pastedAnswer(text, found.authorization)
        if (answer instanceof OAuthError) return yield* answer
        return yield* Deferred.succeed(found.answer, answer)
      })

      return Logins.of({ start, paste })
    }),
  )
}
