/**
 * What kind of place an address or a host name is: public, or somewhere only this machine, its network or its cloud
 * can reach. Shared by the gate, by fetching and by the sandbox's proxy, so that all three mean the same. Pure.
 * Hosts are read the way a URL parser reads them (decimal, octal, hex, short, full-width); an IPv6 address that
 * carries an IPv4 one is of the carried one's class.
 * Invariant: a text that spells an address always gets that address's class; only `public` may be reached unasked.
 */
import { Result } from "effect"
import { IpNetwork, NetAddress } from "effect/net"

export type AddressClass = "public" | "private" | "loopback" | "link-local" | "metadata" | "reserved"

const networks = (list: string): ReadonlyArray<IpNetwork.IpNetwork> =>
  list.split(" ").map(IpNetwork.fromStringUnsafe)

let table: ReadonlyArray<readonly [name: AddressClass, nets: ReadonlyArray<IpNetwork.IpNetwork>]> | undefined
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
        "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10 198.18.0.0/15 192.0.0.0/24 64:ff9b:1::/48",
      ),
    ],
    ["reserved", networks("192.88.99.0/24 224.0.0.0/4 240.0.0.0/4 ff00::/8 100::/64 2001::/23")],
  ])

/** The IPv4 address inside: mapped, compatible, translated, NAT64 (both prefixes), 6to4, Teredo, ISATAP. */
const carried = (parts: ReadonlyArray<number>): ReadonlyArray<number> | null => {
  const zero = (until: number): boolean => parts.slice(0, until).every((part) => part === 0)
  const last = [parts[6]!, parts[7]!]
  if (zero(5) && parts[5] === 0xffff) return last
  if (zero(6) && (parts[6] !== 0 || parts[7]! > 1)) return last
  if (zero(4) && parts[4] === 0xffff && parts[5] === 0) return last
  if (parts[0] === 0x64 && parts[1] === 0xff9b) return last
  if (parts[0] === 0x2002) return [parts[1]!, parts[2]!]
  if (parts[0] === 0x2001 && parts[1] === 0) return last.map((part) => part ^ 0xffff)
  if ((parts[4] === 0 || parts[4] === 0x200) && parts[5] === 0x5efe) return last
  return null
}

const strictest: ReadonlyArray<AddressClass> = ["metadata", "loopback", "link-local", "private", "reserved"]

const tableClass = (address: NetAddress.IpAddress): AddressClass => {
  for (const [name, nets] of kinds()) if (nets.some((net) => IpNetwork.contains(net, address))) return name
  return "public"
}

/** Class of an address as text (a zone is ignored), or null where the text is none. */
export const classOf = (text: string): AddressClass | null => {
  const parsed = NetAddress.ipFromString(text.replace(/%.*$/s, ""))
  if (Result.isFailure(parsed)) return null
  const address = parsed.success
  const own = tableClass(address)
  if (!NetAddress.isIpv6Address(address)) return own
  const inner = carried(NetAddress.ipv6ToSegments(address))
  if (inner === null) return own
  const [high, low] = inner as [number, number]
  const found = tableClass(NetAddress.ipv4FromBytesUnsafe(Uint8Array.of(high >> 8, high, low >> 8, low)))
  return strictest.find((name) => name === found || name === own) ?? "public"
}

/** The address a host spells, however it is written; null where it is a name (or no host at all). */
export const literalAddress = (host: string): string | null => {
  const bare = host.replace(/^\[(.*)\]$/s, "$1").replace(/%.*$/s, "")
  if (classOf(bare) !== null) return bare.toLowerCase()
  if (bare === "" || /[\s/?#@\\:]/.test(bare)) return null
  try {
    const read = new URL(`http://${bare}/`).hostname.replace(/^\[(.*)\]$/s, "$1")
    return classOf(read) === null ? null : read
  } catch {
    return null
  }
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

/**
 * What is known of a host before it is resolved: the classes of the address it spells, or of its name
 * (`rebinding`: answers with any address; `look-alike`: letters of other scripts), and that address.
 */
export const hostClasses = (
  host: string,
): { readonly classes: ReadonlyArray<string>; readonly address: string | null } => {
  const bare = host.replace(/^\[|\]$/g, "").replace(/%.*$/, "")
  const own = classOf(bare)
  if (own !== null) return { classes: [own], address: bare }
  const name = bare.replace(/\.+$/, "").toLowerCase()
  if (name === "") return { classes: ["malformed"], address: null }
  if (metadataNames.has(name)) return { classes: ["metadata"], address: null }
  if (loopbackNames.test(name)) return { classes: ["loopback"], address: null }
  if (privateHosts.has(name) || privateNames.test(name)) return { classes: ["private"], address: null }
  if (wildcardDns.test(name)) {
    const inner = dottedInside(name)
    const kind = inner === null ? "loopback" : (classOf(inner) ?? "loopback")
    return { classes: [kind === "public" ? "unknown-host" : kind, "rebinding"], address: inner }
  }
  return { classes: name.includes("xn--") ? ["public", "look-alike"] : ["public"], address: null }
}

/** One spelling a host: lower case, no brackets, no last dot, addresses as the URL parser writes them. */
export const canonicalHost = (host: string): string => {
  const address = literalAddress(host)
  return address ?? host.replace(/\.$/, "").toLowerCase()
}

/** Whether rules name a host: exactly, or as `*.suffix` (which does not hold the suffix itself). */
export const hostNamed = (rules: ReadonlyArray<string>, host: string): boolean => {
  const name = canonicalHost(host)
  return rules.some((rule) =>
    rule.startsWith("*.")
      ? literalAddress(name) === null && name.endsWith(rule.slice(1).toLowerCase())
      : canonicalHost(rule) === name,
  )
}
