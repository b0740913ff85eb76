/** The table of commands by program, read-only and not, each with the verdict it must get and no other. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { expect, it } from "vitest"
import { evalPolicy } from "../../src/daemon/eval/policy.ts"
import { PolicyRow } from "../../src/daemon/eval/policyWorld.ts"
import { shipped } from "./gate.ts"

const decodeRow = Schema.decodeUnknownSync(Schema.fromJsonString(PolicyRow))
const table = readFileSync(join(import.meta.dirname, "../fixtures/policies/commands.jsonl"), "utf8")
const rows = table
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => decodeRow(line))

/** Two of the versions the rows speak of as malicious. */
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
