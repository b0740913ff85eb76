/**
 * The platform services the command parser asks for. No command takes a file through the parser or starts a program
 * with it, so two of them only say so: the real file system alone brings all of Node's cryptography along, a tenth of
 * the time `claw status` takes.
 */
import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import { Effect, FileSystem, Layer, Path } from "effect"
import { ChildProcessSpawner } from "effect/process"

export const parserServices = Layer.mergeAll(
  NodeStdio.layer,
  NodeTerminal.layer,
  Path.layer,
  FileSystem.layerNoop({}),
  Layer.succeed(
    ChildProcessSpawner.ChildProcessSpawner,
    ChildProcessSpawner.make(() => Effect.die(new Error("the command parser starts no programs"))),
  ),
)
