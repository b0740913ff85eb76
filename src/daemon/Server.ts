/**
 * The daemon's door: RPC over a unix socket, 0600 in a 0700 directory, newline-delimited JSON, bounded frames.
 * Invariants: a stale socket file is removed only by the holder of the lock; a defect of one call does not end
 * the connection of others; the token that proves "this user, this machine" is fresh for each daemon.
 */
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import { Context, Effect, Layer } from "effect"
import { RpcSerialization, RpcServer } from "effect/rpc"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { chmodSync, rmSync, writeFileSync } from "node:fs"
import type { DirectoriesShape } from "../config/Directories.ts"
import { ClawRpcs } from "../rpc/ClawRpcs.ts"

/** Longest message a client may send, in bytes: an edited action with a file in it still fits. */
const maxMessage = 4 * 1024 * 1024

export class Token extends Context.Service<Token, { readonly matches: (offered: string) => boolean }>()(
  "claw/daemon/Token",
) {
  /** Writes a fresh token into the runtime directory; compared in constant time. */
  static readonly layer = (directories: DirectoriesShape) =>
    Layer.effect(
      Token,
      Effect.acquireRelease(
        Effect.sync(() => {
          const token = randomBytes(32).toString("hex")
          writeFileSync(directories.token, token, { mode: 0o600 })
          const wanted = createHash("sha256").update(token).digest()
          return Token.of({
            matches: (offered) => timingSafeEqual(wanted, createHash("sha256").update(offered).digest()),
          })
        }),
        () => Effect.sync(() => rmSync(directories.token, { force: true })),
      ),
    )
}

/** Listens; ready when built. The caller holds the lock, so a socket file that is there is a dead one. */
export const serverLayer = (directories: DirectoriesShape) =>
  Layer.unwrap(
    Effect.sync(() => {
      rmSync(directories.socket, { force: true })
      const before = process.umask(0o177)
      const socket = NodeSocketServer.layer({ path: directories.socket }).pipe(
        Layer.tap(() =>
          Effect.sync(() => {
            process.umask(before)
            chmodSync(directories.socket, 0o600)
          }),
        ),
      )
      return RpcServer.layer(ClawRpcs, { disableFatalDefects: true, disableTracing: true }).pipe(
        Layer.provide(RpcServer.layerProtocolSocketServer),
        Layer.provide([socket, RpcSerialization.layerNdjsonWith({ maxBufferSize: maxMessage })]),
      )
    }),
  )
