/**
 * What the machine refused a command: room, watched or open files, rights. Each speaks from the words of the system's own
 * error and says what the machine answers now; where that does not bear it out, it is silent. Facts only: nothing is
 * deleted, nobody is made root.
 */
import type { ProbeRequest } from "../../domain/probe.ts"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { sameLine } from "../checks.ts"
import type { Facts, Reflex, Silence } from "../Decider.ts"
import { fingerprintOf, type Parts, propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"

type Failed = SituationOf<"command.failed">
type Probe = ProbeRequest["_tag"]
type Request<T extends Probe> = Extract<ProbeRequest, { readonly _tag: T }>

const ttlMs = 30 * 60_000

/** A rule over what a failed command printed, and one answer of the machine. */
export const explaining = <T extends Probe>(
  name: string,
  asks: (failed: Failed) => Request<T> | null,
  says: (failed: Failed, answer: ProbeAnswer<T>) => (Parts & { readonly about: string }) | Silence,
): Reflex => ({
  name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation: Situation) =>
    isSituation(situation, "command.failed") &&
    situation.data.output !== undefined &&
    asks(situation) !== null,
  probes: (situation: Situation) => {
    const request = isSituation(situation, "command.failed") ? asks(situation) : null
    return request === null ? [] : [request]
  },
  propose: (situation: Situation, facts: Facts): Proposal | Silence => {
    const request = isSituation(situation, "command.failed") ? asks(situation) : null
    if (request === null || !isSituation(situation, "command.failed")) return silent("no such failure")
    const answer = facts.get<T>(request)
    if (answer === undefined) return unknown("the machine's answer")
    const parts = says(situation, answer)
    if ("silent" in parts) return parts
    const { command, exit } = situation.data
    const proposal = propose(name, situation, {
      mode: "notify",
      ttlMs,
      expiresWhen: [`passed:${sameLine(command)}`],
      ...parts,
      why: [
        { text: `\`${command}\` failed with exit ${exit}`, seq: situation.evidence[0] ?? null },
        ...parts.why,
      ],
    })
    // the same lack stops other commands too: it is said once
    const subject = { ...situation, workspace: null, subject: parts.about }
    return { ...proposal, fingerprint: fingerprintOf(name, subject, parts.same) }
  },
})

const outputOf = ({ data }: Failed): string => data.output ?? ""

const megabyte = 1024 ** 2
const bytes = (count: number): string =>
  count >= 1024 * megabyte
    ? `${(count / 1024 / megabyte).toFixed(1)} GB`
    : `${Math.floor(count / megabyte)} MB`
/** With so much left a disk is not what a command failed for, unless it wanted more at once than anyone can know. */
const roomBytes = 200 * megabyte
const roomFiles = 1_000

const noWatchers =
  /System limit for number of file watchers reached|inotify[^\n]{0,80}(?:No space left|limit)/i
const noRoom = /\bENOSPC\b|No space left on device/

export const diskFull: Reflex = explaining(
  "disk-full",
  (failed) => {
    const output = outputOf(failed)
    if (!noRoom.test(output) || noWatchers.test(output)) return null
    const temporary = output
      .split("\n")
      .some((line) => noRoom.test(line) && /(?:^|[\s'":])\/tmp\//.test(line))
    return {
      _tag: "diskSpace",
      path: temporary ? "/tmp" : failed.data.dir.startsWith("/") ? "." : failed.data.dir,
    }
  },
  (_, { freeBytes, freeFiles, mount, totalBytes, totalFiles }) => {
    if (freeBytes < roomBytes) {
      const title = `${mount} is full: ${bytes(freeBytes)} of ${bytes(totalBytes)} left`
      return { about: mount, title, why: [`${mount} has ${bytes(freeBytes)} left`], same: ["room"] }
    }
    return totalFiles > 0 && freeFiles < roomFiles
      ? {
          about: mount,
          title: `${mount} can take no more files: ${freeFiles} of ${totalFiles} inodes left`,
          why: [`${mount} has ${bytes(freeBytes)} left, and no inodes: very many small files fill it`],
          same: ["inodes"],
        }
      : silent(`${mount} has ${bytes(freeBytes)} left now`)
  },
)

/** Of the shell that ran it. */
const pidOf = ({ data }: Failed): number | null => {
  const pid = /^(?:zsh|bash|fish)-(\d{1,10})-/.exec(data.session)?.[1]
  return pid === undefined ? null : Number(pid)
}

const tooManyOpen = /\bEMFILE\b|[Tt]oo many open files/

export const tooManyFiles: Reflex = explaining(
  "file-limit",
  (failed) =>
    noWatchers.test(outputOf(failed)) || tooManyOpen.test(outputOf(failed))
      ? { _tag: "limits", pid: pidOf(failed) }
      : null,
  (failed, { instances, openFiles, watches }) => {
    const output = outputOf(failed)
    if (noWatchers.test(output)) {
      return watches === null
        ? silent("the limit of watched files could not be read")
        : {
            about: "watches",
            title: `All ${watches} file watches of this user are taken`,
            why: [
              `fs.inotify.max_user_watches is ${watches}, for all programs together${instances === null ? "" : `; max_user_instances is ${instances}`}`,
              "the disk is not full: ENOSPC means the watches here",
            ],
            same: ["watches", watches],
          }
    }
    return openFiles === null
      ? silent("the limit of open files could not be read")
      : {
          about: "open files",
          title: `A program of this shell may have ${openFiles} files open, and wanted more`,
          why: [`the soft limit of open files is ${openFiles} in that shell (ulimit -n)`],
          same: ["open", openFiles],
        }
  },
)

const docker =
  /permission denied while trying to connect to the docker (?:daemon|api)|docker\.sock: connect: permission denied/i
const dockerSocket = "/var/run/docker.sock"
const quoted = String.raw`['"‘\`]?(\/?[\w@.+-][\w@.+\/-]*)['"’\`]?`
const refused: ReadonlyArray<RegExp> = [
  // node
  new RegExp(String.raw`EACCES: permission denied, \w+ ${quoted}`),
  new RegExp(String.raw`(?:npm ERR!|npm error) path ${quoted}`),
  // python
  new RegExp(String.raw`PermissionError: \[Errno 13\] Permission denied: ${quoted}`),
  // rm, touch, cp and shells
  new RegExp(
    String.raw`^\w[\w -]{0,30}: (?:line \d+: )?(?:cannot [a-z ]+ |can't [a-z ]+ )?${quoted}: Permission denied`,
    "m",
  ),
  // git
  new RegExp(
    String.raw`(?:error|fatal): (?:unable|cannot|could not)[^\n]{0,60} ${quoted}: Permission denied`,
  ),
]

/** The path it was refused; null: it names none that could be looked at. */
const refusedPath = (failed: Failed): string | null => {
  const output = outputOf(failed)
  if (docker.test(output)) return dockerSocket
  if (!/EACCES|[Pp]ermission denied/.test(output)) return null
  for (const pattern of refused) {
    const named = pattern.exec(output)?.[1]
    if (named === undefined) continue
    if (/^\/(?:usr|opt)\//.test(named)) return named
    const { dir } = failed.data
    if (dir.startsWith("/") || failed.workspace === null) continue
    const inside = named.startsWith("/")
      ? named.startsWith(`${failed.workspace}/`)
        ? named.slice(failed.workspace.length + 1)
        : null
      : dir === "."
        ? named
        : `${dir}/${named}`
    if (inside !== null) return inside
  }
  return null
}

/** It is about a file's rights, and this says more of it than that another user could do it. */
export const explainsRights = (situation: Situation): boolean =>
  isSituation(situation, "command.failed") &&
  situation.data.output !== undefined &&
  refusedPath(situation) !== null

const ofDocker = ({
  forGroup,
  group,
  listed,
  writable,
}: ProbeAnswer<"owners">[string]): (Parts & { readonly about: string }) | Silence =>
  writable
    ? silent("the socket of Docker may be written now")
    : !forGroup
      ? silent("the socket of Docker is not for a group")
      : {
          about: dockerSocket,
          title: listed
            ? `You are in group ${group}, which Docker's socket is for, since a later login`
            : `Docker's socket is for group ${group}, and you are not in it`,
          why: [
            listed
              ? `${dockerSocket} belongs to group ${group}; what runs began before you were in it`
              : `${dockerSocket} belongs to group ${group}; who is in it can act as root on this machine`,
          ],
          same: [listed],
        }

export const wrongOwner: Reflex = explaining(
  "wrong-owner",
  (failed) => {
    const path = refusedPath(failed)
    return path === null ? null : { _tag: "owners", paths: [path] }
  },
  (failed, answer) => {
    const asked = refusedPath(failed)!
    const found = answer[asked]
    if (found === undefined) return silent(`${asked} may not be looked at`)
    if (asked === dockerSocket) return ofDocker(found)
    const { mine, owner, path, writable } = found
    if (writable) return silent(`${path} may be written now`)
    const { workspace } = failed
    const shown =
      workspace !== null && path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : path
    if (mine)
      return {
        about: path,
        title: `${shown} is yours, and read-only`,
        why: [`${shown} may not be written by its owner`],
        same: ["mine"],
      }
    const global = /\/lib\/node_modules(?:\/|$)/.test(path) && path.startsWith("/")
    return {
      about: path,
      title: `${shown} belongs to ${owner}, not to you`,
      why: [
        `${shown} belongs to ${owner}`,
        ...(global && (workspace === null || !path.startsWith(workspace))
          ? [
              "npm installs globally below its prefix: one in your home (npm config set prefix ~/.local) is yours",
            ]
          : owner === "root"
            ? ["a command that ran as root most likely made it"]
            : []),
      ],
      same: [owner],
    }
  },
)
