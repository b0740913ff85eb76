/** Reading configuration files in a real child process: trust, syntax, imports, endless loops, what is no data. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { digestOf, loadConfig } from "../../src/config/load.ts"
import { hidden } from "../../src/daemon/entry.ts"
import { removeTree } from "../removeTree.ts"

const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts")
const child = { node: process.execPath, args: [main, hidden.config] }

const withFile = <A, E>(
  text: string,
  body: (at: {
    readonly dir: string
    readonly file: string
    readonly scratch: string
  }) => Effect.Effect<A, E>,
) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const dir = mkdtempSync(join(tmpdir(), "claw-config-"))
      const scratch = join(dir, "scratch")
      mkdirSync(scratch)
      const file = join(dir, "claw.config.ts")
      writeFileSync(file, text)
      return { dir, file, scratch }
    }),
    body,
    ({ dir }) => Effect.sync(() => removeTree(dir)),
  )

const load = (text: string, trusted?: (digest: string) => ReadonlyArray<string>) =>
  withFile(text, ({ file, scratch }) =>
    loadConfig({
      file,
      scratch,
      child,
      trusted: trusted === undefined ? "own" : trusted(digestOf(Buffer.from(text))),
    }),
  )

const refusal = (text: string) =>
  withFile(text, ({ file, scratch }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(loadConfig({ file, scratch, child, trusted: "own" }))
      assert.deepStrictEqual(readdirSync(scratch), [], "the copy is removed")
      return { ...error, message: error.message.replaceAll(file, "FILE") }
    }),
  )

const good = `import { defineConfig, type Nothing } from "claw-assistant/config"
type Local = { readonly n: number }
const local: Local = { n: 2 }
export default defineConfig({ attention: { perHour: local.n } })
`

describe("a configuration file", () => {
  it.live("is evaluated as TypeScript, and its exact bytes are named", () =>
    Effect.gen(function* () {
      const loaded = yield* load(good)
      assert.deepStrictEqual(loaded?.settings, { attention: { perHour: 2 } })
      assert.strictEqual(loaded?.digest, digestOf(Buffer.from(good)))
    }),
  )

  it.live("that is not there is no error", () =>
    withFile("", ({ dir, scratch }) =>
      Effect.gen(function* () {
        const file = join(dir, "none.ts")
        assert.isNull(yield* loadConfig({ file, scratch, child, trusted: "own" }))
      }),
    ),
  )

  it.live("that cannot be read says so", () =>
    withFile("", ({ dir, scratch }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(loadConfig({ file: dir, scratch, child, trusted: "own" }))
        assert.strictEqual(error.reason, "unreadable")
        assert.include(error.message, dir)
      }),
    ),
  )

  it.live("with a syntax error names file and line", () =>
    Effect.gen(function* () {
      const error = yield* refusal("export default {\n  attention: {\n    perHour: ,\n  },\n}\n")
      assert.strictEqual(error.reason, "syntax")
      assert.match(error.message, /^FILE:3: SyntaxError: /)
    }),
  )

  it.live("that throws names file and line", () =>
    Effect.gen(function* () {
      const error = yield* refusal("const a = 1\n\nthrow new Error(`no ${a}`)\n")
      assert.match(error.message, /^FILE:3: Error: no 1$/)
    }),
  )

  it.live("with an unknown key says which was meant, with its line", () =>
    Effect.gen(function* () {
      const error = yield* refusal("export default {\n  attenton: {},\n}\n")
      assert.strictEqual(error.reason, "invalid")
      assert.strictEqual(error.message, 'FILE:2: attenton: unknown key (did you mean "attention"?)')
    }),
  )

  it.live("without a default export says what to write", () =>
    Effect.gen(function* () {
      const error = yield* refusal("export const settings = {}\n")
      assert.match(error.message, /no default export: write `export default/)
    }),
  )
})

describe("what is no plain data", () => {
  const cases = {
    "a function for a value": "export default { attention: { perHour: () => 3 } }",
    "a number that JSON has not": "export default { attention: { perHour: 0 / 0 } }",
    "a BigInt": "export default { attention: { perHour: 3n } }",
    "a circle": "const a = {}\na.attention = a\nexport default a",
    "a promise": "export default Promise.resolve({ attention: { perHour: 3 } })",
    "a function": "export default () => ({})",
    "a class instance": "export default new Map([['attention', 1]])",
    "an object of an object without a prototype": "export default Object.create(Object.create(null))",
    "a hole in a list": "export default { disabledReflexes: [, 'x'] }",
    "a key that is a symbol": "export default { [Symbol('x')]: 1 }",
    "what throws when it is read": "export default new Proxy({}, { ownKeys() { throw new Error('no') } })",
    "what is too deep": "let a = {}\nfor (let n = 0; n < 1e5; n++) a = { a }\nexport default a",
  }
  for (const [name, text] of Object.entries(cases)) {
    it.live(`is refused: ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* refusal(text)
        assert.match(error.message, /^FILE(:\d+)?: .*plain data$/)
        assert.strictEqual(error.reason, "syntax")
        assert.notInclude(error.message, "did not evaluate", "it says what is not")
      }),
    )
  }

  it.live("is named by its place, read once, and told from what only looks like it", () =>
    Effect.gen(function* () {
      const circle = yield* refusal("const a = {}\na.attention = { a }\nexport default a")
      assert.match(circle.message, /^FILE: attention\.a leads back to itself: /)
      const changing =
        "let reads = 0\nexport default { attention: { get perHour() { return reads++ === 0 ? 3 : 'x' } } }"
      assert.deepStrictEqual((yield* load(changing))?.settings, { attention: { perHour: 3 } })
      const twice =
        "const hours = ['22:00-07:00']\nexport default { attention: { quietHours: hours }, a: hours }"
      assert.match((yield* refusal(twice)).message, /: a: unknown key/, "the same twice is no circle")
    }),
  )
})

describe("trust", () => {
  it.live("covers exact bytes: nothing of another content runs", () =>
    withFile("", ({ dir, file, scratch }) =>
      Effect.gen(function* () {
        const mark = join(dir, "ran")
        const text = `import("node:fs").catch(() => 0)\nprocess.getBuiltinModule("fs").writeFileSync(${JSON.stringify(mark)}, "")\nexport default {}\n`
        writeFileSync(file, text)
        const error = yield* Effect.flip(
          loadConfig({ file, scratch, child, trusted: [digestOf(Buffer.from("other"))] }),
        )
        assert.strictEqual(error.reason, "untrusted")
        assert.include(error.message, "claw trust")
        assert.isFalse(existsSync(mark))
        const trusted = [digestOf(Buffer.from(text))]
        assert.deepStrictEqual((yield* loadConfig({ file, scratch, child, trusted }))?.settings, {})
        assert.isTrue(existsSync(mark), "the trap works: it ran once it was trusted")
      }),
    ),
  )

  it.live("does not reach other modules: every import but ours is refused", () =>
    Effect.gen(function* () {
      for (const specifier of [
        "./other.ts",
        "node:fs",
        "fs",
        "left-pad",
        "data:text/javascript,export default 1",
      ]) {
        const error = yield* refusal(`import ${JSON.stringify(specifier)}\nexport default {}\n`)
        assert.include(error.message, 'may import only "claw-assistant/config"', specifier)
        assert.include(error.message, specifier)
      }
    }),
  )

  it.live("is not reached by an import that waits for its moment", () =>
    Effect.gen(function* () {
      const error = yield* refusal('const other = await import("node:" + "fs")\nexport default {}\n')
      assert.match(error.message, /^FILE(:1)?: .*may import only/)
    }),
  )
})

it.live(
  "an endless file is given up after its time, and its process is gone",
  () =>
    Effect.gen(function* () {
      const error = yield* refusal("for (;;) {}\n")
      assert.strictEqual(error.reason, "timeout")
      assert.match(error.message, /^FILE: not evaluated within 5 s$/)
    }),
  60_000,
)

it.live(
  "what would fill the memory, or gives more than settings can be, is refused before it does",
  () =>
    Effect.gen(function* () {
      const huge = yield* refusal(
        'export default { disabledReflexes: Array.from({ length: 300_000 }, (_, n) => "reflex-" + n) }\n',
      )
      assert.strictEqual(huge.reason, "invalid")
      assert.include(huge.message, "its settings are larger than 1048576 bytes")
      const greedy = yield* refusal(
        "const all = []\nfor (;;) all.push(Array.from({ length: 1e6 }, () => ({})))\n",
      )
      assert.include(["syntax", "timeout"], greedy.reason)
    }),
  60_000,
)

it.live("gives the file no environment but a path", () =>
  Effect.gen(function* () {
    const before = process.env["CLAW_TEST_SECRET"]
    process.env["CLAW_TEST_SECRET"] = "planted"
    const loaded = yield* load("export default { disabledReflexes: Object.keys(process.env).sort() }\n")
    if (before === undefined) delete process.env["CLAW_TEST_SECRET"]
    const names = (loaded?.settings.disabledReflexes ?? []) as ReadonlyArray<string>
    assert.deepStrictEqual(
      names.filter((name) => !["NODE_NO_WARNINGS", "PATH", "PWD", "SHLVL", "_"].includes(name)),
      [],
    )
  }),
)
