/** The declarations of the configuration, as an editor and the compiler read them. */
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { promisify } from "node:util"
import { Schema } from "effect"
import { expect, it } from "vitest"
import { configTypes } from "../../build/configTypes.ts"
import { Settings } from "../../src/config/Settings.ts"

const run = promisify(execFile)
const tsc = resolve("node_modules/typescript/bin/tsc")

const problems = async (config: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "claw-types-"))
  try {
    await writeFile(join(folder, "config.d.ts"), configTypes(Schema.toJsonSchemaDocument(Settings).schema))
    await writeFile(
      join(folder, "a.ts"),
      `import { defineConfig } from "./config"\ndefineConfig(${config})\n`,
    )
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--skipLibCheck",
      "false",
      join(folder, "a.ts"),
    ]
    return await run(process.execPath, [tsc, ...options]).then(
      ({ stdout }) => stdout,
      (error: { readonly stdout: string }) => error.stdout,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

it("declares every setting as an editor shall know it", async () => {
  const whole = `{
    models: { default: "mine/x", providers: { mine: { kind: "chat", baseUrl: "http://127.0.0.1:1/v1", models: { x: { window: 1 } } } } },
    budgets: { dayUsd: 5, sessionUsd: null },
    anchors: [{ file: "/a" }],
    retention: { age: "90d", keepArchives: true },
  }`
  expect(await problems(whole)).toBe("")
  expect(await problems(`{ models: { providers: { mine: { kind: "other" } } } }`)).toContain('"other"')
  expect(await problems(`{ budgets: { dayUsd: "5" } }`)).toContain("not assignable to type 'number'")
})

it("says beside a setting what there is to know before it is set", () => {
  const types = configTypes(Schema.toJsonSchemaDocument(Settings).schema)
  expect(types).toMatch(/the server stores each request[^\n]*\*\/\n +readonly resume\?: boolean/)
})
