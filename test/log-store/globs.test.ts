/** Path globs mean what `.gitignore` means by them; type globs what they say. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import ignore from "ignore"
import { pathLiterals, pathMatcher, typeMatcher } from "../../log-store/globs.ts"

const name = fc
  .array(fc.constantFrom("a", "b", ".", "-", "x"), { minLength: 1, maxLength: 3 })
  .map((l) => l.join(""))
const path = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .filter((names) => names.every((one) => !/^\.+$/.test(one)))
  .map((names) => names.join("/"))
const globName = fc.oneof(
  name,
  fc.constant("**"),
  fc.array(fc.constantFrom("a", "b", "*", "?", "."), { minLength: 1, maxLength: 3 }).map((l) => l.join("")),
)
const glob = fc
  .tuple(fc.array(globName, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "/"))
  .filter(([names]) => names.every((one) => !/^\.+$/.test(one)))
  // Of three stars in a row `.gitignore` says nothing, and its readers differ.
  .filter(([names]) => names.every((one) => !one.includes("***")))
  // A folder's name with a slash behind it matches files in `.gitignore` only where it is a folder.
  .map(([names]) => names.join("/"))

describe("globs", () => {
  it("of paths match what .gitignore matches", () => {
    fc.assert(
      fc.property(glob, path, (one, other) => {
        const expected = ignore({ ignorecase: false }).add(one).ignores(other)
        assert.strictEqual(pathMatcher([one])(other, null), expected, `${one} on ${other}`)
      }),
      { numRuns: 5000 },
    )
  })

  it("of paths name the literal texts that each path found has", () => {
    fc.assert(
      fc.property(glob, path, (one, other) => {
        if (!pathMatcher([one])(other, null)) return
        for (const { text } of pathLiterals(one)) assert.include(other, text, one)
      }),
      { numRuns: 5000 },
    )
  })

  it("tell absolute from relative paths", () => {
    const at = (one: string, other: string, workspace: string | null = "/home/dev/shop") =>
      pathMatcher([one])(other, workspace)
    assert.isTrue(at("/home/dev/shop/src", "src/a.ts"))
    assert.isTrue(at("/home/*/shop/**/a.ts", "src/a.ts"))
    assert.isFalse(at("/src", "src/a.ts"))
    assert.isFalse(at("/home", "src/a.ts", null))
    assert.isTrue(at("src/*.ts", "/home/dev/shop/src/a.ts"))
    assert.isFalse(at("src/*.ts", "/home/dev/other/src/a.ts"))
    assert.isTrue(at("a.ts", "/home/dev/other/src/a.ts"))
    assert.isTrue(at("/etc", "/etc/passwd"))
    assert.isFalse(at("", "a"))
    assert.isFalse(at("/", "/a"))
  })

  it("take no longer the more stars there are", () => {
    const stars = `${"*a".repeat(200)}b`
    assert.isFalse(pathMatcher([stars])("a".repeat(4000), null))
    assert.isFalse(typeMatcher([stars])("a".repeat(4000)))
    assert.isFalse(pathMatcher([`${"**/a/".repeat(200)}b`])("a/".repeat(1000), null))
  })

  it("of types stand for any text and for one character", () => {
    assert.isTrue(typeMatcher(["git.*"])("git.commit"))
    assert.isFalse(typeMatcher(["git.*"])("fs.changed"))
    assert.isTrue(typeMatcher(["x", "?it.commit"])("git.commit"))
    assert.isFalse(typeMatcher(["git.commi"])("git.commit"))
    assert.isTrue(typeMatcher(["*"])(""))
    assert.isFalse(typeMatcher([""])("git.commit"))
    assert.isTrue(typeMatcher(["*.c*t"])("git.commit"))
  })
})
