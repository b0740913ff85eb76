/**
 * Looks through words whose meaning is not known (arguments of unknown programs, program text, broken shell) for
 * what must be denied: credentials, places outside, bad addresses, dangerous commands, whole environments.
 * Invariant: scanning only ever adds; text without such finds stays what it was, a question.
 */
import { judgeUrl } from "../net/urls.ts"
import { inClass } from "../CommandTable.ts"
import { type At, deepest, inner, type Tools } from "./At.ts"

const pathLike = /^[^\s'"`$|&;<>(){}\\]+$/
const url = /[a-z][a-z0-9+.-]*:\/\/[^\s'"`<>()|;]+/gi
/** Schemes of services that are not fetched from but connected to. */
const services =
  /^(?:ssh|git|git\+ssh|rsync|s3|gs|tcp|postgres|postgresql|mysql|redis|rediss|mongodb|mongodb\+srv|amqp|oci|ws|wss):/i
const grave = ["metadata", "link-local", "malformed"]
/** Reads all of the process's variables at once. */
const wholeEnvironment =
  /process\.env(?![.\w[?])|os\.environ(?!\[|\.get)|\bENVIRON\b|%ENV\b|\bENV\.(?:to_h|each|map|inspect|to_a)|\bputs ENV\b|\$_ENV|getenv\(\)|\bSystem\.getenv\(\)|\bos\.Environ\(\)/

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
  const urls = text.match(url) ?? []
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
  if (wholeEnvironment.test(joined)) collector.exec(["environment"], at.cwd, {}, ["environment"])
  for (const piece of new Set(
    [...(spelled.match(token) ?? []), ...(joined.match(token) ?? [])].slice(0, 4000),
  )) {
    if (!/^\/+$/.test(piece) && /^[~./]|\/|^id_|env$|key$|pem$|tfstate|credential|secret|passw/i.test(piece))
      for (const part of new Set([piece, ...piece.split(/[:@]/)])) {
        if (!part.startsWith("//") && part !== "/" && part !== "~") collector.suspect(part, at.cwd)
      }
    const found = piece.match(url)
    if (found !== null) for (const each of found) addUrl(each, false, tools)
    if (/\/dev\/(?:tcp|udp)\//.test(piece)) device(piece, tools)
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
        .split(/\s+/)
        .filter((word) => word !== ""),
    )
    .filter((words) => words.length > 0)
    .slice(0, 2000)

export const nameOf = (program: string): string => program.slice(program.lastIndexOf("/") + 1)

/** `/dev/tcp/host/port` opens a connection in bash. */
export const device = (path: string, { collector }: Tools): boolean => {
  const match = /\/dev\/(tcp|udp)\/([^/]*)\/?(.*)$/.exec(path)
  if (match === null) return false
  collector.host(`${match[2]}${match[3] === "" ? "" : `:${match[3]}`}`, match[1])
  return true
}
