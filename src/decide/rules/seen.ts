/**
 * A situation as rules written as data see it: which files, which command, what text, which branch, and the words it
 * lends to placeholders. One shape for all kinds. Pure.
 */
import { moves, type SituationName } from "../../config/reflexRules.ts"
import type { Situation } from "../../domain/situation.ts"
import { partsOf } from "../corrections/line.ts"
import { baseName } from "../paths.ts"
import { isSituation, type SituationOf } from "../situationData.ts"

export interface SeenCommandLine {
  readonly line: string
  readonly cwd: string
  /** As probes want it. */
  readonly dir: string
  readonly exit: number
  readonly session: string
  readonly durationMs: number
  /** The words of each of its commands, the program without its path. */
  readonly parts: ReadonlyArray<ReadonlyArray<string>>
}

export interface Seen {
  readonly files: ReadonlyArray<string>
  readonly command: SeenCommandLine | null
  /** What was printed, or the commit's subject. */
  readonly text: string
  readonly how: (typeof moves)[number] | null
  /** `undefined`: the situation does not say. */
  readonly branch: string | null | undefined
  readonly head: string | null | undefined
  /** Words for placeholders. */
  readonly words: Readonly<Record<string, string>>
}

const nothing: Seen = {
  files: [],
  command: null,
  text: "",
  how: null,
  branch: undefined,
  head: undefined,
  words: {},
}

const maxLine = 4_096
const maxParts = 20

const ofCommand = ({ data }: SituationOf<"command.failed" | "command.done">): Seen => {
  const parts =
    data.command.length > maxLine
      ? []
      : partsOf(data.command)
          .slice(0, maxParts)
          .map(([program, ...words]) => [baseName(program!.text), ...words.map(({ text }) => text)])
  return {
    ...nothing,
    text: data.output ?? "",
    command: {
      line: data.command,
      cwd: data.cwd,
      dir: data.dir,
      exit: data.exit,
      session: data.session,
      durationMs: data.durationMs,
      parts,
    },
    words: { exit: String(data.exit), minutes: String(Math.round(data.durationMs / 60_000)) },
  }
}

/** Null: of this kind no rule written as data is. */
export const seenIn = (situation: Situation): Seen | null => {
  if (isSituation(situation, "command.failed") || isSituation(situation, "command.done"))
    return ofCommand(situation)
  if (isSituation(situation, "files.settled") || isSituation(situation, "index.staged"))
    return { ...nothing, files: situation.data.paths }
  if (isSituation(situation, "commit.made")) {
    const { branch, paths, sha, subject } = situation.data
    return { ...nothing, files: paths, text: subject, branch, head: sha, words: { subject } }
  }
  if (isSituation(situation, "head.moved")) {
    const { branch, from, fromBranch, how, paths, to } = situation.data
    const words = { how, from: fromBranch ?? from.slice(0, 10) }
    return { ...nothing, files: paths, how, branch, head: to, words }
  }
  if (isSituation(situation, "merge.conflicted")) {
    const { branch, head, operation, paths } = situation.data
    return { ...nothing, files: paths, branch, head, words: { operation } }
  }
  if (isSituation(situation, "remote.fetched")) return { ...nothing, branch: situation.data.branch }
  if (isSituation(situation, "work.uncommitted") || isSituation(situation, "work.resumed"))
    return { ...nothing, branch: situation.data.branch, head: situation.data.head }
  return null
}

const commandKinds: ReadonlySet<SituationName> = new Set(["command.failed", "command.done"])
const fileKinds: ReadonlySet<SituationName> = new Set([
  "files.settled",
  "index.staged",
  "commit.made",
  "head.moved",
  "merge.conflicted",
])

export const isAboutCommand = (when: SituationName): boolean => commandKinds.has(when)
export const isAboutFiles = (when: SituationName): boolean => fileKinds.has(when)

/** Placeholders that a situation of this kind fills by itself. */
export const wordsOf = (when: SituationName): ReadonlyArray<string> => [
  "branch",
  ...(isAboutCommand(when) ? ["line", "program", "exit", "minutes"] : []),
  ...(isAboutFiles(when) ? ["file", "files", "count", "folder"] : []),
  ...(when === "commit.made" ? ["subject"] : []),
  ...(when === "head.moved" ? ["how", "from"] : []),
  ...(when === "merge.conflicted" ? ["operation"] : []),
]
