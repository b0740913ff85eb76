/**
 * The daemon's socket: 0600 in a 0700 directory, with the calls of the contract behind the door.
 * Invariants: a stale socket file is removed only by the holder of the lock; a defect of one call does not end
 * the connection of others; with a connection goes all that held for it: its session, and that somebody looks.
 */
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import { Effect, Layer } from "effect"
import { RpcSerialization, RpcServer } from "effect/rpc"
import { chmodSync, rmSync } from "node:fs"
import type { DirectoriesShape } from "../config/Directories.ts"
import { ClawRpcs } from "../rpc/ClawRpcs.ts"
import { door, limits } from "./door.ts"
import { Presences } from "./Presences.ts"
import { Token } from "./Token.ts"

/** Listens; ready when built. The caller holds the lock, so a socket file that is there is a dead one. */
export const serverLayer = (directories: DirectoriesShape) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const token = yield* Token
      const presences = yield* Presences
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
      return RpcServer.layer(ClawRpcs, {
        disableFatalDefects: true,
        disableTracing: true,
        onDisconnect: (client) =>
          Effect.andThen(
            Effect.sync(() => token.close(client)),
            presences.left(client),
          ),
      }).pipe(
        Layer.provide(Layer.effect(RpcServer.Protocol, door)),
        Layer.provide([socket, RpcSerialization.layerNdjsonWith({ maxBufferSize: limits.message })]),
      )
    }),
  )
