/**
 * Private keys: PEM and its relatives, also encoded once more, PuTTY's own files and JSON web keys.
 */
import type { Finder } from "./finder.ts"
import { isMonotone } from "./randomness.ts"

const keyReach = 24_000

export const privateKey: Finder = (text, start, end, found) => {
  const head =
    /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}(?:PRIVATE|SECRET) KEY(?: BLOCK)?-----|-----BEGIN OpenVPN Static key V1-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/y
  head.lastIndex = start
  if (!head.test(text)) return end
  const from = head.lastIndex
  const body = text.slice(from, from + keyReach)
  // What begins before this one ends is another.
  const edge = /-----? ?(END|BEGIN) /.exec(body)
  const foot = edge?.[1] === "END" ? edge.index : -1
  const inner = body.slice(0, foot === -1 ? Math.min(edge?.index ?? body.length, 4000) : foot)
  // A text that only names the first line goes on with other things.
  if (foot === -1 && !/[A-Za-z0-9+/]{20}/.test(inner.slice(0, 300))) return end
  const material = inner.replace(/\\[nr]|[^A-Za-z0-9+/=]/g, "")
  const close = foot === -1 ? -1 : body.indexOf("----", foot + 9)
  const last = close === -1 ? from + inner.length : from + close + (body[close + 4] === "-" ? 5 : 4)
  if (material.length >= 32 && !isMonotone(material)) found({ rule: "private-key", start, end: last })
  return last
}

/** PuTTY's own files: everything behind `Private-Lines`. */
export const puttyKey: Finder = (text, start, end, found) => {
  const form = /private-lines: {0,2}\d{1,4}\r?\n((?:[A-Za-z0-9+/=]{4,80}(?:\r?\n|$)){1,200})/iy
  form.lastIndex = start
  const lines = form.exec(text)?.[1]
  if (lines === undefined || isMonotone(lines)) return end
  found({ rule: "private-key", start: form.lastIndex - lines.length, end: form.lastIndex })
  return form.lastIndex
}

/** A PEM file that was encoded once more, as `client-key-data` has it. */
export const wrappedKey: Finder = (text, start, end, found) => {
  if (/[A-Za-z0-9+/]/.test(text[start - 1] ?? "")) return end
  const run = /[A-Za-z0-9+/]{60,24000}={0,2}/y
  run.lastIndex = start
  if (!run.test(text)) return end
  const head = Buffer.from(text.slice(start, start + 80), "base64").toString("latin1")
  if (/^-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/.test(head))
    found({ rule: "private-key", start, end: run.lastIndex })
  return run.lastIndex
}

const webKeyReach = 4000

/** The private member of a JSON web key: `d`, or `k` of a symmetric one. */
export const webKey: Finder = (text, start, end, found) => {
  if (!/^\\{0,2}["']/.test(text.slice(end, end + 3))) return end
  const head = text.slice(Math.max(0, start - webKeyReach), start)
  const tail = text.slice(end, end + webKeyReach)
  const close = tail.indexOf("}")
  const from = start - head.length + Math.max(0, head.lastIndexOf("{"))
  const to = end + (close === -1 ? tail.length : close)
  const member = /["'][dk]\\{0,2}["']\s{0,4}:\s{0,4}\\{0,2}["']([\w-]{20,2000})(?=\\{0,2}["'])/g
  for (const match of text.slice(from, to).matchAll(member)) {
    const value = match[1]!
    if (isMonotone(value)) continue
    const at = from + match.index + match[0].length - value.length
    found({ rule: "json-web-key", start: at, end: at + value.length })
  }
  return to
}
