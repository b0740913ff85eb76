/**
 * git's subcommands (asked of git itself, outside every repository) and the aliases of the user's own configuration,
 * with the files it includes. The repository's aliases are left out: an outsider may have written them.
 */
import { Effect } from "effect"
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { parseConfig, type ConfigEntry } from "../git/config.ts"
import { readWhole } from "../git/files.ts"
import { plumbing, type PlumbingError } from "../git/plumbing.ts"

const maxIncludes = 32

const entriesOf = (file: string, home: string, seen: Set<string>): ReadonlyArray<ConfigEntry> => {
  if (seen.has(file) || seen.size > maxIncludes) return []
  seen.add(file)
  let text: string
  try {
    text = readWhole(file, 1 << 20)?.toString("utf8") ?? ""
  } catch {
    return []
  }
  return parseConfig(text).entries.flatMap((entry) => {
    if (entry.section !== "include" || entry.key !== "path" || entry.value === null) return [entry]
    const named = entry.value.startsWith("~/") ? path.join(home, entry.value.slice(2)) : entry.value
    return entriesOf(path.resolve(path.dirname(file), named), home, seen)
  })
}

const userAliases = (home: string): Readonly<Record<string, string>> => {
  const seen = new Set<string>()
  const aliases = new Map<string, string>()
  for (const file of [path.join(home, ".config", "git", "config"), path.join(home, ".gitconfig")])
    for (const entry of entriesOf(file, home, seen)) {
      // `alias.name` and, since git 2.53, `alias.<name>.command`.
      const name = entry.subsection === null ? entry.key : entry.key === "command" ? entry.subsection : null
      if (entry.section === "alias" && name !== null && entry.value !== null) aliases.set(name, entry.value)
    }
  return Object.fromEntries([...aliases].slice(0, 500))
}

export const gitCommands = (options: {
  readonly workspace: string
  readonly home: string
  readonly path: string
}): Effect.Effect<ProbeAnswer<"gitCommands">, PlumbingError> =>
  plumbing(["--list-cmds=main,others,nohelpers"], options).pipe(
    Effect.map((output) => ({
      commands: [...new Set(output.toString("utf8").split("\n"))]
        .filter((name) => /^[a-z][\w.-]*$/i.test(name))
        .sort(),
      aliases: userAliases(options.home),
    })),
  )
