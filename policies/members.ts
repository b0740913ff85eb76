/**
 * Reading policy files: problems with their place, and typed access to the members of a TOML table.
 * Invariant: whatever does not fit is noted as a problem at its line and column; nothing is silently coerced.
 */
import { nearest } from "../src/domain/nearest.ts"
import type { TomlDocument, TomlPath } from "../src/domain/toml.ts"

/** A place in a policy file, and what is wrong there. Warnings leave the file in force. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
  readonly severity: "error" | "warning"
}
export interface SourceText {
  readonly file: string
  readonly text: string
}

export const roles = [
  "text",
  "read",
  "write",
  "delete",
  "tree",
  "rev",
  "url",
  "host",
  "code",
  "package",
  "script",
  "command",
  "peer",
] as const
export type Role = (typeof roles)[number]
export type Raw = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const isStrings = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((each) => typeof each === "string")

/** Reads typed members of one TOML table and notes what does not fit, with its place. */
export class Members {
  private readonly raw: Raw
  private readonly path: TomlPath
  private readonly document: TomlDocument
  private readonly file: string
  private readonly problems: Array<Problem>

  constructor(raw: Raw, path: TomlPath, document: TomlDocument, file: string, problems: Array<Problem>) {
    this.raw = raw
    this.path = path
    this.document = document
    this.file = file
    this.problems = problems
  }
  get line(): number {
    return this.document.locate(this.path).line
  }
  problem(
    key: string | null,
    message: string,
    severity: "error" | "warning" = "error",
    index?: number,
  ): void {
    const path = [...this.path, ...(key === null ? [] : [key]), ...(index === undefined ? [] : [index])]
    this.problems.push({ file: this.file, ...this.document.locate(path), message, severity })
  }
  known(keys: ReadonlyArray<string>): void {
    for (const key of Object.keys(this.raw)) {
      if (keys.includes(key)) continue
      const near = nearest(key, keys)
      this.problem(key, `unknown key "${key}"${near === null ? "" : `, did you mean "${near}"?`}`)
    }
  }
  has(key: string): boolean {
    return Object.hasOwn(this.raw, key)
  }
  get(key: string): unknown {
    return this.has(key) ? this.raw[key] : undefined
  }
  /** One string or a list of strings. */
  strings(key: string): ReadonlyArray<string> {
    const value = this.get(key)
    if (value === undefined) return []
    if (typeof value === "string") return [value]
    if (isStrings(value)) return value
    this.problem(key, `"${key}" must be a string or a list of strings`)
    return []
  }
  string(key: string): string | null {
    const value = this.get(key)
    if (value === undefined || typeof value === "string") return value ?? null
    this.problem(key, `"${key}" must be a string`)
    return null
  }
  number(key: string, otherwise: number): number {
    const value = this.get(key)
    if (value === undefined || (typeof value === "number" && Number.isInteger(value)))
      return value ?? otherwise
    this.problem(key, `"${key}" must be a whole number`)
    return otherwise
  }
  flag(key: string): boolean {
    const value = this.get(key)
    if (value === undefined || typeof value === "boolean") return value ?? false
    this.problem(key, `"${key}" must be true or false`)
    return false
  }
  oneOf<const T extends string>(key: string, values: ReadonlyArray<T>): T | null {
    const value = this.get(key)
    if (value === undefined) return null
    const found = values.find((each) => each === value)
    if (found !== undefined) return found
    this.problem(key, `"${key}" must be one of ${values.join(", ")}`)
    return null
  }
  /** Names -> role. */
  roles(key: string): ReadonlyMap<string, Role> {
    const value = this.get(key) ?? {}
    const found = new Map<string, Role>()
    if (!isRecord(value)) {
      this.problem(key, `"${key}" must be a table`)
      return found
    }
    for (const [names, role] of Object.entries(value)) {
      const known = roles.find((each) => each === role)
      if (known === undefined) this.problem(key, `"${String(role)}" is no role (${roles.join(", ")})`)
      else for (const name of names.split(" ")) found.set(name, known)
    }
    return found
  }
}

/** The tables of `[[key]]`. */
export const tables = (m: Members, key: string): ReadonlyArray<Raw> => {
  const value = m.get(key)
  if (value === undefined) return []
  if (Array.isArray(value) && value.every(isRecord)) return value
  m.problem(key, `"${key}" must be written as [[${key}]]`)
  return []
}
