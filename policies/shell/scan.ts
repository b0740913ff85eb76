/**
 * Looks through words whose meaning is not known (arguments of unknown programs, program text, broken shell) for
 * what must be denied: credentials, places outside, bad addresses, dangerous commands, whole environments.
 * Invariant: scanning only ever adds; text without such finds stays what it was, a question.
 */
import { judgeHost, judgeUrl } from "../net/urls.ts"
import { inClass } from "../CommandTable.ts"
import { type At, deepest, inner, type Tools } from "./At.ts"

const pathLike = /^[^\s'"`$|&;<>(){}\\]+$/
/** Bounded, so that a long word costs no more than its length; of a longer scheme the end is enough. */
const url = /[a-z][a-z0-9+.-]{0,24}:\/\/[^\s'"`<>()|;]+/gi
const urlsIn = (text: string): ReadonlyArray<string> => (text.includes("://") ? (text.match(url) ?? []) : [])
/** Schemes of services that are not fetched from but connected to. */
const services =
  /^(?:ssh|git|git\+ssh|rsync|s3|gs|tcp|postgres|postgresql|mysql|redis|rediss|mongodb|mongodb\+srv|amqp|oci|ws|wss):/i
const grave = ["metadata", "link-local", "malformed"]
/** Reads all of the process's variables at once. */
const wholeEnvironment =
  /process\.env(?![.\w[?])|os\.environ(?!\[|\.get)|\bENVIRON\b|%ENV\b|\bENV\.(?:to_h|each|map|inspect|to_a)|\bputs ENV\b|\$_ENV|getenv\(\)|\bSystem\.getenv\(\)|\bos\.Environ\(\)/

/** JavaScript, Python and others: the same by other spellings. */
const environmentObject =
  /process\s*(?:\?\.)?\[\s*(['"`])env\1\s*\](?!\s*[.[?])|\{\s*env\b[^}]{0,80}\}\s*=\s*(?:globalThis\.)?process|process\?\.env(?![.\w[?])/
/** Calls that remove whole trees, given the root or a home. */
const removesAll =
  /\b(?:rmtree|rmSync|rmdirSync|rm_r?f?|rm_rf|remove_dir_all|remove_all|deleteTree|rimraf|removeSync|emptyDirSync|rmdir|rm|Remove-Item|RemoveAll|deleteDirectory)\b[^;\n]{0,40}?(['"`])(?:\/|~\/?|\/\*|\.\/?|\.\.\/?)\1/

const addUrl = (text: string, network: boolean, { collector }: Tools): void => {
  const service = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(text)
  if (network && service !== null && services.test(text))
    return collector.host(service[1]!, text.split(":")[0]!)
  if (network) return collector.url(text)
  const judged = judgeUrl(text)
  const local = /^file:/i.test(text)
  if (local) collector.suspect(text, "/")
  if (judged.classes.some((each) => grave.includes(each)) || local) collector.url(text)
}

/** One argument without a known role. `network`: the program talks to hosts, so every URL counts. */
export const scanArgument = (text: string, network: boolean, at: At, tools: Tools): void => {
  const { collector } = tools
  if (!collector.first(`argument\0${at.cwd}\0${network}\0${text}`) || collector.exhausted()) return
  collector.carries(text)
  const urls = urlsIn(text)
  for (const each of urls) addUrl(each, network, tools)
  if (!pathLike.test(text)) return scanCode(text, at, tools)
  const bare = text.replace(/^-+/, "")
  const joined = /^-[A-Za-z]./.test(text) ? [text.slice(2)] : []
  const candidates = new Set([text.startsWith("-") ? bare : text, ...joined])
  if (urls.length === 0) for (const piece of bare.split(/[=@:,]/)) candidates.add(piece)
  for (const each of candidates) {
    if (each.includes("://")) continue
    collector.suspect(each, at.cwd)
    if (each.startsWith("@")) collector.suspect(each.slice(1), at.cwd)
  }
}

const addressLike = /^(?:\d{1,3}(?:\.\d{1,10}){1,3}|0x[0-9a-f]{6,8}|\[?[0-9a-f]*:[0-9a-f:.]+\]?)$/i

/** A word that may name a host: added only where such a host must not be reached. */
export const suspectHost = (text: string, { collector }: Tools): void => {
  for (const piece of new Set([text, ...text.split(/[=@,:/]/)])) {
    if (!addressLike.test(piece) && !/^localhost|^[\w-]+(?:\.[\w-]+)+$/i.test(piece)) continue
    const { classes } = judgeHost(piece, "tcp")
    if (classes.some((each) => localClasses.includes(each))) collector.host(piece)
  }
}
const localClasses = ["loopback", "private", "link-local", "metadata", "rebinding"]

const token = /[^\s'"`$|&;<>(){}[\]\\,=]+/g

/** Program text or anything else with more than one word in it. */
export const scanCode = (text: string, at: At, tools: Tools): void => {
  const { collector, table } = tools
  if (!collector.first(`code\0${at.cwd}\0${text}`)) return
  const spelled = text.slice(0, 65_536)
  // string pieces joined by `+` or `.` are read as one, and hex or octal escapes undone
  const joined = spelled
    .replace(/(['"])\s*[+.]\s*(['"])/g, "")
    .replace(/\\x([0-9a-f]{2})|\\0?([0-7]{3})/gi, (_, hex: string | undefined, octal: string | undefined) =>
      String.fromCharCode(Number.parseInt(hex ?? octal ?? "0", hex === undefined ? 8 : 16)),
    )
  if (removesAll.test(joined))
    collector.path("delete", /(['"`])[~./*]+\1/.exec(joined)![0].slice(1, -1), at.cwd)
  if (wholeEnvironment.test(joined) || environmentObject.test(joined))
    collector.exec(["environment"], at.cwd, {}, ["environment"])
  for (const piece of new Set(
    [...(spelled.match(token) ?? []), ...(joined.match(token) ?? [])].slice(0, 4000),
  )) {
    if (!/^\/+$/.test(piece) && /^[~./]|\/|^id_|env$|key$|pem$|tfstate|credential|secret|passw/i.test(piece))
      for (const part of new Set([piece, ...piece.split(/[:@]/)])) {
        if (!part.startsWith("//") && part !== "/" && part !== "~") collector.suspect(part, at.cwd)
      }
    for (const each of urlsIn(piece)) addUrl(each, false, tools)
    if (/\/(?:dev|inet[46]?)\/(?:tcp|udp)\//.test(piece)) device(piece, tools)
  }
  if (at.depth >= deepest) return
  for (const segment of segments(joined)) {
    const [program = ""] = segment
    const name = nameOf(program)
    if (
      ["privilege", "system", "destructive", "environment", "own-program"].some((each) =>
        inClass(table, each, [name, ...segment.slice(1)]),
      )
    )
      tools.command(segment, inner(at))
  }
}

/** Words before which a shell command may stand in another language: `.shell rm`, `:!rm`, `$(shell rm)`. */
const startsShell = /^(?:(?:[.:\\]?(?:shell|system|sh|exec|do|then|else|run|spawn|script)|[!:.]+)\s+)+/

/** Words between separators and quotes, each stretch a possible command line. */
const segments = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text
    .split(/[\0-\x08\n\r|&;(){}`]|\$\(/)
    .flatMap((part) => [part, ...part.split(/['"]/)])
    .flatMap((part) => {
      const cleaned = part.replace(/['"\\]/g, "")
      return [cleaned, ...cleaned.split(/[!=,[\]]/)]
    })
    .map((part) =>
      part
        .trim()
        .replace(startsShell, "")
        .split(/\s+/)
        .filter((word) => word !== ""),
    )
    .filter((words) => words.length > 0)
    .slice(0, 2000)

export const nameOf = (program: string): string => program.slice(program.lastIndexOf("/") + 1)

/** `/dev/tcp/host/port` opens a connection in bash. */
export const device = (path: string, { collector }: Tools): boolean => {
  const match = /\/(?:dev|inet[46]?)\/(tcp|udp)(?:\/\d*(?=\/[^/]+\/\w))?\/([^/]*)\/?(.*)$/.exec(path)
  if (match === null) return false
  collector.host(`${match[2]}${match[3] === "" ? "" : `:${match[3]}`}`, match[1])
  return true
}
