/**
 * Secrets that stand in shell commands: credentials given to `curl`, the password options of programs,
 * values that are echoed or fed into a program that reads a secret.
 */
import { type Finder, isHeaderSecret, isUsed } from "./finder.ts"

/** A command up to its end: newlines count where a backslash does not precede them. */
const commandFrom = (text: string, at: number): string => {
  const window = text.slice(at, at + 2000)
  const end = /(?<!\\)\r?\n/.exec(window)
  return end === null ? window : window.slice(0, end.index)
}

const userOption =
  /(?<=\s)(?:-[a-zA-Z]{0,6}u|--user|--proxy-user|-U)(?:=|\s{1,4}|(?=["']))(?:"([^"\n]{1,200})"|'([^'\n]{1,200})'|([^\s"']{1,200}))((?::|(?<=:))(?:"[^"\n]{1,200}"|'[^'\n]{1,200}'))?/g
const headerOption = /(?<=\s)(?:-H|--header)(?:=|\s{0,4})(?:"([^"\n]{1,4000})"|'([^'\n]{1,4000})')/g
const secretHeader = /api-?key|token|auth|secret|password/i
const headerValue = /^\s*(?:[A-Za-z-]{2,12}\s+)?(\S{6,4000})\s*$/

/** What a header says under a telling name. */
const valueOfHeader = (header: string): string | undefined => {
  const colon = header.indexOf(":")
  const name = header.slice(0, Math.max(0, colon)).trim()
  return /^[\w-]{3,}$/.test(name) && secretHeader.test(name)
    ? headerValue.exec(header.slice(colon + 1))?.[1]
    : undefined
}

export const curl: Finder = (text, start, end, found) => {
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
    const value = valueOfHeader(match[1] ?? match[2] ?? "")
    if (value === undefined || !isHeaderSecret(value)) continue
    const from = start + match.index + match[0].lastIndexOf(value)
    found({ rule: "curl-header", start: from, end: from + value.length })
  }
  return start + command.length
}

const plainValue = `([^\\s"'$\`;|&]{4,80}|"[^"$\\n]{4,80}"|'[^'$\\n]{4,80}')`

/** The rest of a command: up to what joins it to the next one, outside of quotes. */
const restOfCommand = /(?:[^;&|"'\\\r\n]|[<>]&|\\(?:\r\n|[^])|"(?:[^"\\]|\\[^])*"|'[^']*')*/y
const commandReach = 2000

/** A command that begins with a string of a program ends with it. */
const restOfString = (rest: string, before: string | undefined): string => {
  const end = before === '"' || before === "'" || before === "`" ? rest.indexOf(before) : -1
  return end === -1 ? rest : rest.slice(0, end)
}

/** As far as a value may stand behind its option: read again where a command goes on past the reach. */
const optionReach = 400

interface PasswordOption {
  readonly programs: ReadonlyArray<string>
  readonly option: RegExp
  /** The option counts only behind this word. */
  readonly subcommand: RegExp | null
}

const takes = (programs: ReadonlyArray<string>, option: string, subcommand?: string): PasswordOption => ({
  programs,
  option: new RegExp(`\\s${option}${plainValue}`, "g"),
  subcommand: subcommand === undefined ? null : new RegExp(`\\s${subcommand}(?=\\s)`),
})

/** Programs and the options by which each takes a password. */
const passwordOptions: ReadonlyArray<PasswordOption> = [
  takes(["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump"], "-p"),
  takes(["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"], "-p\\s{1,3}"),
  takes(["hdbsql", "cqlsh", "cypher-shell", "rabbitmqadmin", "couchbase-cli"], "-p\\s{1,3}"),
  takes(["twine", "rdesktop", "evil-winrm"], "-p\\s{1,3}"),
  takes(["sshpass"], "-p\\s?"),
  takes(["redis-cli"], "-a\\s{1,3}"),
  takes(
    ["docker", "podman", "buildah", "skopeo", "helm", "oras", "oc", "az", "gh", "cf"],
    "-p\\s{1,3}",
    "login",
  ),
  takes(["openssl"], "-pass(?:in|out)?\\s{1,3}pass:"),
  takes(["openssl"], "-k\\s{1,3}", "enc"),
  takes(["openssl"], "passwd\\s{1,3}(?:-\\w{1,8}\\s{1,3}){0,3}(?!-)"),
  takes(["http", "https", "xh"], "(?:-a|--auth)(?:=|\\s{1,3})[\"']?[^\\s\"':]{0,80}:"),
  takes(["htpasswd"], "-[a-zA-Z]{0,4}b[a-zA-Z]{0,4}\\s(?:\\S{1,120}\\s)?\\S{1,80}\\s"),
  takes(["zip", "unzip", "mosquitto_pub", "mosquitto_sub", "ipmitool"], "-P\\s{1,3}"),
  takes(["7z", "7za", "7zz", "rar", "unrar"], "-h?p"),
  takes(["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami"], "-w\\s{1,3}"),
  takes(["smbclient", "rpcclient"], "-U\\s{0,2}[\"']?[^\\s%\"']{1,60}%"),
  takes(["sqlcmd", "bcp", "isql", "tsql"], "-P\\s{0,2}"),
  takes(["lftp"], "-u\\s{1,3}[^\\s,]{1,80},"),
  takes(["xfreerdp", "wfreerdp"], "/p:"),
  takes(["plink", "pscp", "psftp"], "-pw\\s{1,3}"),
  takes(["wpa_passphrase"], '(?!-)(?:\\S{1,40}|"[^"]{1,40}")\\s{1,3}'),
  takes(["net"], "/u(?:ser)?:\\S{1,60}\\s{1,3}(?![/*])", "use"),
  takes(["rabbitmqctl"], "(?:add_user|change_password)\\s{1,3}\\S{1,40}\\s{1,3}"),
  takes(["ab"], "-A\\s{1,3}[^\\s:]{1,60}:"),
  takes(["useradd", "usermod"], "-p\\s{1,3}"),
  takes(["dotnet"], "-p\\s{1,3}", "nuget"),
  takes(["mc"], "set\\s{1,3}\\S{1,40}\\s{1,3}https?:\\S{1,120}\\s{1,3}\\S{3,60}\\s{1,3}", "alias"),
  takes(["composer"], "http-basic\\.\\S{1,80}\\s{1,3}\\S{1,60}\\s{1,3}", "config"),
  takes(["bundle"], "[\\w-]{1,40}(?:\\.[\\w-]{1,40}){1,4}\\s{1,3}[^\\s:/]{1,60}:", "config"),
  takes(["net"], "user\\s{1,3}[\\w.-]{1,40}\\s{1,3}(?![/*])"),
  takes(["gh"], "(?:--body|-b)[= ]", "secret"),
]

const passwordOf =
  ({ option, subcommand }: PasswordOption): Finder =>
  (text, start, end, found) => {
    // A longer name may hold this one.
    if (/[\w.-]/.test(text[start - 1] ?? "") || !/[ \t]/.test(text[end] ?? "")) return 0
    const window = restOfString(text.slice(end, end + commandReach), text[start - 1])
    restOfCommand.lastIndex = 0
    const rest = restOfCommand.exec(window)![0]
    const named = subcommand === null ? 0 : rest.search(subcommand)
    if (named !== -1)
      for (const match of rest.slice(named).matchAll(option)) {
        const value = match[1]!.replace(/^["']|["']$/g, "")
        // A string that ends here is put together by a program.
        if (!isUsed(value) || /^[\s"'+]/.test(value)) continue
        const from = end + named + match.index + match[0].lastIndexOf(value)
        found({ rule: "command-password", start: from, end: from + value.length })
      }
    return end + (rest.length === commandReach ? commandReach - optionReach : rest.length)
  }

/** The names of the programs and what reads each one's commands. */
export const passwordCommands: ReadonlyArray<readonly [ReadonlyArray<string>, Finder]> = passwordOptions.map(
  (each) => [each.programs, passwordOf(each)] as const,
)

const echoed =
  /(?:\s{1,3}-[neE]{1,3})?\s{1,3}(?:"([^"\n]{4,200})"|'([^'\n]{4,200})'|([^\s"'|><;&]{4,200}))\s{0,4}(\||>{1,2})\s{0,4}([^\n]{1,160})/y
const readsSecret =
  /^(?:[^|;&]{0,120}--?(?:password-stdin|with-token|passphrase-fd 0)\b|(?:sudo\s+)?chpasswd\b|(?:sudo\s+)?passwd\b.{0,40}--stdin|sudo\s+(?:-\w+\s+){0,3}-S\b|(?:sudo\s+)?cryptsetup\b|[^|;&]{0,40}\bsecrets? (?:put|set|create|versions add)\b)/
const secretFile =
  /(?:^|[\w./~-])(?:passw(?:or)?d|secret|token|credential|api[-_]?key|\.pgpass|\.netrc)[\w.-]{0,20}["']?\s*$/i
const fedForm = /\s{0,3}(?:"([^"\n]{4,200})"|'([^'\n]{4,200})'|([^\s"'|><;&()]{4,200}))/y
const takesSecret =
  /\b(?:secrets?|passw(?:or)?d|tokens?|login|kinit|chpasswd|cryptsetup|auth)\b|--?(?:password-stdin|with-token)|sudo -S/i

const isFedSecret = (value: string): boolean =>
  isUsed(value) &&
  !/\s/.test(value) &&
  !/^[/.~$<>-]/.test(value) &&
  (/\d/.test(value) || /[^\w.:/-]/.test(value))

/** A value that is echoed into a program or file for secrets, or given to one as its input. */
export const fed: Finder = (text, start, end, found) => {
  const given = text.startsWith("<<<", start)
  if (!given && /[\w.-]/.test(text[start - 1] ?? "")) return end
  const form = given ? fedForm : echoed
  form.lastIndex = end
  const match = form.exec(text)
  if (match === null) return end
  const whole = match[1] ?? match[2] ?? match[3] ?? ""
  const before = text
    .slice(Math.max(0, start - 160), start)
    .split("\n")
    .at(-1)!
  const fits = given
    ? takesSecret.test(before)
    : match[4] === "|"
      ? readsSecret.test(match[5]!)
      : secretFile.test(match[5]!)
  // `user:password` is what chpasswd reads.
  const value = match[5]?.includes("chpasswd") === true ? whole.slice(whole.indexOf(":") + 1) : whole
  if (!fits || !isFedSecret(value)) return end
  const at = end + match[0].indexOf(value)
  found({ rule: "command-password", start: at, end: at + value.length })
  return end
}
