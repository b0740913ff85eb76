/**
 * The YAML head of a Markdown file, between `---` lines, as rules for editors, agents and skills carry it. Pure and total.
 * Invariant: a head that cannot be read says so; the body is never lost with it.
 */
import { parse } from "yaml"

export interface FrontMatter {
  readonly fields: Readonly<Record<string, unknown>>
  readonly body: string
  /** What is wrong with the head, in one line; null: nothing, or there is none. */
  readonly problem: string | null
}

/** A head is small: what is larger is text. */
const largestHead = 64 * 1024

/** Lines of `description: text: with a colon`, which YAML refuses and people write all the same. */
const plainFields = (head: string): Readonly<Record<string, unknown>> | null => {
  const fields: Record<string, unknown> = {}
  for (const line of head.split(/\r?\n/)) {
    if (line.trim() === "") continue
    const field = /^([A-Za-z][\w-]*):[ \t]*(.*)$/.exec(line)
    if (field === null) return null
    fields[field[1]!] = field[2]!.trim()
  }
  return fields
}

const fieldsOf = (head: string): Omit<FrontMatter, "body"> => {
  try {
    const value: unknown = parse(head, { maxAliasCount: 0, logLevel: "error" })
    if (value === null) return { fields: {}, problem: null }
    if (typeof value === "object" && !Array.isArray(value)) {
      return { fields: value as Readonly<Record<string, unknown>>, problem: null }
    }
    return { fields: {}, problem: "its head is no list of keys" }
  } catch (error) {
    const plain = plainFields(head)
    if (plain !== null) return { fields: plain, problem: null }
    const [first = ""] = (error instanceof Error ? error.message : String(error)).split("\n")
    return { fields: {}, problem: `its head is no YAML: ${first}` }
  }
}

export const frontMatter = (text: string): FrontMatter => {
  const found = /^\uFEFF?---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)??---[ \t]*(?:\r?\n|$)/.exec(text)
  if (found === null || (found[1] ?? "").length > largestHead)
    return { fields: {}, body: text, problem: null }
  return { ...fieldsOf(found[1] ?? ""), body: text.slice(found[0].length) }
}

/** A field that is one string or a list of them, or names parted by commas. */
export const stringsOf = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === "string")
  if (typeof value !== "string") return []
  return value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
}
