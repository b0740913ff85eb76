/**
 * The system's Python takes no packages from pip, because the system's own package manager looks after it: the same into
 * the folder's virtual environment, made first where there is none. The line is the user's own.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Reflex } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationData } from "../situationData.ts"
import { onlyCommand } from "../words.ts"

const name = "managed-python"

const says = /\berror: externally-managed-environment\b/
/** By a name that a virtual environment has, too. */
const installs = /^(?:pip[\d.]*|python[\d.]* -m pip) install /
/** Means the system's Python, or a user's part of it. */
const elsewhere = /\s--(?:user|break-system-packages|target|prefix|root)\b/

const folders = [".venv", "venv"]

const placesOf = (dir: string): Extract<ProbeRequest, { readonly _tag: "pathKinds" }> => ({
  _tag: "pathKinds",
  paths: folders.map((folder) => (dir === "." ? folder : `${dir}/${folder}`)),
})

/** What was typed, where it is a plain installation and nothing more. */
const typedIn = ({ command, dir, output }: SituationData["command.failed"]): string | null => {
  const line = sameLine(command)
  return !dir.startsWith("/") &&
    says.test(output ?? "") &&
    installs.test(line) &&
    !elsewhere.test(line) &&
    onlyCommand(line) !== null
    ? line
    : null
}

export const managedPython: Reflex = {
  name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) => isSituation(situation, "command.failed") && typedIn(situation.data) !== null,
  probes: (situation) => (isSituation(situation, "command.failed") ? [placesOf(situation.data.dir)] : []),
  propose: (situation, facts) => {
    const typed = isSituation(situation, "command.failed") ? typedIn(situation.data) : null
    if (typed === null || !isSituation(situation, "command.failed")) return silent("nothing is installed")
    const { cwd, dir } = situation.data
    const request = placesOf(dir)
    const found = facts.get<"pathKinds">(request)
    if (found === undefined) return unknown("which virtual environments are there")
    const there = folders.find((_, at) => found[request.paths[at]!] === "dir")
    const folder = there ?? ".venv"
    const line = `${folder}/bin/${typed}`
    return propose(name, situation, {
      title:
        there === undefined
          ? `Install it in a virtual environment of its own: ${folder}`
          : `Install it in ${folder}`,
      why: [
        {
          text: `\`${typed}\` was refused: the system looks after its own Python`,
          seq: situation.evidence[0] ?? null,
        },
        there === undefined ? "no virtual environment is here yet" : `${folder} is here`,
      ],
      same: [line],
      risk: "medium",
      actions: [bash(there === undefined ? `python3 -m venv ${folder} && ${line}` : line, cwd)],
      expiresWhen: [`passed:${typed}`, `ran:${line}`, "did:python3 -m venv", "did:python -m venv"],
      ttlMs: 60 * 60_000,
    })
  },
}
