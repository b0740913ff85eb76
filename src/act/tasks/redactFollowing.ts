/**
 * Takes secrets out of text that comes in pieces. Pure. A secret may span the seam between two pieces, so each piece is
 * searched together with what came before it, and only what is new is handed on.
 */

/** The length both begin alike with, never inside a surrogate pair. */
const alike = (a: string, b: string): number => {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++
  const last = b.charCodeAt(length - 1)
  return length > 0 && last >= 0xd800 && last <= 0xdbff ? length - 1 : length
}

/** What follows `before` in clean form. */
export const redactFollowing = (before: string, fresh: string, redact: (text: string) => string): string => {
  const whole = redact(before + fresh)
  return whole.slice(alike(redact(before), whole))
}
