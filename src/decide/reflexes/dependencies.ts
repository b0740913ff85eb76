/**
 * Installed packages out of step with the lockfile: after a pull, switch or edit (at a boundary), and when a check
 * or script failed where packages are missing, or a program said so (at once). Silent where the lockfile names a
 * compromised package: nobody shall be led to install it.
 */
import { findCompromised, hitsOf } from "../../domain/lockfiles/findCompromised.ts"
import { installerOf, installing } from "../../domain/lockfiles/installing.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { bash } from "../actions.ts"
import { checkKind } from "../checks.ts"
import type { Facts, Memory, Reflex, Silence } from "../Decider.ts"
import { type InstallWanted, installWanted } from "../failures/installWanted.ts"
import { baseName } from "../paths.ts"
import { fingerprintOf, listed, propose, recheck, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationData } from "../situationData.ts"
import { onlyCommand } from "../words.ts"
import { outOfStep } from "./outOfStep.ts"

const outOfStepName = "dependencies-out-of-step"
const missingName = "dependencies-missing"

const manifestOf = (dir: string): Extract<ProbeRequest, { readonly _tag: "manifest" }> => ({
  _tag: "manifest",
  dir,
})
const installedOf = (dir: string): Extract<ProbeRequest, { readonly _tag: "installed" }> => ({
  _tag: "installed",
  dir,
  names: [],
})

/** The user's own ways to the same end. */
const installedBy = (command: string): ReadonlyArray<string> => {
  const [manager = ""] = command.split(" ")
  const verbs = Object.hasOwn(installing, manager) ? (installing[manager] ?? []) : []
  return [
    `passed:${command}`,
    `passed:${manager}`,
    ...verbs.flatMap((verb) => (verb === "" ? [] : [`did:${manager} ${verb}`])),
  ]
}

/** Facts are read while it may still be at work: what it left is looked at when its files change again. */
const justInstalled = (situation: Situation, { commands }: Memory, cwd: string): boolean =>
  commands.some(
    ({ command, cwd: at, exit, seq }) =>
      seq > (situation.evidence.at(-1) ?? 0) &&
      exit === 0 &&
      at === cwd &&
      installerOf(onlyCommand(command)?.words ?? []) !== null,
  )

interface Where {
  readonly dir: string
  readonly cwd: string
  readonly failed: boolean
}

const compared = (
  rule: string,
  situation: Situation,
  facts: Facts,
  memory: Memory,
  where: Where,
  said: InstallWanted | null = null,
): Proposal | Silence => {
  const manifest = facts.get<"manifest">(manifestOf(where.dir))
  if (manifest === undefined) return unknown("the manifest")
  if (justInstalled(situation, memory, where.cwd)) return silent("it was installed meanwhile")
  const installed = facts.get<"installed">(installedOf(where.dir))
  if (installed === undefined && said === null) return unknown("what is installed")
  const bad = manifest.files.some((file) => hitsOf(findCompromised(file.path, file.text)).length > 0)
  if (bad) return silent("a compromised package is named here: nothing shall be installed from it")
  const found =
    said === null
      ? outOfStep(manifest, installed!, where.dir)
      : { command: said.command, differences: [said.said], bare: true }
  if (typeof found === "string") return silent(found)
  const { command, differences, bare } = found
  if (differences.length === 0) return silent("what is installed is what is wanted")
  if (bare && !where.failed) return silent("nothing was ever installed here")
  const proposal = propose(rule, situation, {
    title: `Install dependencies with \`${command}\`: ${said !== null ? "some are missing" : bare ? "nothing is installed" : `${differences.length} out of step`}`,
    why: [
      {
        text: where.failed ? "a command failed where packages are wanted" : "the dependency files changed",
        seq: situation.evidence.at(-1) ?? null,
      },
      ...differences.slice(0, 5),
    ],
    same: [],
    actions: [bash(command, where.cwd)],
    risk: "medium",
    expiresWhen: [recheck("dependencies.changed", where.dir), ...installedBy(command)],
  })
  // both rules speak of the same lack: one suggestion is enough
  const subject = { ...situation, subject: where.dir }
  return { ...proposal, fingerprint: fingerprintOf(outOfStepName, subject, [command, differences]) }
}

export const dependenciesOutOfStep: Reflex = {
  name: outOfStepName,
  situations: ["dependencies.changed"],
  applies: (situation) => isSituation(situation, "dependencies.changed") && situation.workspace !== null,
  probes: (situation) =>
    isSituation(situation, "dependencies.changed")
      ? [manifestOf(situation.data.dir), installedOf(situation.data.dir)]
      : [],
  propose: (situation, facts, memory) => {
    if (!isSituation(situation, "dependencies.changed")) return silent("no dependency file changed")
    const { dir } = situation.data
    const cwd = dir === "." ? situation.workspace! : `${situation.workspace}/${dir}`
    return compared(outOfStepName, situation, facts, memory, { dir, cwd, failed: false })
  },
}

const wantedBy = ({ command, output }: SituationData["command.failed"]): InstallWanted | null => {
  const said = installWanted(output)
  const program = baseName(onlyCommand(command)?.words[0] ?? "")
  return said === null || said.command.startsWith(`${program} `) ? null : said
}

/** Go compares for itself, and says what it misses: a correction, too. */
const goSays = /\bto (?:add|update)\b[^\n]{0,20}:\n\s*go (?:get|mod)\b/
const saysItself = ({ command, output = "" }: SituationData["command.failed"]): boolean =>
  onlyCommand(command)?.words[0] === "go" && goSays.test(output)

/** Whether the manifest lies there. */
const kindOf = (
  dir: string,
  { manifest }: InstallWanted,
): Extract<ProbeRequest, { readonly _tag: "pathKinds" }> => ({
  _tag: "pathKinds",
  paths: [dir === "." ? manifest : `${dir}/${manifest}`],
})

/** Programs that load installed packages. */
const loading = new Set(["node", "npm", "npx", "pnpm", "yarn", "bun", "tsx", "ts-node", "python", "python3"])

export const dependenciesMissing: Reflex = {
  name: missingName,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) => {
    if (!isSituation(situation, "command.failed") || situation.workspace === null) return false
    const { command, dir } = situation.data
    const words = onlyCommand(command)?.words ?? []
    const installs = /^(?:i|ci|install|add|update|up|upgrade|remove|rm|init|create|publish|login|config)$/
    const loads =
      loading.has(words[0] ?? "") &&
      !installs.test(words.find((word, i) => i > 0 && !word.startsWith("-")) ?? "")
    return !dir.startsWith("/") && (loads || checkKind(command) !== null || wantedBy(situation.data) !== null)
  },
  probes: (situation) => {
    if (!isSituation(situation, "command.failed")) return []
    const { dir } = situation.data
    const said = wantedBy(situation.data)
    const asked = [manifestOf(dir), installedOf(dir)]
    return said === null ? asked : [...asked, kindOf(dir, said)]
  },
  propose: (situation, facts, memory) => {
    if (!isSituation(situation, "command.failed")) return silent("no failed command")
    const { dir, cwd } = situation.data
    if (saysItself(situation.data)) return silent("go says itself what to run")
    const where: Where = { dir, cwd, failed: true }
    const said = wantedBy(situation.data)
    if (said !== null) {
      const request = kindOf(dir, said)
      if (Object.values(facts.get<"pathKinds">(request) ?? {}).includes("file"))
        return compared(missingName, situation, facts, memory, where, said)
    }
    const manifest = facts.get<"manifest">(manifestOf(dir))
    if (manifest !== undefined && manifest.files.length === 0)
      return silent(`no manifest in ${listed([dir])}`)
    return compared(missingName, situation, facts, memory, where)
  },
}
