/**
 * Passwords that are handed to a server: in addresses, connection strings and password files, in SQL,
 * and among the arguments of calls that log in.
 */
import { type Finder, isUsed } from "./finder.ts"
import { judgeValue } from "./judgeValue.ts"

const addressForm = /:\/\/([^\s:/@'"<>`\\]{0,100}):([^\s/@'"<>`\\]{1,200})@(?=[\w[$])/y

export const addressPassword: Finder = (text, start, end, found) => {
  addressForm.lastIndex = start
  const match = addressForm.exec(text)
  if (match === null || !isUsed(match[2]!, match[1])) return end
  const from = start + 3 + match[1]!.length + 1
  found({ rule: "password-in-address", start: from, end: from + match[2]!.length })
  return end
}

const sourceForm = /(?:^|[\s"'`=])([^\s:"'`/@]{1,60}):([^\s"'`/]{3,100})$/

/** `user:password@tcp(host)`, as drivers of Go have it. */
export const sourceName: Finder = (text, start, end, found) => {
  const match = sourceForm.exec(text.slice(Math.max(0, start - 170), start))
  if (match !== null && isUsed(match[2]!, match[1]))
    found({ rule: "password-in-address", start: start - match[2]!.length, end: start })
  return end
}

const oracleForm =
  /(?:jdbc:oracle:\w{2,5}:|(?:sqlplus|impdp|expdp|sqlldr)\s{1,4}(?:-\w{1,9}\s{1,3}){0,3})["']?([\w$#]{1,40})\/["']?([^\s@"'/]{3,80})["']?(?=[@\s"']|$)/iy

/** `user/password@host`, as Oracle's programs have it. */
export const oracleLogin: Finder = (text, start, end, found) => {
  oracleForm.lastIndex = start
  const match = oracleForm.exec(text)
  if (match === null || !isUsed(match[2]!, match[1])) return end
  const from = start + match[0].lastIndexOf(match[2]!)
  found({ rule: "password-in-address", start: from, end: from + match[2]!.length })
  return end
}

const passwordLine =
  /[\w.*-]{1,120}:(?:\d{2,5}|\*):[\w.*-]{1,80}:[\w.*@-]{1,80}:([^\s:]{4,120})[ \t\r]{0,20}(?=\n|$)/y
/** How far before its port a line may begin. */
const hostReach = 130

const isLineCharacter = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 45 && c <= 58) || c === 42 || c === 95

/** A line of `.pgpass`: host, port, database, user, password. */
export const passwordFile: Finder = (text, start, end, found) => {
  let from = start
  while (from > 0 && start - from < hostReach && isLineCharacter(text.charCodeAt(from - 1))) from--
  if (from > 0 && text[from - 1] !== "\n") return end
  passwordLine.lastIndex = from
  const match = passwordLine.exec(text)
  if (match === null || !isUsed(match[1]!)) return end
  const at = from + match[0].trimEnd().length - match[1]!.length
  found({ rule: "password-file", start: at, end: at + match[1]!.length })
  return passwordLine.lastIndex
}

const identifiedForm =
  /identified(?:\s{1,4}with\s{1,4}["'`]?\w{1,40}["'`]?)?\s{1,4}(?:by|as)\s{1,4}(?:password\s{1,4})?["']([^"'\n]{4,120})["']/iy
const passwordForm = /password\s{1,4}(?:for\s{1,4}\S{1,80}\s{0,4}=\s{0,4})?e?'([^'\n]{4,120})'/iy
const identityBefore = /\b(?:create|alter|grant|set)\b[^;]{0,140}$/i
const roleBefore = /\b(?:create|alter|with|encrypted|login|superuser|set)\b[^;]{0,120}$/i

/** `IDENTIFIED BY '...'`, `WITH PASSWORD '...'`. */
export const sqlPassword: Finder = (text, start, end, found) => {
  const form = /^i/i.test(text.slice(start, end)) ? identifiedForm : passwordForm
  form.lastIndex = start
  const value = form.exec(text)?.[1]
  if (value === undefined || /\s/.test(value) || !isUsed(value)) return end
  const before = form === passwordForm ? roleBefore : identityBefore
  if (!before.test(text.slice(Math.max(0, start - 160), start))) return end
  const at = form.lastIndex - 1
  found({ rule: "sql-password", start: at - value.length, end: at })
  return end
}

/** How calls that log in begin. */
export const logins = [
  "getconnection(",
  "mysqli_connect(",
  "mysql_connect(",
  "mysqli(",
  "pdo(",
  "ftp_login(",
  "ldap_bind(",
  "imap_open(",
  "ssh2_auth_password(",
  "basicauth(",
  "basicauthentication(",
  "digestauth(",
  "setbasicauth(",
  "networkcredential(",
  "passwordcredentials(",
  "passwordauthentication(",
  "passwordauthenticator(",
  "plainauth(",
  ".login(",
  "auth=(",
  "credentials(",
  "db.connect(",
  "pymysql.connect(",
  "dbi->connect(",
  "sequelize(",
  "client.bind(",
  "algoliasearch(",
  "twilio(",
  "ldap.bind(",
]

const callForm =
  /\s{0,8}(?:[\w$.:()[\]]{1,60}\s{0,4},\s{0,8})?((?:["'][^"'\n]{0,160}["']\s{0,4},\s{0,8}){1,3}["'][^"'\n]{4,120}["'])\s{0,8}[,).]/y

/** A call that logs in: of the texts it is given, those behind the first that look like a password. */
export const loginCall: Finder = (text, _start, end, found) => {
  callForm.lastIndex = end
  const match = callForm.exec(text)
  if (match === null) return end
  const from = end + match[0].indexOf(match[1]!)
  for (const each of [...match[1]!.matchAll(/(["'])([^"'\n]{0,160})\1/g)].slice(1)) {
    const value = each[2]!
    const at = from + each.index + 1
    const assignment = {
      name: "password",
      nameStart: at,
      value,
      valueStart: at,
      valueEnd: at + value.length,
      quoted: true,
      operator: ",",
      flag: false,
      next: "",
    }
    if (/\d/.test(value) && isUsed(value) && judgeValue("password", assignment) !== null)
      found({ rule: "password-in-call", start: at, end: at + value.length })
  }
  return callForm.lastIndex
}

const secureForm =
  /\s[^\n]{0,60}?["']([^"'$\n]{4,120})["'](?=[^\n]{0,60}-AsPlainText)|\s[^\n]{0,60}-AsPlainText\s[^\n]{0,20}?["']([^"'$\n]{4,120})["']/iy

/** PowerShell's `ConvertTo-SecureString "..." -AsPlainText`. */
export const secureString: Finder = (text, _start, end, found) => {
  secureForm.lastIndex = end
  const match = secureForm.exec(text)
  const value = match?.[1] ?? match?.[2]
  if (match === null || value === undefined || !isUsed(value)) return end
  const at = end + match[0].lastIndexOf(value)
  found({ rule: "password-in-call", start: at, end: at + value.length })
  return secureForm.lastIndex
}
