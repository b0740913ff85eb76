/** Tools that talk to services and daemons: what they ask for before, and words in the wrong order. */
import type { ProbeRequest } from "../../domain/probe.ts"
import { type Correction, type Failed, insertedAfter, plain, replaced, spliced } from "./Correction.ts"
import { closest } from "./rank.ts"
import { eachPlain, kinds, kindsOf, preceded, programOf, rule } from "./rule.ts"
import { isSubcommand } from "./subcommands.ts"

const imageInUse =
  /image is being used by (?:running|stopped|paused) container ([0-9a-f]+)|container ([0-9a-f]+) is using its referenced image/

export const dockerImageUsed = rule(
  "docker-image-in-use",
  {
    program: "docker",
    typed: /^(?:image rm|rmi|image remove)\b/,
    says: imageInUse,
  },
  (failed) =>
    eachPlain(
      [
        imageInUse
          .exec(failed.output)!
          .slice(1)
          .find((id) => id !== undefined),
      ],
      (id) => preceded(failed, `docker container rm -f ${id}`),
    ),
  { dangerous: true },
)

export const herokuApp = rule(
  "heroku-app",
  { program: "heroku", says: /Multiple apps in git remotes/ },
  (failed) => {
    const apps = [...failed.output.matchAll(/^[ \t▸]*([\w-]+) \([\w-]+\)[ \t]*$/gm)].map(([, app]) => app)
    return eachPlain(apps, (app) => insertedAfter(failed, failed.part.length - 1, `--app ${app}`))
  },
)

/** `systemctl nginx start`: the unit before the verb. */
export const systemctlOrder = rule(
  "systemctl-order",
  { program: "systemctl", typed: /^\S+ \S+$/, says: /Unknown (?:operation|command verb)/ },
  (failed) =>
    !isSubcommand("systemctl", failed.words[2]!)
      ? []
      : [
          spliced(
            failed,
            1,
            3,
            [2, 1].map((at) => failed.line.slice(failed.part[at]!.start, failed.part[at]!.end)).join(" "),
          ),
        ],
)

/** Hadoop's shell wants a dash before its commands. */
export const hadoopDash: Correction = {
  name: "hadoop-dash",
  applies: ({ words, output }) =>
    /(?:^|\/)(?:hdfs|hadoop)$/.test(words[0] ?? "") &&
    /Did you mean -[\w-]+\?\s+This command begins with a dash/.test(output),
  correct: (failed) => {
    const told = /Did you mean (-[\w-]+)\?/.exec(failed.output)![1]!
    const at = failed.words.indexOf(told.slice(1))
    return at < 0 ? [] : [replaced(failed, at, told)]
  },
}

/** `hdfs dfs -rm`, `-mkdir`: as the programs of the same names say it. */
export const hadoopFiles = rule(
  "hadoop-files",
  { program: "hdfs hadoop", says: /Is a directory|No such file or directory/ },
  (failed) => {
    const rm = failed.words.indexOf("-rm")
    const mkdir = failed.words.indexOf("-mkdir")
    if (rm > 0 && /Is a directory/.test(failed.output)) return [insertedAfter(failed, rm, "-r")]
    return mkdir > 0 && /^mkdir:/m.test(failed.output) ? [insertedAfter(failed, mkdir, "-p")] : []
  },
)

const inUse =
  /EADDRINUSE[^\n]*?:(\d{2,5})\b|bind on address \('[^']*', (\d{2,5})\)|(?:can't|cannot) listen on port (\d{2,5})|listen tcp [^\n]*:(\d{2,5}): bind: address already in use/

const portIn = (output: string): number | null => {
  const found = inUse
    .exec(output)
    ?.slice(1)
    .find((each) => each !== undefined)
  return found === undefined ? null : Number(found)
}

export const portTaken: Correction = {
  name: "port-taken",
  applies: ({ output }) => portIn(output) !== null,
  asks: ({ output }) => [{ _tag: "portOwner", port: portIn(output)! }],
  correct: (failed, { facts }) => {
    const owner = facts.get<"portOwner">({ _tag: "portOwner", port: portIn(failed.output)! })
    return owner === undefined || owner === null ? [] : [preceded(failed, `kill ${owner.pid}`)]
  },
  leftTo: "port-in-use",
}

/** `user@host` or `host:path` among the words. */
const hostOf = ({ words }: Failed): string | undefined =>
  words
    .slice(1)
    .map((word) => /^(?:[\w.-]+@)?([\w.-]+)(?::.*)?$/.exec(word))
    .find(
      (found) => found !== null && !found[0].startsWith("-") && (/[@:]/.test(found[0]) || words[0] === "ssh"),
    )?.[1]

const networkDevices: Extract<ProbeRequest, { readonly _tag: "listDir" }> = {
  _tag: "listDir",
  path: "/sys/class/net",
  limit: 50,
}

/** `ifconfig wlan0`: the device has another name by now. */
export const networkDevice = rule(
  "network-device",
  {
    program: "ifconfig ip iwconfig",
    says: /error fetching interface information: Device not found|Device "[^"]+" does not exist|does not exist\.|No such device/,
  },
  (failed, { facts }) => {
    const told = /^(\S+): error fetching|Device "([^"]+)"|^(\S+) +No such device/m.exec(failed.output)
    const at = failed.words.indexOf(told?.slice(1).find((each) => each !== undefined) ?? "", 1)
    return at < 0
      ? []
      : eachPlain(
          closest(failed.words[at]!, facts.get<"listDir">(networkDevices) ?? [], { cutoff: 0.2 }),
          (word) => replaced(failed, at, word),
        )
  },
  { asks: () => [networkDevices] },
)

/** ssh saw another key than the one it knew. The line that forgets the old one is its own. */
export const sshHostKey = rule(
  "ssh-host-key",
  {
    program: "ssh scp sftp rsync git",
    says: /WARNING: (?:REMOTE HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING)/,
  },
  (failed) => {
    const told = /ssh-keygen -f ["']?([^"'\s]+)["']? -R ["']?([^"'\s]+)["']?/.exec(failed.output)
    const offending = /(?:Offending (?:\S+ )?key(?: for IP)?|Matching host key) in ([^:\s]+):\d+/.exec(
      failed.output,
    )
    const host = /Host key for (\S+) has changed/.exec(failed.output)?.[1] ?? hostOf(failed)
    const [file = "", name = ""] = told?.slice(1) ?? [offending?.[1], host]
    return plain(file) !== null && plain(name) !== null && file !== ""
      ? [preceded(failed, `ssh-keygen -f "${file}" -R "${name}"`)]
      : []
  },
  { dangerous: true },
)

const noRecord = /\bno (?:match|whois|entries|data|such|object)|not found|not known|invalid|unable|error/i

/** An address that whois cannot take as it was pasted. */
export const whoisHost = rule("whois-host", { program: "whois", typed: /^\S+$/ }, (failed) => {
  const word = failed.words[1]!
  const host = /^[a-z]+:\/\/([\w.-]+)/i.exec(word)?.[1]
  if (host !== undefined) return eachPlain([host], (safe) => replaced(failed, 1, safe))
  const parts = word.split(".")
  const record = failed.output.trim() !== "" && !noRecord.test(failed.output)
  return parts.length > 2 && failed.exit !== 0 && !record
    ? parts
        .slice(1, -1)
        .flatMap((_, at) => eachPlain([parts.slice(at + 1).join(".")], (safe) => replaced(failed, 1, safe)))
    : []
})

const section = /^(-s)?([23])$/

/** The page of another section, where there is none in this one; or the help of what has no page. */
export const manPage: Correction = {
  name: "man-page",
  applies: (failed) =>
    programOf(failed) === "man" && failed.words.length > 1 && /No manual entry for/.test(failed.output),
  correct: (failed) => {
    const word = failed.words.at(-1)!
    if (failed.words.length > 2) return otherSection(failed)
    return plain(word) === null
      ? []
      : [`${word} --help`, replaced(failed, 1, `3 ${word}`), replaced(failed, 1, `2 ${word}`)]
  },
}

/** `man open` showed a page, and perhaps not the one that was meant. */
export const manSection: Correction = {
  name: "man-section",
  applies: (failed) =>
    programOf(failed) === "man" && failed.words.length > 1 && failed.seen && failed.output.trim() === "",
  correct: (failed) => {
    const [, first = ""] = failed.words
    if (failed.words.length > 2) return otherSection(failed)
    return eachPlain([first], (word) => word).flatMap((word) => [
      replaced(failed, 1, `3 ${word}`),
      replaced(failed, 1, `2 ${word}`),
    ])
  },
  notOffered: true,
}

const otherSection = (failed: Failed): ReadonlyArray<string> => {
  const at = failed.words.findIndex((word, i) => i > 0 && section.test(word))
  const found = section.exec(failed.words[at] ?? "")
  return found === null ? [] : [replaced(failed, at, `${found[1] ?? ""}${found[2] === "2" ? "3" : "2"}`)]
}

/** The script of the project, where the shell's own `test` answered. */
export const testScript: Correction = {
  name: "python-test-script",
  applies: ({ words, exit, output }) => words[0] === "test.py" && (exit === 127 || /not found/.test(output)),
  asks: (_, dir) => [kindsOf(dir, ["test.py"])],
  correct: (failed, known) =>
    kinds(known, ["test.py"])[0] === "file" ? [`python ${failed.line}`] : [replaced(failed, 0, "pytest")],
}
