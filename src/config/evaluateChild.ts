/**
 * Runs in a process of its own: imports one configuration file and writes its default export as JSON to fd 3.
 * The file may import `claw-assistant/config` and nothing else, because trust covers its own bytes only.
 */
import { writeSync } from "node:fs"
import { registerHooks } from "node:module"
import { pathToFileURL } from "node:url"

/** Settings that lie deeper than this are none. */
const deepest = 40

/** What JSON would drop or bend in silence, at its place. */
class NotPlain extends Error {}

/**
 * A copy in which everything was read once, so that what was looked at is what is told; whatever JSON would drop or bend in
 * silence ends it, so that no setting is lost unnoticed.
 */
const plainCopy = (value: unknown, place: string, above: ReadonlyArray<unknown> = []): unknown => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value
    throw new NotPlain(`${place} is ${value}`)
  }
  if (typeof value !== "object") throw new NotPlain(`${place} is a ${typeof value}`)
  if (above.includes(value)) throw new NotPlain(`${place} leads back to itself`)
  if (above.length > deepest) throw new NotPlain(`${place} lies too deep`)
  const within = [...above, value]
  if (Array.isArray(value))
    return Array.from(value, (inner: unknown, n) => plainCopy(inner, `${place}[${n}]`, within))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    const kind = (prototype as Partial<object>).constructor?.name
    throw new NotPlain(`${place} is ${kind === undefined ? "no plain object" : `a ${kind}`}`)
  }
  if (Object.getOwnPropertySymbols(value).length > 0) throw new NotPlain(`${place} has a symbol for a key`)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [[key, plainCopy(inner, place === "it" ? key : `${place}.${key}`, within)]],
    ),
  )
}

const plain = (value: unknown) => {
  try {
    return { value: plainCopy(value, "it") }
  } catch (error) {
    const why =
      error instanceof NotPlain
        ? error.message
        : `it cannot be read (${error instanceof Error ? error.message : "it throws"})`
    return { error: `${why}: the settings must be plain data`, line: null }
  }
}

export const evaluateChild = async (file: string): Promise<void> => {
  const entry = pathToFileURL(file).href
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === entry) return next(specifier, context)
      if (specifier === "claw-assistant/config") {
        return {
          url: "data:text/javascript,export const defineConfig = (settings) => settings",
          shortCircuit: true,
        }
      }
      throw new Error(
        `a configuration file may import only "claw-assistant/config", not ${JSON.stringify(specifier)}`,
      )
    },
  })
  const answer = await import(entry).then(
    (loaded: { readonly default?: unknown }) =>
      loaded.default === undefined
        ? { error: "it has no default export: write `export default defineConfig({ ... })`", line: null }
        : plain(loaded.default),
    (error: unknown) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const at = new RegExp(`${file.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}:(\\d+)`).exec(stack)
      return {
        error: error instanceof Error ? `${error.name}: ${error.message.split("\n")[0]}` : String(error),
        line: at === null ? null : Number(at[1]),
      }
    },
  )
  writeSync(3, JSON.stringify(answer))
}
