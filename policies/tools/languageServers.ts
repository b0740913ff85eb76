/**
 * Which language server answers for which files, and how each is started: read by the gate, which states that a call
 * starts one, and by the hands, which start it. Pure data.
 */

export interface ServerSpec {
  readonly name: string
  readonly program: string
  readonly args: ReadonlyArray<string>
  /** File name ending -> language id of the protocol. */
  readonly languages: Readonly<Record<string, string>>
  /** Files that mark the folder it works in; the nearest one above a file counts. */
  readonly roots: ReadonlyArray<string>
  /** Only as the workspace's own program, and only where this file of the workspace is absent. */
  readonly ownUnless?: string
}

const typescript = {
  ".ts": "typescript",
  ".mts": "typescript",
  ".cts": "typescript",
  ".tsx": "typescriptreact",
  ".js": "javascript",
  ".mjs": "javascript",
  ".cjs": "javascript",
  ".jsx": "javascriptreact",
}
const python = { ".py": "python", ".pyi": "python" }
const pythonRoots = ["pyrightconfig.json", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"]

const languageServers: ReadonlyArray<ServerSpec> = [
  // from version 7 on the compiler is the server, and there is no tsserver for another one to use
  {
    name: "typescript-native",
    program: "tsc",
    args: ["--lsp", "-stdio"],
    languages: typescript,
    roots: ["tsconfig.json", "jsconfig.json", "package.json"],
    ownUnless: "node_modules/typescript/lib/tsserver.js",
  },
  {
    name: "typescript",
    program: "typescript-language-server",
    args: ["--stdio"],
    languages: typescript,
    roots: ["tsconfig.json", "jsconfig.json", "package.json"],
  },
  {
    name: "basedpyright",
    program: "basedpyright-langserver",
    args: ["--stdio"],
    languages: python,
    roots: pythonRoots,
  },
  {
    name: "pyright",
    program: "pyright-langserver",
    args: ["--stdio"],
    languages: python,
    roots: pythonRoots,
  },
  { name: "gopls", program: "gopls", args: [], languages: { ".go": "go" }, roots: ["go.work", "go.mod"] },
  {
    name: "rust-analyzer",
    program: "rust-analyzer",
    args: [],
    languages: { ".rs": "rust" },
    roots: ["Cargo.toml"],
  },
  {
    name: "clangd",
    program: "clangd",
    args: ["--background-index=false"],
    languages: {
      ".c": "c",
      ".h": "c",
      ".cc": "cpp",
      ".cpp": "cpp",
      ".cxx": "cpp",
      ".hh": "cpp",
      ".hpp": "cpp",
      ".m": "objective-c",
    },
    roots: ["compile_commands.json", "compile_flags.txt", ".clangd"],
  },
]

const endingOf = (path: string): string => /\.[A-Za-z]+$/.exec(path)?.[0].toLowerCase() ?? ""

/** Does it know files of this name? */
export const knowsFile = (server: ServerSpec, path: string): boolean =>
  Object.hasOwn(server.languages, endingOf(path))

export const languageIdOf = (server: ServerSpec, path: string): string =>
  server.languages[endingOf(path)] ?? "plaintext"

/**
 * How the servers that may answer for a file are started, the preferred one first: a workspace's own copy fits it best.
 * `isThere` tells of a path below the workspace.
 */
export const serverCommands = (
  path: string,
  workspace: string,
  isThere: (relative: string) => boolean,
): ReadonlyArray<ReadonlyArray<string>> =>
  languageServers
    .filter((server) => knowsFile(server, path))
    .flatMap(({ args, ownUnless, program }) => {
      const own = `node_modules/.bin/${program}`
      const installed = isThere(own)
      if (ownUnless !== undefined && (!installed || isThere(ownUnless))) return []
      return [[installed ? `${workspace}/${own}` : program, ...args]]
    })

/** The server such a command starts. */
export const serverOf = (argv: ReadonlyArray<string>): ServerSpec | null => {
  const [program = "", ...args] = argv
  const name = program.slice(program.lastIndexOf("/") + 1)
  return (
    languageServers.find(
      (server) => server.program === name && JSON.stringify(server.args) === JSON.stringify(args),
    ) ?? null
  )
}
