/**
 * `claw audit verify` with the daemon down: what anchors and keychain say is gathered here, and judged against the log by a
 * child. Invariant: only the user's own configuration names anchors; one that cannot be read is said, not passed over.
 */
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { auditInChild } from "../../log-store/merkle/auditChild.ts"
import type { ProofReport } from "../../log-store/merkle/evidence.ts"
import type { DirectoriesShape, Environment } from "../config/Directories.ts"
import { Keychain } from "../config/Keychain.ts"
import { loadConfig } from "../config/load.ts"
import { type AnchorSetting, decodeSettings } from "../config/Settings.ts"
import { gatherEvidence } from "./anchors.ts"
import { ownFile } from "./Configs.ts"
import { type Entry, hidden } from "./entry.ts"
import { privateDirectory } from "./Lock.ts"
import { findSigningKey } from "./signingKey.ts"

const configured = Effect.fnUntraced(function* (entry: Entry, directories: DirectoriesShape) {
  const file = join(directories.config, ownFile)
  if (!existsSync(file)) return []
  yield* privateDirectory(directories.runtime)
  const loaded = yield* loadConfig({
    file,
    trusted: "own",
    child: { node: entry.node, args: [...entry.args, hidden.config] },
    scratch: directories.runtime,
  })
  const settings = decodeSettings(loaded?.settings ?? {})
  return settings._tag === "Success" ? settings.success.anchors : []
})

export const auditOffline = Effect.fn("auditOffline")(function* (
  entry: Entry,
  directories: DirectoriesShape,
  env: Environment,
  asked: ReadonlyArray<AnchorSetting>,
): Effect.fn.Return<ProofReport, { readonly message: string }> {
  const anchors = yield* gatherEvidence(yield* configured(entry, directories), asked, env)
  // a keychain that is locked says nothing about the log
  const key = yield* Keychain.use(findSigningKey).pipe(
    Effect.orElseSucceed(() => null),
    Effect.provide(Keychain.layer({ directory: directories.keys, env })),
  )
  const publicKey = key?.publicKey.toString("base64") ?? null
  return yield* auditInChild(entry.node, [...entry.args, hidden.audit], directories.log, {
    publicKey,
    anchors,
  })
})
