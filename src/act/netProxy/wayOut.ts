/**
 * The way out of one command: its proxy, what must be shown inside for the launcher, and the launcher's line.
 * The command's network holds nothing but its own loopback; the launcher hands a listening socket of it to us.
 */
import type { ChildProcess } from "node:child_process"
import { Server } from "node:net"
import { extname } from "node:path"
import type { Mount } from "../bwrapArguments.ts"
import { proxyEnvironment } from "./connections.ts"
import { filteringProxy, type FilteringProxy, type Lookup } from "./filteringProxy.ts"

export interface WayOutOptions {
  /** The program that runs the launcher, and the launcher itself, where they lie on the machine. */
  readonly node: string
  readonly launcher: string
  readonly lookup?: Lookup
}

export interface WayOut {
  readonly proxy: FilteringProxy
  readonly placed: ReadonlyArray<Mount>
  readonly line: ReadonlyArray<string>
  /** The launcher's own environment. */
  readonly env: Readonly<Record<string, string>>
  readonly started: (child: ChildProcess) => void
}

const shownNode = "/run/claw/node"
/** Stands for the proxy's address until the launcher knows it. */
const mark = "http://proxy.invalid:1"

export const wayOut = (
  options: WayOutOptions,
  rules: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>>,
): WayOut => {
  const proxy = filteringProxy(rules, options.lookup)
  // the ending says that it is a module, which no package file inside does
  const shownLauncher = `/run/claw/launch${extname(options.launcher) === ".ts" ? ".mts" : ".mjs"}`
  const inner = { ...environment, ...proxyEnvironment(rules, mark) }
  return {
    proxy,
    placed: [
      { kind: "placed", path: shownNode, from: options.node },
      { kind: "placed", path: shownLauncher, from: options.launcher },
    ],
    line: [shownNode, shownLauncher, mark, JSON.stringify(inner)],
    env: { NODE_CHANNEL_FD: "5" },
    started: (child) => {
      child.on("message", (_, handle) => {
        if (!(handle instanceof Server)) return
        proxy.serve(handle)
        child.send("go", () => {})
      })
    },
  }
}
