/** Which processes of this machine carry a mark in their command line. */
import { readdirSync, readFileSync } from "node:fs"

export const alive = (mark: string): ReadonlyArray<string> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
        return line.includes(mark) && Number(pid) !== process.pid ? [`${pid} ${line.slice(0, 200)}`] : []
      } catch {
        return []
      }
    })
