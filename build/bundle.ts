/**
 * Builds `dist/`, or the folder given: one ES module graph with `claw.js` as its entry, the watcher's worker beside
 * it, and the rule files. `lmdb`, `blessed` and `node-notifier` stay external: they load native or vendored files by
 * path.
 */
import { cp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Schema } from "effect"
import { rolldown } from "rolldown"
import { Settings } from "../src/config/Settings.ts"
import { configTypes } from "./configTypes.ts"

const root = join(import.meta.dirname, "..")
const out = process.argv[2] ?? join(root, "dist")

await rm(out, { recursive: true, force: true })
const bundle = await rolldown({
  cwd: root,
  input: {
    claw: "src/cli/main.ts",
    folderWorker: "src/observe/fs/folderWorker.ts",
    pageWorker: "src/act/web/pageWorker.ts",
    launchInside: "src/act/netProxy/launchInside.ts",
    config: "src/config/defineConfig.ts",
  },
  platform: "node",
  external: [
    "lmdb",
    "blessed",
    "node-notifier",
    "@lydell/node-pty",
    "@napi-rs/keyring",
    "@vscode/ripgrep",
    "better-sqlite3",
    "classic-level",
  ],
  resolve: {
    alias: {
      "node:tls": join(root, "build", "lazyTls.ts"),
      // its other entry loads its parts by a `require` that no bundler sees
      "jsonc-parser": join(root, "node_modules", "jsonc-parser", "lib", "esm", "main.js"),
    },
  },
  transform: { inject: { "Intl.Segmenter": [join(root, "build", "lazySegmenter.ts"), "Segmenter"] } },
  treeshake: true,
})
await bundle.write({
  dir: out,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  minify: { compress: true, mangle: false, codegen: false },
})
await bundle.close()
await cp(join(root, "policies", "presets"), join(out, "policies", "presets"), { recursive: true })
await cp(join(root, "policies", "commands"), join(out, "policies", "commands"), { recursive: true })
await writeFile(join(out, "config.d.ts"), configTypes(Schema.toJsonSchemaDocument(Settings).schema))
