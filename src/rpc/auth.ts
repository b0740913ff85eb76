/**
 * Credentials of models' providers between daemon and clients: how they stand, giving a key, logging in and out. Schemas
 * only.
 * Invariants: whatever changes one carries a proof of who is there; a secret goes to the daemon, Redacted on both sides,
 * and none comes back.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Surface } from "../domain/events/acted.ts"
import { NeedsPerson, NoSuch } from "./errors.ts"

export const AuthView = Schema.Struct({
  v: Schema.Literal(1),
  provider: Schema.String,
  kind: Schema.String,
  /** `needless`: the endpoint takes none. */
  source: Schema.Literals(["environment", "keychain", "file", "missing", "needless"]),
  /** The variable, the file, or the keychain's name. */
  where: Schema.NullOr(Schema.String),
  type: Schema.NullOr(Schema.Literals(["key", "oauth"])),
  expiresAt: Schema.NullOr(Schema.String),
  /** Without the user. */
  renews: Schema.Boolean,
  /** A model of it is in use, or the settings say how it is reached. */
  used: Schema.Boolean,
  /** The settings describe a login; else it takes a key, if anything. */
  login: Schema.Boolean,
  problem: Schema.NullOr(
    Schema.Struct({
      message: Schema.String,
      cure: Schema.String,
      /** Calls fail by it now; else they will. */
      now: Schema.Boolean,
    }),
  ),
})
export type AuthView = typeof AuthView.Type

/** Nothing was changed; the message says what to do. */
export class LoginFailed extends Schema.TaggedError<LoginFailed>()("LoginFailed", {
  /** `doubtful`: a key that may be another vendor's; it can be kept all the same. */
  reason: Schema.Literals(["denied", "doubtful", "passing", "failed"]),
  message: Schema.String,
}) {}

export const LoginStep = Schema.Union([
  Schema.TaggedStruct("open", {
    login: Schema.String,
    url: Schema.String,
    listens: Schema.Boolean,
    endsAt: Schema.String,
  }),
  Schema.TaggedStruct("code", {
    uri: Schema.String,
    completeUri: Schema.NullOr(Schema.String),
    userCode: Schema.String,
    endsAt: Schema.String,
  }),
  Schema.TaggedStruct("done", { view: AuthView }),
])
export type LoginStep = typeof LoginStep.Type

/** `token`: a fresh proof. */
const Person = { token: Schema.String, surface: Surface }
const Secret = Schema.RedactedFromValue(Schema.String)
const AuthFailure = Schema.Union([NoSuch, NeedsPerson, LoginFailed])

export class AuthRpcs extends RpcGroup.make(
  Rpc.make("AuthStatus", { success: Schema.Array(AuthView) }),
  /** Keeps an API key; `anyway`: also one that looks like another vendor's. */
  Rpc.make("AuthKey", {
    payload: { ...Person, provider: Schema.String, key: Secret, anyway: Schema.Boolean },
    success: AuthView,
    error: AuthFailure,
  }),
  /** Ends with `done`. Leaving the stream gives the login up. */
  Rpc.make("AuthLogin", {
    payload: { ...Person, provider: Schema.String, way: Schema.Literals(["browser", "device"]) },
    success: LoginStep,
    error: AuthFailure,
    stream: true,
  }),
  /** What the browser came back with, by hand: the code or the whole address. */
  Rpc.make("AuthPaste", {
    payload: { ...Person, login: Schema.String, answer: Secret },
    success: Schema.Boolean,
    error: AuthFailure,
  }),
  /** `removed`: there was one in the store. */
  Rpc.make("AuthLogout", {
    payload: { ...Person, provider: Schema.String },
    success: Schema.Struct({ removed: Schema.Boolean, view: AuthView }),
    error: AuthFailure,
  }),
) {}
