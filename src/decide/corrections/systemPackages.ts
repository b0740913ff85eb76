/** Package managers of systems: apt, brew, pacman, choco; and the package of a program that is not there. */
import { type Correction, insertedAfter, replaced } from "./Correction.ts"
import { isNotFound, whichOf } from "./mistyped.ts"
import { debianPackage } from "./programs.ts"
import { eachPlain, operandAt, plainWords, preceded, rule } from "./rule.ts"

const installable = /\bapt(?:-get)? {1,2}install ([\w.+-]+)(?![\w.+:/@=-])/

/** A line of its own, by which the shell's hint says the program is installed. */
const byHint =
  /(?:install(?:ed)? (?:it |the package )?(?:with|by (?:typing|executing|running)|using)|[Tt]o install it,? (?:run|type|use)|found in the following packages?)[^\n]*:\s*\n\s*((?:sudo )?(?:nix-env -iA|brew install|pkg install|zypper install|dnf install|yum install|pacman -S|apk add|xbps-install(?: -S)?|port install|emerge) [\w.+/-]+)[ \t]*$/im

/** Installers of systems write where only root may. */
const asRoot = /^(?:zypper|dnf|yum|pacman|apk|xbps-install|port|emerge) /

/** A program that is not there and whose package is known, from the shell's own hint or by name. */
export const installProgram: Correction = {
  name: "install-program",
  applies: (failed) =>
    failed.words.length > 0 &&
    (isNotFound(failed) ||
      (failed.exit !== 0 &&
        failed.output.includes(failed.words[0]!) &&
        (installable.test(failed.output) || byHint.test(failed.output)))),
  asks: ({ words }) => [whichOf(words[0]!, "apt-get")],
  correct: (failed, { facts }) => {
    const program = failed.words[0]!
    const found = facts.get<"which">(whichOf(program, "apt-get"))
    // What a program says that is there is no hint of the shell's.
    if (typeof found?.[program] === "string") return []
    const inHint = byHint.exec(failed.output)?.[1]
    const hint = inHint === undefined ? null : plainWords(inHint)
    if (hint !== null) return [preceded(failed, asRoot.test(hint) ? `sudo ${hint}` : hint)]
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
  { program: "choco cinst", says: /Installing the following packages(?![\s\S]*was successful)/ },
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
    const told = /^[ \t]*(brew (?:cask install|install --cask) [\w.+@-]+)[ \t]*$/m.exec(failed.output)?.[1]
    const line = told === undefined ? null : plainWords(told)
    return line === null ? [] : [preceded(failed, line)]
  },
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
