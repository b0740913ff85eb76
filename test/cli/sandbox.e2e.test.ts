/** claw sandbox test of the real program. */
import { execFile } from "node:child_process"
import { access, chmod, constants, mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

describe("claw sandbox test", () => {
  it.live(
    "finds that an ordinary user's sandbox holds as well",
    () =>
      Effect.promise(async () => {
        const folder = await mkdtemp(join(tmpdir(), "claw-ordinary-"))
        try {
          const env: Record<string, string> = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder }
          for (const name of ["RUNTIME_DIR", "DATA_HOME", "STATE_HOME", "CONFIG_HOME"]) {
            env[`XDG_${name}`] = join(folder, name)
            await mkdir(env[`XDG_${name}`]!, { mode: 0o777 })
          }
          await chmod(folder, 0o777)
          const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts")
          const command = [process.execPath, main, "sandbox", "test", "--json"]
          const asNobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
          const root =
            process.getuid?.() === 0 && (await access(asNobody[0]!, constants.X_OK).then(() => true))
          const [file, ...args] = root ? [...asNobody, ...command] : command
          const { stdout } = await promisify(execFile)(file!, args, { env, cwd: "/" })
          const rows = stdout
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as { readonly name: string; readonly held: boolean })
          assert.deepStrictEqual(
            rows.filter(({ held }) => !held),
            [],
          )
          assert.isAbove(rows.length, 50)
        } finally {
          await rm(folder, { recursive: true, force: true })
        }
      }),
    60_000,
  )
})
