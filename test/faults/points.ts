/**
 * Preloaded into a process (`node --import`): numbers everything it does to files and to LMDB, names each on stderr, and
 * at one of them ends the process or lets it fail. `CLAW_POINT` says what: `count`, `kill:17`, `ENOSPC:17`, `short:17`
 * (of a write only half is written, then the disk is full), `ENOSPC:17+` for that one and all that follow.
 * Invariant: the program itself knows nothing of it, so that what is tested is what runs.
 */
import fs from "node:fs"
import promises from "node:fs/promises"
import { registerHooks, syncBuiltinESMExports } from "node:module"

const [mode = "count", where = "0"] = (process.env["CLAW_POINT"] ?? "count").split(":")
const at = Number.parseInt(where, 10)
const andAllAfter = where.endsWith("+")
let passed = 0
let run = 0

const say = fs.writeSync
const errorOf = (name: string): Error =>
  Object.assign(new Error(`${mode === "short" ? "ENOSPC" : mode}: injected, ${name}`), {
    code: mode === "short" ? "ENOSPC" : mode,
    syscall: name,
  })

/** Passes a point. `half` does a part of what was asked. */
export const point = (name: string, detail: string, half?: () => void): void => {
  // A file is made longer by many writes in a row; one after the first stands for the rest.
  run = name === "writeSync" ? run + 1 : 0
  if (run > 2) return
  passed++
  if (mode === "count" || mode === "kill") say(2, `point ${passed} ${name} ${detail}\n`)
  if (mode === "count" || (andAllAfter ? passed < at : passed !== at)) return
  if (mode === "kill") process.kill(process.pid, "SIGKILL")
  if (mode === "short") half?.()
  throw errorOf(name)
}

type Callable = (...args: ReadonlyArray<never>) => unknown
const openers = new Set(["openSync", "open"])
/** Whether a file may be made or changed by opening it so. */
const writes = (flags: unknown): boolean =>
  typeof flags === "number" ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0 : flags !== "r"

const wrap = (target: object, name: string, isPromise: boolean): void => {
  const holder = target as Record<string, Callable>
  const original = holder[name]
  if (original === undefined) throw new Error(`fs has no ${name}`)
  holder[name] = function (this: unknown, ...args: ReadonlyArray<never>): unknown {
    const [first, second] = args as ReadonlyArray<unknown>
    const isOutput = name === "writeSync" && (first === 1 || first === 2)
    if (isOutput || (openers.has(name) && !writes(second ?? "r"))) return original.apply(this, [...args])
    const half = () => {
      if (name === "writeSync") {
        const [fd, bytes, offset = 0, length = 0, position = null] = args as unknown as [
          number,
          Buffer,
          number?,
          number?,
          number?,
        ]
        say(fd, bytes, offset, Math.floor(length / 2), position)
      } else if (name === "writeFileSync")
        (original as (path: unknown, text: unknown) => void)(first, String(second).slice(0, 7))
    }
    const detail = typeof first === "string" ? first : ""
    if (!isPromise) {
      point(name, detail, half)
      return original.apply(this, [...args])
    }
    try {
      point(name, detail, half)
    } catch (error) {
      return Promise.reject(error)
    }
    return original.apply(this, [...args])
  }
}

for (const name of "openSync writeSync writeFileSync renameSync unlinkSync symlinkSync linkSync mkdirSync rmSync chmodSync fsyncSync fdatasyncSync ftruncateSync truncateSync copyFileSync appendFileSync cpSync".split(
  " ",
))
  wrap(fs, name, false)
for (const name of "open writeFile rename unlink symlink link mkdir rm chmod truncate copyFile appendFile cp".split(
  " ",
))
  wrap(promises, name, true)
const handle = await promises.open(process.execPath, "r")
for (const name of ["write", "writev", "writeFile", "appendFile", "sync", "datasync", "truncate"])
  wrap(Object.getPrototypeOf(handle) as object, name, true)
await handle.close()
syncBuiltinESMExports()

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "lmdb" && context.parentURL?.endsWith("/lmdbPoints.ts") !== true
      ? next(new URL("lmdbPoints.ts", import.meta.url).href, context)
      : next(specifier, context),
})
