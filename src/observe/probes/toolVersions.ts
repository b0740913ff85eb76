/**
 * Which versions of node and python a folder wants, and which are there: by the folders in which programs that keep
 * versions put them, and by what lies beside the program on PATH. No program is run.
 */
import { readdir, realpath } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { placeOf, readPlain, Unavailable, within } from "./confine.ts"

type Answer = ProbeAnswer<"toolVersions">
type Tool = Answer["found"][number]["tool"]

const maximumBytes = 65_536
const maximumVersions = 100

const files: ReadonlyArray<readonly [name: string, tool: Tool]> = [
  [".nvmrc", "node"],
  [".node-version", "node"],
  [".python-version", "python"],
]

/** The word behind a tool's name in `.tool-versions`. */
const toolLine = (text: string, name: string): string | null =>
  new RegExp(`^${name}\\s+(\\S+)`, "m").exec(text)?.[1] ?? null

const enginesIn = (text: string): string | null => {
  try {
    const root = JSON.parse(text) as { readonly engines?: { readonly node?: unknown } } | null
    return typeof root?.engines?.node === "string" ? root.engines.node : null
  } catch {
    return null
  }
}

const wantsIn = async (workspace: string, folder: string): Promise<Answer["wants"]> => {
  const read = async (name: string): Promise<string | null> => {
    const place = await placeOf(workspace, join(folder, name))
    if (place.kind !== "inside") return null
    const found = await readPlain(place.real, maximumBytes)
    return typeof found === "string" ? null : found.text
  }
  const wants: Array<Answer["wants"][number]> = []
  const want = (tool: Tool, name: string, text: string | null | undefined): void => {
    if (text !== null && text !== undefined && text.trim() !== "")
      wants.push({ tool, file: within(workspace, join(folder, name)), text: text.trim().slice(0, 60) })
  }
  for (const [name, tool] of files) want(tool, name, (await read(name))?.trim().split("\n")[0])
  const asdf = (await read(".tool-versions")) ?? ""
  want("node", ".tool-versions", toolLine(asdf, "nodejs"))
  want("python", ".tool-versions", toolLine(asdf, "python"))
  want("node", "package.json", enginesIn((await read("package.json")) ?? ""))
  return wants
}

const version = /(\d+\.\d+\.\d+)/

/** Folders below the user's own, a version a folder. */
const kept: ReadonlyArray<readonly [by: string, tool: Tool, folder: string]> = [
  ["nvm", "node", ".nvm/versions/node"],
  ["fnm", "node", ".local/share/fnm/node-versions"],
  ["volta", "node", ".volta/tools/image/node"],
  ["n", "node", "n/n/versions/node"],
  ["asdf", "node", ".asdf/installs/nodejs"],
  ["mise", "node", ".local/share/mise/installs/node"],
  ["nodenv", "node", ".nodenv/versions"],
  ["pyenv", "python", ".pyenv/versions"],
  ["asdf", "python", ".asdf/installs/python"],
  ["mise", "python", ".local/share/mise/installs/python"],
  ["uv", "python", ".local/share/uv/python"],
]

/** A node that was installed as a package of the project. */
const ofPackage = async (file: string): Promise<string | null> => {
  const read = await readPlain(file, maximumBytes).catch(() => "not a file" as const)
  if (typeof read === "string") return null
  try {
    const { name, version: number } = JSON.parse(read.text) as {
      readonly name?: unknown
      readonly version?: unknown
    }
    return name === "node" && typeof number === "string" ? (version.exec(number)?.[1] ?? null) : null
  } catch {
    return null
  }
}

/** What lies beside a program says which one it is. */
const besideNode = async (program: string): Promise<string | null> => {
  const named = /\/v?(\d+\.\d+\.\d+)\/(?:installation\/)?bin\/node$/.exec(program)?.[1]
  if (named !== undefined) return named
  const header = join(dirname(program), "../include/node/node_version.h")
  const text = await readPlain(header, maximumBytes).catch(() => "not a file" as const)
  if (typeof text === "string") return ofPackage(join(dirname(program), "../package.json"))
  const part = (name: string): string | undefined =>
    new RegExp(`^#define NODE_${name}_VERSION (\\d+)`, "m").exec(text.text)?.[1]
  const parts = [part("MAJOR"), part("MINOR"), part("PATCH")]
  return parts.includes(undefined) ? null : parts.join(".")
}
const besidePython = (program: string): string | null =>
  /\/(\d+\.\d+\.\d+)\/bin\/python[\d.]*$/.exec(program)?.[1] ??
  /\/python(\d\.\d+)$/.exec(program)?.[1] ??
  null

export const toolVersions = async (
  workspace: string,
  dir: string,
  home: string,
  which: (name: string) => Promise<string | null>,
): Promise<Answer> => {
  const place = await placeOf(workspace, dir)
  if (place.kind !== "inside") throw new Unavailable(`${dir} is not a folder of the workspace`)
  const wants = await wantsIn(workspace, place.path)
  const found: Array<Answer["found"][number]> = []
  for (const [by, tool, folder] of kept) {
    const names = await readdir(join(home, folder)).catch(() => [])
    for (const name of names.slice(0, maximumVersions)) {
      const number = version.exec(name)?.[1]
      if (number !== undefined) found.push({ tool, version: number, by })
    }
  }
  const real = async (name: string): Promise<string | null> => {
    const program = await which(name)
    return program === null ? null : realpath(program).catch(() => null)
  }
  const node = await real("node")
  const nodeVersion = node === null ? null : await besideNode(node)
  if (nodeVersion !== null) found.push({ tool: "node", version: nodeVersion, by: "PATH" })
  const python = await real("python3")
  const pythonVersion = python === null ? null : besidePython(python)
  if (pythonVersion !== null) found.push({ tool: "python", version: pythonVersion, by: "PATH" })
  return { wants, found }
}
