/** The real typescript-language-server on a real tsserver, in the real sandbox. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { alive } from "../alive.ts"
import { withTools, type Tools } from "../toolFixture.ts"
import { files, nativeProject, typescriptProject } from "./typescriptProject.ts"

const asking = (tools: Tools) => (input: Readonly<Record<string, unknown>>) =>
  tools.text("lsp", input, {
    commands: [[join(tools.place.workspace, "node_modules/.bin/typescript-language-server"), "--stdio"]],
    timeoutMs: 60_000,
  })

describe("lsp with typescript-language-server", () => {
  it.live("knows problems, definitions, uses, types, outlines and renames, as the disk is now", () =>
    withTools(
      (tools) =>
        Effect.gen(function* () {
          const ask = asking(tools)
          const { workspace } = tools.place
          const cart = { path: "src/cart.ts" }
          assert.strictEqual(
            yield* ask({ operation: "diagnostics", ...cart }),
            "No diagnostics for src/cart.ts.",
          )

          assert.strictEqual(
            yield* ask({ operation: "definition", path: "src/shop.ts", line: 2, character: 13 }),
            "src/cart.ts:5:14  export const total = (items: ReadonlyArray<Item>): number => items.reduce((sum, { price }) => sum + price, 0)",
          )
          const references = yield* ask({ operation: "references", ...cart, line: 5, character: 14 })
          assert.deepStrictEqual(
            references
              .split("\n")
              .map((line) => line.split("  ")[0])
              .sort(),
            ["src/cart.ts:5:14", "src/shop.ts:1:10", "src/shop.ts:2:13", "src/shop.ts:2:36"],
          )
          const hover = yield* ask({ operation: "hover", ...cart, line: 2, character: 18 })
          assert.match(hover, /interface Item[^]*What somebody wants to buy\./)
          assert.match(
            yield* ask({ operation: "symbols", ...cart }),
            /^interface Item 2:18\n {2}property price 3:12\n(?:constant|variable|function) total 5:14/,
          )

          const preview = yield* ask({
            operation: "rename_preview",
            ...cart,
            line: 5,
            character: 14,
            new_name: "sum",
          })
          assert.match(preview, /^4 places in 2 files would change\. Nothing was changed\.\n/)
          assert.include(preview, '-import { total } from "./cart.js"\n')
          assert.include(preview, '+import { sum } from "./cart.js"\n')
          assert.include(preview, "+console.log(sum([{ price: 2 }]), sum([]))")
          for (const name of ["src/cart.ts", "src/shop.ts"] as const) {
            assert.strictEqual(readFileSync(join(workspace, name), "utf8"), files[name])
          }

          writeFileSync(
            join(workspace, "src/cart.ts"),
            files["src/cart.ts"].replace("sum + price, 0", "sum + price, ''"),
          )
          const broken = yield* ask({ operation: "diagnostics", ...cart })
          assert.match(broken, /^src\/cart\.ts:5:\d+ error \[typescript \d+\]: /)
          writeFileSync(join(workspace, "src/cart.ts"), files["src/cart.ts"])
          assert.strictEqual(
            yield* ask({ operation: "diagnostics", ...cart }),
            "No diagnostics for src/cart.ts.",
          )

          // an open file that nobody asked about changes with the disk too
          yield* ask({ operation: "symbols", path: "src/shop.ts" })
          writeFileSync(
            join(workspace, "src/cart.ts"),
            files["src/cart.ts"].replace("const total", "const sum"),
          )
          assert.match(
            yield* ask({ operation: "diagnostics", path: "src/shop.ts" }),
            /^src\/shop\.ts:1:10 error \[typescript 2305\]: /,
          )

          const beyond = yield* Effect.flip(ask({ operation: "hover", ...cart, line: 50, character: 1 }))
          assert.deepStrictEqual(
            [beyond.reason, beyond.message],
            ["input", "src/cart.ts has 6 lines; there is no line 50"],
          )
          const wide = yield* Effect.flip(ask({ operation: "hover", ...cart, line: 4, character: 9 }))
          assert.strictEqual(
            wide.message,
            "line 4 of src/cart.ts has 1 characters, so character is at most 2",
          )

          assert.lengthOf(yield* tools.servers.running, 1)
          assert.isAbove(alive(workspace).length, 0)
          yield* tools.servers.stopAll
          assert.deepStrictEqual(alive(workspace), [])
        }),
      { prepare: typescriptProject },
    ),
  )

  it.live("runs with the workspace read-only and without network, and is asked for by name", () =>
    withTools(
      (tools) =>
        Effect.gen(function* () {
          const planned = yield* tools.plan(
            "lsp",
            { operation: "symbols", path: "src/cart.ts" },
            {
              commands: [
                [join(tools.place.workspace, "node_modules/.bin/typescript-language-server"), "--stdio"],
              ],
            },
          )
          assert.deepStrictEqual(
            [planned.summary, planned.sandbox, planned.undo.possible, planned.commands.length],
            [
              "Ask typescript-language-server for symbols of src/cart.ts; it sees the whole workspace, read-only, and no network",
              "bubblewrap",
              false,
              1,
            ],
          )
        }),
      { prepare: typescriptProject },
    ),
  )
})

describe("lsp with the compiler that is its own server", () => {
  it.live("knows the same", () =>
    withTools(
      (tools) =>
        Effect.gen(function* () {
          const { workspace } = tools.place
          const ask = (input: Readonly<Record<string, unknown>>) =>
            tools.text("lsp", input, {
              commands: [[join(workspace, "node_modules/.bin/tsc"), "--lsp", "-stdio"]],
              timeoutMs: 60_000,
            })
          const cart = { path: "src/cart.ts" }
          assert.strictEqual(
            yield* ask({ operation: "diagnostics", ...cart }),
            "No diagnostics for src/cart.ts.",
          )
          assert.match(
            yield* ask({ operation: "definition", path: "src/shop.ts", line: 2, character: 13 }),
            /^src\/cart\.ts:5:14 {2}export const total = /,
          )
          assert.match(
            yield* ask({ operation: "rename_preview", ...cart, line: 5, character: 14, new_name: "sum" }),
            /^4 places in 2 files would change\. Nothing was changed\.\n/,
          )
          writeFileSync(
            join(workspace, "src/cart.ts"),
            files["src/cart.ts"].replace("sum + price, 0", "sum + price, ''"),
          )
          assert.match(
            yield* ask({ operation: "diagnostics", ...cart }),
            /^src\/cart\.ts:5:\d+ error \[ts \d+\]: /,
          )
          assert.match(yield* ask({ operation: "symbols", ...cart }), /^interface Item 2:18/)
        }),
      { prepare: nativeProject },
    ),
  )
})
