/**
 * Scores the search for secrets on a table of texts. Rule names are each program's own, so a row asks
 * whether the text holds a secret at all: it does where the row expects one, or where a rule other than
 * the row's own is known to fire on it. Found is any finding. Texts are decoded in memory only.
 */
import { Effect, FileSystem, Schema } from "effect"
import { findSecrets } from "../../domain/secrets/findSecrets.ts"
import { decodeJsonLines } from "./jsonLines.ts"

export const SecretRow = Schema.Struct({
  id: Schema.String,
  rule: Schema.String,
  /** Base64, possibly in pieces. */
  text_b64: Schema.String,
  expected: Schema.Literals(["secret", "clean"]),
  any_rule: Schema.optionalKey(Schema.Array(Schema.String)),
})
export type SecretRow = typeof SecretRow.Type

export interface SecretsScore {
  readonly v: 1
  readonly name: "secrets"
  readonly rows: number
  readonly tp: number
  readonly fp: number
  readonly fn: number
  readonly precision: number
  readonly recall: number
  readonly failures: ReadonlyArray<{
    readonly id: string
    readonly rule: string
    readonly expected: "secret" | "clean"
    readonly found: ReadonlyArray<string>
  }>
}

const ratio = (part: number, whole: number): number =>
  whole === 0 ? 1 : Math.round((part / whole) * 10_000) / 10_000

const textOf = (row: SecretRow): string =>
  Buffer.from(row.text_b64.replace(/\s+/g, ""), "base64").toString("utf8")

export const scoreSecrets = (rows: ReadonlyArray<SecretRow>): SecretsScore => {
  let tp = 0
  let fp = 0
  let fn = 0
  const failures: Array<SecretsScore["failures"][number]> = []
  for (const row of rows) {
    const expected = row.expected === "secret" || (row.any_rule ?? []).length > 0 ? "secret" : "clean"
    const found = [...new Set(findSecrets(textOf(row)).map((each) => each.rule))]
    if (expected === "secret" && found.length > 0) tp++
    else if (expected === "secret") fn++
    else if (found.length > 0) fp++
    if ((expected === "secret") !== found.length > 0)
      failures.push({ id: row.id, rule: row.rule, expected, found })
  }
  return {
    v: 1,
    name: "secrets",
    rows: rows.length,
    tp,
    fp,
    fn,
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    failures,
  }
}

const decodeRows = decodeJsonLines(SecretRow)

export const evalSecrets = Effect.fn("Eval.secrets")(function* (table: string) {
  const fs = yield* FileSystem.FileSystem
  return scoreSecrets(yield* decodeRows(yield* fs.readFileString(table)))
})
