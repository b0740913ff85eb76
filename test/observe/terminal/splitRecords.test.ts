/** The spool of a shell, read as records: names, fields, broken ends. */
import fc from "fast-check"
import { Buffer } from "node:buffer"
import { describe, expect, it } from "vitest"
import { maximumRecord, parseRecord, parseSpoolName } from "../../../src/observe/terminal/spoolFormat.ts"
import { splitRecords } from "../../../src/observe/terminal/splitRecords.ts"

const record = (command: string | Buffer, cwd = "/w", more: Partial<Record<string, string>> = {}): Buffer =>
  Buffer.concat([
    Buffer.from(
      `c\x1f${more["ended"] ?? "1700000000.250000"}\x1f${more["ms"] ?? "250"}\x1f${more["exit"] ?? "0"}\x1f` +
        `${more["author"] ?? "user"}\x1f${more["length"] ?? String(command.length)}\x1f${cwd}\x1f`,
    ),
    Buffer.from(command),
    Buffer.from("\x1e\n"),
  ])

describe("parseSpoolName", () => {
  it("takes names of spools and nothing else", () => {
    expect(parseSpoolName("zsh-12-1700000000123456")).toEqual({
      shell: "zsh",
      pid: 12,
      startedMs: 1_700_000_000_123,
      session: "zsh-12-1700000000123456",
    })
    for (const name of [
      ".bash-12",
      "zsh-12",
      "sh-12-1700000000123456",
      "zsh-12-1700000000123456.old",
      "zsh--1-1",
    ])
      expect(parseSpoolName(name)).toBeNull()
  })
})

describe("parseRecord", () => {
  const parse = (bytes: Buffer) => parseRecord(bytes.subarray(0, -2), "zsh")

  it("reads all fields, and US inside the command", () => {
    expect(parse(record("echo a\x1fb\nc", "/w/x y", { exit: "130", author: "agent" }))).toEqual({
      command: "echo a\x1fb\nc",
      cwd: "/w/x y",
      exit: 130,
      durationMs: 250,
      endedMs: 1_700_000_000_250,
      authorKind: "agent",
      truncated: false,
      means: "",
    })
  })
  it("reads a comma as decimal sign, and fish's line ends around numbers", () => {
    const fish = Buffer.from("c\x1f1700000000\n\x1f5\x1f1\x1fuser\x1f4\n\x1f/w\x1fls\n\n")
    expect(parseRecord(fish, "fish")).toMatchObject({ command: "ls\n", endedMs: 1_700_000_000_999, exit: 1 })
    expect(parse(record("ls", "/w", { ended: "1700000000,5" }))?.endedMs).toBe(1_700_000_000_500)
  })
  it("replaces bytes that are no UTF-8 and keeps the rest", () => {
    const bytes = Buffer.concat([
      Buffer.from("echo 日本 "),
      Buffer.from([0xff, 0x00, 0x1b]),
      Buffer.from("z"),
    ])
    expect(parse(record(bytes))?.command).toBe("echo 日本 \ufffd\u0000\u001bz")
  })
  it("bounds the command and says that it was cut", () => {
    expect(parse(record("x".repeat(1800), "/w", { length: "5000" }))).toMatchObject({ truncated: true })
    expect(parse(record("界".repeat(1800)))).toMatchObject({ truncated: false })
    const long = parse(record("界".repeat(2500)))
    expect(long?.truncated).toBe(true)
    expect(long?.command).toBe("界".repeat(1800))
  })
  it("clamps a duration that a stepped clock made negative", () => {
    expect(parse(record("ls", "/w", { ms: "-5000" }))?.durationMs).toBe(0)
  })
  it.each([
    ["a relative cwd", record("ls", "w")],
    ["an unknown author", record("ls", "/w", { author: "root" })],
    ["an exit that is no number", record("ls", "/w", { exit: "NaN" })],
    ["a time that is no number", record("ls", "/w", { ended: "1e400" })],
    ["an empty command", record(" ")],
    ["too few fields", Buffer.from("c\x1f1\x1e\n")],
    ["another kind", Buffer.from(record("ls").toString("latin1").replace("c", "x"), "latin1")],
  ])("refuses %s", (_what, bytes) => {
    expect(parse(bytes)).toBeNull()
  })
})

describe("splitRecords", () => {
  it("keeps an unfinished record for later, wherever it is cut", () => {
    const whole = Buffer.concat([record("one"), record("two")])
    const first = record("one").length
    for (let cut = first; cut < whole.length; cut++) {
      const split = splitRecords(whole.subarray(0, cut), "zsh", false)
      expect(split.used).toBe(first)
      expect(split.items).toHaveLength(1)
      const rest = splitRecords(whole.subarray(split.used), "zsh", split.insideLost)
      expect(rest.items).toMatchObject([{ kind: "record", record: { command: "two" } }])
    }
  })
  it("makes one loss of neighbouring rubbish and finds the record behind it", () => {
    const rubbish = Buffer.from("no\x1e\nrecord\x1e\nat all\x1e\n")
    const split = splitRecords(Buffer.concat([record("one"), rubbish, record("two")]), "zsh", false)
    expect(split.items).toMatchObject([
      { kind: "record", record: { command: "one" } },
      { kind: "lost", bytes: rubbish.length },
      { kind: "record", record: { command: "two" } },
    ])
  })
  it("gives up a record longer than any can be, and what is left of it afterwards", () => {
    const start = Buffer.alloc(maximumRecord + 10, "x")
    const split = splitRecords(start, "zsh", false)
    expect(split).toMatchObject({ used: start.length, insideLost: true })
    const rest = splitRecords(Buffer.concat([record("inside"), record("behind")]), "zsh", split.insideLost)
    expect(rest.items).toMatchObject([
      { kind: "lost", bytes: record("inside").length },
      { kind: "record", record: { command: "behind" } },
    ])
  })
  it("never fails, accounts for each byte used, and always gets on", () => {
    const byte = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(0x1e, 0x0a, 0x1f, 0x63) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 255 }) },
    )
    const bytes = fc.oneof(
      fc.array(byte, { maxLength: 400 }).map((list) => Buffer.from(list)),
      fc.uint8Array({ maxLength: 2000 }).map((list) => Buffer.from(list)),
      fc.string({ unit: "binary" }).map((text) => record(text)),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), fc.boolean(), (parts, inside) => {
        const whole = Buffer.concat(parts)
        const split = splitRecords(whole, "bash", inside)
        let at = 0
        for (const item of split.items) {
          expect(item.end).toBeGreaterThan(at)
          if (item.kind === "lost") expect(item.bytes).toBe(item.end - at)
          at = item.end
        }
        expect(at).toBe(split.used)
        expect(whole.subarray(split.used).includes("\x1e\n")).toBe(false)
        expect(whole.length - split.used).toBeLessThanOrEqual(maximumRecord)
      }),
      { numRuns: 500 },
    )
  })
})
