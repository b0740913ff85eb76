/** What a need wants to find in words: a text that stands in them, or `/a pattern/`, `/a pattern/i`. Pure. */

const form = /^\/(.+)\/(i?)$/s

/** Spaces and line ends count as one space. */
export const oneLine = (text: string): string => text.trim().replace(/\s+/g, " ")

/** Why this is no pattern; null where it is one, or a text. */
export const patternProblem = (wanted: string): string | null => {
  const found = form.exec(wanted)
  if (found === null) return null
  try {
    new RegExp(found[1]!, found[2])
    return null
  } catch (error) {
    return (error as Error).message
  }
}

export const holds = (words: string, wanted: string): boolean => {
  const found = form.exec(wanted)
  return found === null ? words.includes(oneLine(wanted)) : new RegExp(found[1]!, found[2]).test(words)
}
