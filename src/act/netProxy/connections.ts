/**
 * Where a command in the sandbox may connect to, and the line that says afterwards where it did. Pure.
 * Invariants: metadata addresses are never reached; a private, loopback or link-local address only where a rule names
 * that address, or a name that says itself that it is one (`localhost`, `git.internal`); an address in place of a name
 * only where a rule names it. No rules at all: any public name.
 */
import { canonicalHost, classOf, hostClasses, hostNamed, literalAddress } from "../../domain/addresses.ts"
import { neutralise } from "../../domain/neutralise.ts"

/** One place a command asked for, however often it did. */
export interface Connection {
  readonly host: string
  readonly port: number
  /** Null where it was reached. */
  readonly refused: string | null
  readonly times: number
}

/** A name without a dot is looked up in the local network. */
const classesOf = (host: string): ReadonlyArray<string> => {
  const { classes } = hostClasses(host)
  return classes.includes("public") && !/[.:]/.test(host) ? ["private"] : classes
}

/** Why a host may not be asked for, before anything is resolved; null where it may. */
export const hostRefused = (rules: ReadonlyArray<string>, host: string): string | null => {
  const named = hostNamed(rules, host)
  const address = literalAddress(host)
  if (address !== null) {
    if (classOf(address) === "metadata") return "a metadata address"
    return named ? null : "an address that no rule names"
  }
  const classes = classesOf(canonicalHost(host))
  if (classes.includes("malformed")) return "no host"
  if (classes.includes("metadata")) return "a metadata address"
  if (named) return null
  if (rules.length > 0) return "no rule names it"
  const odd = classes.find((name) => name !== "public")
  return odd === undefined ? null : `${odd}, and no rule names it`
}

/** Why an address that a host resolved to may not be connected to; null where it may. */
export const addressRefused = (
  rules: ReadonlyArray<string>,
  host: string,
  address: string,
): string | null => {
  const kind = classOf(address)
  if (kind === "public") return null
  if (kind === null) return "no address"
  if (kind === "metadata") return "it is a metadata address"
  if (hostNamed(rules, address)) return null
  if (hostNamed(rules, host) && classesOf(canonicalHost(host)).includes(kind)) return null
  return `it is a ${kind} address (${address}) that no rule names`
}

/** Names that a command's own loopback answers, as long as no rule means the machine's. */
const ownLoopback = ["localhost", "127.0.0.1", "::1"]

/** The settings by which programs find the proxy. */
export const proxyEnvironment = (rules: ReadonlyArray<string>, url: string): Record<string, string> => {
  const direct = ownLoopback.filter((host) => !hostNamed(rules, host)).join(",")
  const both = { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: direct }
  return {
    ...both,
    ...Object.fromEntries(Object.entries(both).map(([name, value]) => [name.toLowerCase(), value])),
    NODE_USE_ENV_PROXY: "1",
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: direct,
    YARN_HTTP_PROXY: url,
    YARN_HTTPS_PROXY: url,
  }
}

const most = 12

/** The last line of what a command printed. */
export const networkLine = (connections: ReadonlyArray<Connection>): string => {
  const list = (rows: ReadonlyArray<Connection>): string =>
    rows
      .slice(0, most)
      .map(({ host, port, refused, times }) => {
        const place = neutralise(`${host.includes(":") ? `[${host}]` : host}:${port}`)
        const often = times === 1 ? "" : ` ${times}x`
        return `${place}${often}${refused === null ? "" : ` (${neutralise(refused)})`}`
      })
      .join(", ") + (rows.length > most ? ` and ${rows.length - most} more` : "")
  const reached = connections.filter(({ refused }) => refused === null)
  const not = connections.filter(({ refused }) => refused !== null)
  const parts = [
    ...(reached.length === 0 ? [] : [`reached ${list(reached)}`]),
    ...(not.length === 0 ? [] : [`refused ${list(not)}`]),
  ]
  return `[network: ${parts.length === 0 ? "nothing was asked for" : parts.join("; ")}]`
}
