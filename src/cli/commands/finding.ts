/** What `claw log` finds events by, besides when and of which type they are; all of it holds together. */
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { LogQuery } from "../../rpc/ClawRpcs.ts"
import { usage } from "../Exit.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)
const globs = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar("GLOB"), Flag.withDescription(description), Flag.atLeast(0))

export const finding = {
  grep: text("grep", "TEXT", "somewhere in the payload, in any case"),
  path: globs("path", "names such a file or folder, as in .gitignore; any of them"),
  command: text("command", "TEXT", "tells of such a command, in any case"),
  exit: text("exit", "N|!N", "tells of this exit code, or of any other"),
  actor: globs("actor", "e.g. 'source:*'; any of them"),
  cause: text("cause", "SEQ|ID", "this event, suggestion or call, and all that it caused"),
  correlation: text("correlation", "ID", "belongs to this suggestion or session"),
}

interface Found {
  readonly grep: Option.Option<string>
  readonly path: ReadonlyArray<string>
  readonly command: Option.Option<string>
  readonly exit: Option.Option<string>
  readonly actor: ReadonlyArray<string>
  readonly cause: Option.Option<string>
  readonly correlation: Option.Option<string>
}

const exitCode = (text: string) => {
  const found = /^(!?)(-?\d{1,10})$/.exec(text)
  return found === null
    ? Effect.fail(usage(`--exit ${JSON.stringify(text)}: give a code, or !0 for any other than 0`))
    : Effect.succeed({ code: Number(found[2]), not: found[1] === "!" })
}

const bare = (found: Found): string | null => {
  if (found.path.includes("")) return "--path: give a glob, e.g. 'src/**/*.ts'"
  if (found.actor.includes("")) return "--actor: give a glob, e.g. 'source:*'"
  const texts = { command: found.command, cause: found.cause, correlation: found.correlation }
  for (const [name, value] of Object.entries(texts))
    if (Option.isSome(value) && value.value.trim() === "") return `--${name}: it is empty`
  return null
}

export const foundBy = Effect.fnUntraced(function* (found: Found) {
  const wrong = bare(found)
  if (wrong !== null) return yield* usage(wrong)
  const exit = Option.isNone(found.exit) ? undefined : yield* exitCode(found.exit.value)
  return {
    ...(Option.isNone(found.grep) ? {} : { grep: found.grep.value }),
    ...(found.path.length === 0 ? {} : { paths: found.path }),
    ...(Option.isNone(found.command) ? {} : { command: found.command.value }),
    ...(exit === undefined ? {} : { exit }),
    ...(found.actor.length === 0 ? {} : { actors: found.actor }),
    ...(Option.isNone(found.cause) ? {} : { cause: found.cause.value }),
    ...(Option.isNone(found.correlation) ? {} : { correlationId: found.correlation.value }),
  } satisfies LogQuery
})
