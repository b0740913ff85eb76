/** What only shows a conflict or a secret, in tests, samples and guides, and what was left there all the same. */
import { assert, describe, it } from "@effect/vitest"
import { Driver, save, stagedEvent, stagedLines } from "../driver.ts"

const conflict = ["<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> other"]
const all = [1, 3, 5]
const rule = "conflict-markers"
const asksOf = (driver: Driver): boolean => driver.rows.length > 0

describe("conflict markers that are shown", () => {
  const stageWith = (path: string, quoted: ReadonlyArray<number>, before?: (driver: Driver) => void) => {
    const conflictMarkers = [{ path, lines: all, quoted }]
    const driver = new Driver({ answers: { conflictMarkers, gitStaged: stagedLines(path, conflict) } })
    before?.(driver)
    driver.see("git.staged", stagedEvent(path))
    return driver
  }
  it("in a string or among samples: nothing is said", () => {
    assert.match(stageWith("a.test.ts", all).silence(rule), /no conflict markers/)
    assert.match(stageWith("test/fixtures/merge.txt", []).silence(rule), /no conflict markers/)
    assert.isTrue(asksOf(stageWith("a.test.ts", [])))
  })
  it("beside one that is meant: only that is named", () => {
    const path = "a.ts"
    const lines = [...all, 11, 13, 15]
    const driver = new Driver({ answers: { conflictMarkers: [{ path, lines, quoted: all }] } })
    save(driver, path)
    driver.advance(5_000)
    assert.strictEqual(driver.row(rule).title, "Conflict markers left in a.ts:11")
  })
  it("after conflicts that no commit followed all of them count", () => {
    const driver = stageWith("a.test.ts", all, (each) => {
      each.see("git.conflict", { count: 1, paths: ["a.test.ts"], operation: "stash" })
      each.see("git.conflict", { count: 0, paths: [], operation: "stash" })
    })
    assert.include(driver.row(rule).title, "a.test.ts:1")
  })
})

describe("secrets of tests and samples", () => {
  const secrets = {
    address: "http://josh:q8Zr2LmX@example.com/",
    issued: `const id = "${["ghp_", "q8Zr2LmX9vTn4KcYp7BwHd1GfJs5RaEu3ViO"].join("")}"`,
  }
  const asked = (path: string, line: string): boolean => {
    const driver = new Driver({ answers: { gitStaged: stagedLines(path, [line]) } })
    driver.see("git.staged", stagedEvent(path))
    return asksOf(driver)
  }
  it("what nobody issued is made up there, and nowhere else", () => {
    for (const path of ["tests/Http/Uri.php", "uri_test.go", "src/UriTest.java", "examples/a.py"])
      assert.isFalse(asked(path, secrets.address), path)
    for (const path of ["src/uri.php", "contest.go", "latest.java", "src/attestations/a.py"])
      assert.isTrue(asked(path, secrets.address), path)
  })
  it("what names its issuer counts everywhere", () => {
    assert.isTrue(asked("tests/api.test.ts", secrets.issued))
    assert.isTrue(asked("src/api.ts", secrets.issued))
  })
})

describe("leftovers of debugging that are shown", () => {
  const asked = (line: string): boolean => {
    const path = "test/rule.test.ts"
    const driver = new Driver({ answers: { gitStaged: stagedLines(path, [line]) } })
    driver.see("git.staged", stagedEvent(path))
    return asksOf(driver)
  }
  it("in a string: nothing is said", () => {
    assert.isFalse(asked(`  const driver = stageWith(['it.only("adds")'])`))
    assert.isFalse(asked('  ["a.js", "console.log()"],'))
    assert.isTrue(asked('  it.only("adds", () => {'))
    assert.isTrue(asked('  run("x"), console.log("here")'))
  })
})
