/**
 * A skill's `SKILL.md`: what it is called, what it is for, which tools it declares, and its instructions. Pure and total.
 * Facts of the format are those of the open convention (agentskills.io): a folder with `SKILL.md`, whose YAML head has `name`,
 * `description` and perhaps `allowed-tools`.
 * Invariant: a file that breaks the convention says how, in one line, and is never half a skill.
 */
import { frontMatter } from "../../domain/frontMatter.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { type Allowed, declaredTools } from "./skillTools.ts"

const skillName = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/
const longestDescription = 1_024
/** Characters of its instructions: about 10,000 tokens. */
const longestBody = 40_000

export interface SkillText {
  readonly name: string
  readonly description: string
  readonly tools: Allowed
  readonly body: string
  /** What is wrong with it; null: it can be used. */
  readonly problem: string | null
}

const line = (value: string): string => neutralise(redactSecrets(value).replaceAll(/\s+/g, " ").trim())

const problemOf = (
  folder: string,
  fields: Readonly<Record<string, unknown>>,
  body: string,
): string | null => {
  const { description, name } = fields
  if (name !== undefined && (typeof name !== "string" || !skillName.test(name)))
    return "its name is not 1 to 64 small letters, digits and hyphens"
  if (name !== undefined && name !== folder) return `its name ${String(name)} is not that of its folder`
  if (!skillName.test(folder)) return "its folder's name is not 1 to 64 small letters, digits and hyphens"
  if (typeof description !== "string" || description.trim() === "") return "it has no description"
  if (description.length > longestDescription)
    return `its description is longer than ${longestDescription} characters`
  const tools = fields["allowed-tools"]
  if (tools !== undefined && tools !== null && typeof tools !== "string" && !Array.isArray(tools))
    return "its allowed-tools are no names"
  if (body.trim() === "") return "it has no instructions"
  if (body.length > longestBody)
    return `its instructions are longer than ${longestBody} characters: put parts into files of its folder`
  return null
}

export const readSkill = (folder: string, text: string): SkillText => {
  const { body, fields, problem } = frontMatter(text.replaceAll("\r\n", "\n"))
  const { description } = fields
  return {
    name: folder,
    description: typeof description === "string" ? line(description) : "",
    tools: declaredTools(fields["allowed-tools"]),
    body: redactSecrets(body.trim()),
    problem: problem ?? problemOf(folder, fields, body),
  }
}
