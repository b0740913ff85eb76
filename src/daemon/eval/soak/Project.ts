/** A made repository: what the probes of a soak are answered from. Changed in place by who works in it. */
import { distance } from "../../../domain/nearest.ts"
import type { ProbeRequest } from "../../../domain/probe.ts"
import type { ProbeAnswers } from "../../../domain/probeAnswers.ts"

export interface ProjectKind {
  readonly name: string
  readonly test: string
  readonly lint: string
  readonly install: string
  readonly sources: ReadonlyArray<string>
  readonly manifest: string
  readonly lockfile: string
}

export const kinds: ReadonlyArray<ProjectKind> = [
  {
    name: "shop",
    test: "npm test",
    lint: "npm run lint",
    install: "npm ci",
    sources: ["src/cart.ts", "src/order.ts", "src/price.ts", "src/api/client.ts", "test/cart.test.ts"],
    manifest: "package.json",
    lockfile: "package-lock.json",
  },
  {
    name: "engine",
    test: "cargo test",
    lint: "cargo clippy",
    install: "cargo fetch",
    sources: ["src/lib.rs", "src/parse.rs", "src/plan.rs", "src/exec.rs", "tests/exec.rs"],
    manifest: "Cargo.toml",
    lockfile: "Cargo.lock",
  },
  {
    name: "site",
    test: "npx vitest run",
    lint: "npx eslint .",
    install: "npm ci",
    sources: ["src/app.tsx", "src/menu.tsx", "src/theme.ts", "test/menu.test.tsx"],
    manifest: "package.json",
    lockfile: "package-lock.json",
  },
]

const programs =
  "bash cargo cat docker find git grep head ls make node npm npx rg rm sed tail touch vim".split(" ")
const gitCommands =
  "add bisect blame branch checkout cherry-pick clean commit diff fetch grep init log merge pull push rebase reset restore revert show stash status switch tag".split(
    " ",
  )

type StagedRow = ProbeAnswers["gitStaged"]["files"][number]

export class Project {
  readonly path: string
  readonly kind: ProjectKind
  branch = "main"
  head = "1".padStart(40, "0")
  readonly branches = ["main", "feature", "fix-rounding"]
  ahead = 0
  behind = 0
  readonly dirty = new Map<string, number>()
  staged: Array<StagedRow> = []
  locked = 1
  installed = 1
  portTaken = false
  commits = 1

  constructor(kind: ProjectKind, home: string) {
    this.kind = kind
    this.path = `${home}/${kind.name}`
  }

  #version(n: number): string {
    return `1.${n}.0`
  }

  #manifest(): ProbeAnswers["manifest"] {
    const { kind, locked } = this
    if (kind.manifest === "Cargo.toml") return { files: [], manager: null }
    const versions = { lodash: this.#version(locked), react: this.#version(locked) }
    const lock = {
      lockfileVersion: 3,
      packages: Object.fromEntries(
        Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }]),
      ),
    }
    return {
      files: [
        { path: kind.manifest, text: JSON.stringify({ dependencies: versions }), mtimeMs: 0 },
        { path: kind.lockfile, text: JSON.stringify(lock), mtimeMs: 0 },
      ],
      manager: "npm",
    }
  }

  #near(name: string, among: ReadonlyArray<string>, limit: number): ReadonlyArray<string> {
    return among
      .map((each) => ({ each, far: distance(name, each, 2) }))
      .filter(({ far }) => far <= 2)
      .toSorted((a, b) => a.far - b.far)
      .map(({ each }) => each)
      .slice(0, limit)
  }

  #names(): ReadonlyArray<string> {
    return ["README.md", this.kind.manifest, this.kind.lockfile, ...this.kind.sources]
  }

  #kindOf(path: string): "file" | "dir" | null {
    const plain = path.startsWith(`${this.path}/`)
      ? path.slice(this.path.length + 1)
      : path.replace(/\/+$/, "")
    if (plain === "." || plain === "" || plain === this.path) return "dir"
    if (this.#names().includes(plain)) return "file"
    return this.#names().some((name) => name.startsWith(`${plain}/`)) ? "dir" : null
  }

  answer(probe: ProbeRequest): unknown {
    switch (probe._tag) {
      case "executablesNear":
        return this.#near(probe.name, programs, probe.limit)
      case "which":
        return Object.fromEntries(
          probe.names.map((name) => [name, programs.includes(name) ? `/usr/bin/${name}` : null]),
        )
      case "pathKinds":
        return Object.fromEntries(probe.paths.map((path) => [path, this.#kindOf(path)]))
      case "listDir":
        return [...new Set(this.#names().map((name) => name.split("/")[0]!))].slice(0, probe.limit)
      case "readText":
        return probe.path === "package.json" && this.kind.manifest === "package.json"
          ? JSON.stringify({ scripts: { test: "vitest", lint: "eslint .", start: "node server.js" } })
          : null
      case "gitCommands":
        return { commands: gitCommands, aliases: {} }
      case "gitBranch":
        return {
          head: this.head,
          branch: this.branch,
          upstream: `origin/${this.branch}`,
          upstreamSha: String(this.behind).padStart(40, "a"),
          ahead: this.ahead,
          behind: this.behind,
          remotes: ["origin"],
          branches: this.branches,
          operation: null,
        } satisfies ProbeAnswers["gitBranch"]
      case "gitStaged":
        return { files: this.staged, truncated: false } satisfies ProbeAnswers["gitStaged"]
      case "gitDirty":
        return {
          files: this.dirty.size,
          oldestMs: this.dirty.size === 0 ? null : Math.min(...this.dirty.values()),
          paths: [...this.dirty.keys()],
        } satisfies ProbeAnswers["gitDirty"]
      case "gitIndexLock":
        return null
      case "portOwner":
        return this.portTaken ? { pid: 31_337, command: "node server.js" } : null
      case "manifest":
        return probe.dir === "." ? this.#manifest() : { files: [], manager: null }
      case "installed": {
        const version = this.#version(this.installed)
        return { lodash: version, react: version }
      }
      case "conflictMarkers":
      case "comments":
      case "compromised":
        return []
      default:
        return undefined
    }
  }
}
