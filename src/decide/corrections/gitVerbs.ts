/** Git's subcommands and the verbs below them, as its own messages and usage tell them. */
import { insertedAfter, replaced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, rule } from "./rule.ts"
import { gitSubcommandAt, subcommandsOf } from "./subcommands.ts"

export const unknownSubcommand = rule(
  "git-unknown-subcommand",
  { program: "git", says: /is not a git command/ },
  (failed, { facts }) => {
    const at = gitSubcommandAt(failed.words)
    if (at < 0 || !failed.output.includes(`'${failed.words[at]}'`)) return []
    const aliases = Object.keys(facts.get<"gitCommands">({ _tag: "gitCommands" })?.aliases ?? {})
    return eachPlain(closest(failed.words[at]!, [...subcommandsOf("git")!.usual, ...aliases]), (word) =>
      replaced(failed, at, word),
    )
  },
  { asks: () => [{ _tag: "gitCommands" }] },
)

export const helpOfAlias = rule(
  "git-help-of-alias",
  { program: "git", typed: /^help \S+$/, says: /is aliased to [`']/ },
  (failed) =>
    eachPlain([/aliased to [`']([\w-]+)/.exec(failed.output)?.[1]], (word) => replaced(failed, 2, word)),
  { notOffered: true },
)

const bisectUsage = /usage: git bisect (?:<subcommand>|\[([\w|]+)\])/

export const bisect = rule(
  "git-bisect",
  { program: "git", typed: /^bisect \S+/, says: /usage: git bisect|unknown command: .*git bisect/ },
  (failed) => {
    const listed = bisectUsage.exec(failed.output)?.[1]?.split("|")
    const known = listed ?? [
      "start",
      "bad",
      "good",
      "new",
      "old",
      "terms",
      "skip",
      "next",
      "reset",
      "visualize",
      "view",
      "replay",
      "log",
      "run",
      "help",
    ]
    return eachPlain(closest(failed.words[2]!, known, { cutoff: 0.4 }), (word) => replaced(failed, 2, word))
  },
)

const stashVerbs = [
  "apply",
  "branch",
  "clear",
  "create",
  "drop",
  "list",
  "pop",
  "push",
  "save",
  "show",
  "store",
]

export const stashVerb = rule(
  "git-stash-verb",
  { program: "git", typed: /^stash \S+/, says: /usage:? +git stash|subcommand wasn't specified/i },
  (failed) => {
    const typed = failed.words[2]!
    if (stashVerbs.includes(typed)) return []
    const near = eachPlain(closest(typed, stashVerbs, { cutoff: 0.68 }), (word) => replaced(failed, 2, word))
    return near.length > 0 ? near : [insertedAfter(failed, 1, "save")]
  },
)

export const remoteVerb = rule(
  "git-remote-verb",
  { program: "git", typed: /^remote (?:delete|del)\b/ },
  (failed) => [replaced(failed, 2, "remove")],
)

export const remoteUnknown = rule(
  "git-remote-unknown",
  { program: "git", typed: /^remote set-url \S+/, says: /No such remote/ },
  (failed) => [replaced(failed, 2, "add")],
)

export const remoteExists = rule(
  "git-remote-exists",
  { program: "git", typed: /^remote add \S+ \S+$/, says: /remote \S+ already exists/ },
  (failed) => [replaced(failed, 2, "set-url")],
)

export const lfs = rule(
  "git-lfs",
  { program: "git", typed: /^lfs \S+/, says: /unknown command "[^"]+" for "git-lfs"/ },
  (failed) =>
    eachPlain(
      closest(failed.words[2]!, [
        "checkout",
        "clean",
        "dedup",
        "env",
        "fetch",
        "fsck",
        "install",
        "lock",
        "locks",
        "logs",
        "ls-files",
        "migrate",
        "prune",
        "pull",
        "push",
        "status",
        "track",
        "uninstall",
        "unlock",
        "untrack",
        "update",
        "version",
      ]),
      (word) => replaced(failed, 2, word),
    ),
)
