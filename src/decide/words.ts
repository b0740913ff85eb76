/**
 * A command line's plain part, for recognising what it ran: quotes and leading assignments understood, `&&`
 * splits it, anything else a shell would act on makes it unknown. It decides nothing about safety: that is
 * the gate's work.
 */
export interface SimpleCommand {
  readonly assignments: Readonly<Record<string, string>>
  readonly words: ReadonlyArray<string>
}

const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s

const tokens = (text: string): ReadonlyArray<string> | null => {
  const out: Array<string> = []
  let word: string | null = null
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i]!
    if (c === "'" || c === '"') {
      const end = text.indexOf(c, i + 1)
      if (end < 0) return null
      const inner = text.slice(i + 1, end)
      if (c === '"' && /[$`\\]/.test(inner)) return null
      word = (word ?? "") + inner
      i = end
      continue
    }
    if (c === " " || c === "\t") {
      if (word !== null) out.push(word)
      word = null
      continue
    }
    if (c === "&" && text[i + 1] === "&") {
      if (word !== null) out.push(word)
      word = null
      out.push("&&")
      i += 1
      continue
    }
    if (/[\n\r;|&<>()$`\\*?[\]{}!]/.test(c)) return null
    if (c === "#" && word === null) return null
    word = (word ?? "") + c
  }
  if (word !== null) out.push(word)
  return out
}

/** The commands of an `&&` list, or null where the line is not plain. */
export const simpleCommands = (text: string): ReadonlyArray<SimpleCommand> | null => {
  const all = tokens(text)
  if (all === null) return null
  const commands: Array<SimpleCommand> = []
  let from = 0
  for (let i = 0; i <= all.length; i += 1) {
    if (i < all.length && all[i] !== "&&") continue
    const part = all.slice(from, i)
    from = i + 1
    let first = 0
    const assignments: Record<string, string> = {}
    for (; first < part.length; first += 1) {
      const match = assignment.exec(part[first]!)
      if (match === null) break
      assignments[match[1]!] = match[2]!
    }
    const words = part.slice(first)
    if (words.length === 0) return null
    commands.push({ assignments, words })
  }
  return commands.length === 0 ? null : commands
}

/** The only command of the line, or null. */
export const onlyCommand = (text: string): SimpleCommand | null => {
  const commands = simpleCommands(text)
  return commands?.length === 1 ? commands[0]! : null
}

/**
 * A word as a shell reads it back unchanged; null where that cannot be promised (control or hidden
 * characters, quotes, a leading dash), so that outside text never steers a shell.
 */
export const shellWord = (text: string): string | null => {
  if (/^[A-Za-z0-9_./@:+,=%][A-Za-z0-9_./@:+,=%-]*$/.test(text)) return text
  return /^[\p{L}\p{N}_./@:+,=%[\](){}#~^ ][\p{L}\p{N}_./@:+,=%[\](){}#~^ -]*$/u.test(text)
    ? `'${text}'`
    : null
}

/** Claw's own command line: never evidence of what the user works on. */
export const isOwnCommand = (text: string): boolean =>
  /^\s*(?:npx\s+(?:--?\S+\s+)*)?(?:\S*\/)?claw(?:\s|$)/.test(text)
