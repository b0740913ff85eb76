/** Upstream of a branch and the remotes, from the repository's own configuration; no include is followed. */
import { lastValue, type ConfigEntry } from "./config.ts"

export interface Upstream {
  /** As git shows it: `origin/main`, or the name of a local branch. */
  readonly name: string
  readonly ref: string
}

export const remotesOf = (entries: ReadonlyArray<ConfigEntry>): ReadonlyArray<string> =>
  [
    ...new Set(
      entries.flatMap((entry) =>
        entry.section === "remote" && entry.subsection !== null && entry.key === "url"
          ? [entry.subsection]
          : [],
      ),
    ),
  ].sort()

/** Where a fetch refspec puts a remote's ref. */
const mapped = (refspec: string, ref: string): string | null => {
  const [from, to] = refspec.replace(/^\+/, "").split(":")
  if (from === undefined || to === undefined || refspec.startsWith("^")) return null
  const star = from.indexOf("*")
  if (star < 0) return from === ref ? to : null
  const head = from.slice(0, star)
  const tail = from.slice(star + 1)
  if (!ref.startsWith(head) || !ref.endsWith(tail) || ref.length < head.length + tail.length) return null
  return to.replace("*", () => ref.slice(head.length, ref.length - tail.length))
}

export const upstreamOf = (entries: ReadonlyArray<ConfigEntry>, branch: string): Upstream | null => {
  const remote = lastValue(entries, "branch", branch, "remote")
  const merge = lastValue(entries, "branch", branch, "merge")
  if (typeof remote !== "string" || typeof merge !== "string") return null
  if (remote === ".") return { name: merge.replace(/^refs\/heads\//, ""), ref: merge }
  for (const entry of entries) {
    if (entry.section !== "remote" || entry.subsection !== remote || entry.key !== "fetch") continue
    const ref = mapped(entry.value ?? "", merge)
    if (ref !== null) return { name: ref.replace(/^refs\/(?:remotes|heads)\//, ""), ref }
  }
  return null
}
