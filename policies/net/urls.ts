/**
 * Judges where a request would go: scheme, host in any of its spellings, port, and what kind of place that is.
 * Hosts are read the way a URL parser reads them (decimal, octal, hex, short and mapped addresses, full-width
 * digits), so that a spelling cannot hide an address.
 * Invariant: a host that is an address always gets that address's class; what cannot be parsed is `malformed`.
 */
import { hostClasses } from "../../src/domain/addresses.ts"

export interface JudgedUrl {
  readonly scheme: string
  readonly host: string
  readonly port: number | null
  readonly addresses: ReadonlyArray<string>
  readonly classes: ReadonlyArray<string>
}

const longest = 2048
const ports: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  ftp: 21,
  ssh: 22,
  git: 9418,
}

const malformed = (scheme: string, host = ""): JudgedUrl => ({
  scheme,
  host,
  port: null,
  addresses: [],
  classes: ["malformed"],
})

export const judgeUrl = (input: string): JudgedUrl => {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(input)?.[1]?.toLowerCase() ?? ""
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/.test(input))
    return malformed(scheme)
  // a back-slash, or a missing pair of slashes, is read in different ways by different programs
  if (input.includes("\\") || (/^https?:/i.test(input) && !/^https?:\/\/[^/?#]/i.test(input)))
    return malformed(scheme)
  let url: URL
  try {
    url = new URL(input)
  } catch {
    return malformed(scheme)
  }
  const port = url.port === "" ? (ports[scheme] ?? null) : Number(url.port)
  // only http-like URLs have their host normalised by the parser: the rest is read again as one
  const host = hostOf(url, input, scheme)
  const found = hostClasses(host)
  const classes = new Set(found.classes)
  if (scheme !== "http" && scheme !== "https") classes.add("bad-scheme")
  // a name without a dot is looked up in the local network
  else if (!/[.:]/.test(host)) classes.add("private")
  if (url.username !== "" || url.password !== "") classes.add("credentials-in-url")
  if (input.length > longest) classes.add("over-long")
  const address = found.address === null ? [] : [found.address]
  return { scheme, host, port, addresses: address, classes: [...classes] }
}

const hostOf = (url: URL, input: string, scheme: string): string => {
  if (scheme === "http" || scheme === "https" || scheme === "ws" || scheme === "wss" || scheme === "ftp")
    return url.hostname
  const authority = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(input)?.[1] ?? ""
  try {
    return new URL(`http://${authority}/`).hostname
  } catch {
    return authority
  }
}

/** A host as a program takes it on its command line: `host`, `host:port`, `user@host:path`, `[::1]:80`. */
export const judgeHost = (input: string, scheme: string): JudgedUrl => {
  const bare = input.replace(/^[^@/]*@/, "").replace(/[/?#].*$/, "")
  const colons = bare.split(":").length - 1
  const text = bare.startsWith("[") ? bare : colons > 1 ? `[${bare}]` : bare.replace(/:[^\d].*$|:$/, "")
  try {
    const url = new URL(`http://${text}/`)
    const found = hostClasses(url.hostname)
    const address = found.address === null ? [] : [found.address]
    const port = url.port === "" ? (ports[scheme] ?? null) : Number(url.port)
    return { scheme, host: url.hostname, port, addresses: address, classes: found.classes }
  } catch {
    return malformed(scheme, input)
  }
}
