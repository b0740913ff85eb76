/**
 * What an attempt to break out has shown: the sandbox tries some before it is trusted, `claw sandbox test` tries all.
 * Invariant: an attack that could not be made counts as broken, unless the program it needs is missing and it says
 * so; a line that is missing in the answer is broken.
 */
import { access } from "node:fs/promises"
import { join } from "node:path"
import type { ProcessResult } from "./runProcess.ts"
import { foreignVariables, scriptOf, type Attack } from "./sandboxProbes/attacks.ts"
import type { ProbePlace } from "./sandboxProbes/place.ts"
import type { SandboxRun } from "./sandboxRun.ts"

export interface EscapeTest {
  readonly name: string
  readonly held: boolean
  /** False where this machine lacks what the attempt needs. */
  readonly tried: boolean
  readonly detail: string
}

const held = (name: string): EscapeTest => ({ name, held: true, tried: true, detail: "held" })
export const broken = (name: string, detail: string): EscapeTest => ({
  name,
  held: false,
  tried: true,
  detail,
})

export const attackCommand = (
  place: ProbePlace,
  attacks: ReadonlyArray<Attack>,
  network: boolean,
  timeoutMs = 30_000,
): SandboxRun => ({
  argv: ["/bin/sh", "-c", scriptOf(attacks)],
  cwd: place.workspace,
  workspace: place.workspace,
  write: [place.workspace],
  protection: "everything",
  network,
  hosts: ["nothing.invalid"],
  env: place.env,
  timeoutMs,
})

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

export const judgeAttacks = async (
  place: ProbePlace,
  attacks: ReadonlyArray<Attack>,
  result: ProcessResult,
): Promise<ReadonlyArray<EscapeTest>> => {
  const text = Buffer.from(result.output.first()).toString("utf8")
  const lines = text.split("\n")
  const environment = lines.find((line) => line.startsWith("environment: "))
  if (environment === undefined) {
    const said = text.trim().split("\n")[0] ?? ""
    return [broken("start", said === "" ? `ended with ${result.exit}` : said.slice(0, 200))]
  }
  const foreign = foreignVariables(environment)
  const written = lines.includes("workspace=held") && (await exists(join(place.workspace, "written")))
  return [
    ...attacks.map(({ name, needs }) => {
      if (lines.includes(`${name}=held`)) return held(name)
      if (lines.includes(`${name}=untried`)) {
        return { name, held: true, tried: false, detail: `not tried: there is no ${needs}` }
      }
      const line = lines.find((line) => line.startsWith(`${name}=broken`))
      const what = line?.slice(name.length + 8).trim() ?? ""
      return broken(name, what === "" ? "did not hold" : `did not hold: ${what}`)
    }),
    foreign.length === 0
      ? held("environment")
      : broken("environment", `shows ${foreign.join(", ").slice(0, 100)}`),
    written ? held("grant") : broken("grant", "a granted write did not arrive"),
  ]
}
