/** A Python project whose language server is hostile: what it does, the file `mode` says. */
import { Effect } from "effect"
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { put, type Place } from "../sandboxFixture.ts"
import { withTools, type Tools } from "../toolFixture.ts"
import { nodeFolder } from "./typescriptProject.ts"

export const source = "def one():\n    return 1\n"
const prepare = async (place: Place): Promise<ReadonlyArray<string>> => {
  const folder = join(place.home, ".local", "bin")
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(import.meta.dirname, "hostileServer.mjs"), join(folder, "pyright-langserver"))
  chmodSync(join(folder, "pyright-langserver"), 0o755)
  await put(place, { "a.py": source, "b.py": "x = 1\n", ".env": "TOKEN=planted-token\n", mode: "" })
  writeFileSync(join(place.home, "outside.py"), "planted outside\n")
  symlinkSync(".env", join(place.workspace, "link.py"))
  return [folder, nodeFolder]
}

export const hover = { operation: "hover", path: "a.py", line: 1, character: 5 }
const asking =
  (tools: Tools) =>
  (input: Readonly<Record<string, unknown>>, mode?: string, timeoutMs = 20_000) =>
    Effect.suspend(() => {
      if (mode !== undefined) writeFileSync(join(tools.place.workspace, "mode"), mode)
      return tools.text("lsp", input, { commands: [["pyright-langserver", "--stdio"]], timeoutMs })
    })
export const withServer = (
  body: (ask: ReturnType<typeof asking>, tools: Tools) => Effect.Effect<void, unknown>,
  backOffMs = 0,
) =>
  withTools((tools) => body(asking(tools), tools), {
    prepare,
    servers: { startMs: 2000, backOffMs, farewellMs: 100 },
  })
