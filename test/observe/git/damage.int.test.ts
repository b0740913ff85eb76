/** Whatever the files of a repository hold, a look ends in facts or in a reason, and goes on when they are whole again. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { Look } from "../../../src/observe/git/Look.ts"
import { answerGitProbe } from "../../../src/observe/probes/git.ts"
import { commit, git, newRepository, tempFolder, write } from "./harness.ts"

const filesBelow = (folder: string): ReadonlyArray<string> =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("hooks"))
    .map((entry) => path.join(entry.parentPath, entry.name))

let seed = 11
const pick = (n: number): number => (seed = (seed * 16_807) % 2_147_483_647) % n

const damage = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes)
  switch (pick(5)) {
    case 0:
      return copy.subarray(0, pick(copy.length + 1))
    case 1:
      return Buffer.alloc(copy.length)
    case 2:
      return Buffer.concat([copy, Buffer.from(Array.from({ length: 40 }, () => pick(256)))])
    case 3:
      return Buffer.from(Array.from({ length: pick(300) }, () => pick(256)))
    default:
      for (let n = 0; n < 3 && copy.length > 0; n++) copy[pick(copy.length)]! ^= 1 << pick(8)
      return copy
  }
}

describe("damage", () => {
  it.live(
    "to any file of .git, over and over",
    () =>
      Effect.gen(function* () {
        const folder = newRepository(path.join(yield* tempFolder, "repo"))
        commit(folder, "dir/b", "b\n", "second")
        git(folder, "gc", "-q")
        commit(folder, "dir/c", "c\n", "third")
        write(folder, "a.txt", "staged\n")
        git(folder, "add", "-A")
        const files = filesBelow(path.join(folder, ".git"))
        assert.isAbove(files.length, 15)
        const whole = new Map(files.map((file) => [file, fs.readFileSync(file)]))
        const look = new Look({ workspace: folder, known: undefined, settleMs: 1 })
        let now = Date.now()
        const twice = () => {
          look.at((now += 100))
          return look.at((now += 100))
        }
        twice()
        const problems = new Set<string>()
        for (let round = 0; round < 250; round++) {
          const hit = [files[pick(files.length)]!, files[pick(files.length)]!]
          for (const file of hit) {
            fs.chmodSync(file, 0o644)
            fs.writeFileSync(file, damage(whole.get(file)!))
          }
          const { problem } = twice()
          if (problem !== null) problems.add(problem)
          for (const _tag of ["gitBranch", "gitDirty", "gitIndexLock"] as const)
            yield* answerGitProbe({ _tag }, { workspace: folder, home: folder })
          yield* answerGitProbe({ _tag: "gitStaged", maxBytes: 1_000 }, { workspace: folder, home: folder })
          for (const file of hit) fs.writeFileSync(file, whole.get(file)!)
          assert.isNull(twice().problem)
        }
        assert.isAbove(problems.size, 5)
        for (const problem of problems) assert.notMatch(problem, /TypeError|RangeError/)
      }),
    60_000,
  )
})
