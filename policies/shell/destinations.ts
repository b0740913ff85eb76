/**
 * Whether the words of a command say every host it asks for, so that the way out can be opened to those alone. Pure.
 * Invariant: a yes only narrows what the command may reach; whatever could add a host that the words do not show (a
 * variable, an option nobody knows, a list or configuration in a file, another program by that name) is a no.
 */
import type { CommandSpec } from "../CommandTable.ts"
import type { ReadArguments } from "../arguments.ts"
import { judgeHost, judgeUrl } from "../net/urls.ts"
import { hasHole } from "../wild.ts"

/** By these further hosts come from a file, or from words that are read as such a file. */
const brings = new Set(["-K", "--config", "-i", "--input-file", "-e", "--execute"])
const literal = /^https?:\/\/[^\s{}[\]*?$`]+$/i

const isLiteralUrl = (text: string): boolean =>
  literal.test(text) && judgeUrl(text).host !== "" && !judgeUrl(text).classes.includes("malformed")

/** `example.com/path`, as curl and wget take it. */
const isLiteralHost = (text: string): boolean =>
  /^[a-z0-9.-]+(?::\d+)?(?:\/[^\s{}[\]*?$`]*)?$/i.test(text) &&
  !judgeHost(text, "http").classes.includes("malformed")

const ofGit = (spec: CommandSpec, { flags, values }: ReadArguments): boolean => {
  const [place] = values.filter(({ role }) => role === spec.rest)
  return place !== undefined && isLiteralUrl(place.text) && !flags.has("--all")
}

export const namesItsHosts = (
  spec: CommandSpec,
  read: ReadArguments,
  argv: ReadonlyArray<string>,
): boolean => {
  if (read.unknown !== null || read.strays.length > 0 || argv.some(hasHole)) return false
  if (spec.programs[0] === "git") return ofGit(spec, read)
  if (spec.rest !== "url") return false
  const places = read.values.filter(({ role }) => role === "url")
  return (
    places.length > 0 &&
    places.every(({ text }) => isLiteralUrl(text) || isLiteralHost(text)) &&
    !read.values.some(({ role }) => role === "peer") &&
    ![...brings].some((flag) => read.flags.has(flag))
  )
}
