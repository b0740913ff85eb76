/**
 * The JSON in an answer that was to be nothing else. Pure.
 * Models put it into a code block although asked not to: whoever reads an answer takes it out the same way.
 */
export const bareJson = (text: string): string => {
  const block = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text)
  return (block?.[1] ?? text).trim()
}
