/**
 * Descriptors this process was started with beyond the usual three and would hand on to every program it starts
 * (a shell's pipe, a supervisor's socket): Node closes only its own. Looked up once; reads /proc/self.
 */
import { readFileSync, readdirSync } from "node:fs"

const closesOnExec = 0o2000000

export const passedOn = (): ReadonlyArray<number> => {
  try {
    return readdirSync("/proc/self/fd")
      .map(Number)
      .filter((descriptor) => descriptor > 2 && staysOpen(descriptor))
  } catch {
    return []
  }
}

const staysOpen = (descriptor: number): boolean => {
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"))
    return flags !== null && (Number.parseInt(flags[1]!, 8) & closesOnExec) === 0
  } catch {
    // the one that listed the folder is closed by now
    return false
  }
}
