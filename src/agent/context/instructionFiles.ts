/**
 * Where people write down how an agent shall work in a repository, and what such a file says of itself. Pure.
 * Names are those of the tools that read them: Claude Code (`CLAUDE.md`, imports by `@path`), the AGENTS.md convention,
 * Cursor (`.cursor/rules/*.mdc`, `.cursorrules`), Copilot (`.github/copilot-instructions.md`, `.github/instructions`).
 */
import { posix } from "node:path"
import { frontMatter, stringsOf } from "../../domain/frontMatter.ts"

/** In every folder from the repository's top to where the work is; the ones found later are nearer and count more. */
export const folderNames = [
  "AGENTS.md",
  "CLAUDE.md",
  "CLAW.md",
  ".claude/CLAUDE.md",
  "CLAUDE.local.md",
  "CLAW.local.md",
] as const

/** At the top alone: single files, and folders of which each file with this ending counts. */
export const topNames = [".cursorrules", ".github/copilot-instructions.md"] as const
export const topFolders = [
  { folder: ".cursor/rules", ending: ".mdc" },
  { folder: ".cursor/rules", ending: ".md" },
  { folder: ".github/instructions", ending: ".instructions.md" },
] as const

/** Of the user, in the folder of Claw's own configuration and in the home folder. */
export const ownConfigName = "CLAW.md"
export const ownHomeName = ".claude/CLAUDE.md"

/** A rule without globs, or one that always applies, holds everywhere; one with globs where a touched file fits. */
export interface InstructionText {
  readonly body: string
  readonly globs: ReadonlyArray<string>
  readonly always: boolean
}

export const readInstruction = (path: string, text: string): InstructionText => {
  if (!path.endsWith(".mdc") && !path.endsWith(".instructions.md"))
    return { body: text, globs: [], always: true }
  const { body, fields } = frontMatter(text)
  const globs = [...stringsOf(fields["globs"]), ...stringsOf(fields["applyTo"])]
  return {
    body,
    globs,
    always: fields["alwaysApply"] === true || fields["alwaysApply"] === "true" || globs.length === 0,
  }
}

/** Only prose is taken in by an import: a repository must not pull credentials or sources into a prompt by naming them. */
const prose = /\.(?:md|mdc|markdown|txt|rst|adoc)$|(?:^|\/)(?:README|CONTRIBUTING|ARCHITECTURE)$/i

/** Text outside fenced blocks and code spans, line by line. */
const withoutCode = (text: string): string => {
  let fence: string | null = null
  return text
    .split("\n")
    .map((line) => {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? null
      if (fence !== null) {
        if (mark !== null && mark.startsWith(fence)) fence = null
        return ""
      }
      if (mark !== null) {
        fence = mark
        return ""
      }
      return line.replace(/(`+)(?:(?!\1).)*\1/g, "")
    })
    .join("\n")
}

/** Paths of `@path` words of a file, relative to the top; those that lead out of it or are no prose are `refused`. */
export const importsOf = (
  path: string,
  text: string,
): { readonly paths: ReadonlyArray<string>; readonly refused: ReadonlyArray<string> } => {
  const paths = new Set<string>()
  const refused = new Set<string>()
  for (const found of withoutCode(text).matchAll(/(?<=^|[\s(])@((?:\.{1,2}\/|~\/|\/)?[\w.-][\w./-]*)/g)) {
    const named = found[1]!.replace(/[.,;:]+$/, "")
    if (!/[./]/.test(named) && !prose.test(named)) continue
    if (named.startsWith("~") || named.startsWith("/")) {
      refused.add(named)
      continue
    }
    const target = posix.normalize(posix.join(posix.dirname(path), named))
    if (target.startsWith("../") || !prose.test(target)) {
      // a word like @types/node is a name, not a path to text
      if (target.startsWith("../") || named.startsWith(".")) refused.add(named)
      continue
    }
    if (target !== path) paths.add(target)
  }
  return { paths: [...paths], refused: [...refused] }
}

/** Folders from the top ("") down to `folder`, which is relative to it. */
export const foldersDownTo = (folder: string): ReadonlyArray<string> => {
  const parts = folder === "" ? [] : folder.split("/")
  return ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))]
}
