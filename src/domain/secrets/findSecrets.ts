/**
 * Finds secrets in a text and takes them out. One pass for keywords, then each rule at the places where
 * its keyword stands: linear in the text, whatever it holds.
 * Invariants: spans are ordered, do not overlap and cover only the secret, not the name it stands under;
 * redacting twice changes nothing more.
 */
import { type Assignment, makeAssignmentReader } from "./assignment.ts"
import { judgeValue, longestValue } from "./judgeValue.ts"
import { type KeywordIndex, makeKeywordIndex } from "./keywords.ts"
import { foreignPasswords, kindOfName } from "./names.ts"
import { entropyOf, isMonotone, isPlaceholder } from "./randomness.ts"
import type { NamedRule, TokenRule } from "./rule.ts"
import { aiNames, aiTokens } from "./rules/ai.ts"
import { businessNames, businessTokens } from "./rules/business.ts"
import { cloudNames, cloudTokens } from "./rules/cloud.ts"
import { codeNames, codeTokens } from "./rules/code.ts"
import { peopleNames, peopleTokens } from "./rules/people.ts"
import type { Finder, Span } from "./finder.ts"
import { structures } from "./structures.ts"

export interface SecretSpan {
  readonly rule: string
  /** UTF-16 offsets of the secret, `end` exclusive. */
  readonly start: number
  readonly end: number
}

export const tokenRules: ReadonlyArray<TokenRule> = [
  ...aiTokens,
  ...cloudTokens,
  ...codeTokens,
  ...businessTokens,
  ...peopleTokens,
]
export const namedRules: ReadonlyArray<NamedRule> = [
  ...aiNames,
  ...cloudNames,
  ...codeNames,
  ...businessNames,
  ...peopleNames,
]

/** Words that make a name worth reading on; `kindOfName` then judges the whole name. */
const tellingWords = [
  "token",
  "secret",
  "passw",
  "passphrase",
  "passcode",
  "pwd",
  "pass",
  "key",
  "auth",
  "cred",
  "api",
  "access",
  "bearer",
  "masterauth",
  "_pw",
  "psk",
  "rootpw",
  "bindpw",
  ...foreignPasswords,
]

type Entry =
  | { readonly _tag: "Token"; readonly rule: TokenRule }
  | { readonly _tag: "Named"; readonly rule: NamedRule }
  | { readonly _tag: "Telling" }
  | { readonly _tag: "Structure"; readonly find: Finder; readonly order: number }
  | { readonly _tag: "Checksums" }
  | { readonly _tag: "Sealed" }

let index: KeywordIndex<Entry> | undefined

const keywords = (): KeywordIndex<Entry> =>
  (index ??= makeKeywordIndex<Entry>([
    ...structures.flatMap(([words, find], order) =>
      words.map((word) => [word, { _tag: "Structure", find, order }] as const),
    ),
    ...tokenRules.flatMap((rule) => rule.keywords.map((word) => [word, { _tag: "Token", rule }] as const)),
    ...namedRules.flatMap((rule) => rule.words.map((word) => [word, { _tag: "Named", rule }] as const)),
    ...tellingWords.map((word) => [word, { _tag: "Telling" }] as const),
    ["checksums:", { _tag: "Checksums" }],
    ["encrypteddata:", { _tag: "Sealed" }],
  ]))

const wordCharacter = /[A-Za-z0-9_]/

/** A token does not begin inside a word, but it may follow an escape (`\n`, `%3D`, `\x22`). */
const beginsHere = (text: string, at: number): boolean => {
  const before = text[at - 1]
  if (before === undefined || !wordCharacter.test(before)) return before !== "+" && before !== "~"
  const tail = text.slice(Math.max(0, at - 4), at)
  return /\\[nrt]$|%[0-9A-Fa-f]{2}$|\\x[0-9A-Fa-f]{2}$|\\u00[0-9A-Fa-f]{2}$/.test(tail)
}

const tryToken = (rule: TokenRule, text: string, at: number, add: (span: Span) => void): void => {
  for (const back of rule.back) {
    const start = at - back
    if (start < 0 || (!rule.anywhere && !beginsHere(text, start))) continue
    rule.pattern.lastIndex = start
    const match = rule.pattern.exec(text)
    if (match === null) continue
    const secret = match[1] ?? match[0]
    if (isPlaceholder(secret) || (rule.entropy > 0 && entropyOf(secret) < rule.entropy)) return
    if (rule.entropy >= 3 && isMonotone(secret)) return
    const from = start + (match[1] === undefined ? 0 : match[0].indexOf(secret))
    return add({ rule: rule.id, start: from, end: from + secret.length })
  }
}

const tryNamed = (rule: NamedRule, assignment: Assignment, add: (span: Span) => void): void => {
  const { value, valueStart } = assignment
  if (value.length > longestValue || !rule.value.test(value) || isPlaceholder(value)) return
  if (rule.entropy > 0 && entropyOf(value) < rule.entropy) return
  if (rule.entropy >= 3 && isMonotone(value)) return
  add({ rule: rule.id, start: valueStart, end: valueStart + value.length })
}

/** A vendor's name inside another word is none: `cameraKit` says nothing of Meraki. */
const isWordInName = (text: string, start: number, end: number): boolean =>
  (!/[A-Za-z]/.test(text[start - 1] ?? "") || /[a-z][A-Z]/.test(text.slice(start - 1, start + 1))) &&
  (!/[a-z]{2}/.test(text.slice(end - 1, end + 1)) || compound.test(text.slice(end, end + 8)))

const compound = /^(?:e_|token|key|secret|api|auth|id|pass|access|client|app|web|user|org)/i

const isAboutOther = (name: string): boolean =>
  /(?:sha|commit|revision|digest|checksum|url|uri|file|path|version)$/i.test(name)

/** How many values that end in the same place are judged whole, and how short the others must be. */
const mostInRun = 4
const shortInRun = 64

const checksumsReach = 16_000
const sealedReach = 8000

/** Where a list that begins behind `end` is over: at an empty line. What was read to `known` is not read again. */
const endOfList = (text: string, end: number, known: number): number => {
  const from = Math.max(end, known)
  const empty = text.slice(from, end + checksumsReach).search(/\n\s*\n/)
  return empty === -1 ? end + checksumsReach : from + empty
}

/** Longer and more specific spans win; what overlaps a kept span joins it. */
const merged = (spans: Array<Span>): ReadonlyArray<SecretSpan> => {
  spans.sort((a, b) => a.start - b.start || b.end - a.end)
  const kept: Array<{ rule: string; start: number; end: number }> = []
  for (const span of spans) {
    const last = kept.at(-1)
    if (last === undefined || span.start >= last.end) {
      kept.push({ ...span })
      continue
    }
    if (isGeneralSecret(last.rule) && !isGeneralSecret(span.rule)) last.rule = span.rule
    last.end = Math.max(last.end, span.end)
  }
  return kept
}

/** Rules that know where a secret stands, not whose it is. */
export const isGeneralSecret = (rule: string): boolean =>
  /^(?:generic-|curl-|command-)|-in-(?:address|call)$|^(?:authorization-header|password-file|sql-password|service-token)$/.test(
    rule,
  )

export const findSecrets = (text: string): ReadonlyArray<SecretSpan> => {
  const spans: Array<Span> = []
  const add = (span: Span): void => {
    spans.push(span)
  }
  const resume = structures.map(() => 0)
  const read = makeAssignmentReader(text)
  let readEnd = -1
  let readFor: Assignment | null = null
  let judged: Assignment | null = null
  let checksumsEnd = 0
  let sealedEnd = 0
  /**
   * A lockfile's list of checksums names packages, and packages are named after keys and tokens. A sealed
   * secret can be opened by its cluster alone.
   */
  const isListed = ({ value, nameStart }: Assignment): boolean =>
    value.length > 200 ? nameStart < sealedEnd : nameStart < checksumsEnd && /^[0-9a-f]{32,128}$/.test(value)
  /** `a=b=c=...` without an end: what stands behind the first few signs is the end of what was judged. */
  let runEnd = -1
  let inRun = 0
  const isInLongRun = ({ value, valueEnd }: Assignment): boolean => {
    inRun = valueEnd === runEnd ? inRun + 1 : 0
    runEnd = valueEnd
    return inRun > mostInRun && value.length > shortInRun
  }
  const assignmentAt = (start: number, end: number): Assignment | null => {
    // Several keywords of one name: read it once.
    if (end <= readEnd) return readFor
    readFor = read(start, end)
    readEnd = readFor === null ? end : readFor.nameStart + readFor.name.length
    if (readFor !== null && isInLongRun(readFor)) readFor = null
    return readFor
  }
  keywords().scan(text, (entry, start, end) => {
    switch (entry._tag) {
      case "Token":
        return tryToken(entry.rule, text, start, add)
      case "Structure":
        if (start >= resume[entry.order]!)
          resume[entry.order] = Math.max(resume[entry.order]!, entry.find(text, start, end, add))
        return
      case "Checksums":
        if (text.startsWith("CHECKSUMS", start)) checksumsEnd = endOfList(text, end, checksumsEnd)
        return
      case "Sealed":
        sealedEnd = end + sealedReach
        return
      case "Named": {
        const assignment = assignmentAt(start, end)
        if (assignment !== null && isWordInName(text, start, end) && !isAboutOther(assignment.name))
          tryNamed(entry.rule, assignment, add)
        return
      }
      case "Telling": {
        const assignment = assignmentAt(start, end)
        if (assignment === null || assignment === judged) return
        judged = assignment
        const kind = kindOfName(assignment.name)
        const secret = judgeValue(kind, assignment)
        if (secret === null || isListed(assignment)) return
        const from = assignment.valueStart
        add({
          rule: kind === "password" ? "generic-password" : "generic-secret",
          start: from,
          end: from + secret.length,
        })
      }
    }
  })
  return spans.length === 0 ? [] : merged(spans)
}

/** The text with each secret replaced by `<redacted:RULE>`. */
export const redactSecrets = (text: string): string => {
  const spans = findSecrets(text)
  if (spans.length === 0) return text
  let out = ""
  let at = 0
  for (const span of spans) {
    out += `${text.slice(at, span.start)}<redacted:${span.rule}>`
    at = span.end
  }
  return out + text.slice(at)
}

/** For bytes of unknown encoding: every byte is read as one character, so ASCII secrets are seen. */
export const holdsSecret = (bytes: Uint8Array): boolean =>
  findSecrets(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")).length > 0
