/** Answers to probes out of a made repository: what the real probes would read from disk, PATH and git. Pure. */
import type { Fact, ProbeRequest } from "../../src/domain/probe.ts"
import type { ProbeAnswers } from "../../src/domain/probeAnswers.ts"
import { distance } from "../../src/domain/nearest.ts"
import { type MadeWorkspace, manifestOf } from "./workspaces.ts"

const programs =
  "bash cargo cat cp docker echo find git grep head ls make mkdir mv node npm npx pytest python3 rg rm sed tail touch uv vim".split(
    " ",
  )
const gitCommands =
  "add bisect blame branch checkout cherry-pick clean clone commit config diff fetch grep init log merge pull push rebase remote reset restore revert rm show stash status switch tag".split(
    " ",
  )

const names = (at: MadeWorkspace): ReadonlyArray<string> => [
  "README.md",
  ...manifestOf(at).files.map((file) => file.path),
  ...at.sources,
]

const kindOf = (at: MadeWorkspace, path: string): "file" | "dir" | null => {
  const plain = path.startsWith(`${at.path}/`) ? path.slice(at.path.length + 1) : path.replace(/\/+$/, "")
  if (plain === "." || plain === "" || plain === at.path) return "dir"
  if (names(at).includes(plain)) return "file"
  return names(at).some((name) => name.startsWith(`${plain}/`)) ? "dir" : null
}

const listOf = (at: MadeWorkspace, path: string): ReadonlyArray<string> => {
  const prefix = path === "." || path === "" || path === at.path ? "" : `${path.replace(/\/+$/, "")}/`
  return [
    ...new Set(
      names(at).flatMap((name) =>
        name.startsWith(prefix) ? [name.slice(prefix.length).split("/")[0]!] : [],
      ),
    ),
  ]
}

const stagedOf = (at: MadeWorkspace): ProbeAnswers["gitStaged"] => ({
  files: at.staged.map((file) => ({
    path: file.path,
    status: file.status,
    bytes: file.bytes,
    binary: false,
    added: file.lines.map((text, index) => ({ line: index + 1, text })),
    truncated: false,
  })),
  truncated: false,
})

const branchOf = (at: MadeWorkspace): ProbeAnswers["gitBranch"] => ({
  head: at.head,
  branch: at.branch,
  upstream: at.upstream ? `origin/${at.branch}` : null,
  upstreamSha: at.upstream ? at.head : null,
  ahead: at.upstream ? at.ahead : null,
  behind: at.upstream ? at.behind : null,
  remotes: ["origin"],
  branches: at.branches,
  operation: null,
})

const answer = (probe: ProbeRequest, at: MadeWorkspace): unknown => {
  switch (probe._tag) {
    case "executablesNear":
      return programs
        .map((name) => ({ name, far: distance(probe.name, name, 2) }))
        .filter(({ far }) => far <= 2)
        .toSorted((a, b) => a.far - b.far)
        .map(({ name }) => name)
        .slice(0, probe.limit)
    case "which":
      return Object.fromEntries(
        probe.names.map((name) => [name, programs.includes(name) ? `/usr/bin/${name}` : null]),
      )
    case "pathKinds":
      return Object.fromEntries(probe.paths.map((path) => [path, kindOf(at, path)]))
    case "listDir":
      return listOf(at, probe.path).slice(0, probe.limit)
    case "readText":
      return manifestOf(at).files.find((file) => file.path === probe.path)?.text ?? null
    case "gitCommands":
      return { commands: gitCommands, aliases: {} }
    case "gitBranch":
      return branchOf(at)
    case "gitStaged":
      return stagedOf(at)
    case "gitDirty":
      return {
        files: at.dirty.size,
        oldestMs: at.dirty.size === 0 ? null : Math.min(...at.dirty.values()),
        paths: [...at.dirty.keys()].slice(0, 100),
      }
    case "conflictMarkers":
      return at.markers
        .filter((path) => probe.paths.includes(path))
        .map((path) => ({ path, lines: [12, 19, 25] }))
    case "gitIndexLock":
      return at.lockLeft ? { ageMs: 120_000, holder: null } : null
    case "portOwner":
      return at.portTaken ? { pid: 31_337, command: "node server.js" } : null
    case "manifest":
      return probe.dir === "." ? manifestOf(at) : { files: [], manager: null }
    case "installed":
      return at.manager === "npm"
        ? { express: at.installed }
        : at.manager === "uv"
          ? { pandas: "2.2.0" }
          : { serde: "1.0.200" }
    case "gitOpen":
    case "gitUnpushed":
      return null
    case "gitHooks":
      return { hooks: [], staged: 0, rewritten: [] } satisfies ProbeAnswers["gitHooks"]
    case "gitLost":
      return { commits: [], contained: false } satisfies ProbeAnswers["gitLost"]
    case "gitLarge":
    case "gitStashes":
    case "gitSubmodules":
    case "gitGone":
    case "comments":
    case "compromised":
      return []
    default:
      return undefined
  }
}

export const answerProbe = (probe: ProbeRequest, at: MadeWorkspace): Fact => {
  const found = answer(probe, at)
  return found === undefined
    ? { probe, answer: null, unavailable: "not in a made repository" }
    : { probe, answer: found, unavailable: null }
}
