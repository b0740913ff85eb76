/** The stories below a folder, in the order of their paths; every problem of every file, or all of them. */
import { Result } from "effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { parseStory } from "./parseStory.ts"
import type { Story } from "./Story.ts"

const storyFiles = (dir: string): ReadonlyArray<string> =>
  statSync(dir).isFile()
    ? [dir]
    : readdirSync(dir, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".toml"))
        .toSorted()
        .map((name) => join(dir, name))

/** Fails with one line for each problem. */
export const loadStories = (
  dir: string,
  only: string | null,
): Result.Result<ReadonlyArray<Story>, string> => {
  let files: ReadonlyArray<string>
  try {
    files = storyFiles(dir)
  } catch (error) {
    return Result.fail(`${dir} cannot be read: ${(error as Error).message}`)
  }
  const problems: Array<string> = []
  const stories = files.flatMap((file) => {
    const name = relative(dir, file) || file
    const parsed = parseStory(name, readFileSync(file, "utf8"))
    if (Result.isSuccess(parsed)) return [parsed.success]
    problems.push(...parsed.failure.map(({ line, message }) => `${name}:${line}: ${message}`))
    return []
  })
  const chosen = stories.filter(
    ({ file, name }) => only === null || name.includes(only) || file.includes(only),
  )
  if (problems.length > 0) return Result.fail(problems.join("\n"))
  if (chosen.length === 0)
    return Result.fail(
      only === null ? `no stories (*.toml) in ${dir}` : `no story in ${dir} is called "${only}"`,
    )
  return Result.succeed(chosen)
}
