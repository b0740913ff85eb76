/** What is found is held against the file itself: every way a text file may be written stands that. */
import * as fs from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { put } from "./sandboxFixture.ts"
import { withTools } from "./toolFixture.ts"

it.live("finds lines in every coding, with every end, in names of bytes, and none in secrets", () =>
  withTools(({ place, text }) =>
    Effect.gen(function* () {
      const at = (name: string): string => join(place.workspace, name)
      yield* Effect.promise(() =>
        put(place, {
          "plain.txt": "a needle\nb\n",
          "crlf.txt": "a\r\nneedle\r\n",
          "keys/server.pem": "needle\n",
        }),
      )
      fs.writeFileSync(at("bom.txt"), "\ufeffneedle first\n")
      fs.writeFileSync(at("latin.txt"), Buffer.from("caf\xe9 needle\n", "latin1"))
      fs.writeFileSync(at("utf16.txt"), Buffer.from("\ufeffwide needle\n", "utf16le"))
      fs.writeFileSync(at("unended.txt"), "x\nneedle")
      fs.writeFileSync(
        Buffer.concat([Buffer.from(`${place.workspace}/n`), Buffer.of(0xff)]),
        "needle bytes\n",
      )
      fs.writeFileSync(at("many.txt"), "needle\n".repeat(1500))
      const found = yield* text("grep_search", { pattern: "needle", output_mode: "count" })
      assert.deepStrictEqual(
        found.split("\n").map((line) => line.replace(/^n.*:/, "n:")),
        [
          "bom.txt:1",
          "crlf.txt:1",
          "latin.txt:1",
          "many.txt:1500",
          "n:1",
          "plain.txt:1",
          "unended.txt:1",
          "utf16.txt:1",
        ],
      )
      assert.strictEqual(
        yield* text("grep_search", {
          pattern: "a.needle.b",
          multiline: true,
          output_mode: "content",
          glob: "plain*",
        }),
        "plain.txt:1:a needle\nplain.txt:2:b",
      )
    }),
  ),
)
