/** What a command line hands the word to: named by the file it goes by, inside the workspace only, each once. */
import { assert, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { namedScripts } from "../../src/act/namedScripts.ts"
import { targetHashes } from "../../src/act/targetHash.ts"
import { removeTree } from "../removeTree.ts"

let workspace = ""
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(workspace, path)), { recursive: true })
  writeFileSync(join(workspace, path), text)
}
beforeAll(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), "claw-scripts-")))
  put(
    "package.json",
    '{"scripts":{"test":"node scripts/test.js --all","pretest":"sh scripts/before.sh","lint":"eslint ."}}',
  )
  put("scripts/test.js", "1")
  put("scripts/before.sh", "1")
  put("packages/cart/package.json", '{"scripts":{"build":"tsc"}}')
  put("packages/cart/src/deep/x.ts", "1")
  put("broken/package.json", '{"scripts":')
  put("Makefile", "all:\n")
  put("data.json", "{}")
  put("Cargo.toml", "")
  put("docker/compose.yaml", "")
  put(".git/hooks/pre-commit", "#!/bin/sh\n")
  put(".git/hooks/pre-commit.sample", "#!/bin/sh\n")
  symlinkSync("/etc/hostname", join(workspace, "out-of-here.sh"))
  symlinkSync("scripts/test.js", join(workspace, "to-test.js"))
  mkdirSync(join(workspace, "folder.js"))
})
afterAll(() => removeTree(workspace))

const names = async (argv: ReadonlyArray<string>, cwd = ""): Promise<ReadonlyArray<string>> => {
  const reads = await namedScripts([{ argv, cwd: join(workspace, cwd) }], workspace)
  return reads.map(({ path }) => path.slice(workspace.length + 1))
}

const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>, string?]> = [
  ["node scripts/test.js data.json", ["data.json", "scripts/test.js"]],
  ["node --import=./scripts/test.js -e 1", ["scripts/test.js"]],
  ["node --run test", ["package.json", "scripts/before.sh", "scripts/test.js"]],
  ["python3.12 scripts/test.js", ["scripts/test.js"]],
  ["env A=1 sh scripts/before.sh", ["scripts/before.sh"]],
  ["./scripts/before.sh", ["scripts/before.sh"]],
  ["node to-test.js", ["scripts/test.js"]],
  ["npm test", ["package.json", "scripts/before.sh", "scripts/test.js"]],
  ["npm run lint", ["package.json"]],
  ["npm run build", ["packages/cart/package.json"], "packages/cart/src/deep"],
  ["pnpm run build", ["broken/package.json"], "broken"],
  ["make -j4 all", ["Makefile"]],
  ["cargo build", ["Cargo.toml"]],
  ["docker compose -f docker/compose.yaml up", ["docker/compose.yaml"]],
  ["git commit -m x", [".git/hooks/pre-commit"]],
  ["cat scripts/test.js data.json", []],
  ["cp data.json copy.json", []],
  ["sh out-of-here.sh", []],
  ["node folder.js nowhere.js", []],
  ["node /etc/hostname", []],
  ["true", []],
]
for (const [command, wanted, cwd] of cases) {
  it(`${command}: ${wanted.length === 0 ? "nothing" : wanted.join(", ")}`, async () => {
    assert.deepStrictEqual(await names(command.split(" "), cwd), wanted)
  })
}

it("an empty command line, and one with a zero byte, name nothing", async () => {
  assert.deepStrictEqual(await names([]), [])
  assert.deepStrictEqual(await names(["node", "a\0b", "", "x".repeat(5_000)]), [])
})

it("what would be replaced is one hash of all it holds: contents, names, links and where they point", async () => {
  const hash = async () => (await targetHashes([join(workspace, "target")]))[0]!.hash
  assert.isNull(await hash())
  const seen = new Set<string | null>([null])
  const changes: ReadonlyArray<() => void> = [
    () => put("target/a.txt", "one"),
    () => put("target/a.txt", "two"),
    () => put("target/b/c.txt", "one"),
    () => symlinkSync("a.txt", join(workspace, "target/link")),
    () => {
      rmSync(join(workspace, "target/link"))
      symlinkSync("b", join(workspace, "target/link"))
    },
    () => rmSync(join(workspace, "target/b"), { recursive: true }),
  ]
  for (const change of changes) {
    change()
    const now = await hash()
    assert.isFalse(seen.has(now))
    assert.strictEqual(await hash(), now)
    seen.add(now)
  }
})
