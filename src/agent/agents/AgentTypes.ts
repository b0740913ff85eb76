/**
 * The kinds of agents there are at a place: Claw's own, the user's, and those that came with the workspace.
 * Invariants: read anew each time, through no link; what a workspace brings is untrusted until its exact content was
 * trusted, and then still no more than a name that nobody else has; one that cannot be read is left out and says why.
 */
import { Context, Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { readBelow } from "../../act/openBelow.ts"
import type { Trust } from "../../domain/action.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { definitionOf } from "./definition.ts"
import { type AgentType, builtIn } from "./types.ts"

/** Relative to the workspace, the nearest to Claw first. */
export const agentFolders = [".claw/agents", ".claude/agents"] as const
const ownFolder = "agents"
const mostFiles = 100
const mostBytes = 256 * 1024

export interface AgentTypesOptions {
  /** Folder of Claw's own configuration: `agents/*.md` in it are the user's. */
  readonly config: string
  /** SHA-256 of a workspace's files that were trusted, by relative path. */
  readonly trusted: (workspace: string) => Effect.Effect<Readonly<Record<string, string>>>
}

export interface FoundTypes {
  readonly types: ReadonlyArray<AgentType>
  readonly problems: ReadonlyArray<string>
}

const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => entry.name)
      .sort()
      .slice(0, mostFiles)
  } catch {
    return []
  }
}

interface Place {
  readonly root: string
  readonly folder: string
  readonly trustOf: (path: string, bytes: Buffer) => Trust
  readonly shown: (path: string) => string
}

const inPlace = ({ folder, root, shown, trustOf }: Place): FoundTypes => {
  const types: Array<AgentType> = []
  const problems: Array<string> = []
  for (const name of namesIn(join(root, folder))) {
    const path = `${folder}/${name}`
    const bytes = readBelow(root, path, mostBytes)
    if (bytes === null || bytes.includes(0)) {
      problems.push(`${shown(path)}: no plain text of at most ${mostBytes / 1024} KiB`)
      continue
    }
    const read = definitionOf(name, shown(path), redactSecrets(bytes.toString("utf8")), trustOf(path, bytes))
    if ("problem" in read) problems.push(`${shown(path)}: ${read.problem}`)
    else types.push(read)
  }
  return { types, problems }
}

export class AgentTypes extends Context.Service<
  AgentTypes,
  { readonly all: (workspace: string) => Effect.Effect<FoundTypes> }
>()("claw/agent/agents/AgentTypes") {
  static readonly layer = ({ config, trusted }: AgentTypesOptions) =>
    Layer.succeed(AgentTypes, {
      all: Effect.fn("AgentTypes.all")(function* (workspace) {
        const digests = yield* trusted(workspace)
        const theirs = (path: string, bytes: Buffer): Trust =>
          digests[path] === createHash("sha256").update(bytes).digest("hex") ? "trusted" : "untrusted"
        const found = [
          inPlace({
            root: config,
            folder: ownFolder,
            trustOf: () => "trusted",
            shown: (path) => join(config, path),
          }),
          ...agentFolders.map((folder) =>
            inPlace({ root: workspace, folder, trustOf: theirs, shown: (path) => path }),
          ),
        ]
        const types: Array<AgentType> = []
        const problems = found.flatMap((one) => one.problems)
        // the user's own may stand in the place of Claw's; what came with a folder only where its content was trusted
        const mine = found.flatMap((one) => one.types.filter(({ trust }) => trust === "trusted"))
        const others = found.flatMap((one) => one.types.filter(({ trust }) => trust !== "trusted"))
        for (const type of [...mine, ...builtIn, ...others]) {
          const before = types.find(({ name }) => name === type.name)
          if (before === undefined) types.push(type)
          else if (type.source !== "claw")
            problems.push(`${type.source}: there is a kind ${type.name} already (${before.source})`)
        }
        return { types, problems }
      }),
    })
}
