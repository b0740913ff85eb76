/** Probes about plain files of the workspace: what paths are, what a folder holds, a file's text, what it locks. */
import { lstat, opendir } from "node:fs/promises"
import { resolve } from "node:path"
import type { CompromisedReport } from "../../domain/lockfiles/findCompromised.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { isSecretPath, type Place, placeOf, readPlain, Unavailable } from "./confine.ts"

const maximumPaths = 500
const maximumNames = 5_000
const maximumText = 4 * 1024 * 1024
const maximumLockfile = 32 * 1024 * 1024

/** Paths outside the workspace are not in the answer. */
export const pathKinds = async (
  workspace: string,
  paths: ReadonlyArray<string>,
): Promise<ProbeAnswer<"pathKinds">> => {
  const kinds: Record<string, "file" | "dir" | "link" | null> = {}
  for (const path of paths.slice(0, maximumPaths)) {
    const place = await placeOf(workspace, path)
    if (place.kind === "outside") continue
    const stat = await lstat(resolve(workspace, path)).catch(() => null)
    kinds[path] =
      stat === null
        ? null
        : stat.isSymbolicLink()
          ? "link"
          : stat.isDirectory()
            ? "dir"
            : stat.isFile()
              ? "file"
              : null
  }
  return kinds
}

/** Names of the machine's network devices: the one folder outside that may be listed. */
const networkDevices = "/sys/class/net"
const device: Place = { kind: "inside", path: networkDevices, real: networkDevices }

export const listDir = async (
  workspace: string,
  path: string,
  limit: number,
): Promise<ProbeAnswer<"listDir">> => {
  const place = path === networkDevices ? device : await placeOf(workspace, path)
  if (place.kind === "outside") throw new Unavailable(`${path} is outside the workspace`)
  if (place.kind === "absent") throw new Unavailable(`${path} is not there`)
  const names: Array<string> = []
  const folder = await opendir(place.real)
  for await (const entry of folder) {
    if (names.length >= Math.min(limit, maximumNames)) break
    names.push(entry.name)
  }
  return names.toSorted()
}

export const readText = async (
  workspace: string,
  path: string,
  maxBytes: number,
): Promise<ProbeAnswer<"readText">> => {
  const place = await placeOf(workspace, path)
  if (place.kind === "outside") throw new Unavailable(`${path} is outside the workspace`)
  if (isSecretPath(path) || (place.kind === "inside" && isSecretPath(place.real)))
    throw new Unavailable(`${path} holds secrets by its name`)
  if (place.kind === "absent") return null
  const read = await readPlain(place.real, Math.min(maxBytes, maximumText))
  return typeof read === "string" ? null : read.text
}

export const compromised = async (
  workspace: string,
  path: string,
  find: (path: string, text: string) => CompromisedReport,
): Promise<ProbeAnswer<"compromised">> => {
  const place = await placeOf(workspace, path)
  if (place.kind === "outside") throw new Unavailable(`${path} is outside the workspace`)
  if (place.kind === "absent") throw new Unavailable(`${path} is not there`)
  const read = await readPlain(place.real, maximumLockfile)
  if (typeof read === "string") throw new Unavailable(`${path} cannot be checked: ${read}`)
  const report = find(path, read.text)
  if (report._tag === "NotALockfile") return []
  if (report._tag === "CannotCheck" && report.hits.length === 0)
    throw new Unavailable(`${path} cannot be checked: ${report.reason}`)
  return report.hits.map(({ name, version, campaign, advisories }) => ({
    name,
    version,
    campaign,
    advisories,
  }))
}
