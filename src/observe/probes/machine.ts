/**
 * Probes about the machine: room on a disk, whose a file is, limits of the kernel, a way into the network. Read from
 * `/proc`, `stat` and the lists of users; nothing is opened that a path from outside names.
 */
import { access, constants, lstat, readFile, statfs } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { codeOf, placeOf, Unavailable } from "./confine.ts"

const maximumPaths = 20

const textOf = (file: string): Promise<string | null> => readFile(file, "utf8").catch(() => null)

/** The mount that a path lies on: the longest one it begins with. */
export const mountOf = (mounts: string, path: string): string =>
  mounts
    .split("\n")
    .flatMap(
      (line) =>
        line
          .split(" ")[4]
          ?.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))) ??
        [],
    )
    .filter((mount) => mount === "/" || path === mount || path.startsWith(`${mount}/`))
    .reduce((longest, mount) => (mount.length >= longest.length ? mount : longest), "/")

export const diskSpace = async (workspace: string, path: string): Promise<ProbeAnswer<"diskSpace">> => {
  // elsewhere a path may lead to a server that does not answer
  const place = path === "/tmp" ? null : await placeOf(workspace, path)
  if (place?.kind === "outside") throw new Unavailable(`${path} is outside the workspace`)
  const at = place === null ? path : place.kind === "inside" ? place.real : workspace
  const space = await statfs(at)
  return {
    mount: mountOf((await textOf("/proc/self/mountinfo")) ?? "", at),
    freeBytes: space.bavail * space.bsize,
    totalBytes: space.blocks * space.bsize,
    freeFiles: space.ffree,
    totalFiles: space.files,
  }
}

/** Folders of programs, where rights are a common trouble. */
const programs = /^\/(?:usr|opt)\/|^\/(?:var\/)?run\/docker\.sock$/

const nameIn = (list: string, id: number): string =>
  list
    .split("\n")
    .find((line) => line.split(":")[2] === String(id))
    ?.split(":")[0] ?? String(id)

const nearest = async (path: string): Promise<string> => {
  for (let at = path; ; at = dirname(at)) {
    const found = await lstat(at).catch((error: unknown) =>
      ["ENOENT", "ENOTDIR", "EACCES"].includes(codeOf(error)) ? null : Promise.reject(error),
    )
    if (found !== null || at === "/") return at
  }
}

export const owners = async (
  workspace: string,
  paths: ReadonlyArray<string>,
): Promise<ProbeAnswer<"owners">> => {
  const uid = process.getuid?.()
  if (uid === undefined) throw new Unavailable("this system has no users by number")
  const [users, groups] = await Promise.all([textOf("/etc/passwd"), textOf("/etc/group")])
  const me = nameIn(users ?? "", uid)
  const answers: Record<string, ProbeAnswer<"owners">[string]> = {}
  for (const asked of paths.slice(0, maximumPaths)) {
    const absolute = resolve(workspace, asked)
    const place = programs.test(absolute) ? null : await placeOf(workspace, absolute)
    if (place?.kind === "outside") continue
    const path = await nearest(absolute)
    const stat = await lstat(path)
    const group = nameIn(groups ?? "", stat.gid)
    const members = groups
      ?.split("\n")
      .find((line) => line.startsWith(`${group}:`))
      ?.split(":")[3]
      ?.split(",")
    answers[asked] = {
      path,
      owner: nameIn(users ?? "", stat.uid),
      mine: stat.uid === uid,
      group,
      listed: members?.includes(me) ?? false,
      forGroup: (stat.mode & 0o020) !== 0,
      writable: await access(path, constants.W_OK).then(
        () => true,
        () => false,
      ),
    }
  }
  return answers
}

const numberIn = (text: string | null): number | null => {
  const number = Number(text?.trim())
  return text === null || text.trim() === "" || !Number.isFinite(number) ? null : number
}

export const limits = async (pid: number | null): Promise<ProbeAnswer<"limits">> => {
  const inotify = "/proc/sys/fs/inotify"
  const own = pid === null || !Number.isInteger(pid) ? null : await textOf(`/proc/${pid}/limits`)
  return {
    openFiles: numberIn(/^Max open files\s+(\d+)/m.exec(own ?? "")?.[1] ?? null),
    watches: numberIn(await textOf(`${inotify}/max_user_watches`)),
    instances: numberIn(await textOf(`${inotify}/max_user_instances`)),
  }
}

/** A default route, of either kind of address, by something else than the machine itself. */
export const hasWay = (routes: string | null, routes6: string | null): boolean =>
  (routes ?? "").split("\n").some((line) => {
    const [device, to, , flags] = line.trim().split(/\s+/)
    return device !== "lo" && to === "00000000" && (Number.parseInt(flags ?? "0", 16) & 1) === 1
  }) ||
  (routes6 ?? "").split("\n").some((line) => {
    const fields = line.trim().split(/\s+/)
    return (
      fields.length === 10 &&
      fields[9] !== "lo" &&
      /^0{32}$/.test(fields[0]!) &&
      fields[1] === "00" &&
      (Number.parseInt(fields[8]!, 16) & 0x201) === 1
    )
  })

export const network = async (): Promise<ProbeAnswer<"network">> => {
  const [routes, routes6] = await Promise.all([textOf("/proc/net/route"), textOf("/proc/net/ipv6_route")])
  if (routes === null && routes6 === null) throw new Unavailable("this system shows no table of routes")
  return { way: hasWay(routes, routes6) }
}
