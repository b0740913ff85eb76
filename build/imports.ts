/**
 * The import table: which folder may import which of ours, and which folder owns which library.
 * The linter's rules are made from it (`oxlint.config.ts`); `CONTRIBUTING.md` shows it as a table.
 */

/** Folder -> folders it may import besides itself. `test`, `bench` and `build` may import anything. */
export const mayImport: Readonly<Record<string, ReadonlyArray<string>>> = {
  "src/domain": [],
  "src/config": ["src/domain"],
  "src/rpc": ["src/domain"],
  policies: ["src/domain"],
  "log-store": ["src/domain"],
  "src/observe": ["src/domain", "src/config"],
  "src/decide": ["src/domain", "src/config"],
  "src/act": ["src/domain", "src/config", "policies"],
  "src/loop": ["src/domain", "src/config", "policies", "log-store", "src/observe", "src/decide", "src/act"],
  "src/daemon": [
    "src/domain",
    "src/config",
    "src/rpc",
    "policies",
    "log-store",
    "src/observe",
    "src/decide",
    "src/act",
    "src/loop",
  ],
  tui: ["src/domain", "src/rpc", "src/config"],
  "src/cli": ["src/domain", "src/config", "src/rpc", "src/daemon", "tui"],
}

/** Library -> the one folder that imports it. `effect` and `@effect/platform-node` are the language here. */
export const ownedBy: Readonly<Record<string, string>> = {
  lmdb: "log-store",
  "better-sqlite3": "log-store",
  "classic-level": "log-store",
  "@napi-rs/keyring": "src/config",
  "@vscode/ripgrep": "src/act",
  defuddle: "src/act",
  linkedom: "src/act",
  turndown: "src/act",
  "node-diff3": "src/act",
  "jsonc-parser": "src/act",
  "vscode-languageserver-protocol": "src/act",
  chokidar: "src/observe",
  blessed: "tui",
  "get-east-asian-width": "tui",
  "node-notifier": "src/act",
  diff: "src/act",
  unbash: "policies",
  picomatch: "policies",
  ignore: "src/domain",
  "smol-toml": "src/domain",
  yaml: "src/domain",
}
