/** Settings, their problems as lines a person can act on, merging, and where things are kept. */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"
import { directories, socketProblem } from "../../src/config/Directories.ts"
import { defineConfig } from "../../src/config/defineConfig.ts"
import { mergeSettings } from "../../src/config/load.ts"
import { lineOf, problemsOf, showProblem } from "../../src/config/problems.ts"
import { sizeBytes, spanMs } from "../../src/config/amounts.ts"
import { decodeSettings, defaultSettings } from "../../src/config/Settings.ts"

const problems = (value: unknown, source = "") => {
  const decoded = decodeSettings(value)
  return Result.isFailure(decoded)
    ? problemsOf("/c/claw.config.ts", source, decoded.failure).map(showProblem)
    : []
}

describe("settings", () => {
  it("have a default for everything, and defaults are valid", () => {
    assert.deepStrictEqual(Result.getOrThrow(decodeSettings({})), defaultSettings)
    assert.deepStrictEqual(Result.getOrThrow(decodeSettings(defaultSettings)), defaultSettings)
    assert.deepStrictEqual(defineConfig({ attention: { perHour: 2 } }), { attention: { perHour: 2 } })
  })

  it("refuses every number out of range, at any key", () => {
    const ranges: ReadonlyArray<readonly [string, string, number, number]> = [
      ["watch", "budget", 0.001, 1],
      ["attention", "perHour", 0, 60],
      ["attention", "burst", 1, 10],
      ["attention", "quietAfterEditMs", 0, 600_000],
      ["attention", "awayAfterMs", 10_000, 86_400_000],
      ["tools", "timeoutMs", 1_000, 3_600_000],
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...ranges),
        fc.double({ noNaN: true }),
        ([group, key, low, high], value) => {
          const decoded = decodeSettings({ [group]: { [key]: value } })
          return Result.isSuccess(decoded) === (value >= low && value <= high && Number.isFinite(value))
        },
      ),
    )
    for (const [group, key, low, high] of ranges) {
      for (const edge of [low, high]) assert.deepStrictEqual(problems({ [group]: { [key]: edge } }), [])
    }
  })

  it("takes spans and sizes of retention as a person writes them, and nothing that would archive today", () => {
    const retention = (value: unknown) => problems({ retention: value })
    for (const age of ["90d", "1.5 y", "36h", "2w", 86_400_000])
      assert.deepStrictEqual(retention({ age }), [], String(age))
    for (const size of ["2GB", "500 MiB", "1.5tb", 1_000_000])
      assert.deepStrictEqual(retention({ size }), [], String(size))
    for (const keepArchives of [true, "1y"]) assert.deepStrictEqual(retention({ keepArchives }), [])
    for (const value of [
      { age: "90" },
      { age: "1h" },
      { age: 1000 },
      { age: "forever" },
      { size: "2G" },
      { size: "10kB" },
      { keepArchives: false },
      { days: 3 },
    ])
      assert.notDeepEqual(retention(value), [], JSON.stringify(value))
    assert.deepStrictEqual(defaultSettings.retention, { keepArchives: true })
    assert.deepStrictEqual(
      [spanMs("1.5d"), spanMs(7), sizeBytes("2GB"), sizeBytes("1 KiB")],
      [129_600_000, 7, 2e9, 1024],
    )
    assert.deepStrictEqual(mergeSettings({ retention: { age: "90d" } }, { retention: { age: "1d" } }), {
      retention: { age: "90d" },
    })
  })

  it("takes anchors that are absolute files, or refs of absolute repositories", () => {
    const anchors = (value: unknown) => problems({ anchors: [value] })
    assert.deepStrictEqual(anchors({ file: "/mnt/usb/claw.checkpoints" }), [])
    assert.deepStrictEqual(anchors({ git: "/home/dev/notes" }), [])
    assert.deepStrictEqual(Result.getOrThrow(decodeSettings({ anchors: [{ git: "/r" }] })).anchors, [
      { git: "/r", ref: "refs/claw/log" },
    ])
    for (const ref of ["refs/claw/log", "refs/heads/claw-log", "refs/a.b/c_d+e"])
      assert.deepStrictEqual(anchors({ git: "/r", ref }), [], ref)
    for (const value of [
      {},
      { file: "relative" },
      { file: "/a", git: "/r" },
      { file: "/a\nb" },
      { git: "r" },
      ...[
        "main",
        "-x",
        "refs",
        "refs/",
        "refs//a",
        "refs/a..b",
        "refs/.a",
        "refs/a.lock",
        "refs/a/",
        "refs/a b",
        "refs/a.",
        "refs/a@{1}",
        "refs/a:b",
        "refs/a^",
      ].map((ref) => ({ git: "/r", ref })),
    ])
      assert.isNotEmpty(anchors(value), JSON.stringify(value))
    assert.deepStrictEqual(
      mergeSettings({ anchors: [{ file: "/own" }] }, { anchors: [{ file: "/theirs" }] }),
      { anchors: [{ file: "/own" }] },
      "a workspace does not say where the log is anchored",
    )
  })

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        problems(value, JSON.stringify(value) ?? "")
      }),
    )
  })
})

const source = `import { defineConfig } from "claw-assistant/config"

export default defineConfig({
  // perHour: how many
  "watch": { budget: 0.5 },
  attention: {
    perHour: 1,
    'burst': 99,
    perHuor: 3,
  },
  notifcations: {},
})
`

describe("problems", () => {
  it("name file, line and key, and say what was meant", () => {
    const lines = problems(
      { watch: { budget: 0.5 }, attention: { perHour: 1, burst: 99, perHuor: 3 }, notifcations: {} },
      source,
    )
    assert.deepStrictEqual(lines.toSorted(), [
      `/c/claw.config.ts:11: notifcations: unknown key (did you mean "notifications"?)`,
      "/c/claw.config.ts:8: attention.burst: Expected a value between 1 and 10",
      `/c/claw.config.ts:9: attention.perHuor: unknown key (did you mean "perHour"?)`,
    ])
  })

  it("leaves the line out where the key does not stand in the text", () => {
    const [line] = problems({ attention: { burst: 99 } }, "export default make()")
    assert.strictEqual(line, "/c/claw.config.ts: attention.burst: Expected a value between 1 and 10")
  })

  it("names what is wrong with the whole", () => {
    assert.match(problems("x")[0]!, /^\/c\/claw\.config\.ts(:\d+)?: Expected object/)
    assert.match(problems(null)[0]!, /Expected object/)
  })

  it("finds the line of any key path of a written-out object", () => {
    const key = fc.stringMatching(/^[a-z]{3,8}$/)
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 2, maxLength: 8 }), fc.nat(), (keys, pick) => {
        const text = `export default {\n${keys.map((name, n) => `  ${name}: ${n},`).join("\n")}\n}\n`
        const index = pick % keys.length
        assert.strictEqual(lineOf(text, [keys[index]!]), index + 2)
      }),
    )
    assert.strictEqual(lineOf("{ a: { b: 1 },\n  c: { b: 2 } }", ["c", "b"]), 2)
    assert.strictEqual(lineOf("{ 'x.*y': 1 }", ["x.*y"]), 1)
    assert.isNull(lineOf("{ ab: 1 }", ["b"]))
  })
})

describe("merging", () => {
  it("takes the look of conversations from the user's own file alone, and says what was meant", () => {
    assert.deepStrictEqual(defaultSettings.chat, { theme: "middle", vim: false })
    assert.deepStrictEqual(mergeSettings({ chat: { vim: true } }, { chat: { theme: "mono", vim: false } }), {
      chat: { vim: true },
    })
    assert.deepStrictEqual(problems({ chat: { them: "dark" } }, "{ chat: { them: 1 } }"), [
      '/c/claw.config.ts:1: chat.them: unknown key (did you mean "theme"?)',
    ])
    assert.lengthOf(problems({ chat: { theme: "pink" } }), 1)
  })

  it("lays the workspace's settings over the user's, key by key", () => {
    assert.deepStrictEqual(
      mergeSettings(
        { attention: { perHour: 5, burst: 3 }, disabledReflexes: ["a"], notifications: { urgent: false } },
        { attention: { perHour: 1 }, disabledReflexes: ["b"] },
      ),
      { attention: { perHour: 1, burst: 3 }, disabledReflexes: ["b"], notifications: { urgent: false } },
    )
    assert.deepStrictEqual(mergeSettings({ tools: { timeoutMs: 2_000 } }, {}), {
      tools: { timeoutMs: 2_000 },
    })
  })
})

describe("directories", () => {
  it("follow the XDG variables, and their defaults below the home", () => {
    const given = directories({
      HOME: "/home/a",
      XDG_DATA_HOME: "/d",
      XDG_STATE_HOME: "/s",
      XDG_CONFIG_HOME: "/c",
      XDG_RUNTIME_DIR: "/r",
    })
    assert.deepStrictEqual(
      [given.log, given.state, given.config, given.socket, given.spool],
      ["/d/claw/log", "/s/claw", "/c/claw", "/r/claw/claw.sock", "/r/claw/spool"],
    )
    const bare = directories({ HOME: "/home/a" })
    assert.deepStrictEqual(
      [bare.log, bare.state, bare.config, bare.runtime],
      [
        "/home/a/.local/share/claw/log",
        "/home/a/.local/state/claw",
        "/home/a/.config/claw",
        "/home/a/.cache/claw",
      ],
    )
  })

  it("say where a socket's path would be too long for the system", () => {
    const at = (length: number) =>
      directories({ HOME: "/h", XDG_RUNTIME_DIR: `/${"x".repeat(length - "//claw/claw.sock".length)}` })
    assert.lengthOf(at(107).socket, 107)
    assert.isNull(socketProblem(at(107)))
    assert.match(socketProblem(at(110)) ?? "", /3 bytes too long .*XDG_RUNTIME_DIR/)
  })

  it("take no relative path, as the XDG specification says", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = text.replace(/^\/+/, "")
        const dirs = directories({ HOME: "/h", XDG_DATA_HOME: value, XDG_RUNTIME_DIR: value })
        return dirs.data === "/h/.local/share/claw" && dirs.runtime === "/h/.cache/claw"
      }),
    )
  })
})
