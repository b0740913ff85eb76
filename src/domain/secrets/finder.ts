/**
 * What a search for a secret by the structure around it is, and what all of them ask of a value.
 */
import { entropyOf, isMonotone, isPlaceholder, isWordy } from "./randomness.ts"

export interface Span {
  readonly rule: string
  readonly start: number
  readonly end: number
}

/**
 * `start..end` is the keyword. Adds what it finds and returns from where on it wants to be called again:
 * a stretch that was read whole is not read a second time, so that repetition costs nothing.
 */
export type Finder = (text: string, start: number, end: number, found: (span: Span) => void) => number

const commonPassword =
  /^(?:pass(?:word|wd)?|pwd|secret|token|user(?:name)?|admin|root|postgres|guest|test|xxx+|\*+|key|api[-_]?key|\d{1,4})$/i

/** A password that is more than an example of one. */
export const isUsed = (password: string, user = ""): boolean =>
  password.length >= 4 &&
  password !== user &&
  !/^\{[\w.]+\}/.test(password) &&
  !isPlaceholder(password) &&
  !commonPassword.test(password)

export const isHeaderSecret = (value: string): boolean =>
  value.length >= 8 &&
  !isPlaceholder(value) &&
  !isWordy(value) &&
  !isMonotone(value.replace(/=+$/, "")) &&
  entropyOf(value) >= 2.8
