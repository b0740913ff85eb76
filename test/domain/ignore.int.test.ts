/** The matcher against git itself: the same generated tree and pattern files, every path asked of both. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, assert, describe, it } from "vitest"
import { type IgnoreRules, isIgnored, noRules, withPatterns } from "../../src/domain/ignore.ts"
import { removeTree } from "../removeTree.ts"

const bytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1")
const scratch: Array<string> = []
afterAll(() => scratch.forEach((folder) => removeTree(folder)))

const names = ["a", "b", "c.o", "c.txt", "é", "x y", "[z]", "#h", "!n", "lib", "build", "a*b", "tr "]
const pieces = [
  "a",
  "b",
  "*",
  "**",
  "?",
  "*.o",
  "*.txt",
  "lib",
  "build",
  "[ab]",
  "[!a]",
  "c.?",
  "c*",
  "x y",
  "\\[z\\]",
  "\\#h",
  "é",
  "x\\ y",
  "[[:alpha:]]",
  "a\\*b",
  "?*",
  "tr\\ ",
]
const pattern = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "!"),
    fc.constantFrom("", "", "/"),
    fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "", "", "/", " ", "\r"),
  )
  .map(([not, lead, parts, tail]) => `${not}${lead}${parts.join("/")}${tail}`)
const line = fc.oneof(
  { weight: 12, arbitrary: pattern },
  { weight: 1, arbitrary: fc.constantFrom("", "# no", "!", "/", "\\!n") },
)
const file = fc.array(line, { maxLength: 4 }).map((lines) => lines.join("\n"))
const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 })

interface Tree {
  readonly paths: ReadonlyArray<ReadonlyArray<string>>
  readonly global: string
  readonly exclude: string
  readonly root: string
  readonly nested: ReadonlyArray<readonly [ReadonlyArray<string>, string]>
}
const tree: fc.Arbitrary<Tree> = fc.record({
  paths: fc.array(path, { minLength: 5, maxLength: 15 }),
  global: file,
  exclude: file,
  root: file,
  nested: fc.array(fc.tuple(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }), file), {
    maxLength: 3,
  }),
})

/** Files of the tree and the folders above them; a name that is both is a folder. */
const layOut = (top: string, { paths, nested }: Tree) => {
  const folders = new Set<string>()
  const files = new Set<string>()
  const addFolders = (parts: ReadonlyArray<string>) =>
    parts.forEach((_, index) => folders.add(parts.slice(0, index + 1).join("/")))
  for (const parts of paths) addFolders(parts.slice(0, -1))
  for (const [parts] of nested) addFolders(parts)
  for (const parts of paths) if (!folders.has(parts.join("/"))) files.add(parts.join("/"))
  for (const folder of folders) mkdirSync(join(top, folder), { recursive: true })
  for (const name of files) writeFileSync(join(top, name), "")
  for (const [parts, text] of nested) writeFileSync(join(top, ...parts, ".gitignore"), text)
  return { folders, files }
}

/** As a walker asks: from the top down, loading each folder's own file only where the folder is not ignored. */
const ours = (input: Tree, folders: ReadonlySet<string>, name: string): boolean => {
  let rules: IgnoreRules = noRules
  for (const text of [input.global, input.exclude, input.root]) rules = withPatterns(rules, "", bytes(text))
  const nested = new Map(input.nested.map(([parts, text]) => [parts.join("/"), text]))
  const parts = name.split("/")
  for (let depth = 1; depth <= parts.length; depth++) {
    const here = parts.slice(0, depth).join("/")
    if (isIgnored(rules, bytes(here), folders.has(here))) return true
    const text = nested.get(here)
    if (text !== undefined) rules = withPatterns(rules, bytes(here), bytes(text))
  }
  return false
}

describe("the ignore stack", () => {
  it("agrees with git check-ignore on generated trees", () => {
    fc.assert(
      fc.property(tree, (input) => {
        const top = mkdtempSync(join(tmpdir(), "claw-ignore-"))
        scratch.push(top)
        // The least that git takes for a repository: starting it once a tree is slow enough.
        for (const folder of ["objects", "refs", "info"])
          mkdirSync(join(top, ".git", folder), { recursive: true })
        writeFileSync(join(top, ".git/HEAD"), "ref: refs/heads/main\n")
        const { folders, files } = layOut(top, input)
        writeFileSync(join(top, ".gitignore"), input.root)
        writeFileSync(join(top, ".git", "info", "exclude"), input.exclude)
        const global = join(top, ".git", "global")
        writeFileSync(global, input.global)
        const asked = [...folders, ...files]
        let output = ""
        try {
          output = execFileSync(
            "git",
            ["-C", top, "-c", `core.excludesFile=${global}`, "check-ignore", "-z", "--stdin"],
            { input: asked.join("\0"), encoding: "utf8" },
          )
        } catch (error) {
          assert.strictEqual((error as { status: number }).status, 1, "git says: nothing is ignored")
        }
        const gits = new Set(output.split("\0"))
        for (const name of asked)
          assert.strictEqual(
            ours(input, folders, name),
            gits.has(name),
            `${JSON.stringify(name)} in ${JSON.stringify(input)}`,
          )
        removeTree(top)
      }),
      { numRuns: 100 },
    )
  }, 60_000)
})
