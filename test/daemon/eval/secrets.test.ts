/** The score of the search for secrets: the figures and the shape that `claw eval secrets --json` prints. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeJsonLines } from "../../../src/daemon/eval/jsonLines.ts"
import { SecretRow, scoreSecrets } from "../../../src/daemon/eval/secrets.ts"

const secretText = `api_token = "${"k3v9x2m7q8w1z5t4".repeat(2)}"`
const encoded = (text: string) => btoa(text).replace(/(.{12})/g, "$1 ")
const row = (
  id: string,
  text: string,
  expected: "secret" | "clean",
  any_rule?: ReadonlyArray<string>,
): SecretRow => ({
  id,
  rule: "r",
  text_b64: encoded(text),
  expected,
  ...(any_rule === undefined ? {} : { any_rule }),
})

describe("the score of secrets", () => {
  it("counts what was found, missed and invented", () => {
    const score = scoreSecrets([
      row("found", secretText, "secret", ["r"]),
      row("also", `# see\n${secretText}`, "secret"),
      row("missed", "nothing here", "secret", ["r"]),
      row("quiet", "nothing here", "clean", []),
      row("invented", secretText, "clean", []),
    ])
    assert.deepStrictEqual(score, {
      v: 1,
      name: "secrets",
      rows: 5,
      tp: 2,
      fp: 1,
      fn: 1,
      precision: 0.6667,
      recall: 0.6667,
      failures: [
        { id: "missed", rule: "r", expected: "secret", found: [] },
        { id: "invented", rule: "r", expected: "clean", found: ["generic-secret"] },
      ],
    })
  })
  it("a text that is clean for its rule and fires another holds a secret", () => {
    const score = scoreSecrets([row("other", secretText, "clean", ["another"])])
    assert.deepInclude(score, { tp: 1, fp: 0, fn: 0, precision: 1, recall: 1 })
  })
  it("an empty table misses nothing", () =>
    assert.deepInclude(scoreSecrets([]), { rows: 0, precision: 1, recall: 1 }))
  it("never repeats the text in its answer", () => {
    const answer = JSON.stringify(scoreSecrets([row("invented", secretText, "clean", [])]))
    assert.notInclude(answer, "k3v9x2m7")
  })
})

describe("reading a table", () => {
  const decode = decodeJsonLines(SecretRow)
  it.effect("rows with more fields than are read, blank lines between", () =>
    Effect.gen(function* () {
      const line = JSON.stringify({ ...row("a", "x", "clean", []), bytes: 1, origin: "literal" })
      assert.strictEqual((yield* decode(`${line}\n\n${line}\n`)).length, 2)
    }),
  )
  it.effect("a bad line fails with its number", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(decode(`${JSON.stringify(row("a", "x", "clean"))}\n{"id":1}\n`))
      assert.strictEqual(error._tag, "TableError")
      assert.strictEqual(error.line, 2)
    }),
  )
})
