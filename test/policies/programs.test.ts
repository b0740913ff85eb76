/** Commands by program, read-only and not, and calls of every other kind, each with the verdict it must get. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { expect, it } from "vitest"
import { evalPolicy } from "../../src/daemon/eval/policy.ts"
import { PolicyRow } from "../../src/daemon/eval/policyWorld.ts"
import { shipped } from "./gate.ts"

const decodeRow = Schema.decodeUnknownSync(Schema.fromJsonString(PolicyRow))
const rows = ["commands", "kinds"].flatMap((name) =>
  readFileSync(join(import.meta.dirname, `../fixtures/policies/${name}.jsonl`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => decodeRow(line)),
)

/** Versions the rows speak of as malicious. */
const malicious = new Set(["debug@4.4.2", "chalk@5.6.1", "axios@1.14.1", "keyv@6.0.0", "ua-parser-js@0.7.29"])

const families = [...new Set(rows.map(({ id }) => id.replace(/-\d+$/, "")))]

it.each(families)("%s: every row gets its verdict", (family) => {
  const report = evalPolicy(
    rows.filter(({ id }) => id.replace(/-\d+$/, "") === family),
    {
      rules: shipped,
      isCompromised: (name, version) => malicious.has(`${name}@${version}`),
      now: () => 0,
    },
  )
  expect(report.rows).toBeGreaterThan(5)
  expect(report.failures).toEqual([])
})
