/** What stands in a string or a block of code, by the delimiters around it. */
import { assert, describe, it } from "@effect/vitest"
import { isQuoted } from "../../../src/observe/probes/quotedText.ts"

const marks = ["<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> other"]
const inside = (path: string, before: ReadonlyArray<string>, after: ReadonlyArray<string>): boolean =>
  isQuoted(path, [...before, ...marks, ...after], before.length, before.length + marks.length - 1)

describe("quoted lines", () => {
  it("stand between both ends of a string of many lines", () => {
    assert.isTrue(inside("a.toml", ["text = '''"], ["'''"]))
    assert.isTrue(inside("a.py", ['"""Doc."""', 'TEXT = """\\'], ['"""', "x = 1"]))
    assert.isTrue(inside("a.ts", ["const a = `one`", "const b = `"], ["`"]))
    assert.isTrue(inside("a.rs", ['let a = r#"'], ['"#;']))
    assert.isTrue(inside("a.cpp", ['auto a = R"('], [')";']))
    assert.isTrue(inside("a.rb", ["text = <<~EOF"], ["EOF"]))
    assert.isTrue(inside("a.sh", ["cat > x <<'END'"], ["END", "ls"]))
    assert.isTrue(inside("a.php", ["$a = <<<TEXT", "one"], ["TEXT;"]))
    assert.isTrue(inside("a.rs", ['let a = "\\'], ['";']))
  })
  it("or of a block of code", () => {
    assert.isTrue(inside("a.md", ["# Conflicts", "```diff"], ["```", "more"]))
    assert.isTrue(inside("a.html", ["<pre class=x>"], ["</pre>"]))
  })
  it("and nowhere else", () => {
    assert.isFalse(inside("a.ts", ["const a = `one`"], ["const b = `two`"]))
    assert.isFalse(inside("a.py", ['"""', "Doc.", '"""'], ['"""more"""']))
    assert.isFalse(inside("a.md", ["```", "code", "```"], ["```", "code", "```"]))
    assert.isFalse(inside("a.rb", ["text = <<~EOF", "one", "EOF"], ["EOF = 1"]))
    assert.isFalse(inside("a.py", ['TEXT = """'], ["no end"]))
    assert.isFalse(inside("a.js", ["it('works', () => {"], ["})"]))
    // the other side of the conflict opened it
    assert.isFalse(isQuoted("a.py", ["<<<<<<< HEAD", '"""', "=======", ">>>>>>> b", '"""'], 0, 3))
  })
})
