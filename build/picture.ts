/**
 * Makes the README's picture: opens the TUI on the demo in tmux, waits for its suggestions, and draws the captured
 * screen as SVG. Run `npm run picture`; needs tmux. Every character comes from the real screen.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const columns = 118
const rows = 34
const session = `claw-picture-${process.pid}`
const tmux = (...args: ReadonlyArray<string>): string =>
  execFileSync("tmux", ["-L", session, ...args], { encoding: "utf8" })
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Style {
  readonly fg: string | null
  readonly bg: string | null
  readonly bold: boolean
  readonly inverse: boolean
}
const plain: Style = { fg: null, bg: null, bold: false, inverse: false }
const background = "#1b1e24"
const foreground = "#d0d3da"

const basic = ["#2a2e36", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d0d3da"]
const bright = ["#5c6370", "#ff7a85", "#b5e890", "#ffd58a", "#7cc4ff", "#dd9bf0", "#7fdbe6", "#ffffff"]

/** The 256-colour palette of xterm. */
const palette = (index: number): string => {
  if (index < 8) return basic[index]!
  if (index < 16) return bright[index - 8]!
  const hex = (n: number) => n.toString(16).padStart(2, "0")
  if (index >= 232) return `#${hex(8 + (index - 232) * 10).repeat(3)}`
  const level = (n: number) => (n === 0 ? 0 : 55 + n * 40)
  const cube = index - 16
  return `#${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((n) => hex(level(n))).join("")}`
}

const sgr = (style: Style, codes: ReadonlyArray<number>): Style => {
  let next = style
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (code === 0) next = plain
    else if (code === 1) next = { ...next, bold: true }
    else if (code === 22) next = { ...next, bold: false }
    else if (code === 7) next = { ...next, inverse: true }
    else if (code === 27) next = { ...next, inverse: false }
    else if (code === 39) next = { ...next, fg: null }
    else if (code === 49) next = { ...next, bg: null }
    else if (code === 38 || code === 48) {
      const colour = palette(codes[i + 2] ?? 0)
      next = code === 38 ? { ...next, fg: colour } : { ...next, bg: colour }
      i += 2
    } else if (code >= 30 && code < 38) next = { ...next, fg: basic[code - 30]! }
    else if (code >= 40 && code < 48) next = { ...next, bg: basic[code - 40]! }
    else if (code >= 90 && code < 98) next = { ...next, fg: bright[code - 90]! }
  }
  return next
}

const cell = { width: 8.4, height: 18 }
const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const runs = (
  line: string,
): ReadonlyArray<{ readonly text: string; readonly style: Style; readonly at: number }> => {
  const found: Array<{ text: string; style: Style; at: number }> = []
  let style = plain
  let at = 0
  // oxlint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    if (part.startsWith("\u001b[")) {
      style = sgr(style, part.slice(2, -1).split(";").map(Number))
      continue
    }
    if (part !== "") found.push({ text: part, style, at })
    at += [...part].length
  }
  return found
}

const svg = (screen: string): string => {
  const lines = screen.replace(/\n$/, "").split("\n").slice(0, rows)
  const body = lines.flatMap((line, row) =>
    runs(line).flatMap(({ text, style, at }) => {
      const fg = style.inverse ? (style.bg ?? background) : (style.fg ?? foreground)
      const bg = style.inverse ? (style.fg ?? foreground) : style.bg
      const x = (at * cell.width).toFixed(1)
      const width = ([...text].length * cell.width).toFixed(1)
      const box =
        bg === null
          ? []
          : [
              `<rect x="${x}" y="${row * cell.height}" width="${width}" height="${cell.height}" fill="${bg}"/>`,
            ]
      const glyphs =
        text.trim() === ""
          ? []
          : [
              `<text x="${x}" y="${row * cell.height + 13}" fill="${fg}"${style.bold ? ' font-weight="bold"' : ""} textLength="${width}" xml:space="preserve">${escape(text)}</text>`,
            ]
      return [...box, ...glyphs]
    }),
  )
  const width = Math.ceil(columns * cell.width) + 24
  const height = lines.length * cell.height + 24
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="-12 -12 ${width} ${height}" font-family="ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace" font-size="14">
<rect x="-12" y="-12" width="${width}" height="${height}" rx="8" fill="${background}"/>
${body.join("\n")}
</svg>
`
}

const wanted = process.argv[2] ?? "Secret staged"
try {
  tmux(
    "new-session",
    "-d",
    "-s",
    "t",
    "-x",
    String(columns),
    "-y",
    String(rows),
    `${process.execPath} ${join(root, "bin/claw.cjs")} demo`,
  )
  const until = Date.now() + 180_000
  while (!tmux("capture-pane", "-p", "-t", "t").includes(wanted)) {
    if (Date.now() > until) throw new Error(`the screen never showed ${JSON.stringify(wanted)}`)
    await sleep(50)
  }
  await sleep(1_500)
  mkdirSync(join(root, "docs"), { recursive: true })
  writeFileSync(join(root, "docs", "screen.svg"), svg(tmux("capture-pane", "-e", "-p", "-t", "t")))
} finally {
  tmux("send-keys", "-t", "t", "q")
  await sleep(3_000)
  spawnSync("tmux", ["-L", session, "kill-server"], { stdio: "ignore" })
}
