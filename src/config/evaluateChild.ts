/**
 * Runs in a process of its own: imports one configuration file and writes its default export as JSON to fd 3.
 * The file may import `claw-assistant/config` and nothing else, because trust covers its own bytes only.
 */
import { writeSync } from "node:fs"
import { registerHooks } from "node:module"
import { pathToFileURL } from "node:url"

/** What JSON would drop or bend in silence is refused by its place, so that no setting is lost unnoticed. */
const notPlain = (value: unknown, place: string): string | null => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return null
  if (typeof value === "number") return Number.isFinite(value) ? null : `${place} is ${value}`
  if (typeof value !== "object") return `${place} is a ${typeof value}`
  if (Array.isArray(value)) {
    return value.reduce<string | null>((found, inner, n) => found ?? notPlain(inner, `${place}[${n}]`), null)
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return `${place} is a ${(prototype as { readonly constructor: { readonly name: string } }).constructor.name}`
  }
  return Object.entries(value).reduce<string | null>(
    (found, [key, inner]) =>
      found ?? (inner === undefined ? null : notPlain(inner, place === "it" ? key : `${place}.${key}`)),
    null,
  )
}

const plain = (value: unknown) => {
  const fault = notPlain(value, "it")
  return fault === null ? { value } : { error: `${fault}: the settings must be plain data`, line: null }
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
