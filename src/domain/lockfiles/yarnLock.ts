/**
 * yarn.lock, of yarn 1 (its own syntax) and of later yarns (YAML with `__metadata`). The version that
 * counts is the resolved one in the block's body, never the range in its header.
 */
import { mapAt, readBlockYaml, textAt } from "./blockYaml.ts"
import { type LockEntry, locked, Malformed, type Parsed } from "./lockEntry.ts"
import { fetchedInstead, isExactVersion, isOwnFolder, splitSpec } from "./npmNames.ts"

const firstPattern = (header: string): { readonly name: string; readonly rest: string } | null =>
  splitSpec(
    header
      .split(",", 1)[0]!
      .trim()
      .replace(/^["']|["']$/g, ""),
  )

/** `"a@^1", b@npm:c@2` names a package: the first pattern's, or that of the alias it carries. */
const packageOf = (header: string): string | null => {
  const split = firstPattern(header)
  if (split === null) return null
  if (!split.rest.startsWith("npm:")) return split.name
  const target = splitSpec(split.rest.slice(4))
  return target === null ? split.name : target.name
}

interface Block {
  readonly name: string
  readonly line: number
  /** Stands in a folder of the user's own. */
  readonly own: boolean
  version: string | null
  resolved: string | null
  integrity: string | null
}

const field = /^ {2}(version|resolved|integrity) (?:"([^"]*)"|(\S+))\s*$/

/** What is wrong with the block, if anything. */
const finish = (block: Block | null, entries: Array<LockEntry>): string | null => {
  if (block === null) return null
  if (block.version === null) return `no version for ${block.name} (line ${block.line})`
  if (block.own) return null
  entries.push(locked("npm", block.name, block.version, block.integrity, block.resolved))
  const instead = fetchedInstead(block.name, block.version, block.resolved)
  if (instead !== null) entries.push(instead)
  return null
}

const parseClassic = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let block: Block | null = null
  let number = 0
  let problem: string | null = null
  for (const each of text.split("\n")) {
    number++
    const row = each.trimEnd()
    if (row === "" || row.startsWith("#")) continue
    if (!row.startsWith(" ")) {
      const ended = finish(block, entries)
      problem ??= ended
      block = null
      const name = row.endsWith(":") ? packageOf(row.slice(0, -1)) : null
      if (name === null) {
        problem ??= `line ${number} is not yarn's`
        continue
      }
      const own = isOwnFolder(firstPattern(row.slice(0, -1))?.rest ?? "")
      block = { name, line: number, own, version: null, resolved: null, integrity: null }
      continue
    }
    if (block === null) {
      problem ??= `line ${number} stands under no package`
      continue
    }
    const match = field.exec(row)
    if (match !== null) block[match[1] as "version" | "resolved" | "integrity"] = match[2] ?? match[3] ?? null
  }
  const ended = finish(block, entries)
  problem ??= ended
  return problem === null ? entries : new Malformed(problem, entries)
}

const parseBerry = (text: string): Parsed => {
  const root = readBlockYaml(text)
  if (root instanceof Malformed) return root
  const entries: Array<LockEntry> = []
  let problem: string | null = null
  for (const key of root.keys()) {
    if (key === "__metadata") continue
    const body = mapAt(root, key)
    const version = body === null ? null : textAt(body, "version")
    const resolution = body === null ? null : textAt(body, "resolution")
    const target = resolution === null ? null : splitSpec(resolution)
    const from = (target ?? firstPattern(key))?.rest ?? ""
    const name = target?.name ?? packageOf(key)
    if (body === null || version === null) problem ??= `no version for ${key.slice(0, 80)}`
    else if (name === null) problem ??= `no package name in ${key.slice(0, 80)}`
    else if (!/(?:^|#)workspace:/.test(from) && !isOwnFolder(from)) {
      entries.push(locked("npm", name, version, textAt(body, "checksum") ?? undefined))
      const instead = fetchedInstead(name, version, resolution)
      if (instead !== null) entries.push(instead)
    }
  }
  return problem === null ? entries : new Malformed(problem, entries)
}

export const parseYarnLock = (text: string): Parsed =>
  /^__metadata:/m.test(text) ? parseBerry(text) : parseClassic(text)

/** `node_modules/.yarn-state.yml`: what yarn put there, `name@npm:version` each. */
export const parseYarnState = (text: string): Parsed => {
  const root = readBlockYaml(text)
  if (root instanceof Malformed) return root
  return [...root.keys()].flatMap((key) => {
    const split = splitSpec(key)
    const version = /^(?:virtual:[^#]*#)?npm:([^:#]+)/.exec(split?.rest ?? "")?.[1]
    return split === null || version === undefined || !isExactVersion(version)
      ? []
      : [locked("npm", split.name, version)]
  })
}
