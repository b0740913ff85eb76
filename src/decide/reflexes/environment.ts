/**
 * Environment drift: a version or a variable that a folder wants and that is not there. Said after git brought the wish,
 * or as a command failed for it. Names of variables only, never what they hold.
 * Silent where some version that is there would do: which one a shell takes is the shell's own affair.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Facts, Reflex, Silence } from "../Decider.ts"
import { satisfies } from "../failures/versions.ts"
import { baseName } from "../paths.ts"
import { fingerprintOf, listed, propose, recheck, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { shellWord } from "../words.ts"

type Versions = ProbeAnswer<"toolVersions">
type Tool = Versions["found"][number]["tool"]

const versionFiles = new Set([".nvmrc", ".node-version", ".python-version", ".tool-versions", "package.json"])
const envExample = /^(?:\.env\.(?:example|sample|template|dist)|example\.env)$/
/** Says which tools or variables a folder wants. */
export const isEnvironmentFile = (path: string): boolean =>
  versionFiles.has(baseName(path)) || envExample.test(baseName(path))

const versionsOf = (dir: string): Extract<ProbeRequest, { readonly _tag: "toolVersions" }> => ({
  _tag: "toolVersions",
  dir,
})

const shown = (found: Versions["found"]): string =>
  listed([...new Set(found.map(({ by, version }) => `${version} (${by})`))], 4)

/** A wish that nothing here fulfils, for certain. */
const unmet = ({ found, wants }: Versions): ReadonlyArray<Versions["wants"][number]> =>
  wants.filter(({ text, tool }) => {
    const there = found.filter((each) => each.tool === tool)
    return there.length > 0 && there.every(({ version }) => satisfies(version, text) === false)
  })

export const versionMissing: Reflex = {
  name: "version-missing",
  situations: ["environment.changed"],
  applies: (situation) =>
    isSituation(situation, "environment.changed") &&
    situation.data.files.some((path) => versionFiles.has(baseName(path))),
  probes: (situation) =>
    isSituation(situation, "environment.changed") ? [versionsOf(situation.data.dir)] : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "environment.changed")) return silent("nothing changed")
    const versions = facts.get<"toolVersions">(versionsOf(situation.data.dir))
    if (versions === undefined) return unknown("which versions are there")
    const { files, how } = situation.data
    const [wish] = unmet(versions).filter(({ file }) => files.includes(file))
    if (wish === undefined) return silent("what is wanted is there, or it cannot be told")
    const there = versions.found.filter(({ tool }) => tool === wish.tool)
    return propose("version-missing", situation, {
      title: `${wish.file} wants ${wish.tool} ${wish.text}; here are ${shown(there)}`,
      why: [
        { text: `${wish.file} came with ${how}`, seq: situation.evidence.at(-1) ?? null },
        `no ${wish.tool} that was found here is ${wish.text}`,
      ],
      same: [wish],
      mode: "notify",
      expiresWhen: [`file:${wish.file}`, recheck("environment.changed", situation.subject)],
      ttlMs: 8 * 60 * 60_000,
    })
  },
}

interface Refused {
  readonly tool: Tool
  readonly wanted: string
  readonly ran: string
}

const refusals: ReadonlyArray<readonly [tool: Tool, pattern: RegExp]> = [
  // yarn
  [
    "node",
    /The engine "node" is incompatible with this module\. Expected version "([^"\n]{1,60})"\. Got "([\d.]+)"/,
  ],
  // pnpm
  ["node", /ERR_PNPM_UNSUPPORTED_ENGINE[^]{0,600}?Expected version: ([^\n]{1,60})\n\s*Got: v?([\d.]+)/],
  // npm
  [
    "node",
    /(?:npm ERR!|npm error) notsup Required: \{[^\n]{0,200}?"node":"([^"\n]{1,60})"[^\n]*\n[^\n]*Actual:[^\n]{0,200}?"node":"v?([\d.]+)"/,
  ],
]
const pythonRefusals: ReadonlyArray<RegExp> = [
  // pip
  /requires a different Python: ([\d.]+) not in '([^'\n]{1,60})'/,
  // poetry
  /Current Python version \(([\d.]+)\) is not allowed by the project \(([^)\n]{1,60})\)/,
]

const refusedIn = (output: string | undefined): Refused | null => {
  if (output === undefined) return null
  for (const [tool, pattern] of refusals) {
    const found = pattern.exec(output)
    if (found !== null) return { tool, wanted: found[1]!.trim(), ran: found[2]! }
  }
  for (const pattern of pythonRefusals) {
    const found = pattern.exec(output)
    if (found !== null) return { tool: "python", wanted: found[2]!.trim(), ran: found[1]! }
  }
  return null
}

export const otherVersion: Reflex = {
  name: "other-version",
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) =>
    isSituation(situation, "command.failed") && refusedIn(situation.data.output) !== null,
  probes: (situation) =>
    isSituation(situation, "command.failed") && !situation.data.dir.startsWith("/")
      ? [versionsOf(situation.data.dir)]
      : [],
  propose: (situation, facts) => {
    const refused = isSituation(situation, "command.failed") ? refusedIn(situation.data.output) : null
    if (refused === null || !isSituation(situation, "command.failed")) return silent("no version was refused")
    const versions = facts.get<"toolVersions">(versionsOf(situation.data.dir))
    if (versions === undefined) return unknown("which versions are there")
    const { command } = situation.data
    const fit = versions.found.filter(
      ({ tool, version }) => tool === refused.tool && satisfies(version, refused.wanted) === true,
    )
    // the program has said the rest itself
    if (fit.length === 0) return silent(`no ${refused.tool} ${refused.wanted} was found here`)
    return propose("other-version", situation, {
      title: `${refused.tool} ${refused.ran} ran, ${refused.wanted} is wanted: ${shown(fit)} is here`,
      why: [
        { text: `\`${command}\` refused ${refused.tool} ${refused.ran}`, seq: situation.evidence[0] ?? null },
        `${shown(fit)} would do`,
      ],
      same: [refused.tool, refused.wanted, refused.ran],
      mode: "notify",
      expiresWhen: [`passed:${sameLine(command)}`],
      ttlMs: 60 * 60_000,
    })
  },
}

const namesOf = (
  dir: string,
  since: string | null,
): Extract<ProbeRequest, { readonly _tag: "envNames" }> => ({
  _tag: "envNames",
  dir,
  since,
})

type Names = NonNullable<ProbeAnswer<"envNames">>

const variables = (
  situation: Situation,
  { example, present }: Names,
  names: ReadonlyArray<string>,
  because: { readonly text: string; readonly seq: number | null },
  copy: { readonly cwd: string; readonly line: string } | null,
): Proposal => {
  const dir = example.includes("/") ? example.slice(0, example.lastIndexOf("/") + 1) : ""
  const proposal = propose("variables-missing", situation, {
    title: present
      ? `${dir}.env has no ${listed(names)}, and ${example} names ${names.length === 1 ? "it" : "them"}`
      : `There is no ${dir}.env; ${example} names ${listed(names)}`,
    why: [because, `${example} names ${listed(names, 8)}`, "names were compared; no value was read out"],
    same: [],
    mode: copy === null ? "notify" : "draft",
    actions: copy === null ? [] : [bash(copy.line, copy.cwd)],
    expiresWhen: [`file:${dir}.env`, `file:${example}`],
    ttlMs: 8 * 60 * 60_000,
  })
  const subject = { ...situation, subject: example }
  return { ...proposal, fingerprint: fingerprintOf("variables-missing", subject, [...names].toSorted()) }
}

/** A name that looks like a variable of the environment and like nothing else. */
const variable = /\b[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]\b/g

const failedFor = (situation: Situation, facts: Facts): Proposal | Silence => {
  if (!isSituation(situation, "command.failed")) return silent("no failed command")
  const { command, cwd, dir, exit, output } = situation.data
  const names = facts.get<"envNames">(namesOf(dir, null))
  if (names === undefined) return unknown("the example")
  if (names === null) return silent("no example names variables here")
  const printed = new Set((output ?? "").match(variable))
  const wanting = names.missing.filter((name) => printed.has(name))
  if (wanting.length === 0) return silent("it speaks of no variable that is missing")
  const from = shellWord(baseName(names.example))
  const copy = names.present || from === null ? null : { cwd, line: `cp -n ${from} .env` }
  const text = `\`${command}\` failed with exit ${exit}, and speaks of ${listed(wanting)}`
  return variables(situation, names, wanting, { text, seq: situation.evidence[0] ?? null }, copy)
}

export const variablesMissing: Reflex = {
  name: "variables-missing",
  situations: ["environment.changed", "command.failed"],
  timing: "command",
  applies: (situation) =>
    isSituation(situation, "command.failed")
      ? !situation.data.dir.startsWith("/") && (situation.data.output ?? "").search(variable) >= 0
      : isSituation(situation, "environment.changed") &&
        situation.data.files.some((path) => envExample.test(baseName(path))),
  probes: (situation) =>
    isSituation(situation, "command.failed")
      ? [namesOf(situation.data.dir, null)]
      : isSituation(situation, "environment.changed")
        ? [namesOf(situation.data.dir, situation.data.from)]
        : [],
  propose: (situation, facts) => {
    if (!isSituation(situation, "environment.changed")) return failedFor(situation, facts)
    const { dir, from, how } = situation.data
    const names = facts.get<"envNames">(namesOf(dir, from))
    if (names === undefined) return unknown("the example")
    if (names === null) return silent("no example names variables here")
    if (!names.present) return silent("there is no .env here, so none is kept")
    if (names.added === null) return silent("what the example was before could not be read")
    if (names.added.length === 0) return silent("it brought no variable that .env has not")
    const text = `${names.example} came with ${how}`
    return variables(situation, names, names.added, { text, seq: situation.evidence.at(-1) ?? null }, null)
  },
}
