/**
 * The rules a user wrote, as files: those of the configuration directory, and those of a workspace as far as they were
 * trusted. What is in force, and what is wrong with it, is said in the log whenever it changes.
 */
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { readBinding } from "../config/bindingFile.ts"
import { digestOf } from "../config/load.ts"
import { reflexes } from "../decide/registry.ts"
import { loadOwn, type RuleText } from "../decide/rules/ownRules.ts"
import { showRuleProblem } from "../decide/rules/read.ts"
import type { PayloadOf } from "../domain/event.ts"
import { nearest } from "../domain/nearest.ts"

/** Folder of rule files, below the configuration directory and below a workspace's `.claw`. */
export const reflexFolder = "reflexes"

const maxFiles = 50

/** TOML files of a folder by name; none where there is no folder. */
export const textsIn = async (folder: string): Promise<ReadonlyArray<RuleText>> => {
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => name.endsWith(".toml")).toSorted()
  return Promise.all(
    files.slice(0, maxFiles).map(async (name) => {
      const file = join(folder, name)
      const bytes = await readBinding(file).catch(() => null)
      return { file, text: bytes?.toString("utf8") ?? "" }
    }),
  )
}

export const shippedNames: ReadonlySet<string> = new Set(reflexes.map(({ name }) => name))

/** Names of reflexes that are to be off and are nobody's: each with what was meant, as far as that can be told. */
export const strayNames = (
  disabled: ReadonlyArray<string>,
  own: ReadonlyArray<{ readonly texts: ReadonlyArray<RuleText>; readonly workspace: string | null }>,
): ReadonlyArray<string> => {
  const written = own.flatMap(({ texts, workspace }) => {
    const { families, reflexes: made } = loadOwn(texts, workspace, shippedNames)
    return [...families.map(({ name }) => name), ...made.map(({ data }) => data.name)]
  })
  const known = new Set([...shippedNames, ...written])
  return disabled.flatMap((name) => {
    if (known.has(name)) return []
    const meant = nearest(name, [...known])
    const hint = meant === null ? "" : ` (did you mean ${JSON.stringify(meant)}?)`
    return [`disabledReflexes: there is no reflex ${JSON.stringify(name)}${hint}`]
  })
}

/** What the log shall say of them. */
export const inForce = (
  texts: ReadonlyArray<RuleText>,
  workspace: string | null,
  problems: ReadonlyArray<string>,
): PayloadOf<"daemon.reflexes"> => ({
  files: texts.map(({ file, text }) => ({ file, text, digest: digestOf(Buffer.from(text)) })),
  problems: [...problems, ...loadOwn(texts, workspace, shippedNames).problems.map(showRuleProblem)],
})
