/** Corrections where the output was not seen: from words, exits and facts alone. */
import { assert, describe, it } from "@effect/vitest"
import { failed, type World } from "./given.ts"

const world: World = {
  programs: ["git", "docker", "cargo", "ls", "vim", "node"],
  files: ["README.md", "run.sh", "src/index.ts", "package.json", "gradlew"],
  dirs: ["src", "services", "services/api"],
  branches: ["topic", "main", "feature/login"],
  scripts: ["test", "build"],
  texts: { Makefile: "deploy: x\ntest:\n" },
  dirty: 2,
}

const cases: ReadonlyArray<readonly [command: string, exit: number, first: string, world?: World]> = [
  ["gti status", 127, "git status"],
  ["vmi README.md", 127, "vim README.md"],
  ["sl", 127, "ls"],
  ["cd servcies/api", 1, "cd services/api"],
  ["cd servcies", 1, "cd services"],
  ["cd services/apii", 1, "cd services/api"],
  ["cat REAMDE.md", 1, "cat README.md"],
  ["node src/indx.ts", 1, "node src/index.ts"],
  ["cat src", 1, "ls src"],
  ["cp src out", 1, "cp -a src out"],
  ["rm src", 1, "rm -rf src"],
  ["mkdir a/b", 1, "mkdir -p a/b"],
  ["cp README.md a/b", 1, "mkdir -p a && cp README.md a/b"],
  ["touch a/b", 1, "mkdir -p a && touch a/b"],
  ["grep x src", 2, "grep -r x src"],
  ["./run.sh", 126, "chmod +x run.sh && ./run.sh"],
  ["run.sh", 127, "./run.sh"],
  ["gradle test", 127, "./gradlew test"],
  ["docker iamges", 1, "docker images"],
  ["cargo tset", 101, "cargo test"],
  ["git checkout mian", 1, "git checkout main"],
  ["git switch faeture/login", 128, "git switch feature/login"],
  ["git commit -m x", 1, "git commit -a -m x"],
  ["make depoly", 2, "make deploy"],
  ["yarn biuld", 1, "yarn build"],
  ["git git status", 1, "git status"],
  ["cd..", 127, "cd .."],
]

describe("corrections without output", () => {
  for (const [command, exit, first] of cases)
    it(`${command} (${exit}) -> ${first}`, () => {
      assert.strictEqual(failed(command, exit, undefined, world)[0], first)
    })
  it("what the shell expands is nobody's to tell", () => {
    for (const line of [
      "mkdir ~/a/b",
      "mkdir $X/b",
      "cp README.md ~/a/b",
      "cat *.mdd",
      "cat ~/REAMDE.md",
      "cd ~/srv",
    ])
      assert.deepStrictEqual(failed(line, 1, undefined, world), [], line)
  })
  it("a plugin on PATH is no slip of a subcommand", () => {
    assert.deepStrictEqual(
      failed("cargo tset", 101, undefined, { ...world, programs: ["cargo", "cargo-tset"] }),
      [],
    )
  })
})
