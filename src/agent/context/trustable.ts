/**
 * The files of a workspace that are told to models and can be trusted by their exact content: instructions wherever they
 * stand, what they import, skills, and kinds of agents.
 * Invariants: no file is named that is reached through a link or lies outside; bounded; in a fixed order, so that what is
 * shown and what is trusted is the same list.
 */
import { readdirSync } from "node:fs"
import { join, posix } from "node:path"
import { readBelow } from "../../act/openBelow.ts"
import { walkFiles } from "../../act/walkFiles.ts"
import { agentFolders } from "../agents/AgentTypes.ts"
import { skillFolders } from "../skills/Skills.ts"
import { folderNames, importsOf, topFolders, topNames } from "./instructionFiles.ts"

export interface TrustableFile {
  readonly path: string
  readonly bytes: Buffer
}

const most = 300
const mostWalked = 200_000
const mostBytes = 1024 * 1024
const deepestImport = 5

const isInstruction = (path: string): boolean =>
  folderNames.some((name) => path === name || path.endsWith(`/${name}`)) ||
  (topNames as ReadonlyArray<string>).includes(path) ||
  topFolders.some(({ ending, folder }) => posix.dirname(path) === folder && path.endsWith(ending)) ||
  skillFolders.some(
    (folder) => path.startsWith(`${folder}/`) && /^[^/]+\/SKILL\.md$/.test(path.slice(folder.length + 1)),
  )

const namesIn = (workspace: string, folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(join(workspace, folder)).sort().slice(0, most)
  } catch {
    return []
  }
}

export const trustableFiles = async (
  workspace: string,
  home: string,
  signal: AbortSignal,
): Promise<ReadonlyArray<TrustableFile>> => {
  const names = new Set<string>()
  // by name at the top, because some of these stand in no list of files that git would keep
  for (const name of [...folderNames, ...topNames]) names.add(name)
  for (const { ending, folder } of topFolders)
    for (const name of namesIn(workspace, folder)) if (name.endsWith(ending)) names.add(`${folder}/${name}`)
  for (const folder of skillFolders)
    for (const name of namesIn(workspace, folder)) names.add(`${folder}/${name}/SKILL.md`)
  for (const folder of agentFolders)
    for (const name of namesIn(workspace, folder)) if (name.endsWith(".md")) names.add(`${folder}/${name}`)
  let walked = 0
  for await (const { path } of walkFiles(workspace, workspace, home, signal)) {
    if (isInstruction(path)) names.add(path)
    if (++walked >= mostWalked) break
  }
  const found = new Map<string, Buffer>()
  const visit = (path: string, depth: number): void => {
    if (found.has(path) || found.size >= most) return
    const bytes = readBelow(workspace, path, mostBytes)
    if (bytes === null || bytes.includes(0)) return
    found.set(path, bytes)
    if (depth >= deepestImport || path.endsWith("/SKILL.md")) return
    for (const inner of importsOf(path, bytes.toString("utf8")).paths) visit(inner, depth + 1)
  }
  for (const name of [...names].sort()) visit(name, 0)
  return [...found].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => (a.path < b.path ? -1 : 1))
}
