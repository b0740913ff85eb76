/**
 * A path oracle over a tree described in memory: for examples in rule files, for scoring tables and for tests.
 * Names not in the tree are absent, except the directories every system has.
 */
import type { PathEntry, PathKind, PathOracle } from "./PathOracle.ts"

/** Path -> `dir`, `file`, another kind, or `link:<target>`; parents are made as directories. */
export type Tree = Readonly<Record<string, string>>

const systemDirectories = [
  ..."/ /bin /boot /dev /etc /etc/cron.d /home /lib /media /mnt /opt /private /proc /proc/self".split(" "),
  ..."/root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/local /usr/local/bin /var /var/log /var/run".split(
    " ",
  ),
]

export const memoryOracle = (tree: Tree): PathOracle => {
  const entries = new Map<string, PathEntry>()
  const put = (path: string, kind: PathKind, target: string | null): void => {
    entries.set(path, { kind, target, links: 1 })
  }
  for (const path of systemDirectories) put(path, "dir", null)
  for (const [path, what] of Object.entries(tree)) {
    const parts = path.split("/").slice(1, -1)
    parts.forEach((_, index) => {
      const parent = `/${parts.slice(0, index + 1).join("/")}`
      if (!entries.has(parent)) put(parent, "dir", null)
    })
    if (what.startsWith("link:")) put(path, "link", what.slice(5))
    else if (what === "hard-linked") entries.set(path, { kind: "file", target: null, links: 2 })
    else put(path, what as PathKind, null)
  }
  const absent: PathEntry = { kind: "absent", target: null, links: 0 }
  return {
    entry: (path) => entries.get(path) ?? absent,
    list: (path) => {
      if (entries.get(path)?.kind !== "dir") return null
      const prefix = path === "/" ? "/" : `${path}/`
      const names: Array<string> = []
      for (const each of entries.keys()) {
        const rest = each.startsWith(prefix) ? each.slice(prefix.length) : ""
        if (rest !== "" && !rest.includes("/")) names.push(rest)
      }
      return names
    },
  }
}
