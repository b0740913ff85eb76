/** Lines of commands as words: which are plain, and which run a check. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { execFileSync } from "node:child_process"
import { checkKind } from "../../src/decide/checks.ts"
import { isOwnCommand, onlyCommand, shellWord, simpleCommands } from "../../src/decide/words.ts"

describe("plain command lines", () => {
  it("words, quotes, assignments, && lists", () => {
    assert.deepStrictEqual(onlyCommand(`A=1 git commit -m 'a b' "c d"`), {
      assignments: { A: "1" },
      words: ["git", "commit", "-m", "a b", "c d"],
    })
    assert.deepStrictEqual(
      simpleCommands("cd a && npm test")?.map((each) => each.words),
      [
        ["cd", "a"],
        ["npm", "test"],
      ],
    )
  })
  it("anything a shell acts on makes it unknown", () => {
    for (const line of [
      "a | b",
      "a; b",
      "a > b",
      "a $(b)",
      "a `b`",
      'a "$b"',
      "a *",
      "a &",
      "(a)",
      "a 'b",
      "a\nb",
      "A=1",
      "a && ",
      "! a",
    ]) {
      assert.isNull(simpleCommands(line), line)
    }
  })
  it("Claw's own lines", () => {
    for (const line of [
      "claw queue",
      "npx claw approve s_1",
      "  ./node_modules/.bin/claw up",
      "npx --yes claw",
    ])
      assert.isTrue(isOwnCommand(line), line)
    for (const line of ["clawed", "echo claw", "npm i claw"]) assert.isFalse(isOwnCommand(line), line)
  })
  it("a word for a shell is read back unchanged, or is refused", () => {
    const odd = fc.string({
      unit: fc.constantFrom(
        "a",
        "b",
        " ",
        "'",
        '"',
        "$",
        "`",
        "\\",
        "-",
        "\n",
        "(",
        ")",
        "*",
        "~",
        "é",
        "|",
        ";",
        "&",
        "!",
        "#",
        "[",
      ),
    })
    const words: Array<string> = []
    fc.assert(
      fc.property(odd, (text) => {
        const word = shellWord(text)
        if (word === null) return
        assert.isFalse(text.startsWith("-"))
        if (words.length < 200) words.push(text)
      }),
      { numRuns: 2_000 },
    )
    assert.isAbove(words.length, 20)
    const line = `printf '%s\\0' ${words.map((text) => shellWord(text)).join(" ")}`
    assert.deepStrictEqual(
      execFileSync("sh", ["-c", line], { encoding: "utf8" }).split("\0").slice(0, -1),
      words,
    )
  })
})

describe("checks", () => {
  it("are recognised", () => {
    for (const [line, kind] of [
      ["npm test", "test"],
      ["npm t -- -u", "test"],
      ["npm run test:unit", "test"],
      ["npx vitest run test/a.test.ts", "test"],
      ["pnpm -r test", "test"],
      ["yarn lint", "lint"],
      ["yarn jest", "test"],
      ["CI=1 npm run build", "build"],
      ["cd pkg && cargo test", "test"],
      ["cargo clippy --all", "lint"],
      ["go test ./...", "test"],
      ["python -m pytest -x", "test"],
      ["uv run pytest", "test"],
      ["make", "build"],
      ["make -j4 test", "test"],
      ["./gradlew check", "test"],
      ["node --test", "test"],
      ["tsc -p .", "types"],
      ["npm run lint && npm test", "lint"],
    ] as const) {
      assert.strictEqual(checkKind(line), kind, line)
    }
  })
  it("are not", () => {
    for (const line of [
      "npm install",
      "npm run dev",
      "npm run deploy",
      "make install",
      "make deploy",
      "prettier --write .",
      "tsc -w",
      "vitest --watch",
      "npm test; rm -rf x",
      "npm test && ./deploy.sh",
      "cargo run",
      "git test",
      "npx",
    ]) {
      assert.isNull(checkKind(line), line)
    }
  })
})
