/**
 * Where the words of a proposed line come from. What a failed program printed is anybody's text, a test's or a remote
 * host's as well as the tool's, so of it a line takes names and plain flags and nothing more.
 * Invariants: no address, no place outside the workspace, no host, no program and no operator of a shell gets into a
 * line from output alone; a package that only the output names is a person's to weigh. Pure.
 */
import { inLatin } from "./keyboards.ts"
import { type Part, partsOf } from "./line.ts"
import { isEveryday } from "./programs.ts"
import { subcommandsOf } from "./subcommands.ts"

export type Origin = "own" | "weigh" | "refused"

interface Sources {
  readonly typed: string
  readonly output: string
  /** Lines that the user ran before. */
  readonly before: ReadonlyArray<string>
  /** Programs of this machine. */
  readonly programs: ReadonlyArray<string>
}

const address =
  /:\/\/|^(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?\/|^(?:[\w-]+\.)+[a-z]{2,}:|^[\w.+-]+@[\w.-]*[a-z][\w-]*\.[\w.-]*|@[\w.-]+:|^\d+(?:\.\d+){3}(?!\w)/i

/** From the root, of a home folder, of a drive, or up and out. */
const outside = /^(?:[/~]|[A-Za-z]:[\\/])|(?:^|\/)\.\.(?:\/|$)/

/** The one file of a user's that ssh itself names to be mended. */
const hostKeys = /^(?:~|\/[\w./-]+)\/\.ssh\/known_hosts2?$/

const operators = [";", "|", "<", ">", "`", "$("]

const count = (text: string, sign: string): number => text.split(sign).length - 1

const tokensOf = (line: string): ReadonlyArray<string> =>
  line.split(/[\s;|&<>()"'`]+/).filter((token) => token !== "")

const connects =
  /^(?:aria2c|curl|dig|ftp|host|http|https|lftp|mosh|nc|ncat|nslookup|ping|rsync|scp|sftp|ssh|ssh-copy-id|telnet|wget|whois|xh)$/

const installs = /^(?:add|dlx|exec|get|i|in|install|require|x|-\w*S\w*|-p|--packages?)$/
const runsPackages = /^(?:npx|bunx|pnpx|uvx)$/
const packagers =
  /^(?:apk|apt|apt-get|aptitude|brew|bun|bundle|cargo|choco|composer|conda|cpan|deno|dnf|dnf5|emerge|flatpak|gem|go|luarocks|mamba|nix-env|nix-shell|npm|pacman|pikaur|pip[\d.]*|pipenv|pipx|pkg|pnpm|poetry|port|scoop|snap|uv|winget|xbps-install|yaourt|yarn|yay|yum|zypper)$/

/** What the words of a line may come from besides the output. */
const isKnown = ({ typed, before }: Sources, token: string): boolean =>
  typed.includes(token) ||
  inLatin(typed)?.includes(token) === true ||
  before.some((line) => line.includes(token))

/** Of `--name=value` and `NAME=value` the value, of `http://` before what was typed the whole. */
const told = (sources: Sources, token: string): ReadonlyArray<string> => {
  const value = /^[\w-]+=(.*)$/s.exec(token)?.[1]
  const [, rest] = /^\w+:\/\/(.+)$/s.exec(token) ?? []
  if (rest !== undefined && isKnown(sources, rest)) return []
  return [token, ...(value === undefined ? [] : [value])].filter((each) => !isKnown(sources, each))
}

/** Programs that rules put before a line, which the output may name as well. */
const putFirst = new Set(["mkvirtualenv", "pytest", "ssh-keygen", "xdg-open"])

const isShippedProgram = (name: string): boolean =>
  putFirst.has(name) || isEveryday(name) || subcommandsOf(name) !== null || packagers.test(name)

const programOrigin = (sources: Sources, part: Part): Origin => {
  const program = part[0]!.text
  const name = program.replace(/^bin\//, "")
  return isKnown(sources, program) ||
    !sources.output.includes(program) ||
    isShippedProgram(name) ||
    sources.programs.includes(program)
    ? "own"
    : "refused"
}

/** What a program that connects or installs is given from the output. */
const operandOrigin = (sources: Sources, part: Part): Origin => {
  const texts = part.map(({ text }) => text)
  const words = texts[0] === "sudo" ? texts.slice(1) : texts
  const program = (words[0] ?? "").split("/").at(-1)!
  const given = words
    .slice(1)
    .filter((word) => !word.startsWith("-") && sources.output.includes(word) && !isKnown(sources, word))
  if (given.length === 0) return "own"
  if (connects.test(program)) return "refused"
  const at = runsPackages.test(program) ? 0 : words.findIndex((word, i) => i > 0 && installs.test(word))
  const named = given.some((word) => words.indexOf(word) > at)
  return at >= 0 && named && (runsPackages.test(program) || packagers.test(program)) ? "weigh" : "own"
}

const worst = (all: ReadonlyArray<Origin>): Origin =>
  all.includes("refused") ? "refused" : all.includes("weigh") ? "weigh" : "own"

/** Whether what is new in this line may stand there. */
export const originOf = (sources: Sources, line: string): Origin => {
  const typed = inLatin(sources.typed) ?? ""
  const grown = operators.some(
    (sign) => count(line, sign) > Math.max(count(sources.typed, sign), count(typed, sign)),
  )
  if (grown) return "refused"
  const foreign = tokensOf(line)
    .flatMap((token) => told(sources, token))
    .some(
      (token) =>
        address.test(token) ||
        (outside.test(token) && !hostKeys.test(token) && sources.output.includes(token)),
    )
  if (foreign) return "refused"
  return worst(partsOf(line).flatMap((part) => [programOrigin(sources, part), operandOrigin(sources, part)]))
}
