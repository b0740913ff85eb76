/**
 * `claw guard PROGRAM ARGUMENTS`: what the functions of `claw init --wrap-installs` ask before a package manager runs.
 * It reads the command, and the lockfiles of this folder and those above it up to the repository's root, and holds
 * them against the shipped list. No daemon, no network, no shell; it is bounded in time and size.
 * Exits: 0 nothing known against it, 3 a known malicious version; anything else means that nothing was checked.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import {
  type CompromisedHit,
  findCompromised,
  hitsAmong,
  hitsOf,
  labelOf,
} from "../domain/lockfiles/findCompromised.ts"
import { namedPackages } from "../domain/lockfiles/namedPackages.ts"
import { isLockfile } from "../domain/lockfiles/readLockfile.ts"
import { neutralise } from "../domain/neutralise.ts"

const largestFile = 16 * 1024 * 1024
const mostFolders = 12
const boundMs = 1_500
const refusal = 3

/** Where it stands: a file of this folder, or the command itself. */
interface Found {
  readonly where: string
  readonly hit: CompromisedHit
}

const foldersUp = (from: string): ReadonlyArray<string> => {
  const folders: Array<string> = []
  for (let at = from; folders.length < mostFolders; at = dirname(at)) {
    folders.push(at)
    if (existsSync(join(at, ".git")) || dirname(at) === at) break
  }
  // outside a repository only the folder itself is the project's
  return existsSync(join(folders.at(-1)!, ".git")) ? folders : folders.slice(0, 1)
}

const inFiles = (cwd: string, untilMs: number) => {
  const found: Array<Found> = []
  const unread: Array<string> = []
  for (const folder of foldersUp(cwd))
    for (const name of readdirSync(folder)) {
      const file = join(folder, name)
      if (!isLockfile(name)) continue
      const stat = statSync(file)
      if (!stat.isFile()) continue
      if (stat.size > largestFile || performance.now() > untilMs) {
        unread.push(`${file}: ${stat.size > largestFile ? "too large" : "no time left"}`)
        continue
      }
      const report = findCompromised(file, readFileSync(file, "utf8"))
      if (report._tag === "CannotCheck") unread.push(`${file}: ${report.reason}`)
      found.push(...hitsOf(report).map((hit) => ({ where: file, hit })))
    }
  return { found, unread }
}

const say = (text: string): void => {
  process.stderr.write(`claw: ${neutralise(text)}\n`)
}

export const runGuard = (words: ReadonlyArray<string>, cwd: string): number => {
  if (words.length === 0) {
    say("guard takes the command that is about to run: claw guard npm install axios")
    return 2
  }
  const untilMs = performance.now() + boundMs
  const named = hitsAmong(namedPackages(words)).map((hit) => ({ where: "this command", hit }))
  const files = inFiles(cwd, untilMs)
  const found = [...named, ...files.found]
  for (const unread of files.unread) say(`not checked: ${unread}`)
  if (found.length === 0) return 0
  for (const { hit, where } of found.slice(0, 10))
    say(
      `${labelOf(hit)} is listed as malicious (${[hit.campaign, ...hit.advisories].join(", ")}), in ${where}`,
    )
  say(`held: nothing was run. Once all the same: CLAW_INSTALL_ANYWAY=1 ${words.join(" ")}`)
  return refusal
}
