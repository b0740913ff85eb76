/**
 * What stands before the command itself: `sudo`, `time`, `env A=1`, `npx`, and git's own options before its subcommand. The
 * rules see the command without them; the line keeps every letter.
 */
import type { Part } from "./line.ts"
import { gitSubcommandAt, subcommandsOf } from "./subcommands.ts"
import { usualOptions } from "./usualOptions.ts"

const wrappers = new Set([
  "command",
  "builtin",
  "env",
  "nice",
  "nocorrect",
  "noglob",
  "nohup",
  "time",
  "winpty",
])

/** How many words of sudo's own stand at the beginning; 0 where it is not plain what it runs. */
const sudoWords = (words: ReadonlyArray<string>): number => {
  if (words[0] !== "sudo" && words[0] !== "doas") return 0
  let at = 1
  while (/^-[EHnkS]+$|^[A-Za-z_]\w*=/.test(words[at] ?? "")) at += 1
  return at < words.length && !words[at]!.startsWith("-") ? at : 0
}

/** What is said of it can be read. */
const isKnown = (program: string): boolean =>
  subcommandsOf(program) !== null || usualOptions(program).length > 0

const wrapperWords = (words: ReadonlyArray<string>, seen: boolean): number => {
  const [first = "", second = "", third = ""] = words
  if (wrappers.has(first)) {
    const at = words.findIndex((word, i) => i > 0 && !/^[A-Za-z_]\w*=/.test(word))
    return at > 0 && !words[at]!.startsWith("-") ? at : 0
  }
  // What runs a program by another's name says about it what the program itself would.
  if (!seen) return 0
  if ((first === "npx" || first === "bunx") && isKnown(second)) return 1
  return /^python[\d.]*$/.test(first) && second === "-m" && isKnown(third) ? 2 : 0
}

export const ownPart = (part: Part, seen: boolean): { readonly own: Part; readonly sudo: boolean } => {
  const words = part.map(({ text }) => text)
  const rights = sudoWords(words)
  const from = rights + wrapperWords(words.slice(rights), seen)
  const own = part.slice(from)
  const sub = gitSubcommandAt(own.map(({ text }) => text))
  return { own: sub > 1 ? [own[0]!, ...own.slice(sub)] : own, sudo: rights > 0 }
}
