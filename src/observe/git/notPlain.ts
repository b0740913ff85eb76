/**
 * Which keys of a repository's own configuration make plain git commands run programs or read elsewhere.
 * A repository that has any of them is "not plain". Names only: values may hold secrets and are never shown.
 */
import * as path from "node:path"
import type { ConfigEntry } from "./config.ts"

const anyKey = new Set(["filter", "alias", "gpg", "credential", "include", "includeif", "hook", "pager"])
const core = new Set([
  "fsmonitor",
  "hookspath",
  "pager",
  "editor",
  "sshcommand",
  "worktree",
  "askpass",
  "gitproxy",
  "alternaterefscommand",
])
const bySection = new Map<string, RegExp>(
  Object.entries({
    diff: /^(command|textconv|external)$/,
    merge: /^driver$/,
    remote: /^(uploadpack|receivepack|vcs)$/,
    uploadpack: /^packobjectshook$/,
    sequence: /^editor$/,
    interactive: /^difffilter$/,
    difftool: /^(cmd|path)$/,
    mergetool: /^(cmd|path)$/,
    browser: /^(cmd|path)$/,
    man: /^(cmd|path)$/,
    trailer: /^(cmd|command)$/,
    sendemail: /cmd$|^smtpserver$/,
    instaweb: /^(httpd|browser)$/,
    log: /^showsignature$/,
    protocol: /^allow$/,
  }),
)

const runs = (entry: ConfigEntry): boolean => {
  if (anyKey.has(entry.section)) return true
  if (entry.section === "core") return core.has(entry.key)
  if (entry.section === "submodule" && entry.key === "update") return entry.value?.startsWith("!") === true
  if (entry.section === "url") return entry.subsection?.startsWith("ext::") === true
  if (entry.section === "remote" && (entry.key === "url" || entry.key === "pushurl"))
    return entry.value?.startsWith("ext::") === true
  return bySection.get(entry.section)?.test(entry.key) === true
}

/** Sorted, without doubles, at most 100. A submodule's `core.worktree` that names the workspace itself is plain. */
export const notPlainKeys = (
  entries: ReadonlyArray<ConfigEntry>,
  gitDir: string,
  workspace: string,
): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (const entry of entries) {
    if (!runs(entry)) continue
    if (
      entry.section === "core" &&
      entry.key === "worktree" &&
      path.resolve(gitDir, entry.value ?? "") === workspace
    )
      continue
    names.add([entry.section, ...(entry.subsection === null ? [] : [entry.subsection]), entry.key].join("."))
  }
  return [...names].sort().slice(0, 100)
}
