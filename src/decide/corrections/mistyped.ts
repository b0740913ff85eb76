/**
 * Names that were mistyped, told without any output: the program (the shell gave 127 and no such program is on PATH)
 * and the subcommands of git and npm (neither their own list nor the user's aliases or scripts hold the word).
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, eachReplaced, type Failed, type Known } from "./Correction.ts"
import { isEveryday } from "./programs.ts"
import { closest } from "./rank.ts"
import { gitSubcommandAt, isSubcommand, subcommandsOf } from "./subcommands.ts"

const absence = /not found|is not recognized|not currently installed|currently not installed/i

/** What runs another program says it of a file. */
const wrapped = /^(?:env|nice|nohup|time|command): .*: No such file or directory$/

/** The shell that speaks, with its place in what it ran: what follows is what it speaks of. */
const speaker =
  /^-?(?:ba|z|da|fi|k)?sh(?:: line \d+|:\d+)?: (?=.+:)|^-?(?:z|fi)sh: (?=command not found:|Unknown)/

/** What a sentence says is of no name in another. */
const sentences = (line: string): ReadonlyArray<string> => line.replace(speaker, "").split(/(?<=[.?!])\s+/)

/** A shell's words for it: the name, then that it is not there; or the other way round. */
const tellsAbsence = (output: string, name: string): boolean =>
  output
    .split("\n", 40)
    .flatMap(sentences)
    .some((line) => {
      const words = line.split(/[\s:'"`‘’,;]+/)
      if (!words.includes(name)) return false
      return (
        absence.test(line) ||
        wrapped.test(line) ||
        new RegExp(`[Uu]nknown command:? ['"]?${name.replace(/[.+]/g, "\\$&")}['"]?\\s*$`).test(line)
      )
    })

const nameLike = /^[A-Za-z][\w.+-]*$/

/** The shell found no such program. */
export const isNotFound = ({ words, output, seen, exit }: Failed): boolean =>
  nameLike.test(words[0] ?? "") &&
  (exit === null || exit === 127) &&
  (seen ? tellsAbsence(output, words[0]!) : exit === 127)

type Near = Extract<ProbeRequest, { readonly _tag: "executablesNear" }>
type Which = Extract<ProbeRequest, { readonly _tag: "which" }>

export const whichOf = (...names: ReadonlyArray<string>): Which => ({ _tag: "which", names })
export const nearOf = (name: string): Near => ({ _tag: "executablesNear", name, limit: 12 })

/** How much of what was lately run began with this word, up to a fifth. */
const habit = (known: Known, word: string): number => {
  const ran = known.memory.commands.filter(({ exit }) => exit !== 127)
  const same = ran.filter(({ command }) => command.trimStart().split(/\s/, 1)[0] === word)
  return Math.min(0.2, same.length * 0.04)
}

/** Of the shell itself, so on no search path. */
const builtins = ["cd", "export", "source", "alias", "unset", "exit", "jobs", "pushd", "popd", "history"]

export const mistypedProgram: Correction = {
  name: "mistyped-program",
  applies: isNotFound,
  asks: ({ words }) => [whichOf(words[0]!), nearOf(words[0]!)],
  correct: (failed, known) => {
    const typed = failed.words[0]!
    const found = known.facts.get<"which">(whichOf(typed))?.[typed]
    const near = [...builtins, ...(known.facts.get<"executablesNear">(nearOf(typed)) ?? [])]
    if (typeof found === "string") return []
    const fits = (program: string): number =>
      (failed.words[1] !== undefined && isSubcommand(program, failed.words[1]) ? 0.25 : 0) +
      (isEveryday(program) ? 0.1 : 0) +
      habit(known, program)
    return eachReplaced(
      failed,
      0,
      closest(typed, near, { cutoff: typed.length > 7 ? 0.65 : 0.5, bonus: fits }),
    )
  },
}

const gitCommands: ProbeRequest = { _tag: "gitCommands" }

export const mistypedGitSubcommand: Correction = {
  name: "mistyped-git-subcommand",
  applies: ({ words, seen, exit }) => {
    const at = gitSubcommandAt(words)
    return !seen && exit === 1 && at > 0 && nameLike.test(words[at]!) && !isSubcommand("git", words[at]!)
  },
  asks: () => [gitCommands],
  correct: (failed, { facts }) => {
    const at = gitSubcommandAt(failed.words)
    const typed = failed.words[at]!
    const own = facts.get<"gitCommands">({ _tag: "gitCommands" })
    if (own === undefined || own.commands.includes(typed) || Object.hasOwn(own.aliases, typed)) return []
    const usual = subcommandsOf("git")!.usual.filter((name) => own.commands.includes(name))
    return eachReplaced(failed, at, closest(typed, [...usual, ...Object.keys(own.aliases)]))
  },
}

/** The train that hides behind `ls`. */
export const train: Correction = {
  name: "list-backwards",
  applies: ({ words, exit, output }) =>
    words.length === 1 && words[0] === "sl" && (exit === 127 || (exit === null && output.trim() === "")),
  correct: (failed) => eachReplaced(failed, 0, ["ls"]),
}

export const scriptsIn = (known: Known): ReadonlyArray<string> => {
  const manifest = known.facts.get<"manifest">({ _tag: "manifest", dir: known.dir })
  const text = manifest?.files.find(({ path }) => /(?:^|\/)package\.json$/.test(path))?.text
  if (text === undefined) return []
  try {
    const read: unknown = JSON.parse(text)
    const scripts = typeof read === "object" && read !== null && "scripts" in read ? read.scripts : null
    return typeof scripts === "object" && scripts !== null ? Object.keys(scripts) : []
  } catch {
    return []
  }
}

const manifestOf = (_: Failed, dir: string): ReadonlyArray<ProbeRequest> => [{ _tag: "manifest", dir }]

const options = (words: ReadonlyArray<string>, from: number): number => {
  let at = from
  while (at < words.length && words[at]!.startsWith("-")) at += 1
  return at < words.length ? at : -1
}

/** `npm sart`: a subcommand of npm, or one of the project's scripts without `run`. */
export const mistypedNpmSubcommand: Correction = {
  name: "mistyped-npm-subcommand",
  applies: ({ words, seen, exit }) => {
    const at = words[0] === "npm" ? options(words, 1) : -1
    return !seen && exit === 1 && at > 0 && nameLike.test(words[at]!) && !isSubcommand("npm", words[at]!)
  },
  asks: manifestOf,
  correct: (failed, known) => {
    const at = options(failed.words, 1)
    const typed = failed.words[at]!
    const scripts = scriptsIn(known)
    if (scripts.includes(typed))
      return eachReplaced(failed, at, [typed]).map((line) => insertRun(line, failed, at))
    const usual = subcommandsOf("npm")!.usual
    const found = closest(typed, [...usual, ...scripts])
    return found.flatMap((word) => {
      const [line] = eachReplaced(failed, at, [word])
      return line === undefined ? [] : [usual.includes(word) ? line : insertRun(line, failed, at)]
    })
  },
}

/** `run ` before the word at `at`; what stands before it is as it was typed. */
const insertRun = (line: string, failed: Failed, at: number): string => {
  const start = failed.part[at]!.start
  return `${line.slice(0, start)}run ${line.slice(start)}`
}

const runners = new Set(["npm", "pnpm", "yarn", "bun"])

/** `npm run tset`: a script the manifest does not have, near to one it has. */
export const mistypedScript: Correction = {
  name: "mistyped-script",
  applies: ({ words, seen, exit }) =>
    !seen &&
    exit !== null &&
    exit !== 127 &&
    runners.has(words[0] ?? "") &&
    (words[1] === "run" || words[1] === "run-script") &&
    nameLike.test(words[2] ?? ""),
  asks: manifestOf,
  correct: (failed, known) => {
    const scripts = scriptsIn(known)
    return scripts.includes(failed.words[2]!)
      ? []
      : eachReplaced(failed, 2, closest(failed.words[2]!, scripts))
  },
}
