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

export const languageServers: ReadonlyArray<ServerSpec> = [
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

/** Those that may answer for a file, the preferred one first. */
export const languageServersFor = (path: string): ReadonlyArray<ServerSpec> =>
  languageServers.filter((server) => Object.hasOwn(server.languages, endingOf(path)))

export const languageIdOf = (server: ServerSpec, path: string): string =>
  server.languages[endingOf(path)] ?? "plaintext"

export const serverArgv = (server: ServerSpec, program: string): ReadonlyArray<string> => [
  program,
  ...server.args,
]
