/**
 * The words of a page whose HTML could not be made readable: tags out, blocks on lines of their own. Pure, and linear in
 * the length of whatever it is given.
 */
const blocks =
  /^\/?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|td|th|tr|ul)$/
/** Their content is not text. */
const skipped = new Set(["script", "style", "template", "noscript", "svg"])

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
}

const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{1,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return point > 0x1f && point <= 0x10ffff ? String.fromCodePoint(point) : " "
  })

export const plainText = (html: string): string => {
  const parts: Array<string> = []
  const lower = html.toLowerCase()
  let at = 0
  while (at < html.length) {
    const open = html.indexOf("<", at)
    if (open < 0) {
      parts.push(html.slice(at))
      break
    }
    parts.push(html.slice(at, open))
    const comment = html.startsWith("<!--", open)
    const close = html.indexOf(comment ? "-->" : ">", open)
    if (close < 0) break
    at = close + (comment ? 3 : 1)
    const name = /^\/?[a-z][a-z0-9]*/.exec(lower.slice(open + 1, open + 24))?.[0] ?? ""
    if (blocks.test(name)) parts.push("\n")
    if (skipped.has(name)) {
      const end = lower.indexOf(`</${name}`, at)
      if (end < 0) break
      at = end
    }
  }
  return unescaped(parts.join(""))
    .split("\n")
    .map((line) => line.replace(/[ \t\r\f]+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n")
}
