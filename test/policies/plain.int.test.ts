/** The plain subset against real bash: what is read as plain must reach a program as exactly the same words. */
import { spawnSync } from "node:child_process"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { argvOf, readPlain } from "../../policies/shell/plain.ts"

const commandsOf = (text: string) => {
  const plain = readPlain(text)
  return plain.ok ? plain.commands.map((command) => [...argvOf(command)]) : null
}

describe("reading", () => {
  it.each([
    ["ls -la", [["ls", "-la"]]],
    ["  ls   'a  b'  ", [["ls", "a  b"]]],
    ["a'b'\"c\"d x''y", null],
    ["cat a'b'\"c\"d x''y ''", [["cat", "abcd", "xy", ""]]],
    ["ls&&pwd||id;date|wc", [["ls"], ["pwd"], ["id"], ["date"], ["wc"]]],
    ["git log HEAD~2^ @", [["git", "log", "HEAD~2^", "@"]]],
    ["LC_ALL=C TZ=UTC date", [["env", "LC_ALL=C", "TZ=UTC", "date"]]],
    ["cat caf\u00e9 \u65e5\u672c", [["cat", "caf\u00e9", "\u65e5\u672c"]]],
  ])("%j", (text, expected) => expect(commandsOf(text)).toEqual(expected))

  it.each([
    "",
    " ",
    ";",
    "ls;",
    "ls |",
    "| ls",
    "ls & pwd",
    "ls |& wc",
    "ls;;",
    "ls &&& pwd",
    "ls > x",
    "ls < x",
    "ls $x",
    "ls `x`",
    "ls $(x)",
    "ls *",
    "ls ?",
    "ls [a]",
    "ls {a,b}",
    "ls ~",
    "ls a=~/x",
    "ls a:~",
    "ls \\x",
    "ls 'x",
    'ls "x',
    'ls "$x"',
    'ls "!x"',
    'ls "\\x"',
    "ls # x",
    "ls\tx",
    "ls\nx",
    "ls\r",
    "ls\u00a0x",
    "ls\u2028x",
    "ls 'a\tb'",
    "ls '\u200b'",
    "(ls)",
    "{ ls",
    "! ls",
    "time ls",
    "if ls",
    "A=1 ls",
    "A=1",
    "'ls'",
    "l's'",
    "\u217cs",
    "ls \u{1f600}",
    "ls \u2019",
    "LC_ALL=a/b ls",
    "LC_ALL='C' ls",
    "-x",
    "=ls",
    "ls\0",
  ])("%j is not plain", (text) => {
    const plain = readPlain(text)
    expect(plain.ok).toBe(false)
    if (!plain.ok) expect(plain.reason).toMatch(/^not plain: .* (?:at column \d+|characters)$/)
  })
})

const word = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_./:@%+=,^-]{1,8}$/),
  fc.stringMatching(/^[A-Za-z0-9_./-]{0,3}'[ -&(-~]{0,8}'[a-z]{0,2}$/),
  fc.stringMatching(/^"[ #%-@A-Z_a-z{}~|<>()*?]{0,8}"$/),
  fc.stringMatching(/^[A-Z]{1,4}~[0-9]$/),
  fc.constantFrom("\u00fcber", "\u65e5\u672c.txt", "''", "a''b"),
)

it("gives programs the same words as bash", () => {
  const lines = fc
    .sample(fc.array(word, { minLength: 0, maxLength: 5 }), { numRuns: 1500, seed: 5 })
    .map((words) => ["argv", ...words].join(" "))
    .filter((line) => readPlain(line).ok)
  expect(lines.length).toBeGreaterThan(1000)
  const script = `argv() { printf '%s\\0' "$#" "$@"; }\n${lines.join("\n")}\n`
  const done = spawnSync("bash", ["--noprofile", "--norc", "-f", "-s"], {
    input: script,
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
  })
  const expected = lines.flatMap((line) => {
    const [[, ...args] = []] = commandsOf(line) ?? []
    return [String(args.length), ...args]
  })
  expect(done.stderr).toBe("")
  expect(done.stdout.split("\0").slice(0, -1)).toEqual(expected)
})

it("never throws, and what it reads comes back the same when written in quotes", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.array(word, { minLength: 1 }).map((words) => words.join(" ")),
  )
  fc.assert(
    fc.property(text, (source) => {
      const read = commandsOf(source)
      if (read === null || read.length !== 1 || read[0]![0] === "env") return
      const [program = "", ...args] = read[0]!
      fc.pre(args.every((arg) => !arg.includes("'")))
      expect(commandsOf([program, ...args.map((arg) => `'${arg}'`)].join(" "))).toEqual(read)
    }),
    { numRuns: 3000 },
  )
})
