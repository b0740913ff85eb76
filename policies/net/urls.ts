/**
 * Judges where a request would go: scheme, host in any of its spellings, port, and what kind of place that is.
 * Hosts are read the way a URL parser reads them (decimal, octal, hex, short and mapped addresses, full-width
 * digits), so that a spelling cannot hide an address.
 * Invariant: a host that is an address always gets that address's class; what cannot be parsed is `malformed`.
 */
import { Result } from "effect"
import { IpNetwork, NetAddress } from "effect/net"

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

const networks = (list: string): ReadonlyArray<IpNetwork.IpNetwork> =>
  list.split(" ").map(IpNetwork.fromStringUnsafe)

let table: ReadonlyArray<readonly [name: string, nets: ReadonlyArray<IpNetwork.IpNetwork>]> | undefined
/** Made at the first look-up. The first that holds the address gives the class. */
const kinds = () =>
  (table ??= [
    [
      "metadata",
      networks(
        "169.254.169.254/32 169.254.170.2/32 169.254.170.23/32 100.100.100.200/32 168.63.129.16/32 192.0.0.192/32 fd00:ec2::/32 fd20:ce::254/128",
      ),
    ],
    ["loopback", networks("127.0.0.0/8 0.0.0.0/8 ::1/128 ::/128")],
    ["link-local", networks("169.254.0.0/16 fe80::/10")],
    [
      "private",
      networks(
        "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10 198.18.0.0/15 192.0.0.0/24",
      ),
    ],
    ["reserved", networks("224.0.0.0/4 240.0.0.0/4 ff00::/8")],
  ])

/** An IPv6 address that carries an IPv4 one: mapped, compatible, NAT64, 6to4. */
const embedded = (text: string): string | null => {
  const parts = expand(text)
  if (parts === null) return null
  const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".")
  const leading = parts.slice(0, 5).every((part) => part === 0)
  if (leading && (parts[5] === 0xffff || parts[5] === 0) && (parts[6] !== 0 || parts[7]! > 1))
    return dotted(parts[6]!, parts[7]!)
  if (parts.slice(0, 4).every((part) => part === 0) && parts[4] === 0xffff && parts[5] === 0)
    return dotted(parts[6]!, parts[7]!)
  if (parts[0] === 0x64 && parts[1] === 0xff9b) return dotted(parts[6]!, parts[7]!)
  if (parts[0] === 0x2002) return dotted(parts[1]!, parts[2]!)
  return null
}

/** Eight groups of an IPv6 address as the URL parser writes it (no dotted tail). */
const expand = (text: string): ReadonlyArray<number> | null => {
  const [head = "", tail] = text.split("::")
  const groups = (part: string): Array<number> =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all =
    tail === undefined
      ? left
      : [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right]
  return all.length === 8 && all.every((group) => group >= 0 && group <= 0xffff) ? all : null
}

/** Class of an address, or null where the text is none. */
export const addressClass = (text: string): string | null => {
  const parsed = NetAddress.ipFromString(text)
  if (Result.isFailure(parsed)) return null
  const inner = text.includes(":") ? embedded(text) : null
  if (inner !== null) return addressClass(inner)
  const address = parsed.success
  for (const [name, nets] of kinds()) if (nets.some((net) => IpNetwork.contains(net, address))) return name
  return "public"
}

const metadataNames = new Set([
  "metadata.google.internal",
  "metadata.goog",
  "metadata",
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.azure.internal",
  "metadata.azure.com",
  "metadata.platformequinix.com",
  "metadata.packet.net",
])
const loopbackNames =
  /^(?:localhost|.*\.localhost|localhost\.localdomain|localhost6?|ip6-localhost|ip6-loopback|broadcasthost)$/
const privateNames =
  /\.(?:local|internal|intranet|lan|home|corp|private|home\.arpa|localdomain)$|^kubernetes(?:\.default.*)?$/
const privateHosts = new Set(["host.docker.internal", "gateway.docker.internal", "host.containers.internal"])
/** Public names that answer with the address written in them, or with loopback. */
const wildcardDns =
  /(?:^|\.)(?:nip\.io|sslip\.io|xip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|readme\.localtest\.me|traefik\.me|1u\.ms|rbndr\.us|fbi\.com)$/

const dottedInside = (host: string): string | null => {
  const match = /(?:^|[.-])((?:\d{1,3}[.-]){3}\d{1,3})(?=[.-]|$)/.exec(host)
  if (match !== null) return match[1]!.replaceAll("-", ".")
  const hex = /(?:^|[.-])([0-9a-f]{8})(?=[.-])/.exec(host)
  if (hex === null) return null
  const value = Number.parseInt(hex[1]!, 16)
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".")
}

const hostClasses = (
  host: string,
): { readonly classes: ReadonlyArray<string>; readonly address: string | null } => {
  const bare = host.replace(/^\[|\]$/g, "").replace(/%.*$/, "")
  const own = addressClass(bare)
  if (own !== null) return { classes: [own], address: bare }
  const name = bare.replace(/\.+$/, "").toLowerCase()
  if (name === "") return { classes: ["malformed"], address: null }
  if (metadataNames.has(name)) return { classes: ["metadata"], address: null }
  if (loopbackNames.test(name)) return { classes: ["loopback"], address: null }
  if (privateHosts.has(name) || privateNames.test(name)) return { classes: ["private"], address: null }
  if (wildcardDns.test(name)) {
    const inside = dottedInside(name)
    const kind = inside === null ? "loopback" : (addressClass(inside) ?? "loopback")
    return { classes: [kind === "public" ? "unknown-host" : kind, "rebinding"], address: inside }
  }
  return { classes: name.includes("xn--") ? ["public", "look-alike"] : ["public"], address: null }
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
