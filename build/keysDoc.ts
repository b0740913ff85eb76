/** The table of keys in the README, made from the keymap itself. `node build/keysDoc.ts` writes it anew. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bindings, type Context, everywhere, keyTitle } from "../tui/keymap.ts"

export const docPath = join(import.meta.dirname, "..", "README.md")

const where = (contexts: ReadonlyArray<Context>): string =>
  everywhere.every((context) => contexts.includes(context)) ? "everywhere" : contexts.join(", ")

/** The table, as Markdown. */
export const keyTable = (): string =>
  [
    "| key | does | where |",
    "| --- | --- | --- |",
    ...bindings.map(
      (binding) =>
        `| ${binding.keys.map((key) => `\`${keyTitle(key)}\``).join(" ")} | ${binding.title.replaceAll("|", "\\|")} | ${where(binding.contexts)} |`,
    ),
  ].join("\n")

/** The README with this table below its heading. */
export const keysDoc = (readme: string): string =>
  readme.replace(/(?<=\n## Keys\n\n)\|[^]*?(?=\n\n)/, () => keyTable())

if (import.meta.main) writeFileSync(docPath, keysDoc(readFileSync(docPath, "utf8")))
