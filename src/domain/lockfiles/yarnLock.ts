/**
 * yarn.lock, of yarn 1 (its own syntax) and of later yarns (YAML with `__metadata`). The version that
 * counts is the resolved one in the block's body, never the range in its header.
 */
import { mapAt, readBlockYaml, textAt } from "./blockYaml.ts"
import { type LockEntry, locked, Malformed, type Parsed } from "./lockEntry.ts"
import { fetchedInstead, splitSpec } from "./npmNames.ts"

/** `"a@^1", b@npm:c@2` names a package: the first pattern's, or that of the alias it carries. */
const packageOf = (header: string): string | null => {
  const first = header.split(",", 1)[0]!.trim().replace(/^"|"$/g, "")
  const split = splitSpec(first)
  if (split === null) return null
  if (!split.rest.startsWith("npm:")) return split.name
  const target = splitSpec(split.rest.slice(4))
  return target === null ? split.name : target.name
}

interface Block {
  readonly name: string
  readonly line: number
  version: string | null
  resolved: string | null
  integrity: string | null
}

const field = /^ {2}(version|resolved|integrity) (?:"([^"]*)"|(\S+))\s*$/

const finish = (block: Block | null, entries: Array<LockEntry>): Malformed | null => {
  if (block === null) return null
  if (block.version === null) return new Malformed(`no version for ${block.name} (line ${block.line})`)
  entries.push(locked("npm", block.name, block.version, block.integrity, block.resolved))
  const instead = fetchedInstead(block.name, block.version, block.resolved)
  if (instead !== null) entries.push(instead)
  return null
}

const parseClassic = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let block: Block | null = null
  let number = 0
  for (const each of text.split("\n")) {
    number++
    const row = each.trimEnd()
    if (row === "" || row.startsWith("#")) continue
    if (!row.startsWith(" ")) {
      const ended = finish(block, entries)
      if (ended !== null) return ended
      const name = row.endsWith(":") ? packageOf(row.slice(0, -1)) : null
      if (name === null) return new Malformed(`line ${number} is not yarn's`)
      block = { name, line: number, version: null, resolved: null, integrity: null }
      continue
    }
    if (block === null) return new Malformed(`line ${number} stands under no package`)
    const match = field.exec(row)
    if (match !== null) block[match[1] as "version" | "resolved" | "integrity"] = match[2] ?? match[3] ?? null
  }
  return finish(block, entries) ?? entries
}

const parseBerry = (text: string): Parsed => {
  const root = readBlockYaml(text)
  if (root instanceof Malformed) return root
  const entries: Array<LockEntry> = []
  for (const key of root.keys()) {
    if (key === "__metadata") continue
    const body = mapAt(root, key)
    const version = body === null ? null : textAt(body, "version")
    if (body === null || version === null) return new Malformed(`no version for ${key.slice(0, 80)}`)
    const resolution = textAt(body, "resolution")
    const name = (resolution === null ? null : splitSpec(resolution)?.name) ?? packageOf(key)
    if (name === null) return new Malformed(`no package name in ${key.slice(0, 80)}`)
    if (resolution?.includes("@workspace:") !== true)
      entries.push(locked("npm", name, version, textAt(body, "checksum") ?? undefined))
  }
  return entries
}

export const parseYarnLock = (text: string): Parsed =>
  /^__metadata:/m.test(text) ? parseBerry(text) : parseClassic(text)
