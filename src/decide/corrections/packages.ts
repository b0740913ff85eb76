/** Package managers of languages: npm, yarn, pip. */
import { type Correction, insertedAfter, removed, replaced } from "./Correction.ts"
import { scriptsIn } from "./mistyped.ts"
import { closest } from "./rank.ts"
import { isSubcommand } from "./subcommands.ts"
import { eachPlain, operandAt, preceded, programOf, rule, withOption } from "./rule.ts"

/** `npm urgrade`: the list that npm prints with its usage. */
export const npmListed = rule(
  "npm-listed-command",
  { program: "npm", says: /where <command> is one of:/ },
  (failed) => {
    const at = operandAt(failed.words)
    const list =
      /where <command> is one of:\s*([\s\S]*?)\n\s*\n/.exec(failed.output)?.[1]?.split(/[\s,]+/) ?? []
    const typed = failed.words[at] ?? ""
    return at < 0 || (!typed.startsWith("isnt") && (list.includes(typed) || isSubcommand("npm", typed)))
      ? []
      : eachPlain(
          closest(
            failed.words[at]!,
            list.filter((word) => !/^isnt|^urn$/.test(word)),
          ),
          (word) => replaced(failed, at, word),
        )
  },
)

/** A script of the project, asked for as if it were npm's own command; or one near to it. */
export const npmScript = rule(
  "npm-script",
  {
    program: "npm pnpm yarn bun",
    says: /Usage: npm <command>|Unknown command|[Mm]issing script|[Ss]cript not found/,
  },
  (failed, known) => {
    const run = operandAt(failed.words)
    const named = failed.words[run] === "run" || failed.words[run] === "run-script"
    const at = named ? operandAt(failed.words, run + 1) : run
    const scripts = scriptsIn(known)
    const typed = failed.words[at]
    if (typed === undefined) return []
    if (named) return eachPlain(closest(typed, scripts), (word) => replaced(failed, at, word))
    if (isSubcommand(programOf(failed), typed)) return []
    // As the npm that answered calls it: the one that prints its whole usage has no `run` in it yet.
    const verb = /Usage: npm <command>/.test(failed.output) ? "run-script" : "run"
    if (scripts.includes(typed)) return [insertedAfter(failed, at - 1, verb)]
    return eachPlain(closest(typed, scripts, { cutoff: 0.75 }), (word) =>
      replaced(failed, at, /^(?:test|start|stop|restart)$/.test(word) ? word : `${verb} ${word}`),
    )
  },
  { asks: (_, dir) => [{ _tag: "manifest", dir }] },
)

export const yarnInstead = rule(
  "yarn-spelled-out",
  { program: "yarn", says: /Did you mean [`"]yarn \S+[`"]|has been replaced with [`"]\w+[`"]/ },
  (failed) => {
    const told = /Did you mean [`"]yarn (\S+)[`"]|replaced with [`"](\w+)[`"]/.exec(failed.output)!
    const meant = (word: string): boolean =>
      isSubcommand("yarn", word) || closest(failed.words[1] ?? "", [word], { cutoff: 0.5 }).length > 0
    return eachPlain(
      [told[1] ?? told[2]].filter((word) => word !== undefined && meant(word)),
      (word) => replaced(failed, 1, word),
    )
  },
)

export const pipUser = rule(
  "pip-install-user",
  { program: "pip pip2 pip3", typed: /^install\b/, says: /Permission denied|--user/ },
  (failed) => {
    const at = failed.words.indexOf("--user")
    // In a virtual environment there is no user's own place.
    if (/perform a '--user' install/.test(failed.output)) return at < 0 ? [] : [removed(failed, at)]
    if (/Successfully installed/.test(failed.output)) return []
    return at < 0 ? withOption(failed, 1, "--user") : [`sudo ${removed(failed, at)}`]
  },
)

/** The modules that python and node miss: another rule knows the project's package manager. */
export const pythonModule: Correction = {
  name: "python-module",
  applies: ({ output }) => /ModuleNotFoundError: No module named ['"][\w.]+['"]/.test(output),
  correct: (failed) => {
    const name = /No module named ['"]([\w]+)/.exec(failed.output)?.[1]
    // A module that was named on the line is one of the user's own.
    return failed.words.slice(1).some((word) => word.split(/[.:]/)[0] === name)
      ? []
      : eachPlain([name], (word) => preceded(failed, `pip install ${word}`))
  },
  leftTo: "missing-module",
}
