/**
 * How the credentials of the settings' providers stand, as rows and as checks of the doctor, with a daemon and without one.
 * Invariants: asks no server and no model; what nobody uses is no trouble.
 */
import { Effect, Layer, Result } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { DirectoriesShape, Environment } from "../config/Directories.ts"
import { Keychain } from "../config/Keychain.ts"
import { loadConfig } from "../config/load.ts"
import type { ModelSettings } from "../config/modelSettings.ts"
import { decodeSettings, type Settings } from "../config/Settings.ts"
import { type CredentialOwner, Credentials } from "../model/credentials/Credentials.ts"
import { partsOf, providerSettings, providersOf, resolveName } from "../model/routing.ts"
import { ownerOf } from "../model/routingDirectory.ts"
import type { AuthView } from "../rpc/auth.ts"
import type { Check } from "../rpc/shapes.ts"
import { ownFile } from "./Configs.ts"
import { type Entry, hidden } from "./entry.ts"

export const componentOf = (provider: string): string => `credentials ${provider}`

/** What names models. */
type Naming = Pick<Settings, "memory" | "models">

/** Providers that a word of the settings leads to, and those that the settings describe. */
const usedProviders = ({ memory: { embeddings }, models }: Naming): ReadonlySet<string> => {
  const { aliases, default: usual, fallbacks, small, strong, providers } = models
  const used = new Set(Object.keys(providers))
  const meanings = embeddings === "off" ? [] : [embeddings]
  for (const word of [usual, small, strong, ...fallbacks, ...meanings, ...Object.values(aliases)]) {
    if (word === undefined) continue
    const name = resolveName(models, word)
    if (Result.isSuccess(name)) used.add(partsOf(name.success).provider)
  }
  return used
}

/** A provider of the settings; null: nobody named it. */
export const ownerIn = (settings: ModelSettings, provider: string): CredentialOwner | null => {
  const own = providerSettings(settings, provider)
  return own === null ? null : ownerOf(provider, own)
}

export const viewOf = (
  credentials: Credentials["Service"],
  settings: Naming,
  owner: CredentialOwner,
): Effect.Effect<AuthView> =>
  Effect.map(credentials.status(owner), (status) => ({
    v: 1,
    ...status,
    used: usedProviders(settings).has(owner.name),
    login: owner.auth !== undefined,
  }))

/** Of all providers that are used or have one. */
export const viewsOf = (
  credentials: Credentials["Service"],
  settings: Naming,
): Effect.Effect<ReadonlyArray<AuthView>> =>
  Effect.forEach(
    providersOf(settings.models).flatMap((name) => ownerIn(settings.models, name) ?? []),
    (owner) => viewOf(credentials, settings, owner),
  )

const checkOf = ({ expiresAt, problem, provider, renews, source, where }: AuthView): Check => {
  const base = { v: 1 as const, name: componentOf(provider) }
  if (problem !== null) {
    const { cure, message, now } = problem
    return now
      ? { ...base, ok: false, detail: message, cure }
      : { ...base, ok: true, note: true, detail: message, cure }
  }
  const end = expiresAt === null ? "" : renews ? ", renewed by itself" : `, good until ${expiresAt}`
  return {
    ...base,
    ok: true,
    detail: source === "needless" ? "takes none" : `from ${where ?? source}${end}`,
    cure: null,
  }
}

export const credentialChecks = (views: ReadonlyArray<AuthView>): ReadonlyArray<Check> => {
  const used = views.filter((view) => view.used)
  const none = { name: "credentials", ok: true, detail: "no model is set, so none is needed", cure: null }
  return used.length === 0 ? [{ v: 1, ...none }] : used.map(checkOf)
}

/**
 * Without a daemon: the user's own settings as they are in the file now, and what they need. Nothing is renewed, and
 * variables are those of this process, which a daemon that is started from here gets too.
 */
export const credentialsOffline = ({
  directories,
  entry,
  env,
}: {
  readonly directories: DirectoriesShape
  readonly entry: Entry
  readonly env: Environment
}): Effect.Effect<ReadonlyArray<Check>> =>
  Effect.gen(function* () {
    const scratch = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(join(tmpdir(), "claw-doctor-"))),
      (path) => Effect.promise(() => rm(path, { recursive: true, force: true })),
    )
    const file = join(directories.config, ownFile)
    const child = { node: entry.node, args: [...entry.args, hidden.config] }
    const own = yield* Effect.result(loadConfig({ file, trusted: "own", child, scratch }))
    if (Result.isFailure(own)) {
      const { message } = own.failure
      return [{ v: 1 as const, name: "settings", ok: false, detail: message, cure: "claw config edit" }]
    }
    const settings = Result.getOrThrow(decodeSettings(own.success?.settings ?? {}))
    const credentials = yield* Credentials
    return credentialChecks(yield* viewsOf(credentials, settings))
  }).pipe(
    Effect.scoped,
    Effect.provide(
      Credentials.layer({
        env,
        directory: directories.keys,
        marks: { mine: `${process.pid}`, isAlive: () => true },
      }).pipe(Layer.provide(Keychain.layer({ directory: directories.keys, env }))),
    ),
  )
