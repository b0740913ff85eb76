/**
 * The made repositories: what lies in them, where git stands, what is staged, broken and out of step. Mutable, because
 * a working day is; `work.ts` changes them, `probes.ts` reads them.
 */
import type { ProbeAnswers } from "../../src/domain/probeAnswers.ts"

export interface StagedFile {
  readonly path: string
  readonly status: "A" | "M" | "D"
  readonly bytes: number
  readonly lines: ReadonlyArray<string>
}

export interface MadeWorkspace {
  readonly path: string
  readonly name: string
  readonly manager: "npm" | "cargo" | "uv"
  /** What its sources say counts as trusted: see `dayLog.ts`. */
  readonly vouched: boolean
  readonly sources: ReadonlyArray<string>
  readonly scripts: ReadonlyArray<string>
  readonly checks: ReadonlyArray<string>
  branch: string
  head: string
  branches: Array<string>
  upstream: boolean
  ahead: number
  behind: number
  /** Changed and not committed: path -> when first. */
  readonly dirty: Map<string, number>
  staged: Array<StagedFile>
  /** The check that fails now, and how often it still will. */
  broken: { readonly check: string; left: number } | null
  /** Installed version of the one package that moves. */
  installed: string
  locked: string
  markers: ReadonlyArray<string>
  portTaken: boolean
  lockLeft: boolean
  reflog: number
  session: string
  spool: number
}

const sourcesOf = (folders: ReadonlyArray<string>, names: ReadonlyArray<string>, end: string) =>
  folders.flatMap((folder) => names.map((name) => `${folder}/${name}.${end}`))

const base = { branch: "main", upstream: true, ahead: 0, behind: 0, broken: null, markers: [] }

const made = (
  home: string,
  session: number,
  parts: Pick<MadeWorkspace, "name" | "manager" | "vouched" | "sources" | "scripts" | "checks">,
): MadeWorkspace => ({
  ...base,
  ...parts,
  path: `${home}/${parts.name}`,
  head: String(session).repeat(40).slice(0, 40),
  branches: ["main"],
  dirty: new Map(),
  staged: [],
  installed: "4.17.1",
  locked: "4.17.1",
  portTaken: false,
  lockLeft: false,
  reflog: 0,
  session: `zsh-${4000 + session}-${session}`,
  spool: 0,
})

export const madeWorkspaces = (home: string): ReadonlyArray<MadeWorkspace> => [
  made(home, 1, {
    name: "shop",
    manager: "npm",
    vouched: true,
    sources: sourcesOf(
      ["src/cart", "src/pay", "src/view", "test"],
      ["index", "total", "price", "items", "format", "store.test", "route"],
      "ts",
    ),
    scripts: ["build", "dev", "lint", "test", "typecheck"],
    checks: ["npm test", "npm run lint", "npm run typecheck", "npx vitest run test/total.test.ts"],
  }),
  made(home, 2, {
    name: "ledger",
    manager: "cargo",
    vouched: false,
    sources: sourcesOf(["src", "src/book", "tests"], ["lib", "entry", "account", "report", "parse"], "rs"),
    scripts: [],
    checks: ["cargo test", "cargo clippy", "cargo build"],
  }),
  made(home, 3, {
    name: "reports",
    manager: "uv",
    vouched: false,
    sources: sourcesOf(["reports", "tests"], ["load", "clean", "plot", "mail", "test_load"], "py"),
    scripts: [],
    checks: ["pytest", "uv run ruff check", "pytest tests/test_load.py"],
  }),
]

/** Manifest and lockfile as text, the lockfile naming what is locked now. */
export const manifestOf = (at: MadeWorkspace): ProbeAnswers["manifest"] => {
  const mtimeMs = 0
  if (at.manager === "npm") {
    const manifest = {
      name: at.name,
      version: "1.0.0",
      scripts: Object.fromEntries(at.scripts.map((name) => [name, `run-${name}`])),
      dependencies: { express: "^4.17.0" },
    }
    const lock = {
      name: at.name,
      version: "1.0.0",
      lockfileVersion: 3,
      packages: {
        "": manifest,
        "node_modules/express": {
          version: at.locked,
          resolved: `https://registry.npmjs.org/express/-/express-${at.locked}.tgz`,
        },
      },
    }
    return {
      manager: "npm",
      files: [
        { path: "package.json", text: JSON.stringify(manifest), mtimeMs },
        { path: "package-lock.json", text: JSON.stringify(lock), mtimeMs },
      ],
    }
  }
  if (at.manager === "cargo") {
    return {
      manager: "cargo",
      files: [
        {
          path: "Cargo.toml",
          text: `[package]\nname = "${at.name}"\nversion = "1.0.0"\n\n[dependencies]\nserde = "1"\n`,
          mtimeMs,
        },
        {
          path: "Cargo.lock",
          text: 'version = 3\n\n[[package]]\nname = "serde"\nversion = "1.0.200"\n',
          mtimeMs,
        },
      ],
    }
  }
  return {
    manager: "uv",
    files: [
      {
        path: "pyproject.toml",
        text: `[project]\nname = "${at.name}"\nversion = "1.0"\ndependencies = ["pandas==2.2.0"]\n`,
        mtimeMs,
      },
    ],
  }
}

export const lockfileOf = (at: MadeWorkspace): string =>
  at.manager === "npm" ? "package-lock.json" : at.manager === "cargo" ? "Cargo.lock" : "uv.lock"
