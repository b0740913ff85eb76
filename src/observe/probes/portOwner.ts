/**
 * Who listens on a TCP port, from `/proc` alone: the socket's inode in the tables of the network, the process whose
 * descriptors hold it. Other users' processes do not show theirs: then somebody listens, and nobody can be named.
 */
import { readdir, readFile, readlink } from "node:fs/promises"
import { join } from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { Unavailable } from "./confine.ts"

const listening = "0A"
const maximumCommand = 300

/** Inodes of the sockets that listen on the port, in the text of `/proc/net/tcp` or `tcp6`. */
export const listenersIn = (table: string, port: number): ReadonlyArray<string> =>
  table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/)
      const local = fields[1]?.split(":").at(-1)
      const inode = fields[9]
      const isIt = fields[3] === listening && local !== undefined && Number.parseInt(local, 16) === port
      return isIt && inode !== undefined && inode !== "0" ? [inode] : []
    })

const holds = async (descriptors: string, sockets: ReadonlySet<string>): Promise<boolean> => {
  const names = await readdir(descriptors).catch(() => [])
  for (const name of names) {
    const target = await readlink(join(descriptors, name)).catch(() => "")
    if (sockets.has(target)) return true
  }
  return false
}

export const portOwner = async (port: number, proc = "/proc"): Promise<ProbeAnswer<"portOwner">> => {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(join(proc, "net", name), "latin1").catch(() => null)),
  )
  if (tables.every((table) => table === null)) throw new Unavailable("this system shows no table of sockets")
  const sockets = new Set(
    tables.flatMap((table) => listenersIn(table ?? "", port)).map((inode) => `socket:[${inode}]`),
  )
  if (sockets.size === 0) return null
  const pids = (await readdir(proc))
    .filter((name) => /^\d+$/.test(name))
    .toSorted((a, b) => Number(b) - Number(a))
  for (const pid of pids) {
    if (!(await holds(join(proc, pid, "fd"), sockets))) continue
    const line = await readFile(join(proc, pid, "cmdline"), "utf8").catch(() => "")
    const name = await readFile(join(proc, pid, "comm"), "utf8").catch(() => "")
    const command = line.replaceAll("\0", " ").trim() || name.trim()
    return { pid: Number(pid), command: [...command].slice(0, maximumCommand).join("") }
  }
  throw new Unavailable(`port ${port} is taken by a process that cannot be seen`)
}
