/**
 * Package managers: what they tell about names, versions already there, and the command that was meant. From the
 * messages of apt, brew, npm, yarn, pip, pacman, conda, gem and their like.
 */
import { type Correction, insertedAfter, removed, replaced } from "./Correction.ts"
import { isNotFound, scriptsIn, whichOf } from "./mistyped.ts"
import { debianPackage } from "./programs.ts"
import { closest } from "./rank.ts"
import {
  argumentsOf,
  eachPlain,
  operandAt,
  plainWords,
  preceded,
  programOf,
  rule,
  withOption,
} from "./rule.ts"

const installable = /\bsudo apt(?:-get)? install ([\w.+-]+)/
const nix = /^\s*nix-env -iA ([\w.+-]+)\s*$/m

/** A program that is not there and whose package is known, from the shell's own hint or by name. */
export const installProgram: Correction = {
  name: "install-program",
  applies: (failed) =>
    failed.words.length > 0 &&
    (isNotFound(failed) ||
      ((installable.test(failed.output) || nix.test(failed.output)) && failed.exit !== 0)),
  asks: ({ words }) => [whichOf(words[0]!, "apt-get")],
  correct: (failed, { facts }) => {
    const program = failed.words[0]!
    const inNix = nix.exec(failed.output)?.[1]
    if (inNix !== undefined) return eachPlain([inNix], (word) => preceded(failed, `nix-env -iA ${word}`))
    const found = facts.get<"which">(whichOf(program, "apt-get"))
    if (found?.[program] !== null) return []
    const told = installable.exec(failed.output)?.[1]
    const name = told ?? (typeof found["apt-get"] === "string" ? debianPackage(program) : null)
    return name === null ? [] : eachPlain([name], (word) => preceded(failed, `sudo apt-get install ${word}`))
  },
}

export const aptUpgradable = rule(
  "apt-list-upgradable",
  { program: "apt", typed: /^update\b/, says: /apt list --upgradable/ },
  (failed) => [`${failed.sudo ? "sudo " : ""}apt list --upgradable`],
  { notOffered: true },
)

export const aptUpgrade = rule(
  "apt-upgrade",
  { program: "apt", typed: /^list --upgradable$/ },
  (failed) =>
    failed.output.trim().split("\n").length > 1 ? [`${failed.sudo ? "sudo " : ""}apt upgrade`] : [],
  { notOffered: true },
)

/** Chocolatey keeps installers apart from portable packages. */
export const chocoInstaller = rule(
  "choco-installer",
  { program: "choco cinst", says: /Installing the following packages/ },
  (failed) => {
    const at = operandAt(failed.words, failed.words[0] === "choco" ? 2 : 1)
    const name = failed.words[at]
    return name === undefined ||
      name.endsWith(".install") ||
      (failed.words[0] === "choco" && failed.words[1] !== "install")
      ? []
      : eachPlain([`${name}.install`], (word) => replaced(failed, at, word))
  },
)

/** apt-get has no search; apt-cache has. */
export const aptSearch = rule("apt-search", { program: "apt-get", typed: /^search\b/ }, (failed) => [
  replaced(failed, 0, "apt-cache"),
])

export const brewInstall = rule(
  "brew-already-installed",
  { program: "brew", typed: /^install\b/, says: /already installed and up-to-date[\s\S]*brew reinstall/ },
  (failed) => [replaced(failed, 1, "reinstall")],
  { notOffered: true },
)

export const brewUninstall = rule(
  "brew-uninstall-all",
  { program: "brew", typed: /^(?:uninstall|rm|remove)\b/, says: /brew uninstall --force/ },
  (failed) =>
    failed.words.includes("--force")
      ? []
      : [insertedAfter(failed, 1, "--force")].map((line) =>
          line.replace(/\bbrew (?:rm|remove)\b/, "brew uninstall"),
        ),
)

export const brewUpdate = rule(
  "brew-update-formula",
  { program: "brew", typed: /^update \S/, says: /updates brew itself|[Uu]se [`'"]?brew upgrade/ },
  (failed) => [replaced(failed, 1, "upgrade")],
)

export const brewLink = rule(
  "brew-link",
  { program: "brew", typed: /^(?:link|ln)\b/, says: /brew link --overwrite/ },
  (failed) => [
    `brew link --overwrite --dry-run ${failed.words
      .slice(2)
      .filter((word) => !word.startsWith("-"))
      .join(" ")}`.trim(),
  ],
)

export const brewCask = rule(
  "brew-cask-first",
  { program: "brew", typed: /^install\b/, says: /brew (?:cask install|install --cask) \S+/ },
  (failed) => {
    const told = /^\s*(brew (?:cask install|install --cask) \S+)\s*$/m.exec(failed.output)?.[1]
    const line = told === undefined ? null : plainWords(told)
    return line === null ? [] : [preceded(failed, line)]
  },
)

/** `npm urgrade`: the list that npm prints with its usage. */
export const npmListed = rule(
  "npm-listed-command",
  { program: "npm", says: /where <command> is one of:/ },
  (failed) => {
    const at = operandAt(failed.words)
    const list =
      /where <command> is one of:\s*([\s\S]*?)\n\s*\n/.exec(failed.output)?.[1]?.split(/[\s,]+/) ?? []
    return at < 0 || (list.includes(failed.words[at]!) && !failed.words[at]!.startsWith("isnt"))
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
  { program: "npm", says: /Usage: npm <command>|Unknown command|[Mm]issing script/ },
  (failed, known) => {
    const run = operandAt(failed.words)
    const named = failed.words[run] === "run" || failed.words[run] === "run-script"
    const at = named ? operandAt(failed.words, run + 1) : run
    const scripts = scriptsIn(known)
    const typed = failed.words[at]
    if (typed === undefined) return []
    if (named) return eachPlain(closest(typed, scripts), (word) => replaced(failed, at, word))
    if (scripts.includes(typed)) return [insertedAfter(failed, at - 1, "run")]
    return eachPlain(closest(typed, scripts, { cutoff: 0.75 }), (word) => replaced(failed, at, `run ${word}`))
  },
  { asks: (_, dir) => [{ _tag: "manifest", dir }] },
)

export const yarnInstead = rule(
  "yarn-spelled-out",
  { program: "yarn", says: /Did you mean [`"]yarn \S+[`"]|has been replaced with [`"]\w+[`"]/ },
  (failed) => {
    const told = /Did you mean [`"]yarn (\S+)[`"]|replaced with [`"](\w+)[`"]/.exec(failed.output)!
    return eachPlain([told[1] ?? told[2]], (word) => replaced(failed, 1, word))
  },
)

const yarnNames: Readonly<Record<string, string>> = {
  require: "add",
  isntall: "install",
  uninstall: "remove",
}

export const yarnUnknown = rule(
  "yarn-other-name",
  { program: "yarn", says: /error Command "[^"]+" not found/ },
  (failed) => {
    const name = yarnNames[failed.words[1] ?? ""]
    return name === undefined || !failed.output.includes(`"${failed.words[1]}"`)
      ? []
      : [replaced(failed, 1, name)]
  },
)

export const pipUser = rule(
  "pip-install-user",
  { program: "pip pip2 pip3", typed: /^install\b/, says: /Permission denied|--user/ },
  (failed) =>
    failed.words.includes("--user")
      ? [`sudo ${removed(failed, failed.words.indexOf("--user"))}`]
      : withOption(failed, 1, "--user"),
)

const pacmanOperations = "DFQRSTUV"

/** Operations of pacman are capitals. */
export const pacmanCase = rule(
  "pacman-capital",
  { program: "pacman yay pikaur yaourt", typed: /^-[a-z]+\b/, says: /invalid option/ },
  (failed) => {
    const typed = failed.words[1]!
    const capital = typed[1]!.toUpperCase()
    return pacmanOperations.includes(capital) && typed[1] !== capital
      ? [replaced(failed, 1, `-${capital}${typed.slice(2)}`)]
      : []
  },
)

export const composerInstead = rule(
  "composer-require",
  { program: "composer", typed: /^install \S/, says: /composer require/ },
  (failed) => [replaced(failed, 1, "require")],
)

/** The modules that python and node miss: another rule knows the project's package manager. */
export const pythonModule: Correction = {
  name: "python-module",
  applies: ({ output }) => /ModuleNotFoundError: No module named ['"][\w.]+['"]/.test(output),
  correct: (failed) =>
    eachPlain([/No module named ['"]([\w]+)/.exec(failed.output)?.[1]], (word) =>
      preceded(failed, `pip install ${word}`),
    ),
  leftTo: "missing-module",
}

/** A line of the same program that the program says to run instead. */
export const spelledOut: Correction = {
  name: "spelled-out-by-the-program",
  applies: ({ words, output }) => words.length > 1 && /[`'"][^`'"\n]{3,100}[`'"] instead/i.test(output),
  correct: (failed) =>
    [
      ...failed.output.matchAll(
        /(?:use|run|try|with)[^\n`'"]{0,20}[`'"]([\w./-]+ [^`'"\n]{1,100})[`'"] instead/gi,
      ),
    ].flatMap(([, text]) => {
      const words = text!.trim().split(/\s+/)
      const line = words[0] === programOf(failed) ? plainWords(text!) : null
      if (line === null || words.slice(1).join(" ") === argumentsOf(failed)) return []
      // A bare subcommand takes the place of the one that was typed, with its arguments.
      return [words.length === 2 ? replaced(failed, 1, words[1]!) : `${failed.sudo ? "sudo " : ""}${line}`]
    }),
}
