/**
 * Reads `name = value` out of any notation around a place in a text: shells, configuration, JSON, XML,
 * YAML, programs, headers, command-line flags, also inside strings with escaped quotes. A reading looks
 * at a bounded stretch of text and never backtracks over more than a few characters.
 */

export interface Assignment {
  readonly name: string
  readonly nameStart: number
  readonly value: string
  readonly valueStart: number
  readonly valueEnd: number
  readonly quoted: boolean
  /** How the name and the value are joined: `=`, `:`, `flag` for `--name value`, and so on. */
  readonly operator: string
  /** The name is a command-line flag: with `=`, without a space. */
  readonly flag: boolean
  /** What follows the value. */
  readonly next: string
}

const nameReach = 64
const valueReach = 1024

const furtherLetter = /[\p{L}\p{M}]/u

const isNameCharacter = (c: number): boolean =>
  (c >= 97 && c <= 122) ||
  (c >= 65 && c <= 90) ||
  (c >= 48 && c <= 57) ||
  c === 95 ||
  c === 45 ||
  c === 46 ||
  (c >= 0xaa && furtherLetter.test(String.fromCharCode(c)))

const closers = /(?:\[\w{0,12}\])?(?:\\{0,2}["'`]|[\])]){0,4}[ \t]{0,20}/y
/** A type, accessors or an attribute between the name and the sign: `: &'static str =`, `{ get; set; } =`, `<const> =`. */
const annotation =
  /(?:(?:\??:[ \t]{0,3})?(?:&(?:'\w{1,12} )?|[Aa]s )?(?:mut )?[A-Za-z[][\w<>[\].&']{0,30}|\{ ?get; ?(?:(?:private |internal )?(?:set|init); ?)?\}|<(?:const|close)>)[ \t]{1,4}(?=:?=[^=>])/y
const operators =
  /(=>|->|:{1,3}=|<-|\|\|=?|[?+.]=|={1,3}(?!>)|:(?![:/])|：|,|>|\.(?:send_?[kK]eys|type|fill|setValue|typeText)\()[ \t]{0,20}(?:!!\w{1,10}[ \t]{1,4})?/y
const opener =
  /(?:[fburFBUR@$]{0,2}|\[\]byte\(|new \w{1,20}\(|(?:[A-Z]\w{0,20}(?:::|\.))?(?:from|of|new|Some|Secret|SecretStr|SecretString)\(|\(|\{)[ \t]{0,2}(?:"(?=\\"))?('''|"""|\\{0,2}["'`])/y
const bare = /[^\s"'`<>,;|&()[\]{}\\，。；、）]{1,1024}/y
const bareShell = /[^\s"'`;|&()<>\\，。；、）]{1,1024}/y
const flagValue = /[ \t]{1,4}/y
/** Commands that give a name its value without any sign between them. */
const setting =
  /(?:^|[\s;&])(?:ENV|setx|setenv|set -[gUux]{1,4}|set \$|config(?:ure)? set(?: --\w{1,10}){0,2}|#[ \t]{0,4}define|\(def(?:once|parameter|var|const)?)[ \t]{0,4}$/
/** Directives of configuration files that are followed by their value alone. */
const directive = /^(?:requirepass|masterauth)$/
/** The name itself is a value: `name="token" value="..."`, `- name: TOKEN` with `value:` below, `<key>Token</key><string>`. */
const paired =
  /["']?(?:,|\/?>|<\/(?:key|name|string)>| ?\{)?\s{0,24}(?:(?:type|description|sensitive)\s{0,8}=[^\n]{0,120}\n\s{0,12}){0,3}(?:["']?(?:value|default|defaultValue|string)["']?\s{0,4}(?:[:=]>?|=>)|<(?:string|value)>|--value[ =])\s{0,8}(?=["'\w/+])/y
const naming =
  /(?:\b(?:name|key|id|variable)["']?\s{0,4}[:=]?\s{0,4}["']?|--name[ =]["']?[\w./-]{1,16}\/|add_(?:argument|option)\(["']|<(?:key|name)>|-\s?name:\s{0,4}["']?)$/i
const element = /(?:\s[^<>\n]{1,80})?>\s{0,40}/y
/** `password hunter2`, `the password is hunter2`: nothing but words between them. */
const saying = /(?:^|[._/-]|store|key)(?:passw(?:or)?d|passphrase|rootpw|bindpw)$/i
const said = /["']?(?:[ \t]{1,4}(?:is(?: set to)?|=|:|--plaintext|[07]))?[ \t]{1,4}(?=["'\w])/y
/** A declaration or a setter that takes the value in brackets. */
const bracketed = /[({](?=[ \t]{0,2}@?["'])/y
const declares =
  /(?:^|[^\w:])(?!(?:new|return|await|throw|def|function|func|fn|yield|case|if|not|and|or)[ \t])[\w:<>]{2,20}[ \t]{0,2}[ \t*&]$/

/** Where the sticky pattern ends at `at`, or -1. */
const after = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

const quotedValue = (text: string, at: number, quote: string): { end: number; next: number } | null => {
  const limit = Math.min(text.length, at + valueReach)
  for (let i = at; i < limit; i++) {
    if (text.startsWith(quote, i)) return { end: i, next: i + quote.length }
    const c = text[i]
    if (c === "\n" && quote.length < 3 && quote !== "`") return null
    if (quote.length === 1 && c === "\\") i++
  }
  return null
}

const nameAround = (text: string, start: number, end: number): { from: number; to: number } => {
  let from = start
  while (from > 0 && start - from < nameReach && isNameCharacter(text.charCodeAt(from - 1))) from--
  let to = end
  while (to < text.length && to - end < nameReach && isNameCharacter(text.charCodeAt(to))) to++
  return { from, to }
}

/** `std::string password("...")`, `config.setPassword("...")`. */
const takesInBrackets = (text: string, before: string, written: string, nameEnd: number): boolean =>
  after(bracketed, text, nameEnd) !== -1 &&
  (written.includes(".") || /^(?:set|with)_?[A-Z]/.test(written) || declares.test(before))

/** Where runs of a pattern end in a text: each character is read once, however many values begin before it. */
const runsOf = (pattern: RegExp, text: string): ((at: number) => number) => {
  let from = 0
  let to = 0
  return (at) => {
    if (at < from || at >= to) from = to = at
    while (to - at < valueReach) {
      const next = after(pattern, text, to)
      if (next === -1) break
      to = next
    }
    return Math.min(to, at + valueReach)
  }
}

/** The assignment to the name that holds the stretch `start..end`, or null where there is none. */
export type AssignmentReader = (start: number, end: number) => Assignment | null

export const makeAssignmentReader = (text: string): AssignmentReader => {
  const bareEnd = runsOf(bare, text)
  const bareShellEnd = runsOf(bareShell, text)
  return (start, end) => readAssignment(text, start, end, bareEnd, bareShellEnd)
}

const readAssignment = (
  text: string,
  start: number,
  end: number,
  bareEnd: (at: number) => number,
  bareShellEnd: (at: number) => number,
): Assignment | null => {
  const { from, to } = nameAround(text, start, end)
  // Longer than names are.
  if (to - end >= nameReach) return null
  // A dot or dash at the end belongs to the operator (`.=`, `->`) or to prose.
  let nameEnd = to
  while (nameEnd > end && (text[nameEnd - 1] === "." || text[nameEnd - 1] === "-")) nameEnd--
  let at = after(closers, text, nameEnd)
  if (at === -1) at = nameEnd
  let operator: string
  const flag = text.startsWith("-", from)
  const flagged = flag && at > nameEnd && /^[ \t]+$/.test(text.slice(nameEnd, at))
  const annotated = after(annotation, text, at)
  operators.lastIndex = annotated === -1 ? at : annotated
  const match = operators.exec(text)
  const before = text.slice(Math.max(0, from - 24), from)
  const written = text.slice(from, nameEnd)
  let name = written.replace(/^[-.]+/, "")
  const pair = naming.test(before) ? after(paired, text, nameEnd) : -1
  const inElement = /<(?:\w{1,16}:)?$/.test(before) ? after(element, text, nameEnd) : -1
  if (pair !== -1) {
    operator = "paired"
    at = pair
  } else if (inElement !== -1) {
    operator = ">"
    at = inElement
  } else if (match !== null) {
    operator = match[1]!.startsWith(".") ? "," : match[1]!
    at = operators.lastIndex
    // `a > b` assigns nothing, `<string name="token">` does.
    if (operator === ">" && !/<\w{1,20} (?:name|key|id)=["']$/.test(before)) return null
  } else if (flagged || setting.test(before) || (directive.test(name) && /(?:^|\n)[ \t]*$/.test(before))) {
    operator = "flag"
    at = after(flagValue, text, nameEnd)
    if (at === -1) return null
  } else if (takesInBrackets(text, before, written, nameEnd)) {
    operator = ","
    at = nameEnd
    // What `token.startsWith("...")` is given is no token.
    name = name.slice(name.lastIndexOf(".") + 1)
  } else {
    at = saying.test(name) ? after(said, text, nameEnd) : -1
    if (at === -1) return null
    operator = "said"
  }
  const isFlag = flag && !/\s/.test(text.slice(nameEnd, operator === "flag" ? nameEnd : at))
  opener.lastIndex = at
  const opened = opener.exec(text)
  if (opened !== null) {
    const valueStart = opener.lastIndex
    const closed = quotedValue(text, valueStart, opened[1]!)
    if (closed === null) return null
    const value = text.slice(valueStart, closed.end)
    return {
      name,
      nameStart: from,
      value,
      valueStart,
      valueEnd: closed.end,
      quoted: true,
      operator,
      flag: isFlag,
      next: text.slice(closed.next, closed.next + 1),
    }
  }
  if (operator === "," || operator === "||") return null
  const spaced = /\s/.test(text[at - 1] ?? "")
  const valueEnd = (operator === "flag" || (operator === "=" && !spaced) ? bareShellEnd : bareEnd)(at)
  if (valueEnd === at) return null
  const value = text.slice(at, valueEnd)
  return {
    name,
    nameStart: from,
    value,
    valueStart: at,
    valueEnd,
    quoted: false,
    operator: operator === ":" && !spaced ? "tight-colon" : operator,
    flag: isFlag,
    next: text.slice(valueEnd, valueEnd + 1),
  }
}
