/**
 * Secrets known by the structure around them: JSON web tokens, headers, Kubernetes secrets, NuGet
 * configuration here, and all others by their own modules. Each finder is called at a keyword and looks
 * at a bounded stretch of the text from there.
 */
import { curl, fed, passwordCommands } from "./commands.ts"
import {
  addressPassword,
  loginCall,
  logins,
  oracleLogin,
  passwordFile,
  secureString,
  sourceName,
  sqlPassword,
} from "./connections.ts"
import { type Finder, isHeaderSecret, isUsed } from "./finder.ts"
import { privateKey, puttyKey, webKey, wrappedKey } from "./keyMaterial.ts"
import { entropyOf, isMonotone, isPlaceholder, isWordy } from "./randomness.ts"

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

/** `https://TOKEN@host`: a generated user part without a password. */
const addressTokenForm = /:\/\/([\w-]{20,120})@(?=\w)(?!(?:[\w-]{1,60}\.){0,4}sentry\b|o\d{1,20}\.ingest\.)/y
const addressToken: Finder = (text, start, end, found) => {
  addressTokenForm.lastIndex = start
  const match = addressTokenForm.exec(text)
  const value = match?.[1]
  if (value === undefined || isPlaceholder(value) || isWordy(value) || isMonotone(value)) return end
  if (/\d/.test(value) && entropyOf(value) >= 3.3)
    found({ rule: "token-in-address", start: start + 3, end: start + 3 + value.length })
  return end
}

const authorizationForm =
  /(?:["'\])]{0,3}\s{0,3}[:=,]\s{0,3}["'`]?\s{0,3}|\s{1,3}(?=["'](?:Bearer|Basic|Token) )["'])(?:(?:Bearer|Basic|Token|Api-?Token|Api-?Key|Digest|OAuth|GenieKey|SSWS|Splunk|token=)(?:\s{1,3}["']\s{0,3}[+.]\s{0,3}["']|[\s:=]{1,3}["']?))?([A-Za-z0-9][\w.~+/=:|-]{6,4000}|_[\w.~+/=:|-]{7,4000})/iy

/** A run that is no secret is not read again for the same word within it, but for its last stretch. */
const runRest = 200

const authorization: Finder = (text, _start, end, found) => {
  authorizationForm.lastIndex = end
  const match = authorizationForm.exec(text)
  if (match === null) return end
  const stop = authorizationForm.lastIndex
  const value = match[1]!
  if (
    /[({[]/.test(text[stop] ?? "") ||
    !/\d|=$|[A-Z][^A-Z]{0,40}[a-z][^A-Z]{0,40}[A-Z]/.test(value) ||
    /^\w+(?:\.\w+)+$/.test(value) ||
    !isHeaderSecret(value)
  )
    return Math.max(end, stop - runRest)
  found({ rule: "authorization-header", start: stop - value.length, end: stop })
  return stop
}

const netrcForm =
  /(?:machine\s{1,4}\S{1,200}|default)\s{1,8}login\s{1,4}\S{1,200}\s{1,8}password\s{1,4}["']?([^\s"']{3,200})["']?/iy

const netrc: Finder = (text, start, end, found) => {
  netrcForm.lastIndex = start
  const match = netrcForm.exec(text)
  if (match === null || !isUsed(match[1]!) || /login\s{1,4}(?:anonymous|anon|ftp)\s/i.test(match[0]))
    return end
  const from = start + match[0].lastIndexOf(match[1]!)
  found({ rule: "netrc-password", start: from, end: from + match[1]!.length })
  return netrcForm.lastIndex
}

const kubernetesReach = 20_000
const secretKind = /^[ \t]{0,8}["']?kind["']?[ \t]{0,4}:[ \t]{0,4}["']?secret["']?,?[ \t\r]{0,8}$/im
const dataLine = /^([ \t]{0,40})["']?(?:data|stringData)["']?[ \t]{0,4}:[ \t]{0,4}[|>{]?-?[ \t\r]{0,8}$/gim
const pairLine =
  /^([ \t]{1,60})["']?[\w.-]{1,120}["']?[ \t]{0,4}:[ \t]{0,4}(?:[|>]-?[ \t\r]{0,8}\n[ \t]{1,60})?["']?([A-Za-z0-9+/]{10,8000}={0,3})["']?,?[ \t\r]{0,8}$/gm

/** A certificate or a public key, encoded once more. */
const publicMaterial = /^LS0tLS1CRUdJTiB(?:DRVJUSUZJQ0FUR|QVUJMSUMg)/

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
      if (publicMaterial.test(value) || isPlaceholder(value) || isMonotone(value.replace(/=+$/, ""))) continue
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
  [["-----begin ", "---- begin ssh2 "], privateKey],
  [["private-lines:"], puttyKey],
  [["ls0tls1crudjti"], wrappedKey],
  [["kty"], webKey],
  [["eyj", "eya", "ewog"], jwt],
  [["zxlk"], wrappedJwt],
  [["://"], addressPassword],
  [["://"], addressToken],
  [["@tcp(", "@unix("], sourceName],
  [["jdbc:oracle:", "sqlplus", "impdp", "expdp", "sqlldr"], oracleLogin],
  [[":5432:", ":*:"], passwordFile],
  [["identified by", "identified with", "password '", "password e'", "password for "], sqlPassword],
  [logins, loginCall],
  [["convertto-securestring"], secureString],
  [["authorization"], authorization],
  [["curl"], curl],
  ...passwordCommands,
  [["echo", "printf", "<<<"], fed],
  [["machine", "default"], netrc],
  [["kind: secret", 'kind: "secret"', "kind: 'secret'", '"kind": "secret"', "kind:secret"], kubernetes],
  [['key="cleartextpassword"', 'key="password"'], nuget],
]
