/**
 * Domain filters: a domain holds itself and what is below it, on label boundaries (`example.com` holds `www.example.com`
 * and not `badexample.com`). Pure.
 */
import { domainToASCII } from "node:url"
import { canonicalHost } from "../../domain/addresses.ts"

/** Lower case, ASCII, no dots at the ends; null where it is no domain. */
export const readDomain = (text: string): string | null => {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/^\*?\./, "")
    .replace(/\.$/, "")
  const ascii = /^[^\s/?#@:\\]+$/.test(bare) ? domainToASCII(bare) : ""
  return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(ascii) ? ascii : null
}

const holds = (domain: string, host: string): boolean => host === domain || host.endsWith(`.${domain}`)

/** `allowed` empty: everything not blocked. Both read by `readDomain`. */
export const passes = (
  url: string,
  allowed: ReadonlyArray<string>,
  blocked: ReadonlyArray<string>,
): boolean => {
  const host = canonicalHost(new URL(url).hostname)
  return (
    !blocked.some((domain) => holds(domain, host)) &&
    (allowed.length === 0 || allowed.some((domain) => holds(domain, host)))
  )
}
