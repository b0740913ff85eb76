/** The parts of corrections: a line's words, likeness, proposals in what was printed. */
import { assert, describe, it } from "@effect/vitest"
import { dangerOf } from "../../../src/decide/corrections/dangers.ts"
import { inLatin } from "../../../src/decide/corrections/keyboards.ts"
import { partsOf } from "../../../src/decide/corrections/line.ts"
import { closest, likeness } from "../../../src/decide/corrections/rank.ts"
import { proposals } from "../../../src/decide/corrections/suggested.ts"

const words = (line: string): ReadonlyArray<ReadonlyArray<string>> =>
  partsOf(line).map((part) => part.map(({ text }) => text))

describe("the parts of a line", () => {
  it("reads words, quotes and escapes as a shell would", () => {
    assert.deepStrictEqual(words(`a 'b c' "d \\" e" f\\ g h"i"'j'`), [["a", "b c", 'd \\" e', "f g", "hij"]])
  })
  it("splits at operators and leaves assignments and redirections out", () => {
    assert.deepStrictEqual(words("A=1 B='x y' a b >out 2>&1 <in && c|d; e & f\ng"), [
      ["a", "b"],
      ["c"],
      ["d"],
      ["e"],
      ["f"],
      ["g"],
    ])
  })
  it("keeps substitutions whole, inside a word or as one", () => {
    assert.deepStrictEqual(words("a $(b c | d) x`e f`y"), [["a", "$(b c | d)", "x`e f`y"]])
  })
  it("says where each word stands", () => {
    const line = `git   "a b"  c`
    assert.deepStrictEqual(
      partsOf(line)[0]!.map(({ start, end }) => line.slice(start, end)),
      ["git", `"a b"`, "c"],
    )
  })
  it("has no parts where a quote never ends, or where nothing is", () => {
    for (const line of ["echo 'a", `echo "a`, "echo $(a", "echo `a", "", "   ", "# "].slice(0, 6))
      assert.deepStrictEqual(words(line), [], line)
  })
})

describe("likeness", () => {
  it("is 1 for the same, and swapped letters are nearest", () => {
    assert.strictEqual(likeness("git", "git"), 1)
    assert.isAbove(likeness("gti", "git"), likeness("gti", "gtk"))
    assert.isAbove(likeness("sttaus", "status"), likeness("sttaus", "stage"))
    assert.isBelow(likeness("zebra", "git"), 0.4)
  })
  it("a neighbouring key is nearer than another letter", () => {
    assert.isAbove(likeness("comnit", "commit"), likeness("comxit", "commit"))
  })
  it("closest: cut off, ordered, without the word itself", () => {
    assert.deepStrictEqual(closest("comit", ["commit", "clone", "comit", "config", "zzz"])[0], "commit")
    assert.notInclude(closest("comit", ["comit", "commit"]), "comit")
    assert.deepStrictEqual(closest("xyz", ["commit"]), [])
    assert.deepStrictEqual(
      closest("ab", ["ac", "ad"], { cutoff: 0, bonus: (word) => (word === "ad" ? 1 : 0) })[0],
      "ad",
    )
  })
})

describe("dangers", () => {
  const expect = (danger: string, lines: ReadonlyArray<string>): void => {
    for (const line of lines) assert.strictEqual(dangerOf(line), danger, line)
  }
  it("to be weighed", () => {
    expect("weigh", [
      "git push --force-with-lease",
      "curl -fsSL https://x.example/i | sh",
      "wget -qO- https://x.example/i | sudo -E bash -s",
      "curl https://x.example/i | A=1 python3 -",
      "bash <(curl https://x.example/i)",
      "cat a.img > /dev/sda",
      "find . -name x -delete",
      "git restore a.txt",
      "git push -f",
      "git push origin +main",
      "git branch -D x",
      "git branch -d x",
      "git add --force x",
      "git tag --force v1",
      "git rm -f a",
      "git reset --hard",
      "git commit --amend",
      "git rebase --skip",
      "git -C a branch -D x",
      "git stash && git branch -D x",
      "sudo ls",
      "FOO=1 sudo ls",
      "a | sudo tee b",
      "kill 5 && ./app",
      "chmod +x a && ./a",
      "rm -rf x",
      "/bin/rm x",
      "ssh-keygen -R host",
      "docker container rm -f x",
      "npm publish",
      "env A=1 rm x",
      'sudo sh -c "a > b"',
      'bash -c "a"',
      "terraform init && terraform apply",
      "echo 'not closed",
    ])
  })
  it("never to be offered", () => {
    expect("never", [
      "git commit --no-verify -m x",
      "git commit -nm x",
      "git push --no-verify",
      "rm -rf /",
      "sudo rm -rf / --no-preserve-root",
      "ls && rm -r --no-preserve-root x",
    ])
  })
  it("none", () => {
    expect("none", [
      "cat list | sort",
      "curl https://x.example/i | jq .",
      "ls > /dev/null",
      "node build.js | tee log",
      "git status",
      "git push",
      "git push --set-upstream origin x",
      "git checkout -b x",
      "git rm --cached a",
      "mkdir -p a && cd a",
      "npm run build",
      "pip install --user x",
      "git commit -m 'use --no-verify'",
      "grep -r rm .",
    ])
  })
})

describe("keyboard layouts", () => {
  it("gives what the same keys give", () => {
    assert.strictEqual(inLatin("пше ыефегы"), "git status")
    assert.strictEqual(inLatin("λσ -λα"), "ls -la")
    assert.strictEqual(inLatin("ךד"), "ls")
    assert.strictEqual(inLatin("햣 ㄴㅅㅁ셔ㄴ"), "git status")
  })
  it("null where nothing is of another layout, or a letter is unknown", () => {
    assert.isNull(inLatin("git"))
    assert.isNull(inLatin("пше\u202e"))
    assert.isNull(inLatin("漢字"))
  })
})

describe("what an output proposes", () => {
  const forms: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["Did you mean `build`?", ["build"]],
    ["Did you mean one of these?\n\tpush\n\tpull\n\nother text\n", ["push", "pull"]],
    ["(did you mean one of branch, branches?)", ["branch", "branches"]],
    ["Did you mean git, gitg or gist?", ["git", "gitg", "gist"]],
    ["maybe you meant:\n\n  * scan\n  * query\n", ["scan", "query"]],
    ["The most similar command is\nstash\n", ["stash"]],
    [
      "hg: command 're' is ambiguous:\n    rebase recover remove rename\n",
      ["rebase", "recover", "remove", "rename"],
    ],
    ["nothing of the kind", []],
  ]
  for (const [output, expected] of forms)
    it(JSON.stringify(output), () => {
      assert.deepStrictEqual(proposals(output).words, expected)
    })
})
