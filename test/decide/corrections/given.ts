/** Facts for the corrections' tests: what is on PATH, what lies in the folder, which branches there are. */
import { correct, type Corrected, type Input } from "../../../src/decide/corrections/correct.ts"
import { families } from "../../../src/decide/corrections/families.ts"
import type { Facts, Memory } from "../../../src/decide/Decider.ts"
import type { ProbeRequest } from "../../../src/domain/probe.ts"

export interface World {
  readonly programs?: ReadonlyArray<string>
  readonly files?: ReadonlyArray<string>
  readonly dirs?: ReadonlyArray<string>
  readonly branches?: ReadonlyArray<string>
  readonly texts?: Readonly<Record<string, string>>
  readonly scripts?: ReadonlyArray<string>
  readonly staged?: number
  readonly dirty?: number
  readonly portOwner?: number
  /** Network devices. */
  readonly nets?: ReadonlyArray<string>
}

const answer = (world: World, request: ProbeRequest): unknown => {
  switch (request._tag) {
    case "which":
      return Object.fromEntries(
        request.names.map((name) => [
          name,
          world.programs?.includes(name) === true ? `/usr/bin/${name}` : null,
        ]),
      )
    case "executablesNear":
      return world.programs ?? []
    case "pathKinds":
      return Object.fromEntries(
        request.paths.map((path) => {
          const at = path.replace(/^\.\//, "").replace(/(?<=.)\/$/, "")
          return [
            path,
            world.dirs?.includes(at) === true ? "dir" : world.files?.includes(at) === true ? "file" : null,
          ]
        }),
      )
    case "listDir":
      if (request.path === "/sys/class/net") return world.nets ?? []
      return [...(world.files ?? []), ...(world.dirs ?? [])]
        .map((path) => path.split("/"))
        .filter((parts) => parts.slice(0, -1).join("/") === (request.path === "." ? "" : request.path))
        .map((parts) => parts.at(-1)!)
    case "readText":
      return world.texts?.[request.path] ?? null
    case "manifest":
      return {
        manager: null,
        files: [
          {
            path: "package.json",
            text: JSON.stringify({
              scripts: Object.fromEntries((world.scripts ?? []).map((name) => [name, "x"])),
            }),
            mtimeMs: 0,
          },
        ],
      }
    case "gitBranch":
      return world.branches === undefined
        ? undefined
        : {
            head: null,
            branch: world.branches[0] ?? null,
            upstream: null,
            upstreamSha: null,
            ahead: null,
            behind: null,
            remotes: ["origin"],
            branches: world.branches,
            operation: null,
          }
    case "gitStaged":
      return { files: Array.from({ length: world.staged ?? 0 }, () => ({})), truncated: false }
    case "gitDirty":
      return { files: world.dirty ?? 0, oldestMs: null, paths: [] }
    case "portOwner":
      return world.portOwner === undefined ? null : { pid: world.portOwner, command: "node" }
    default:
      return undefined
  }
}

export const factsIn = (world: World): Facts => ({
  all: [],
  get: (request) => answer(world, request) as never,
})

export const noMemory: Memory = { commands: [] }

/** Everything proposed, also what is never offered. */
export const corrected = (
  command: string,
  rest: Omit<Input, "command" | "dir"> = {},
  world: World = {},
  memory: Memory = noMemory,
): ReadonlyArray<Corrected> => correct({ command, dir: ".", ...rest }, factsIn(world), memory)

const offered = families.map(({ name, corrections }) => ({
  name,
  corrections: corrections.filter(({ notOffered }) => notOffered !== true),
}))

/** What a failed command would bring in the loop. */
export const failed = (
  command: string,
  exit: number,
  output?: string,
  world: World = {},
): ReadonlyArray<string> =>
  correct(
    { command, dir: ".", exit, ...(output === undefined ? {} : { output }) },
    factsIn(world),
    noMemory,
    offered,
  ).map((each) => each.command)
