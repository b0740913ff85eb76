/**
 * A table row's `context` as the facts the corrections ask for. What a row does not state is absent; only whether a
 * program exists stays unknown where nothing is said of it. What helper programs printed (task lists, listeners,
 * branches) becomes the file or probe that says the same here, because nothing is run to ask.
 */
import { Schema } from "effect"
import type { Editor } from "../../decide/corrections/Correction.ts"
import type { Facts, Memory } from "../../decide/Decider.ts"
import type { ProbeRequest } from "../../domain/probe.ts"

const Names = Schema.Array(Schema.String)
const Said = Schema.Struct({
  argv: Names,
  stdout: Schema.optionalKey(Schema.NullOr(Schema.String)),
  stderr: Schema.optionalKey(Schema.NullOr(Schema.String)),
})

export const CorrectionContext = Schema.Struct({
  which: Schema.optionalKey(Schema.Record(Schema.String, Schema.NullOr(Schema.String))),
  executables: Schema.optionalKey(Names),
  files: Schema.optionalKey(Names),
  exists: Schema.optionalKey(Names),
  not_executable: Schema.optionalKey(Names),
  executable_files: Schema.optionalKey(Names),
  dirs: Schema.optionalKey(Names),
  virtualenvs: Schema.optionalKey(Names),
  command_not_found_db: Schema.optionalKey(Schema.Unknown),
  history: Schema.optionalKey(Schema.Unknown),
  aliases: Schema.optionalKey(Schema.Unknown),
  env: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  settings: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  probes: Schema.optionalKey(Schema.Array(Said)),
})
export type CorrectionContext = typeof CorrectionContext.Type

const saidBy = (context: CorrectionContext, program: RegExp): string =>
  (context.probes ?? [])
    .filter(({ argv }) => program.test(argv.join(" ")))
    .map(({ stdout, stderr }) => `${stdout ?? ""}\n${stderr ?? ""}`)
    .join("\n")

const plainPath = (path: string): string => path.replace(/^\.\//, "").replace(/(?<=.)\/+$/, "")

const kindOf = (context: CorrectionContext, path: string): "file" | "dir" | null => {
  const at = plainPath(path)
  const among = (names: ReadonlyArray<string> | undefined): boolean =>
    (names ?? []).some((name) => plainPath(name) === at)
  if (among(context.dirs)) return "dir"
  const { files, exists, executable_files: runnable, not_executable: plain } = context
  return [files, exists, runnable, plain].some(among) ? "file" : null
}

const stated = (context: CorrectionContext): ReadonlyArray<string> =>
  [context.files, context.exists, context.dirs, context.executable_files].flatMap((names) => names ?? [])

const listed = (context: CorrectionContext, dir: string): ReadonlyArray<string> => {
  if (dir === "~/.virtualenvs") return context.virtualenvs ?? []
  if (dir === "/sys/class/net")
    return [...saidBy(context, /^ifconfig\b/).matchAll(/^([\w.-]+)(?::|\s)/gm)].map(([, name]) => name!)
  const base = plainPath(dir) === "." ? "" : `${plainPath(dir)}/`
  return [
    ...new Set(
      stated(context)
        .map(plainPath)
        .filter((path) => path.startsWith(base) && path !== base)
        .map((path) => path.slice(base.length).split("/")[0]!)
        .filter((name) => name !== ""),
    ),
  ]
}

const firstWords = (text: string, after: RegExp): ReadonlyArray<string> =>
  text
    .slice(Math.max(0, text.search(after)))
    .split("\n")
    .flatMap((line) => /^\s*([A-Za-z][\w:.-]*)(?:\s|$)/.exec(line)?.[1] ?? [])

const textOf = (context: CorrectionContext, path: string): string | null => {
  const name = path.split("/").at(-1)!
  const declared = (words: ReadonlyArray<string>, form: (word: string) => string): string | null =>
    words.length === 0 ? null : words.map(form).join("\n")
  if (/^Gruntfile\.(?:js|cjs|ts)$/.test(name))
    return declared(
      firstWords(saidBy(context, /^grunt\b/), /Available tasks/),
      (task) => `registerTask("${task}")`,
    )
  if (/^gulpfile\.(?:js|cjs|mjs|ts)$/.test(name))
    return declared(firstWords(saidBy(context, /^gulp\b/), /^/), (task) => `gulp.task("${task}")`)
  if (/^build\.gradle$/.test(name))
    return declared(firstWords(saidBy(context, /gradlew? tasks/), /All tasks/), (task) => `task ${task}`)
  return null
}

const scriptsOf = (context: CorrectionContext): string | null => {
  const scripts = [...saidBy(context, /^(?:npm|pnpm|yarn) run/).matchAll(/^ {2}([\w:.-]+)$/gm)].map(
    ([, name]) => name!,
  )
  return scripts.length === 0
    ? null
    : JSON.stringify({ scripts: Object.fromEntries(scripts.map((name) => [name, "x"])) })
}

const branchesOf = (context: CorrectionContext): ReadonlyArray<string> =>
  saidBy(context, /^git branch/)
    .split("\n")
    .map(
      (line) =>
        line
          .replace(/^[*+ ]+/, "")
          .replace(/^remotes\/[^/]+\//, "")
          .split(" ")[0]!,
    )
    .filter((name) => name !== "" && !name.startsWith("("))

const answer = (context: CorrectionContext, request: ProbeRequest): unknown => {
  switch (request._tag) {
    case "which": {
      const known = { ...context.which }
      // A database of command-not-found is apt's.
      if (context.command_not_found_db !== undefined) known["apt-get"] ??= "/usr/bin/apt-get"
      for (const name of context.executables ?? []) known[name] ??= `/usr/bin/${name}`
      const all = request.names.filter(
        (name) => Object.hasOwn(known, name) || context.executables !== undefined,
      )
      return Object.fromEntries(all.map((name) => [name, known[name] ?? null]))
    }
    case "executablesNear":
      return [
        ...(context.executables ?? []),
        ...Object.entries(context.which ?? {}).flatMap(([name, path]) => (path === null ? [] : [name])),
      ]
    case "pathKinds":
      return Object.fromEntries(request.paths.map((path) => [path, kindOf(context, path)]))
    case "listDir":
      return listed(context, request.path)
    case "readText":
      return textOf(context, request.path)
    case "portOwner": {
      const owner = /^(\S+)\s+(\d+)\s/m.exec(saidBy(context, /^lsof\b/).replace(/^COMMAND.*$/m, ""))
      return owner === null ? null : { pid: Number(owner[2]), command: owner[1]! }
    }
    case "manifest": {
      const text = scriptsOf(context)
      return { manager: null, files: text === null ? [] : [{ path: "package.json", text, mtimeMs: 0 }] }
    }
    case "gitBranch": {
      const branches = [...new Set(branchesOf(context))]
      return branches.length === 0
        ? undefined
        : {
            head: null,
            branch: null,
            upstream: null,
            upstreamSha: null,
            ahead: null,
            behind: null,
            remotes: [],
            branches,
            operation: null,
          }
    }
    default:
      return undefined
  }
}

export const factsOfContext = (context: CorrectionContext): Facts => ({
  all: [],
  get: (request) => answer(context, request) as never,
})

export const memoryOfContext = ({ history }: CorrectionContext): Memory => ({
  commands: (Array.isArray(history) ? history : [])
    .filter((line): line is string => typeof line === "string")
    .toReversed()
    .map((command) => ({ seq: 0, command, cwd: ".", exit: 0, atMs: 0 })),
})

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

export const editorOf = (context: CorrectionContext | undefined): Editor | null => {
  const command = text(context?.env?.["EDITOR"])
  if (command === null) return null
  const line = text(context?.settings?.["fixlinecmd"])
  const column = text(context?.settings?.["fixcolcmd"])
  return { command, line: line ?? "{editor} {file} +{line}", column }
}
