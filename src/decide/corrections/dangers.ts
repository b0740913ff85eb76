/**
 * Which new lines a person must weigh: what they would do cannot be taken back, reaches beyond the project, or turns a
 * safeguard off. Told from the line alone, so that no rule can forget to say so.
 */
import { type Part, partsOf } from "./line.ts"
import { gitSubcommandAt } from "./subcommands.ts"

export type Danger = "none" | "weigh" | "never"

const has = (words: ReadonlyArray<string>, pattern: RegExp): boolean =>
  words.some((word) => pattern.test(word))

const gitDanger = (words: ReadonlyArray<string>): Danger => {
  const at = gitSubcommandAt(["git", ...words.slice(1)])
  if (at < 0) return "none"
  const operation = words[at]!
  const rest = words.slice(at + 1)
  if (has(rest, /^--no-verify$/) || (operation === "commit" && has(rest, /^-[a-z]*n[a-z]*$/))) return "never"
  switch (operation) {
    case "push":
      return has(rest, /^(?:-[a-z]*[fd][a-z]*|--force.*|--delete|--mirror|--prune|[+:].*)$/)
        ? "weigh"
        : "none"
    case "branch":
      return has(rest, /^(?:-[a-zA-Z]*[dDMC][a-zA-Z]*|--delete|--force|-f)$/) ? "weigh" : "none"
    case "tag":
    case "add":
    case "checkout":
    case "rm":
    case "clean":
      return has(rest, /^(?:-[a-z]*[fd][a-z]*|--force|--delete)$/) ? "weigh" : "none"
    case "reset":
      return has(rest, /^(?:--hard|--merge|--keep)$/) ? "weigh" : "none"
    case "stash":
      return has(rest, /^(?:drop|clear)$/) ? "weigh" : "none"
    case "restore":
      return "weigh"
    case "worktree":
    case "remote":
      return has(rest, /^(?:remove|rm|delete|--force|-f)$/) ? "weigh" : "none"
    case "filter-branch":
    case "update-ref":
    case "reflog":
      return "weigh"
    case "rebase":
    case "merge":
    case "cherry-pick":
    case "commit":
      return has(rest, /^--(?:skip|abort|quit|amend|allow-unrelated-histories|force)$/) ? "weigh" : "none"
    default:
      return has(rest, /^--(?:force|hard)$|^--allow-unrelated-histories$/) ? "weigh" : "none"
  }
}

const weighed =
  /^(?:sudo|doas|su|pkexec|kill|pkill|killall|chmod|chown|chattr|setfacl|rm|rmdir|unlink|shred|dd|mkfs.*|mount|umount|systemctl|service|ssh-keygen|iptables|nft|reboot|shutdown|halt|poweroff|init|passwd|wipefs|xargs|terraform|kubectl|eval|source|\.|apt|apt-get|dnf|yum|pacman|snap|tsuru|heroku|drop|dropdb|truncate|fdisk|parted|crontab)$/

/** Verbs of other programs that throw away or publish. */
const verbs: Readonly<Record<string, RegExp>> = {
  docker: /^(?:rm|rmi|prune|kill|down|remove)$/,
  podman: /^(?:rm|rmi|prune|kill|remove)$/,
  npm: /^(?:publish|unpublish|deprecate|owner|token|access)$/,
  yarn: /^(?:publish|unpublish|owner)$/,
  pnpm: /^(?:publish|unpublish)$/,
  cargo: /^(?:publish|yank|owner)$/,
  gem: /^(?:push|yank|owner)$/,
  brew: /^(?:uninstall|remove|rm|autoremove|cleanup|--force|--zap)$/,
  gh: /^(?:delete|merge|close)$/,
  vagrant: /^(?:destroy|halt)$/,
  tmux: /^kill-/,
  adb: /^(?:reboot|root|remount|uninstall|sideload)$/,
}

/** Run what follows them, as it is. */
const wrappers = new Set(["env", "command", "time", "nohup", "nice", "builtin"])

const partDanger = (part: Part): Danger => {
  const words = part.map(({ text }) => text)
  const program = (words[0] ?? "").split("/").at(-1)!
  if (program === "rm" && (has(words, /^--no-preserve-root$/) || has(words, /^\/+\*?$/))) return "never"
  if (program === "sudo") return partDanger(part.slice(1)) === "never" ? "never" : "weigh"
  if (wrappers.has(program))
    return partDanger(
      part.slice(
        Math.max(
          1,
          words.findIndex((word, at) => at > 0 && !/^-|=/.test(word)),
        ),
      ),
    )
  if (program === "git") return gitDanger(words)
  if (weighed.test(program) || (/^(?:ba|z|da|fi)?sh$/.test(program) && words.includes("-c"))) return "weigh"
  if (program === "find" && has(words, /^-(?:delete|exec|execdir|ok)$/)) return "weigh"
  if (Object.hasOwn(verbs, program) && has(words.slice(1), verbs[program]!)) return "weigh"
  return has(words, /^--(?:force|hard|purge|overwrite)$/) ? "weigh" : "none"
}

const order: Readonly<Record<Danger, number>> = { none: 0, weigh: 1, never: 2 }

/** What came over the net or out of another program is run as it is; a device is written over. */
const runsWhatItReads =
  /(?:\||<\(|\$\()\s*(?:[A-Za-z_]\w*=[^\s|;&]*\s+)*(?:(?:sudo|env|exec|command)\s+(?:-[^\s|;&]+\s+)*){0,3}(?:[^\s|;&]*\/)?(?:(?:ba|z|da|fi|k)?sh|python[\d.]*|node|perl|ruby)(?:\s+-[\w-]*)*\s*(?:$|[;&|)])|\b(?:ba|z|da|fi|k)?sh\s+<\(|>\s*\/dev\/(?!null|std|tty|fd)/

/** The worst of the line's commands; a line that does not parse is to be weighed. */
export const dangerOf = (line: string): Danger => {
  const parts = partsOf(line)
  if (parts.length === 0) return "weigh"
  const whole: Danger = runsWhatItReads.test(line) ? "weigh" : "none"
  return parts.map(partDanger).reduce((worst, each) => (order[each] > order[worst] ? each : worst), whole)
}
