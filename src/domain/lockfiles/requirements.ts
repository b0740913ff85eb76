/**
 * Python requirement lines (PEP 508 and pip's requirements files), and files that hold such lines among others.
 * Only `==` and `===` without a wildcard pin a version, and the address of a wheel or source archive; everything
 * else is a range. Options, comments, includes and other addresses are passed over.
 */
import { type LockEntry, locked, type Parsed } from "./lockEntry.ts"

const requirement = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/
const pin = /^={2,3}\s*([^\s,;*]+)$/

const wheel = /(?:^|[/\\])([A-Za-z0-9][\w.]*)-(\d[\w.!+]*)(?:-\d\w*)?-[\w.]+-[\w.]+-[\w.]+\.whl(?:[#?]|$)/
const sourceArchive = /(?:^|[/\\])([A-Za-z0-9][\w.-]*?)-(\d[\w.!+]*?)\.(?:tar\.gz|tar\.bz2|zip|tgz)(?:[#?]|$)/

/** The package that an archive's name says it is. */
const pythonArchive = (address: string): LockEntry | null => {
  const match = wheel.exec(address) ?? sourceArchive.exec(address)
  return match === null ? null : locked("pypi", match[1]!, match[2]!.replaceAll("_", "+"))
}

const isAddress = /^(?:https?:\/\/|file:|\.{0,2}\/)/
/** Where a version control system keeps it: its tag is no release of the index. */
const isCheckout = /^(?:git|hg|svn|bzr)\+|\/(?:archive|tarball|zipball)\//

/** One requirement; null where the text names no package of the index. */
export const pythonRequirement = (text: string): LockEntry | null => {
  const bare = text.split(/;|\s--|\s#/, 1)[0]!.trim()
  if (isAddress.test(bare)) return isCheckout.test(bare) ? null : pythonArchive(bare)
  const match = requirement.exec(bare)
  if (match === null) return null
  const spec = match[2]!.trim().replace(/^\(\s*(.*?)\s*\)$/, "$1")
  if (spec.startsWith("@")) {
    const address = spec.slice(1).trim()
    return isAddress.test(address) && !isCheckout.test(address) ? pythonArchive(address) : null
  }
  if (spec !== "" && !/^[=<>!~]/.test(spec)) return null
  const exact = pin.exec(spec)?.[1]
  return { ecosystem: "pypi", name: match[1]!, version: exact ?? (spec || "*"), pinned: exact !== undefined }
}

export const parseRequirements = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  for (const each of text.replace(/\\\r?\n/g, " ").split("\n")) {
    const row = each.trim()
    if (row === "" || row.startsWith("#") || row.startsWith("-")) continue
    const entry = pythonRequirement(row)
    if (entry !== null) entries.push(entry)
  }
  return entries
}

/** Programs and settings that hold requirements as strings (setup.py, setup.cfg, tox.ini): only pins are taken. */
export const parsePinnedStrings = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  for (const match of text.matchAll(
    /(?:^[ \t]*|["'=])([A-Za-z0-9][\w.-]*(?:\[[\w,. -]*\])? ?={2,3} ?[^\s"',;*]+)(?=[\s"',;]|$)/gm,
  )) {
    const entry = pythonRequirement(match[1]!)
    if (entry !== null && /\d/.test(entry.version)) entries.push(entry)
  }
  return entries
}

/** environment.yml: what stands under `- pip:`; conda's own packages are of another registry. */
export const parseCondaEnvironment = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  let pipIndent: number | null = null
  for (const each of text.split("\n")) {
    const item = /^(\s*)-\s+(.*?)\s*$/.exec(each)
    if (item === null) continue
    const indent = item[1]!.length
    if (pipIndent !== null && indent <= pipIndent) pipIndent = null
    if (/^pip:$/.test(item[2]!)) pipIndent = indent
    else if (pipIndent !== null) {
      const entry = pythonRequirement(item[2]!.replace(/^(["'])(.*)\1$/, "$2"))
      if (entry !== null) entries.push(entry)
    }
  }
  return entries
}

/** conda-lock.yml and pixi.lock: of their list of packages those that pip installs. */
export const parseCondaLock = (text: string): Parsed => {
  const entries: Array<LockEntry> = []
  for (const block of text.split(/^\s{0,4}- (?=name:|pypi:|kind:|conda:)/m).slice(1)) {
    const field = (name: string): string | undefined =>
      new RegExp(`^\\s*${name}:\\s*["']?([^\\s"']+)`, "m").exec(block)?.[1]
    const isPip = field("manager") === "pip" || field("kind") === "pypi" || field("pypi") !== undefined
    const name = field("name")
    const version = field("version")
    if (!isPip) continue
    const archive = field("pypi") ?? field("url")
    if (name !== undefined && version !== undefined) entries.push(locked("pypi", name, version))
    else if (archive !== undefined) entries.push(...[pythonArchive(archive)].filter((each) => each !== null))
  }
  return entries
}

/** `NAME-VERSION.dist-info/METADATA` and `PKG-INFO`: what is installed. */
export const parsePythonMetadata = (text: string): Parsed => {
  const head = text.split(/\r?\n\r?\n/, 1)[0]!
  const name = /^Name:\s*(\S+)\s*$/im.exec(head)?.[1]
  const version = /^Version:\s*(\S+)\s*$/im.exec(head)?.[1]
  return name === undefined || version === undefined ? [] : [locked("pypi", name, version)]
}
