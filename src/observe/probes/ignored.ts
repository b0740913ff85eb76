/** Whether git would ignore a file of the workspace, by the ignore files there are now; each is read once. */
import { join } from "node:path"
import { isIgnored, type IgnoreRules, withPatterns } from "../../domain/ignore.ts"
import { readBaseRules, readPatterns } from "../fs/ignoreFiles.ts"

const bytesOf = (path: string): string => Buffer.from(path, "utf8").toString("latin1")

const upOf = (path: string): string => {
  const at = path.lastIndexOf("/")
  return at < 0 ? "" : path.slice(0, at)
}

const joined = (prefix: string, path: string): string =>
  prefix === "" ? path : path === "" ? prefix : `${prefix}/${path}`

/** Asks for paths relative to the workspace, with `/`. */
export const isIgnoredIn = (workspace: string): ((path: string) => boolean) => {
  const base = readBaseRules(workspace, null)
  const known = new Map<string, IgnoreRules>()
  /** Rules for what lies in this folder. */
  const rulesIn = (folder: string): IgnoreRules => {
    const before = known.get(folder)
    if (before !== undefined) return before
    const above = folder === "" ? base.rules : rulesIn(upOf(folder))
    const text = readPatterns(join(workspace, folder, ".gitignore"))
    const rules = text === null ? above : withPatterns(above, joined(base.prefix, bytesOf(folder)), text)
    known.set(folder, rules)
    return rules
  }
  return (path) => isIgnored(rulesIn(upOf(path)), joined(base.prefix, bytesOf(path)), false)
}
