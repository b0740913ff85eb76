/**
 * Whether a value under a telling name is a secret: not a placeholder, a reference, a word, an address,
 * a version or a path, but something generated (for tokens and keys) or chosen (for passwords).
 */
import type { Assignment } from "./assignment.ts"
import type { NameKind } from "./names.ts"
import { entropyOf, isEncrypted, isMonotone, isPlaceholder, isWordy } from "./randomness.ts"

const uuidForm = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const tokenForm = /^[\w.=+/~:|!@^&*%-]+$/
const version = /^v?\d+(?:\.\d+){1,3}(?:[-_.+]|$)|-SNAPSHOT$|\d\.\d+\.\d/
const address =
  /^[a-z][a-z0-9+.-]{1,15}:\/\/|^urn:|^[\w.+-]+@[\w-]+\.[\w.]+$|^(?:[a-z0-9-]+\.)+[a-z]{2,8}(?::\d+)?(?:\/|$)|^\d{1,3}(?:\.\d{1,3}){3}/i
const path =
  /^(?:\.{0,2}\/|[A-Za-z]:\\|~\/)[\w./@-]*$|\.(?:pem|crt|cer|key|json|ya?ml|toml|txt|xml|properties|jks|p12|pfx|conf|cfg|ini|env|md|html?|js|ts|py|rb|go|java|css|png|jpe?g|svg|gif)$/i
const code =
  /^(?:[A-Za-z_$][\w$]*\.)+[A-Za-z_$][\w$]*$|^[A-Za-z_$][\w$]*::|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|^[A-Za-z_][\w.]*[[(]|^--?[a-z]|^(?:process|os|env|var|local|data|module|each|secrets|vars|self|this|config|settings|props|req|ctx|args|opts|options|params)\./
const dated = /^\d{4}-\d{2}-\d{2}/

/** What passwords are matched against. */
const pattern = /\(\?[:=!<]|\[\^?(?:a-z|A-Z|0-9)|[\])}]\{\d{1,4},?\d{0,4}\}/

const isReference = (value: string): boolean =>
  isPlaceholder(value) || address.test(value) || path.test(value) || code.test(value) || pattern.test(value)

const classes = (value: string): number =>
  [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((each) => each.test(value)).length

/** Every part between separators reads like a word: `DOC_Vector_5_32`, `id-Gost28147-89-None`. */
const isPhrase = (value: string): boolean => {
  const parts = value.split(/[-_.\s/:]+/).filter((each) => each !== "")
  if (parts.length < 2) return false
  const plain = parts.filter((each) => /^\d{1,8}$/.test(each) || isWordy(each) || each.length <= 3)
  if (plain.length === parts.length) return true
  // One part may be a number of a build or a country's code, and none that a generator made.
  return parts.length >= 3 && plain.length === parts.length - 1 && parts.every((each) => each.length < 20)
}

/** A long draw from letters, digits and signs, as frameworks make their keys; no pattern and no sentence. */
const isDrawn = (value: string): boolean =>
  value.length >= 32 &&
  value.length <= 200 &&
  /^[!-~]+$/.test(value) &&
  classes(value) >= 3 &&
  /[^\w.:/@-]/.test(value) &&
  /\d/.test(value) &&
  entropyOf(value) >= 4.2 &&
  !/\(\?|\\|[aA0]-[zZ9]|https?:|[a-z]{4}\(|\${|\{\{|["'`]/.test(value) &&
  !isEncrypted(value) &&
  !isWordy(value)

const isGenerated = (value: string, entropyFloor: number): boolean => {
  if (value.length < 10 || !tokenForm.test(value)) return false
  if (uuidForm.test(value)) return !/^(.)\1{7}-/.test(value)
  // The address of an account or contract is public.
  if (/^0x[0-9a-f]{40}$/i.test(value)) return false
  if (isReference(value) || version.test(value) || dated.test(value)) return false
  if (!/\d/.test(value) && (value.length < 16 || classes(value) < 2 || /^[A-Z][a-z]+$/.test(value)))
    return false
  if (!/[A-Za-z]/.test(value)) return false
  const body = value.replace(/=+$/, "")
  if (isMonotone(body) || isWordy(body) || isPhrase(body)) return false
  const floor = /^[0-9a-f]+$/i.test(body) ? Math.min(entropyFloor, 3) : entropyFloor
  return entropyOf(value) >= floor
}

const weak =
  /^(?:pass(?:word|wd|phrase)?\d{0,3}|secret|admin|root|user(?:name)?|token|string|text|hidden|required|optional|default|empty|unset|off|on|yes|no|prompt|ask|stdin|env|file|str|int|bool(?:ean)?|bytes|char|object|any|void|sensitive|masked|not[-_ ]?set|(?:big)?u?int\d{1,2}(?:clamped)?array|float\d{2}array|let|const|var|function|return|await|async|self|this|props)$/i

/** Prose follows a word with any other: only what no sentence holds is a password. */
const isSaid = ({ quoted }: Assignment, value: string): boolean =>
  value.length >= 8 &&
  /[a-z]/.test(value) &&
  /\d/.test(value) &&
  classes(value) >= 3 &&
  !version.test(value) &&
  !dated.test(value) &&
  (quoted || (/[A-Z]|[^\w.:-]/.test(value) && !isPhrase(value)))

/** A sentence in a script that puts no spaces between words. */
const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{4}/

/** As translations have it under the name of a field. */
const isForeignWord = (value: string): boolean =>
  unspaced.test(value) || (/[^ -~]/.test(value) && /^[\p{L}\p{M}]+$/u.test(value))

/** What Apple and Google make for one application: four groups of four letters. */
const appPassword = /^[a-z]{4}(?:-[a-z]{4}){3}$/

const isChosen = (assignment: Assignment, value: string): boolean => {
  if (value.length < 4 || value.length > 128 || /\s/.test(value)) return false
  if (isReference(value) || weak.test(value) || isMonotone(value) || isForeignWord(value)) return false
  if (/^(?:0x[0-9a-f]{1,8}|\d+(?:\.\d+)+)$/i.test(value)) return false
  if (assignment.operator === "said") return isSaid(assignment, value)
  if (assignment.operator === "," && (classes(value) < 3 || isPhrase(value)) && !isGenerated(value, 3))
    return false
  if (assignment.operator === "flag" && /^[a-z]+$/.test(value) && isWordy(value)) return false
  if (/^[([{<|%&,;:=>+*/]/.test(value) || /^(.)\1+$/.test(value)) return false
  const shell =
    assignment.operator === "flag" ||
    (assignment.operator === "=" && (assignment.flag || /^[A-Z0-9_]+$/.test(assignment.name)))
  if (shell) return !/^\d{1,5}$/.test(value)
  if (value.length < 6 || !/[A-Za-z]/.test(value)) return value.length >= 6 && assignment.quoted
  if (/\d/.test(value))
    return (
      assignment.quoted ||
      !/^[a-z_]\w*\d?$/.test(value) ||
      !isWordy(value) ||
      /\d{2}/.test(value) ||
      /^[a-z]+\d+$/.test(value)
    )
  if (appPassword.test(value)) return !isWordy(value)
  return classes(value) >= 3 && !isWordy(value) && !isPhrase(value)
}

/** A password under the name of a secret: of every class of characters, and chosen. */
const isMadeUp = (assignment: Assignment, value: string): boolean =>
  value.length >= 8 &&
  classes(value) === 4 &&
  /[^\w.:/-]/.test(value) &&
  !/[(){}[\]<>,;\\]/.test(value) &&
  isChosen(assignment, value)

/** Longer values under a name are documents, pictures, signatures. */
export const longestValue = 600

const trimmed = (value: string): string => {
  let end = value.length
  while (end > 0 && ".:!?".includes(value[end - 1]!)) end--
  return value.slice(0, end)
}

/** The part of the value that is the secret, trimmed of a prose ending; null where it is none. */
export const judgeValue = (kind: NameKind, assignment: Assignment): string | null => {
  const value = assignment.quoted ? assignment.value : trimmed(assignment.value)
  if (value.length > longestValue || (!assignment.quoted && /[([{]/.test(assignment.next))) return null
  switch (kind) {
    case "none":
      return null
    case "password":
      // A list of ciphers goes on: `!PSK:!SRP`.
      if (assignment.operator === "tight-colon" && value.startsWith("!")) return null
      return isChosen(assignment, value) ? value : null
    case "secret":
      if (assignment.operator === "tight-colon" && !/^[\w-]{20,}$/.test(value)) return null
      return isGenerated(value, 3.1) || (assignment.quoted && (isDrawn(value) || isMadeUp(assignment, value)))
        ? value
        : null
    case "key":
      if (assignment.operator === "tight-colon" || value.length < 20 || uuidForm.test(value)) return null
      return /\d/.test(value) && isGenerated(value, 3.6) ? value : null
  }
}
