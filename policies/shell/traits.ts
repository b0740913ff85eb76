/**
 * What a call is beyond its entry in the table: it shows the environment, installs a package known as malicious, sets
 * an id bit, or starts another program the way package managers do.
 * Invariant: each only ever adds a class or a command to look at.
 */
import { isGrave, nearby } from "./unwrap.ts"
import { type At, inner, type Tools } from "./At.ts"
import { nameOf } from "./scan.ts"

type Words = ReadonlyArray<string>

/** `ps e` shows environments; `env`, `export` and `declare` without a command do too. */
export const isEnvironmentDump = ([name = "", ...args]: Words): boolean => {
  const bare = args.every((arg) => arg.startsWith("-") || arg.includes("="))
  if (name === "env") return bare && !args.some((arg) => /^-[a-z0]*S|^--split/.test(arg))
  if (name === "export" || name === "declare" || name === "typeset" || name === "readonly")
    return args.every((arg) => arg.startsWith("-"))
  return (
    name === "ps" &&
    args.some((arg) =>
      /^[acefghjklmnorstuvwxLTSZ]{0,6}e[acefghjklmnorstuvwxLTSZ]{0,6}$|^-[a-zA-Z]*E/.test(arg),
    )
  )
}

/** `chmod u+s`, `install -m 4755`: whoever runs the file then has its owner's rights. */
export const setsId = ([name = "", ...args]: Words): boolean =>
  (name === "chmod" || name === "install") &&
  args.some((arg) => /^(?:-m|--mode=)?0?[2-7][0-7]{3}$|^(?:-m|--mode=)?[ugoa]*[+=][rwxXt]*s/.test(arg))

const managers: Readonly<Record<string, RegExp>> = {
  npm: /^(?:i|in|ins|install|add|ci|isntall|exec|x|update|up|link|init|create|dlx)$/,
  pnpm: /^(?:i|install|add|dlx|exec|update|up|link|create)$/,
  yarn: /^(?:add|install|dlx|exec|up|upgrade|create|global)$/,
  bun: /^(?:i|install|add|x|update|create)$/,
  npx: /^/,
  pnpx: /^/,
  bunx: /^/,
  pip: /^install$/,
  pip3: /^install$/,
  pipx: /^(?:install|run)$/,
  uv: /^(?:add|pip|tool|run)$/,
  uvx: /^/,
  poetry: /^add$/,
  gem: /^install$/,
  cargo: /^(?:add|install)$/,
  go: /^(?:get|install|run)$/,
  composer: /^require$/,
  deno: /^(?:add|install|run)$/,
}

/** `name`, `name@1.2.3`, `name==1.2.3`, `npm:name@1.2.3`, `alias@npm:name@1.2.3`. */
const packageWord = /^(?:npm:)?((?:@[^@/\s]+\/)?[^@\s=<>~!]+)(?:@|==)?(.*)$/

export const looksMalicious = ([name = "", ...args]: Words, { collector }: Tools): boolean => {
  const installs = managers[name]
  if (installs === undefined || !(installs.source === "^" || args.some((arg) => installs.test(arg))))
    return false
  return args.some((arg) => {
    const written = arg.includes("@npm:") ? arg.slice(arg.indexOf("@npm:") + 1) : arg
    const match = packageWord.exec(written.startsWith("npm:") ? written : `npm:${written}`)
    if (match === null || arg.startsWith("-")) return false
    const version = match[2]!.replace(/^npm:/, "").replace(/^[v=^~]+/, "")
    return collector.scope.isCompromised(match[1]!, version === "" || !/^\d/.test(version) ? null : version)
  })
}

/** Subcommand after which another program's command line begins; null: it begins at once. */
const runners: Readonly<Record<string, RegExp | null>> = {
  npx: null,
  bunx: null,
  pnpx: null,
  uvx: null,
  "cross-env": null,
  "cross-env-shell": null,
  dotenv: null,
  "dotenv-cli": null,
  dotenvx: /^run$/,
  npm: /^(?:exec|x)$/,
  pnpm: /^(?:exec|dlx)$/,
  yarn: /^(?:exec|dlx)$/,
  bun: /^(?:x|exec)$/,
  pipx: /^run$/,
  uv: /^run$/,
  poetry: /^run$/,
  pdm: /^run$/,
  pipenv: /^run$/,
  hatch: /^run$/,
  conda: /^run$/,
  mamba: /^run$/,
  rustup: /^run$/,
  volta: /^run$/,
  op: /^run$/,
  doppler: /^run$/,
  infisical: /^run$/,
  devbox: /^run$/,
  nix: /^(?:run|shell|develop)$/,
  bundle: /^exec$/,
  mise: /^(?:exec|x)$/,
  asdf: /^exec$/,
  nvm: /^exec$/,
  rbenv: /^exec$/,
  pyenv: /^exec$/,
  direnv: /^exec$/,
  chamber: /^exec$/,
  sops: /^exec-(?:env|file)$/,
  "aws-vault": /^exec$/,
}

/** Looks at what a package manager, or a tool that sets an environment, would start. */
export const tryRun = ([name = "", ...args]: Words, at: At, tools: Tools): void => {
  const starts = Object.hasOwn(runners, name) ? runners[name] : undefined
  if (starts === undefined) return
  const begin = starts === null ? 0 : args.findIndex((arg) => starts.test(arg)) + 1
  if (starts !== null && begin === 0) return
  const rest = args.slice(begin)
  const first = rest.findIndex((arg) => !arg.startsWith("-") && !/^[A-Za-z_]\w*=/.test(arg))
  rest.slice(0, nearby).forEach((word, index) => {
    if (index === first || isGrave(word, tools) || tools.table.classes.get("own-program")?.has(nameOf(word)))
      tools.command(rest.slice(index), inner(at))
    if (/\s/.test(word)) tools.script(word, inner(at))
  })
}
