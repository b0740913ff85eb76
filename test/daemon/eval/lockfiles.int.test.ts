/** The score of compromised packages, on a table with trees in a real folder. */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { evalLockfiles, scanTree, scoreLockfiles } from "../../../src/daemon/eval/lockfiles.ts"

const files: Readonly<Record<string, string>> = {
  "trees/bad/package.json": '{"dependencies":{"axios":"1.14.1","chalk":"5.6.1"}}',
  "trees/bad/web/yarn.lock": '# yarn lockfile v1\n\n\nkeyv@^6.0.0:\n  version "6.0.0"\n',
  "trees/bad/_node_modules/axios/package.json": '{"name":"axios","version":"0.30.4"}',
  "trees/bad/_node_modules/axios/lib/package.json": '{"name":"debug","version":"4.4.2"}',
  "trees/bad/.git/package.json": '{"dependencies":{"debug":"4.4.2"}}',
  "trees/bad/README.md": "debug@4.4.2",
  "trees/py/requirements.txt": "mistralai==2.4.6\n",
  "trees/broken/package-lock.json": "{",
  "trees/clean/package.json": '{"dependencies":{"axios":"^1.14.0"}}',
}

const made = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const root = yield* fs.makeTempDirectoryScoped()
  for (const [name, text] of Object.entries(files)) {
    yield* fs.makeDirectory(path.dirname(path.join(root, name)), { recursive: true })
    yield* fs.writeFileString(path.join(root, name), text)
  }
  yield* fs.symlink(path.join(root, "trees/bad"), path.join(root, "trees/clean/linked"))
  return root
})

layer(NodeServices.layer)("the score of lockfiles", (it) => {
  it.effect("a tree gives its lockfiles and manifests, links and .git left out", () =>
    Effect.gen(function* () {
      const root = yield* made
      const path = yield* Path.Path
      const found = yield* scanTree(path.join(root, "trees/bad"))
      assert.deepStrictEqual(
        found.map((each) => each.path),
        ["node_modules/axios/package.json", "package.json", "web/yarn.lock"],
      )
      assert.strictEqual((yield* scanTree(path.join(root, "trees/clean"))).length, 1)
    }),
  )
  it.effect("exact rows, missed packages and false hits", () =>
    Effect.gen(function* () {
      const root = yield* made
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const rows = [
        {
          id: "exact",
          dir: "trees/bad",
          expected: ["axios@0.30.4", "axios@1.14.1", "chalk@5.6.1", "keyv@6.0.0"],
        },
        { id: "other", dir: "trees/py", expected: ["pypi:mistralai@2.4.6"] },
        { id: "clean", dir: "trees/clean", expected: [] },
        {
          id: "false",
          dir: "trees/bad",
          expected: ["axios@0.30.4", "axios@1.14.1", "debug@4.4.2", "keyv@6.0.0"],
        },
        { id: "unread", dir: "trees/broken", expected: ["axios@1.14.1"] },
      ]
      const table = path.join(root, "table.jsonl")
      yield* fs.writeFileString(table, rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
      const score = yield* evalLockfiles(table)
      const { failures, ...figures } = score
      assert.deepStrictEqual(figures, {
        v: 1,
        name: "lockfiles",
        rows: 5,
        cases: 5,
        exact: 3,
        missed: 2,
        falseHits: 1,
      })
      assert.deepStrictEqual(failures[0], {
        id: "false",
        missed: ["debug@4.4.2"],
        falseHits: ["chalk@5.6.1"],
        unreadable: [],
      })
      assert.strictEqual(failures[1]?.id, "unread")
      assert.match(failures[1]?.unreadable[0] ?? "", /^package-lock\.json: \S/)
    }),
  )
  it.effect("a registry may be called by its tool's name", () =>
    Effect.sync(() => {
      const source = "registry+https://github.com/rust-lang/crates.io-index"
      const text = `[[package]]\nname = "async-pipeline-builder"\nversion = "1.0.0"\nsource = "${source}"\n`
      const tree = [{ path: "Cargo.lock", text }]
      const row = { id: "a", dir: "d", expected: ["cargo:async-pipeline-builder@1.0.0"] }
      assert.strictEqual(scoreLockfiles([row], () => tree).exact, 1)
    }),
  )
})
