/**
 * Which words of a line that a program spells out are its own: its verbs and its plain flags. A name or a value that
 * only the output has is anybody's.
 */
import type { Failed } from "./Correction.ts"
import { programOf } from "./rule.ts"
import { isSubcommand, subcommandsOf } from "./subcommands.ts"
import { usualOptions } from "./usualOptions.ts"

/** What turns a safeguard off, or reaches beyond the project. */
const loosens =
  /^(?:-g|-U|-y|--yes|--global|--upgrade|--(?:no|un|skip|allow|trust|force|insecure|ignore|disable)[\w-]*)$/

/** A verb of this program, or what was typed: a name that only the output has is nobody's word. */
export const isOwnVerb = (failed: Failed, word: string): boolean =>
  isSubcommand(programOf(failed), word) ||
  failed.words.includes(word) ||
  [...failed.words.slice(1), ...(subcommandsOf(programOf(failed))?.usual ?? [])].some(
    (group) => subcommandsOf(`${programOf(failed)} ${group}`)?.usual.includes(word) === true,
  )

export const isOwnFlag = (failed: Failed, word: string): boolean =>
  failed.words.includes(word) ||
  (/^--?[a-z][\w-]*$/.test(word) && !loosens.test(word) && usualOptions(programOf(failed)).includes(word))
