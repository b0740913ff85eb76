/**
 * What a program itself proposed for a word it did not know: "did you mean", "the most similar commands are", "a similar
 * name exists". One reader for the forms that programs and their argument parsers print, old and new.
 */
import { type Correction, type Failed, plain, replaced, spliced } from "./Correction.ts"
import { isEveryday } from "./programs.ts"
import { closest, likeness } from "./rank.ts"
import { operandAt, programOf } from "./rule.ts"
import { isSaidOf } from "./speaker.ts"
import { isSubcommand, subcommandsOf } from "./subcommands.ts"

const header =
  /(?:did you mean|do you mean|(?:maybe|perhaps) you (?:meant|want)|you (?:may|might) have meant|most similar (?:commands?|choices?|values?)[^:\n]{0,60}?(?: is| are|:)|similar (?:sub)?(?:command|argument|name|value|option|flag|recipe|task|target)s?[^\n]{0,20}? exists?|with (?:a )?similar names? exists?|similar (?:commands|tasks|targets) are|command '?[\w-]+'? is ambiguous|could be:|\(similar:|possibilities:|closest (?:commands?|match\w*)[^:\n]*:)/gi

const quoted = /(?<!\w)[`'"“‘]([^`'"“”’\n]{1,80})[`'"”’]/g

/** What is said without quotes, without the words around it. */
const bare = (text: string): string =>
  text
    .trim()
    .replace(/^[?:,]*\s*(?:one of these|one of|of|this|these)?(?: perhaps| instead)?[\s?:,]*/i, "")
    .replace(/\[[yn/]+\][:\s]*$/i, "")
    .replace(/[?).\s]+$/, "")

const named = (text: string): ReadonlyArray<string> => {
  const inQuotes = [...(text.split(/[.;](?:\s|$)/, 1)[0] ?? "").matchAll(quoted)].map(([, word]) => word!)
  if (inQuotes.length > 0) return inQuotes
  return bare(text)
    .split(/\s*,\s*(?:or\s+)?|\s+or\s+/)
    .filter((word) => /^(?:[\w@]|--?\w)[\w@./:+-]*$/.test(word))
}

/** Several words without quotes: of a subcommand below another, if at all. */
const phrase = (text: string): ReadonlyArray<string> =>
  [bare(text)].filter((words) => /^[a-z][\w:-]*(?: [a-z][\w:-]*){1,2}$/.test(words))

/** The list below a header: one name a line, perhaps with a bullet, an explanation after `#`, or many on one line. */
const listedBelow = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const out: Array<string> = []
  for (const [at, line] of lines.entries()) {
    const item = line
      .replace(/^[\s*•·⇂▸›>│└├─-]+(?!-\w)/, "")
      .replace(/\s+(?:#|--).*$/, "")
      .trim()
    if (item === "") {
      if (out.length > 0 || at > 1) break
      continue
    }
    const words = item.replace(/^[`'"]|[`'"]$/g, "").split(/\s+/)
    const indented = /^\s/.test(line)
    if (!words.every((word) => /^[\w@-][\w@./:+-]*$/.test(word)) || (words.length > 1 && !indented)) break
    if (words.length > 3) out.push(...words)
    else out.push(words.join(" "))
  }
  return out
}

interface Proposed {
  readonly words: ReadonlyArray<string>
  /** The same as several words, which can be any text. */
  readonly phrases: ReadonlyArray<string>
  /** What the output says right before: there it names what it did not know. */
  readonly about: string
}

const before = 240
/** What says it more often says it of something else. */
const maxHeaders = 12

/** Everything proposed after the headers of the output, in its order. */
export const proposals = (output: string): Proposed => {
  const words: Array<string> = []
  const phrases: Array<string> = []
  let about = ""
  for (const match of [...output.matchAll(header)].slice(0, maxHeaders)) {
    const [rest = "", ...further] = output.slice(match.index + match[0].length).split("\n")
    // What the program begins each of its lines with is no part of a name.
    const lead = output.slice(output.lastIndexOf("\n", match.index) + 1, match.index).trimEnd()
    const below = further.map((line) => (line.startsWith(lead) ? line.slice(lead.length) : line))
    const several = /ambiguous$/i.test(match[0])
    const here = several ? [] : named(rest)
    const listed = here.length > 0 ? here : listedBelow(below.slice(0, 40))
    const found = several ? listed.flatMap((words) => words.split(" ")) : listed
    if (found.length === 0) phrases.push(...phrase(rest))
    if (words.length === 0) about = output.slice(Math.max(0, match.index - before), match.index) + match[0]
    words.push(...found)
  }
  return { words: [...new Set(words)], phrases, about }
}

/** A file is no subcommand. */
const isFile = (word: string): boolean => /\.\w{1,4}$/.test(word) || word.includes("/")

const likely = (typed: string, suggestion: string): number => {
  const last = suggestion.split(/\s+/).at(-1)!
  if (isFile(typed) && !isFile(last)) return 0
  return last.startsWith(typed) || last.endsWith(typed) ? 1 : likeness(typed, last)
}

/** An option's own name, without its value. */
const nameOf = (word: string): string => (word.startsWith("-") ? word.split("=")[0]! : word)

/**
 * The word of the command that the output could not make sense of; -1 where none stands out. A word that the output
 * names may be less alike than one it does not; what is a subcommand of the program is not mistyped.
 */
const misunderstood = (
  failed: Failed,
  { words: suggestions, about }: Pick<Proposed, "words" | "about">,
): number => {
  const { words } = failed
  const mentioned = [...about.matchAll(quoted)].flatMap(([, text]) => [text!, ...text!.split(/\s+/)])
  for (const [, word] of about.matchAll(
    /(?:unknown (?:(?:sub)?command|argument|option)|no such task|choice):? ([\w./:+@-]+)/gi,
  ))
    mentioned.push(word!)
  const best = words
    .flatMap((word, at) => {
      if (at === 0 || suggestions.includes(word)) return []
      const name = nameOf(word)
      const told = mentioned.includes(name) || mentioned.includes(name.replace(/^--?/, ""))
      const other = mentioned.some(
        (each) => likeness(each, word) < 0.8 && !words.includes(each) && !each.startsWith("-"),
      )
      if (!told && (word.startsWith("-") || other || isSubcommand(programOf(failed), word))) return []
      const like = Math.max(...suggestions.map((each) => likely(word, each)))
      return like < (told ? 0.3 : 0.55) ? [] : [{ at, like: told ? like + 1 : like }]
    })
    .toSorted((a, b) => b.like - a.like)[0]
  return best?.at ?? -1
}

/** A suggestion in the word's place: its dashes and its value stay. */
const inPlace = (failed: Failed, at: number, suggestion: string): string => {
  const word = failed.words[at]!
  const dashes = /^--?(?=\w)/.exec(word)?.[0]
  if (dashes === undefined) return replaced(failed, at, suggestion)
  const raw = failed.line.slice(failed.part[at]!.start, failed.part[at]!.end)
  const named = suggestion.startsWith("-") ? suggestion : `${dashes}${suggestion}`
  return replaced(failed, at, `${named}${/=.*$/s.exec(raw)?.[0] ?? ""}`)
}

/** The whole command spelled out: what it shares with what was typed stays as it is. */
const spelledOut = (failed: Failed, at: number, words: ReadonlyArray<string>): string | null => {
  const before = failed.words.slice(1, at)
  const said = before.filter((word) => !word.startsWith("-"))
  const shared = said.filter((word, i) => words[i] === word).length
  if (shared === said.length && shared < words.length)
    return spliced(failed, at, at + 1, words.slice(shared).join(" "))
  return said.length === before.length && words.length > said.length
    ? spliced(failed, 1, at + 1, words.join(" "))
    : null
}

const lineOf = (failed: Failed, at: number, suggestion: string): string | null => {
  const words = suggestion.split(/\s+/)
  const program = words.length > 1 && words[0] === programOf(failed)
  // Another program was meant, so another was asked.
  if (words.length > 1 && !program && isEveryday(words[0]!)) return null
  const own = program ? words.slice(1) : words
  const safe = own.flatMap((word) =>
    /^--?[a-z][\w-]*$/i.test(word) ? word : word.includes("=") ? [] : (plain(word) ?? []),
  )
  if (safe.length < own.length || safe.length > 4) return null
  const below = words.length > 1 && failed.words.slice(1, at).includes(words[0]!)
  if (program || below) return spelledOut(failed, at, safe)
  return safe.length === 1 ? inPlace(failed, at, safe[0]!) : replaced(failed, at, safe.join(" "))
}

export const suggestedWord: Correction = {
  name: "suggested-by-the-program",
  applies: ({ words, output }) => words.length > 1 && output.search(header) >= 0,
  correct: (failed) => {
    const { phrases, ...said } = proposals(failed.output)
    const below = phrases.filter((words) => failed.words.slice(1).includes(words.split(" ")[0]!))
    const found = { ...said, words: [...said.words, ...below] }
    const at = found.words.length === 0 ? -1 : misunderstood(failed, found)
    if (at < 0 || !isSaidOf(failed, at)) return []
    // What the program has and did not think of may be nearer still.
    const own = at === operandAt(failed.words) ? (subcommandsOf(programOf(failed))?.usual ?? []) : []
    const nearer = closest(failed.words[at]!, own, { cutoff: 0.8, limit: 1 })
    const ranked = closest(failed.words[at]!, [...found.words, ...nearer], {
      cutoff: 0,
      limit: 5,
      bonus: (word) => (found.words.includes(word) ? 0.08 : 0),
    })
    return ranked.flatMap((each) => lineOf(failed, at, each) ?? [])
  },
}

/** A command-not-found handler that names programs: "command 'git' from deb git". */
export const suggestedProgram: Correction = {
  name: "suggested-by-the-shell",
  applies: ({ words, output }) =>
    words.length > 0 &&
    /not found, did you mean|No command '[^']+' found, did you mean/.test(output) &&
    output.includes(`'${words[0]!}'`),
  correct: (failed) => {
    const found = [...failed.output.matchAll(/^[ \t]*[Cc]ommand '([\w.+-]+)' from/gm)].map(
      ([, name]) => name!,
    )
    const bonus = (name: string): number => (isEveryday(name) ? 0.1 : 0)
    return closest(failed.words[0]!, found, { cutoff: 0.4, bonus }).map((name) => replaced(failed, 0, name))
  },
}
