/** The user's editor as argv: $VISUAL, $EDITOR, vi; `code --wait` and the like are split at spaces, never by a shell. Pure. */
import type { Environment } from "../config/Directories.ts"

export const editorCommand = (env: Environment): readonly [string, ...Array<string>] => {
  const words = (env["VISUAL"] || env["EDITOR"] || "vi").split(/\s+/).filter((word) => word !== "")
  return [words[0] ?? "vi", ...words.slice(1)]
}
