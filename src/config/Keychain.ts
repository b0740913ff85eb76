/**
 * Named secrets of the user: the signing key of the log, later the API keys of models. They lie in the system's keychain
 * where there is one that outlives a restart, else each in a file of its own (0600, outside the log).
 * Invariants: where both hold a secret, the keychain's counts; a secret that was put into a keychain is never taken for
 * missing because the keychain cannot be reached now (a mark in the folder says that it is there); a file that others can read or
 * replace is refused; a file is whole or absent. Linux's kernel keyring is not used: it forgets at a restart.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { constants, existsSync, fstatSync, lstatSync, mkdirSync, rmSync } from "node:fs"
import { open, rename } from "node:fs/promises"
import { join } from "node:path"
import type { Environment } from "./Directories.ts"

/** Where a secret lies, in words. */
export interface Place {
  readonly kind: "keychain" | "file"
  readonly where: string
}
export interface Secret {
  readonly secret: string
  readonly place: Place
  /** A file that holds another one of this name, which does not count; null: none. */
  readonly shadowed: string | null
}

export class KeychainError extends Schema.TaggedError<KeychainError>()("KeychainError", {
  /** `unreachable`: try again when the keychain is unlocked; `unsafe`: somebody else could read or change it. */
  reason: Schema.Literals(["unreachable", "unsafe", "failed"]),
  message: Schema.String,
}) {}

/** The part of a system's keychain that is used; rejects where it cannot be reached. */
export interface SystemKeychain {
  readonly get: (account: string) => Promise<string | null>
  readonly set: (account: string, secret: string) => Promise<void>
  readonly delete: (account: string) => Promise<boolean>
}

export interface KeychainOptions {
  /** Folder of the files; made (0700) when one is written. */
  readonly directory: string
  readonly env: Environment
  readonly platform?: NodeJS.Platform
  /** Instead of the system's own; for tests. */
  readonly system?: SystemKeychain
}

const service = "claw"
/** A keychain may ask the user to unlock it; nobody waits for that for ever. */
const limitMs = 10_000
const largestSecret = 64 * 1024
const theKeychain: Place = { kind: "keychain", where: "the system's keychain" }

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const failed = (message: string) => new KeychainError({ reason: "failed", message })
const unsafe = (message: string) => new KeychainError({ reason: "unsafe", message })

/** Loaded when first used, and only where there can be one: it is native code. */
const systemKeychain = (platform: NodeJS.Platform): SystemKeychain => {
  const options = platform === "linux" ? { linux: { store: "secret-service" as const } } : {}
  const entry = async (account: string) => {
    const { AsyncEntry } = await import("@napi-rs/keyring")
    return new AsyncEntry(service, account, options)
  }
  const signal = () => AbortSignal.timeout(limitMs)
  return {
    get: async (account) => (await entry(account)).getPassword(signal()),
    set: async (account, secret) => (await entry(account)).setPassword(secret, signal()),
    delete: async (account) => (await entry(account)).deletePassword(signal()),
  }
}

/** Null where the user wants files, or where there is no session bus to ask for a keychain. */
const reachable = ({ env, platform = process.platform, system }: KeychainOptions): SystemKeychain | null => {
  if (system !== undefined) return system
  if (env["CLAW_KEYCHAIN"] === "file") return null
  if (platform === "linux" && (env["DBUS_SESSION_BUS_ADDRESS"] ?? "") === "") return null
  return systemKeychain(platform)
}

const checkOwner = (path: string, { uid, mode }: { readonly uid: number; readonly mode: number }): void => {
  if (uid !== process.getuid?.()) throw unsafe(`${path} belongs to another user: move it away`)
  if ((mode & 0o077) !== 0)
    throw unsafe(`${path} is open to others (${(mode & 0o777).toString(8)}): chmod go= ${path}`)
}

const readSecret = async (directory: string, path: string): Promise<string | null> => {
  // a link would read a file of whoever made it
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null
    throw error.code === "ELOOP" ? unsafe(`${path} is a link: move it away`) : error
  })
  if (file === null) return null
  try {
    const state = fstatSync(file.fd)
    if (!state.isFile() || state.size > largestSecret) throw unsafe(`${path} is no file of a secret`)
    checkOwner(directory, lstatSync(directory))
    checkOwner(path, state)
    return await file.readFile("utf8")
  } finally {
    await file.close()
  }
}

const sync = async (directory: string): Promise<void> => {
  const folder = await open(directory, "r")
  await folder.sync().finally(() => folder.close())
}

const writeFile = async (directory: string, path: string, text: string): Promise<void> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  checkOwner(directory, lstatSync(directory))
  const aside = `${path}.${randomUUID()}`
  try {
    const file = await open(aside, "wx", 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
  await sync(directory)
}

const removeFile = async (directory: string, path: string): Promise<boolean> => {
  if (!existsSync(path)) return false
  rmSync(path)
  await sync(directory)
  return true
}

export class Keychain extends Context.Service<
  Keychain,
  {
    readonly get: (name: string) => Effect.Effect<Secret | null, KeychainError>
    readonly set: (name: string, secret: string) => Effect.Effect<Place, KeychainError>
    readonly delete: (name: string) => Effect.Effect<boolean, KeychainError>
  }
>()("claw/config/Keychain") {
  static readonly layer = (options: KeychainOptions): Layer.Layer<Keychain> =>
    Layer.sync(Keychain, () => {
      const { directory } = options
      const system = reachable(options)
      const path = (name: string) => join(directory, name)
      const mark = (name: string) => join(directory, `${name}.in-keychain`)
      // two installations of one user have two logs, and a key each
      const account = (name: string) => `${name} of ${directory}`
      const attempt = <A>(what: string, run: () => Promise<A>) =>
        Effect.tryPromise({
          try: run,
          catch: (error) =>
            error instanceof KeychainError ? error : failed(`the secret ${what}: ${messageOf(error)}`),
        })
      const away = (name: string, why: string) =>
        new KeychainError({
          reason: "unreachable",
          message: `the secret ${name} is in the system's keychain, and that cannot be reached (${why}): unlock it, or start Claw in your session`,
        })
      /** What the keychain says; a string says why it cannot be asked. */
      const ask = <A>(run: (from: SystemKeychain) => Promise<A>) =>
        system === null
          ? Effect.succeed({ reached: false, why: "there is none in this session" } as const)
          : Effect.tryPromise(() => run(system)).pipe(
              Effect.map((value) => ({ reached: true, value }) as const),
              Effect.timeoutOrElse({
                duration: limitMs + 1_000,
                orElse: () => Effect.succeed({ reached: false, why: "it did not answer" } as const),
              }),
              Effect.catch((error) =>
                Effect.succeed({ reached: false, why: messageOf(error.cause) } as const),
              ),
            )

      const get = Effect.fn("Keychain.get")(function* (name: string) {
        const found = yield* ask((from) => from.get(account(name)))
        const inFile = yield* attempt(`${name} cannot be read`, () => readSecret(directory, path(name)))
        if (found.reached && found.value !== null)
          return {
            secret: found.value,
            place: theKeychain,
            shadowed: inFile === null ? null : path(name),
          } satisfies Secret
        if (!found.reached && existsSync(mark(name))) return yield* away(name, found.why)
        return inFile === null
          ? null
          : ({
              secret: inFile,
              place: { kind: "file", where: path(name) },
              shadowed: null,
            } satisfies Secret)
      })

      const set = Effect.fn("Keychain.set")(function* (name: string, secret: string) {
        const kept = yield* ask(async (into) => {
          await into.set(account(name), secret)
          // some take it and have it not
          return (await into.get(account(name))) === secret
        })
        if (!kept.reached && existsSync(mark(name))) return yield* away(name, kept.why)
        return yield* attempt(`${name} cannot be written`, async () => {
          if (!kept.reached || !kept.value) {
            await writeFile(directory, path(name), secret)
            return { kind: "file", where: path(name) } satisfies Place
          }
          await writeFile(directory, mark(name), "")
          await removeFile(directory, path(name))
          return theKeychain
        })
      })

      const remove = Effect.fn("Keychain.delete")(function* (name: string) {
        const gone = yield* ask((from) => from.delete(account(name)))
        if (!gone.reached && existsSync(mark(name))) return yield* away(name, gone.why)
        return yield* attempt(`${name} cannot be removed`, async () => {
          await removeFile(directory, mark(name))
          const removed = await removeFile(directory, path(name))
          return removed || (gone.reached && gone.value)
        })
      })

      return Keychain.of({ get, set, delete: remove })
    })
}
