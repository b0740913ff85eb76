/** The map of the sources: what a file defines, who imports whom, and what fits. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hasOutline, outlineOf } from "../../../src/agent/context/outline.ts"
import { importedBy, repositoryMap } from "../../../src/agent/context/repositoryMap.ts"

const names = (path: string, text: string) => outlineOf(path, text).definitions.map(({ name }) => name)

describe("an outline", () => {
  it.each([
    [
      "a.ts",
      "export const one = 1\nexport class Two {}\n  const inner = 1\nexport default async function three() {",
      ["one", "Two", "three"],
    ],
    [
      "a.py",
      "class A:\n    def method(self):\n        pass\nasync def f():\nLIMIT = 3\nlimit = 3",
      ["A", "method", "f", "LIMIT"],
    ],
    [
      "a.go",
      "func Run(a int) {\nfunc (s *Server) Stop() {\ntype Server struct {\n\tfunc() {}",
      ["Run", "Stop", "Server"],
    ],
    [
      "a.rs",
      "pub(crate) async fn run() {\nimpl X {\n    pub fn inner() {\npub struct S;\nmacro_rules! m {",
      ["run", "inner", "S", "m"],
    ],
    [
      "A.java",
      "public final class A {\n    public static int count(String s) {\n    private int hidden() {",
      ["A", "count"],
    ],
    ["a.kt", "data class P(val x: Int)\nfun String.shout() = 1", ["P", "shout"]],
    [
      "a.c",
      "struct s {\nstatic int add(int a, int b)\n{\n  return add(1, 2);\n#define MAX 3",
      ["s", "add", "MAX"],
    ],
    ["a.rb", "module M\n  class C\n    def run!\n  def self.make", ["M", "C", "run!", "make"]],
    ["a.php", "final class A {\n    public function go() {", ["A", "go"]],
    ["a.swift", "public struct A {\n    func go() {", ["A", "go"]],
    ["a.sh", "build() {\nfunction deploy-it () {\necho x", ["build", "deploy-it"]],
    ["a.lua", "local function f()\nfunction M.g()", ["f", "M.g"]],
    ["a.ex", "defmodule A.B do\n  def run(x) do", ["A.B", "run"]],
  ])("of %s", (path, text, wanted) => {
    expect(names(path, text)).toEqual(wanted)
  })

  it("says where each is, and what the line says", () => {
    expect(outlineOf("a.ts", "\n\nexport const f = (x: number): number => {\n").definitions).toEqual([
      { name: "f", line: 3, signature: "export const f = (x: number): number" },
    ])
  })

  it("is total and bounded", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("a.ts", "a.py", "a.c", "a.java", "a.xyz"),
        fc.string({ maxLength: 2_000 }),
        (path, text) => {
          const { definitions } = outlineOf(path, text)
          return definitions.every(({ signature }) => signature.length <= 120) && definitions.length <= 400
        },
      ),
    )
    const long = `${"a ".repeat(200_000)}(\n`.repeat(3)
    expect(outlineOf("a.c", long).definitions.length).toBeLessThanOrEqual(3)
    expect(hasOutline("README.md")).toBe(false)
  })
})

const tree = (files: Readonly<Record<string, string>>) =>
  new Map(Object.entries(files).map(([path, text]) => [path, outlineOf(path, text)]))

describe("who imports whom", () => {
  it("follows relative paths, packages' folders and modules", () => {
    const counts = importedBy(
      tree({
        "src/a.ts": 'import { b } from "./b.ts"\nimport x from "../lib/index.js"',
        "src/b.ts": 'import { b } from "../lib"\nimport fs from "node:fs"',
        "lib/index.ts": "",
        "app/models/user.py": "",
        "app/main.py": "from app.models.user import User\nfrom .models import user",
        "other/b.ts": "",
        "core/src/net.rs": "use crate::net::tcp;",
        "core/src/net/tcp.rs": "",
      }),
    )
    expect([...counts].sort()).toEqual([
      ["app/models/user.py", 1],
      ["core/src/net/tcp.rs", 1],
      ["lib/index.ts", 2],
      ["src/b.ts", 1],
    ])
  })
})

describe("a map", () => {
  const outlines = tree({
    "a.ts": 'import "./core.ts"\nexport const a = 1',
    "b.ts": 'import "./core.ts"\nexport const b = 1',
    "core.ts": Array.from({ length: 20 }, (_, i) => `export const c${i} = ${i}`).join("\n"),
    "test/core.test.ts": "export const t = 1",
    "empty.ts": "",
  })
  const imported = importedBy(outlines)

  it("shows what others rest on before the rest, and says what it leaves out", () => {
    const { files, shown, text } = repositoryMap(outlines, imported, { room: 330, focus: [] })
    expect(text.startsWith("core.ts\n  1: export const c0 = 0")).toBe(true)
    expect(text).toContain("(8 more)")
    expect([files, shown]).toEqual([5, 1])
  })
  it("puts what is spoken of first", () => {
    const { text } = repositoryMap(outlines, imported, { room: 60, focus: ["b.ts"] })
    expect(text).toBe("b.ts\n  2: export const b = 1")
  })
  it("never has more than its room", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1_000 }),
        (room) => repositoryMap(outlines, imported, { room, focus: [] }).text.length <= room,
      ),
    )
  })
})
