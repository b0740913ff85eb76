/**
 * Secrets known by the structure around them: private keys, JSON web tokens, credentials in addresses,
 * headers, `curl` and other commands, Kubernetes secrets, NuGet configuration. Each finder is called at a
 * keyword and looks at a bounded stretch of the text from there.
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

const keyReach = 24_000

const privateKey: Finder = (text, start, end, found) => {
  const head = /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
  head.lastIndex = start
  if (!head.test(text)) return end
  const from = head.lastIndex
  const body = text.slice(from, from + keyReach)
  const foot = body.indexOf("-----END ")
  const inner = foot === -1 ? body.slice(0, 4000) : body.slice(0, foot)
  const material = inner.replace(/\\[nr]|[^A-Za-z0-9+/=]/g, "")
  const close = foot === -1 ? -1 : body.indexOf("-----", foot + 9)
  const last = close === -1 ? from + inner.length : from + close + 5
  if (material.length >= 32 && !isMonotone(material)) found({ rule: "private-key", start, end: last })
  return last
}

/** PuTTY's own files: everything behind `Private-Lines`. */
const puttyKey: Finder = (text, start, end, found) => {
  const form = /private-lines: {0,2}\d{1,4}\r?\n((?:[A-Za-z0-9+/=]{4,80}(?:\r?\n|$)){1,200})/iy
  form.lastIndex = start
  const lines = form.exec(text)?.[1]
  if (lines === undefined || isMonotone(lines)) return end
  found({ rule: "private-key", start: form.lastIndex - lines.length, end: form.lastIndex })
  return form.lastIndex
}

const jwtForm = /ey[\w-]{10,4000}\.ey[\w/-]{10,6000}(?:\.[\w/-]{8,2000}={0,2}|\.)?/y
const jwtRun = /[\w-]{1,4000}/y

const jwt: Finder = (text, start, end, found) => {
  const before = text.slice(Math.max(0, start - 2), start)
  if (/[A-Za-z0-9_]$/.test(before) && !/\\[nrt]$/.test(before)) return end
  jwtForm.lastIndex = start
  if (jwtForm.test(text)) {
    found({ rule: "json-web-token", start, end: jwtForm.lastIndex })
    return jwtForm.lastIndex
  }
  jwtRun.lastIndex = start
  return jwtRun.test(text) ? jwtRun.lastIndex : end
}

/** A JSON web token that was encoded once more. */
const wrappedJwt: Finder = (text, start, end, found) => {
  if (/[A-Za-z0-9+/]/.test(text[start - 1] ?? "")) return end
  const form = /ZXlK[A-Za-z0-9+/_-]{60,4000}={0,2}/y
  form.lastIndex = start
  if (!form.test(text)) return end
  const decoded = Buffer.from(text.slice(start, form.lastIndex), "base64").toString("latin1")
  if (/^eyJ[\w-]{8,4000}(?:\.|$)/.test(decoded)) found({ rule: "json-web-token", start, end: form.lastIndex })
  return form.lastIndex
}

const commonPassword =
  /^(?:pass(?:word|wd)?|pwd|secret|token|user(?:name)?|admin|root|postgres|guest|test|xxx+|\*+|key|api[-_]?key|\d{1,4})$/i

const isUsed = (password: string, user = ""): boolean =>
  password.length >= 4 &&
  password !== user &&
  !/^\{[\w.]+\}/.test(password) &&
  !isPlaceholder(password) &&
  !commonPassword.test(password)

const addressForm = /:\/\/([^\s:/@'"<>`\\]{0,100}):([^\s/@'"<>`\\]{1,200})@(?=[\w[$])/y

const addressPassword: Finder = (text, start, end, found) => {
  addressForm.lastIndex = start
  const match = addressForm.exec(text)
  if (match === null || !isUsed(match[2]!, match[1])) return end
  const from = start + 3 + match[1]!.length + 1
  found({ rule: "password-in-address", start: from, end: from + match[2]!.length })
  return end
}

/** `https://TOKEN@host`: a generated user part without a password. */
const addressTokenForm = /:\/\/([\w-]{20,120})@(?=\w)/y
const addressToken: Finder = (text, start, end, found) => {
  addressTokenForm.lastIndex = start
  const match = addressTokenForm.exec(text)
  const value = match?.[1]
  if (value === undefined || isPlaceholder(value) || isWordy(value) || isMonotone(value)) return end
  if (/\d/.test(value) && entropyOf(value) >= 3.3)
    found({ rule: "token-in-address", start: start + 3, end: start + 3 + value.length })
  return end
}

const isHeaderSecret = (value: string): boolean =>
  value.length >= 8 &&
  !isPlaceholder(value) &&
  !isWordy(value) &&
  !isMonotone(value.replace(/=+$/, "")) &&
  entropyOf(value) >= 2.8

const authorizationForm =
  /["']?\s{0,3}[:=,]\s{0,3}["']?\s{0,3}(?:(?:Bearer|Basic|Token|Api-?Token|Api-?Key|Digest|OAuth|GenieKey|SSWS|Splunk|token=)[\s:=]{1,3}["']?)?([A-Za-z0-9][\w.~+/=:|-]{6,4000}|_[\w.~+/=:|-]{7,4000})/iy

const authorization: Finder = (text, _start, end, found) => {
  authorizationForm.lastIndex = end
  const match = authorizationForm.exec(text)
  if (match === null || /[({[]/.test(text[authorizationForm.lastIndex] ?? "")) return end
  const value = match[1]!
  if (!/\d|=$|[A-Z][^A-Z]{0,40}[a-z][^A-Z]{0,40}[A-Z]/.test(value) || /^\w+(?:\.\w+)+$/.test(value))
    return end
  if (!isHeaderSecret(value)) return end
  const at = authorizationForm.lastIndex
  found({ rule: "authorization-header", start: at - value.length, end: at })
  return end
}

/** A command up to its end: newlines count where a backslash does not precede them. */
const commandFrom = (text: string, at: number): string => {
  const window = text.slice(at, at + 2000)
  const end = /(?<!\\)\r?\n/.exec(window)
  return end === null ? window : window.slice(0, end.index)
}

const userOption =
  /(?<=\s)(?:-[a-zA-Z]{0,6}u|--user|--proxy-user|-U)(?:=|\s{1,4}|(?=["']))(?:"([^"\n]{1,200})"|'([^'\n]{1,200})'|([^\s"']{1,200}))((?::|(?<=:))(?:"[^"\n]{1,200}"|'[^'\n]{1,200}'))?/g
const headerOption = /(?<=\s)(?:-H|--header)(?:=|\s{0,4})(?:"([^"\n]{1,4000})"|'([^'\n]{1,4000})')/g
const secretHeader =
  /^\s*(?:[\w-]*(?:api-?key|token|auth|secret|password)[\w-]*)\s*:\s*(?:[A-Za-z-]{2,12}\s+)?(\S{6,4000})\s*$/i

const curl: Finder = (text, start, end, found) => {
  if (/[\w.-]/.test(text[start - 1] ?? "") || !/[\s"']/.test(text[end] ?? "")) return end
  const command = commandFrom(text, start)
  for (const match of command.matchAll(userOption)) {
    const whole = `${match[1] ?? match[2] ?? match[3] ?? ""}${(match[4] ?? "").replace(/["']/g, "")}`
    const colon = whole.indexOf(":")
    const user = whole.slice(0, colon)
    const password = whole.slice(colon + 1)
    if (colon === -1 || /^[<[]|[>\]]$/.test(whole) || !isUsed(password.replace(/^\{|\}$/g, ""), user))
      continue
    const from = start + match.index + match[0].lastIndexOf(password)
    found({ rule: "curl-user", start: from, end: from + password.length })
  }
  for (const match of command.matchAll(headerOption)) {
    const header = match[1] ?? match[2] ?? ""
    const value = secretHeader.exec(header)?.[1]
    if (value === undefined || !isHeaderSecret(value)) continue
    const from = start + match.index + match[0].lastIndexOf(value)
    found({ rule: "curl-header", start: from, end: from + value.length })
  }
  return start + command.length
}

const plainValue = `([^\\s"'$\`;|&]{4,80}|"[^"$\\n]{4,80}"|'[^'$\\n]{4,80}')`
const passwordOption = (before: string): RegExp => new RegExp(`\\s${before}${plainValue}`, "g")

const commandPasswords: ReadonlyArray<readonly [RegExp, RegExp]> = [
  [/^(?:mysql|mysqldump|mysqladmin|mariadb)$/, passwordOption("-p")],
  [/^sshpass$/, passwordOption("-p\\s?")],
  [/^redis-cli$/, passwordOption("-a\\s{1,3}")],
  [/^docker$/, passwordOption("login\\s(?:[^\\n]{0,200}?\\s)?-p\\s{1,3}")],
  [/^openssl$/, passwordOption("-pass(?:in|out)?\\s{1,3}pass:")],
  [/^http$/, passwordOption("(?:-a|--auth)(?:=|\\s{1,3})[\"']?[^\\s\"':]{0,80}:")],
  [/^htpasswd$/, passwordOption("-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\\s(?:\\S{1,120}\\s)?\\S{1,80}\\s")],
]

const command: Finder = (text, start, end, found) => {
  if (/[\w.-]/.test(text[start - 1] ?? "") || !/[ \t]/.test(text[end] ?? "")) return end
  const name = text.slice(start, end).toLowerCase()
  const line = commandFrom(text, start)
  for (const [program, option] of commandPasswords) {
    if (!program.test(name)) continue
    for (const match of line.matchAll(option)) {
      const value = match[1]!.replace(/^["']|["']$/g, "")
      if (!isUsed(value)) continue
      const from = start + match.index + match[0].lastIndexOf(value)
      found({ rule: "command-password", start: from, end: from + value.length })
    }
  }
  return end
}

const netrcForm =
  /machine\s{1,4}\S{1,200}\s{1,8}login\s{1,4}\S{1,200}\s{1,8}password\s{1,4}["']?([^\s"']{3,200})["']?/iy

const netrc: Finder = (text, start, end, found) => {
  netrcForm.lastIndex = start
  const match = netrcForm.exec(text)
  if (match === null || !isUsed(match[1]!)) return end
  const from = start + match[0].lastIndexOf(match[1]!)
  found({ rule: "netrc-password", start: from, end: from + match[1]!.length })
  return netrcForm.lastIndex
}

const kubernetesReach = 20_000
const secretKind = /^[ \t]{0,8}["']?kind["']?[ \t]{0,4}:[ \t]{0,4}["']?secret["']?,?[ \t\r]{0,8}$/im
const dataLine = /^([ \t]{0,40})["']?(?:data|stringData)["']?[ \t]{0,4}:[ \t]{0,4}[|>{]?-?[ \t\r]{0,8}$/gim
const pairLine =
  /^([ \t]{1,60})["']?[\w.-]{1,120}["']?[ \t]{0,4}:[ \t]{0,4}(?:[|>]-?[ \t\r]{0,8}\n[ \t]{1,60})?["']?([A-Za-z0-9+/]{10,8000}={0,3})["']?,?[ \t\r]{0,8}$/gm

/** `data` of a Kubernetes secret, wherever `kind: Secret` stands in the same document. */
const kubernetes: Finder = (text, start, end, found) => {
  const line = text.slice(Math.max(0, start - 12), end + 12)
  if (!secretKind.test(line)) return end
  const early = Math.max(0, start - kubernetesReach)
  const window = text.slice(early, end + kubernetesReach)
  const before = window.lastIndexOf("\n---", start - early)
  const after = window.indexOf("\n---", end - early)
  const from = early + (before === -1 ? 0 : before + 4)
  const document = window.slice(from - early, after === -1 ? window.length : after)
  for (const data of document.matchAll(dataLine)) {
    const at = data.index + data[0].length
    const rest = document.slice(at)
    const stop = new RegExp(`\\n[ \\t]{0,${data[1]!.length}}["'\\w}]`).exec(rest)
    const block = rest.slice(0, stop === null ? rest.length : stop.index)
    for (const pair of block.matchAll(pairLine)) {
      const value = pair[2]!
      if (isPlaceholder(value) || isMonotone(value.replace(/=+$/, ""))) continue
      const valueAt = from + at + pair.index + pair[0].lastIndexOf(value)
      found({ rule: "kubernetes-secret", start: valueAt, end: valueAt + value.length })
    }
  }
  return from + document.length
}

const nugetForm = /key="(?:ClearTextPassword|Password)"\s{1,8}value="([^"\n]{8,200})"/iy

const nuget: Finder = (text, start, end, found) => {
  nugetForm.lastIndex = start
  const match = nugetForm.exec(text)
  if (match === null || isPlaceholder(match[1]!) || /^%.*%$/.test(match[1]!)) return end
  const at = nugetForm.lastIndex - 1
  found({ rule: "nuget-password", start: at - match[1]!.length, end: at })
  return end
}

/** Keywords and the finder each wakes. */
export const structures: ReadonlyArray<readonly [ReadonlyArray<string>, Finder]> = [
  [["-----begin "], privateKey],
  [["private-lines:"], puttyKey],
  [["eyj", "eya", "ewog"], jwt],
  [["zxlk"], wrappedJwt],
  [["://"], addressPassword],
  [["://"], addressToken],
  [["authorization"], authorization],
  [["curl"], curl],
  [
    [
      "mysql",
      "mysqldump",
      "mysqladmin",
      "mariadb",
      "sshpass",
      "redis-cli",
      "docker",
      "openssl",
      "htpasswd",
      "http",
    ],
    command,
  ],
  [["machine"], netrc],
  [["kind: secret", 'kind: "secret"', "kind: 'secret'", '"kind": "secret"', "kind:secret"], kubernetes],
  [['key="cleartextpassword"', 'key="password"'], nuget],
]
