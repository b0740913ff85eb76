/** go.mod and go.sum. A replaced module's new target counts too; versions keep their `v`. */
import { type LockEntry, locked, Malformed, type Parsed } from "./lockEntry.ts"

const required = /^(?:require\s+)?("?)([^\s"()]+)\1\s+(v\d\S*)$/
const replacement = /^(?:replace\s+)?\S+(?:\s+v\S+)?\s+=>\s+("?)([^\s"]+)\1\s+(v\d\S*)$/

export const parseGoMod = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let block = ""
  let module = false
  for (const each of text.split("\n")) {
    const row = each.replace(/\/\/.*$/, "").trim()
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
    if (verb === "module") module = true
    const match = verb === "require" ? required.exec(row) : verb === "replace" ? replacement.exec(row) : null
    if (match !== null) entries.push(locked("go", match[2]!, match[3]!))
    else if (verb === "require") return new Malformed(`not a requirement: ${row.slice(0, 80)}`)
  }
  if (block !== "") return new Malformed("an open block at the end")
  return module ? entries : new Malformed("no module line")
}

const sum = /^(\S+) (v\S+?)(?:\/go\.mod)? (h\d+:\S+)$/

export const parseGoSum = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let number = 0
  for (const each of text.split("\n")) {
    number++
    const row = each.trim()
    if (row === "") continue
    const match = sum.exec(row)
    if (match === null) return new Malformed(`line ${number} is not a checksum`)
    entries.push(locked("go", match[1]!, match[2]!, match[3]))
  }
  return entries
}
