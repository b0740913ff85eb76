/**
 * Where a request may go: the URL as it will really be asked for, and the local classes of address a rule opened by
 * naming the host. Pure; asked again for every redirect.
 * Invariants: what the gate did not name is not reached; metadata, link-local and reserved addresses never are;
 * loopback and private ones only for a host that is one by its own name or spelling, and was named; public hosts are
 * reached over TLS only.
 */
import { type AddressClass, canonicalHost, classOf, hostClasses, hostNamed } from "../../domain/addresses.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { judgeUrl } from "../../../policies/net/urls.ts"

/** What the verdict opened: no hosts with `network: true` means any public one. */
export interface Reach {
  readonly network: boolean
  readonly hosts: ReadonlyArray<string>
}

export interface Destination {
  readonly url: URL
  readonly host: string
  readonly port: number
  /** Classes of address besides `public` that this host may have. */
  readonly local: ReadonlyArray<AddressClass>
}

export interface NoWay {
  /** `elsewhere`: a place that could be asked for; `never`: one that is not fetched at all. */
  readonly kind: "elsewhere" | "never"
  readonly reason: string
}

const faults: Readonly<Record<string, string>> = {
  malformed: "it is not a URL that every program reads alike",
  "bad-scheme": "only http and https are fetched",
  "credentials-in-url": "it carries a name or a password",
  "over-long": "it is longer than 2048 characters",
  metadata: "it is a cloud metadata address",
  "link-local": "it is a link-local address",
  reserved: "it is a reserved address",
}

const openable: ReadonlySet<string> = new Set(["loopback", "private"])

export const portOf = (url: URL): number =>
  url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port)

/** Below 1024 only the web's own ports: the others speak protocols a request could be smuggled into. */
const isWebPort = (port: number): boolean => port === 80 || port === 443 || port >= 1024

const localClasses = (host: string): ReadonlyArray<AddressClass> => {
  const { classes } = hostClasses(host)
  const named = classes.filter((each): each is AddressClass => openable.has(each))
  // a name without a dot is looked up in the local network
  return named.length === 0 && !/[.:]/.test(host) ? ["private"] : named
}

export const destinationOf = (text: string, reach: Reach): Destination | NoWay => {
  const judged = judgeUrl(text)
  const fault = judged.classes.find((each) => faults[each] !== undefined)
  if (fault !== undefined) return { kind: "never", reason: faults[fault]! }
  const url = new URL(text)
  const host = canonicalHost(url.hostname)
  const local = localClasses(host)
  if (local.length > 0 && !hostNamed(reach.hosts, host)) {
    return { kind: "never", reason: `${neutralise(host)} is a ${local[0]} address, and no rule names it` }
  }
  if (!reach.network || (reach.hosts.length > 0 && !hostNamed(reach.hosts, host))) {
    return { kind: "elsewhere", reason: `${neutralise(host)} is not a host that was allowed` }
  }
  if (!isWebPort(portOf(url))) {
    return { kind: "never", reason: `port ${portOf(url)} belongs to another protocol` }
  }
  if (url.protocol === "http:" && local.length === 0) url.protocol = "https:"
  url.hash = ""
  return { url, host, port: portOf(url), local }
}

/** Why an address this host resolved to is not reached; null where it may be. */
export const addressFault = (destination: Destination, address: string): string | null => {
  const kind = classOf(address)
  if (kind === "public") return null
  if (kind !== null && destination.local.includes(kind)) return null
  return `${neutralise(destination.host)} leads to ${kind === null ? "no" : `a ${kind}`} address${kind === null ? "" : ` (${neutralise(address)})`}, which no rule names`
}
