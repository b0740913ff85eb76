/**
 * How a provider of models wants its users to log in (OAuth 2), as the user's own settings describe it. Schemas only.
 * Invariants: every address is https, or http on this machine itself; nothing here is a secret (a public client has
 * none).
 */
import { Effect, Schema } from "effect"

const isOwnMachine = ({ hostname }: URL): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)

/** Whether a credential may be sent there: what goes over a network is encrypted. */
export const isSafeEndpoint = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== "" || url.password !== "" || url.hash !== "") return false
  return url.protocol === "https:" || (url.protocol === "http:" && isOwnMachine(url))
}

const Endpoint = Schema.String.check(
  Schema.isMaxLength(500),
  Schema.makeFilter((text) => isSafeEndpoint(text) || "an https address (http only on this machine)"),
)

/** Either `issuer`, whose endpoints are asked for, or `tokenEndpoint` and one of the other two. */
export const AuthSettings = Schema.Struct({
  issuer: Schema.optionalKey(Endpoint),
  authorizationEndpoint: Schema.optionalKey(Endpoint),
  tokenEndpoint: Schema.optionalKey(Endpoint),
  deviceEndpoint: Schema.optionalKey(Endpoint),
  clientId: Schema.NonEmptyString.check(Schema.isMaxLength(500)),
  scopes: Schema.Array(Schema.String.check(Schema.isPattern(/^[\x21\x23-\x5b\x5d-\x7e]+$/))).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([])),
  ),
  /** Where a login that is pasted back is sent to, when the provider shows the code on a page of its own. */
  redirect: Schema.optionalKey(Endpoint),
}).check(
  Schema.makeFilter(
    (auth) =>
      auth.issuer !== undefined ||
      (auth.tokenEndpoint !== undefined &&
        (auth.authorizationEndpoint !== undefined || auth.deviceEndpoint !== undefined)) ||
      "name an issuer, or a tokenEndpoint and an authorizationEndpoint or deviceEndpoint",
  ),
)
export type AuthSettings = typeof AuthSettings.Type
