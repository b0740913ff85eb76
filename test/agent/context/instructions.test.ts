/** Front matter and imports in files of instructions, also broken and endless ones. */
import { describe, expect, it } from "vitest"
import { frontMatter, stringsOf } from "../../../src/domain/frontMatter.ts"
import { foldersDownTo, importsOf, readInstruction } from "../../../src/agent/context/instructionFiles.ts"

describe("front matter", () => {
  it("gives fields and body", () => {
    expect(frontMatter("---\nname: a\ntools: [x, y]\n---\nText\n")).toEqual({
      fields: { name: "a", tools: ["x", "y"] },
      body: "Text\n",
      problem: null,
    })
  })
  it("reads what YAML refuses and people write", () => {
    const { body, fields, problem } = frontMatter("---\ndescription: use when: a thing breaks\n---\nB")
    expect({ body, fields, problem }).toEqual({
      body: "B",
      fields: { description: "use when: a thing breaks" },
      problem: null,
    })
  })
  it("says what is wrong and keeps the body", () => {
    const { body, fields, problem } = frontMatter("---\n- a\n- b\n---\nB")
    expect(body).toBe("B")
    expect(fields).toEqual({})
    expect(problem).toContain("no list of keys")
    expect(frontMatter("---\na: [1\n  b: }\n---\nB").problem).toContain("no YAML")
  })
  it("leaves a text without a head, and a rule in the middle, alone", () => {
    expect(frontMatter("Text\n---\na: 1\n---\n").body).toBe("Text\n---\na: 1\n---\n")
    expect(frontMatter("---\n---\nB")).toEqual({ fields: {}, body: "B", problem: null })
  })
  it("reads lists and names parted by commas", () => {
    expect(stringsOf("a, b ,,c")).toEqual(["a", "b", "c"])
    expect(stringsOf(["a", 1])).toEqual(["a"])
    expect(stringsOf(3)).toEqual([])
  })
})

describe("imports", () => {
  it("takes prose by its path from the file that names it", () => {
    expect(importsOf("docs/AGENTS.md", "See @style.md and @../README and (@./a/b.md).").paths).toEqual([
      "docs/style.md",
      "README",
      "docs/a/b.md",
    ])
  })
  it("leaves out code, mail addresses and packages", () => {
    const text =
      "a `@one.md` b\n```\n@two.md\n```\nme@three.md and @types/node\n~~~md\n```\n@four.md\n~~~\n@five.md"
    expect(importsOf("CLAUDE.md", text)).toEqual({ paths: ["five.md"], refused: [] })
  })
  it("refuses what leads out, and what is no prose", () => {
    const { paths, refused } = importsOf(
      "CLAUDE.md",
      "@~/.ssh/id_rsa @/etc/passwd @../other/a.md @./.env @./src/key.pem",
    )
    expect(paths).toEqual([])
    expect(refused).toEqual(["~/.ssh/id_rsa", "/etc/passwd", "../other/a.md", "./.env", "./src/key.pem"])
  })
})

describe("a rule of an editor", () => {
  it("holds for the files it names, or always", () => {
    expect(
      readInstruction(".cursor/rules/a.mdc", "---\nglobs: *.ts,*.tsx\nalwaysApply: false\n---\nB"),
    ).toEqual({
      body: "B",
      globs: ["*.ts", "*.tsx"],
      always: false,
    })
    expect(readInstruction(".cursor/rules/a.mdc", "---\nglobs: *.ts\nalwaysApply: true\n---\nB").always).toBe(
      true,
    )
    expect(
      readInstruction(".github/instructions/x.instructions.md", '---\napplyTo: "**/*.py"\n---\nB').globs,
    ).toEqual(["**/*.py"])
    expect(readInstruction("AGENTS.md", "---\nglobs: x\n---\nB").globs).toEqual([])
  })
})

it("names the folders from the top down", () => {
  expect(foldersDownTo("a/b")).toEqual(["", "a", "a/b"])
  expect(foldersDownTo("")).toEqual([""])
})
