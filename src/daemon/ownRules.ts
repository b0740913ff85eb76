/**
 * The rules a user wrote, as files: those of the configuration directory, and those of a workspace as far as they were
 * trusted. What is in force, and what is wrong with it, is said in the log whenever it changes.
 */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { digestOf } from "../config/load.ts"
import { reflexes } from "../decide/registry.ts"
import { loadOwn, type RuleText } from "../decide/rules/ownRules.ts"
import { showRuleProblem } from "../decide/rules/read.ts"
import type { PayloadOf } from "../domain/event.ts"

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
      return { file, text: await readFile(file, "utf8").catch(() => "") }
    }),
  )
}

export const shippedNames: ReadonlySet<string> = new Set(reflexes.map(({ name }) => name))

/** What the log shall say of them. */
export const inForce = (
  texts: ReadonlyArray<RuleText>,
  workspace: string | null,
  problems: ReadonlyArray<string>,
): PayloadOf<"daemon.reflexes"> => ({
  files: texts.map(({ file, text }) => ({ file, text, digest: digestOf(Buffer.from(text)) })),
  problems: [...problems, ...loadOwn(texts, workspace, shippedNames).problems.map(showRuleProblem)],
})
