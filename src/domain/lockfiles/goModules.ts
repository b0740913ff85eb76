/** go.mod, go.work, go.sum and `vendor/modules.txt`. A replaced module's new target counts too; versions keep their `v`. */
import { type LockEntry, locked, Malformed, type Parsed } from "./lockEntry.ts"

const required = /^(?:require\s+)?("?)([^\s"()]+)\1\s+(v\d\S*)$/
const replacement = /^(?:replace\s+)?\S+(?:\s+v\S+)?\s+=>\s+("?)([^\s"]+)\1\s+(v\d\S*)$/

/** `own`: the line that no such file goes without. */
const parseDirectives = (text: string, own: "module" | "go"): Parsed => {
  const entries: Array<LockEntry> = []
  let problem: string | null = null
  let block = ""
  let module = false
  for (const each of text.split("\n")) {
    const row = each
      .trim()
      .replace(/\/\/.*$/, "")
      .trim()
    if (row === "") continue
    if (row === ")") {
      block = ""
      continue
    }
    const opened = /^(\w+)\s*\($/.exec(row)
    if (opened !== null) {
      block = opened[1]!
      continue
    }
    const verb = block === "" ? row.split(/\s/, 1)[0]! : block
    if (verb === own) module = true
    const match = verb === "require" ? required.exec(row) : verb === "replace" ? replacement.exec(row) : null
    if (match !== null) entries.push(locked("go", match[2]!, match[3]!))
    else if (verb === "require") problem ??= `not a requirement: ${row.slice(0, 80)}`
  }
  if (block !== "") problem ??= "an open block at the end"
  if (!module) problem ??= `no ${own} line`
  return problem === null ? entries : new Malformed(problem, entries)
}

export const parseGoMod = (text: string): Parsed => parseDirectives(text, "module")
export const parseGoWork = (text: string): Parsed => parseDirectives(text, "go")

/** `# module v1.2.3`, with `=> other v1.2.4` where it is replaced. */
const vendored = /^# (?:\S+ (?:v\S+ )?=> )?(\S+) (v\d\S*)$/

export const parseVendoredModules = (text: string): Parsed =>
  text.split("\n").flatMap((row) => {
    const match = vendored.exec(row.trim())
    return match === null ? [] : [locked("go", match[1]!, match[2]!)]
  })

const sum = /^(\S+) (v\S+?)(?:\/go\.mod)? (h\d+:\S+)$/

export const parseGoSum = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let number = 0
  let problem: string | null = null
  for (const each of text.split("\n")) {
    number++
    const row = each.trim()
    if (row === "") continue
    const match = sum.exec(row)
    if (match === null) problem ??= `line ${number} is not a checksum`
    else entries.push(locked("go", match[1]!, match[2]!, match[3]))
  }
  return problem === null ? entries : new Malformed(problem, entries)
}
