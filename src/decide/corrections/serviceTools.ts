/** Tools that talk to services and daemons: what they ask for before, and words in the wrong order. */
import { type Correction, insertedAfter, plain, replaced, spliced } from "./Correction.ts"
import { eachPlain, kinds, kindsOf, preceded, rule } from "./rule.ts"
import { isSubcommand } from "./subcommands.ts"

export const dockerImageUsed = rule(
  "docker-image-in-use",
  {
    program: "docker",
    typed: /^(?:image rm|rmi|image remove)\b/,
    says: /image is being used by (?:running|stopped) container/,
  },
  (failed) =>
    eachPlain([/being used by (?:running|stopped) container ([0-9a-f]+)/.exec(failed.output)?.[1]], (id) =>
      preceded(failed, `docker container rm -f ${id}`),
    ),
  { dangerous: true },
)

export const dockerLogin = rule(
  "docker-login",
  {
    program: "docker",
    typed: /^(?:push|pull)\b/,
    says: /may require 'docker login'|access to the requested resource is (?:not authorized|denied)|denied: requested access/,
  },
  (failed) => [preceded(failed, "docker login")],
)

export const herokuApp = rule(
  "heroku-app",
  { program: "heroku", says: /Multiple apps in git remotes/ },
  (failed) => {
    const apps = [...failed.output.matchAll(/^[\s▸]*([\w-]+) \([\w-]+\)\s*$/gm)].map(([, app]) => app)
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

export const tsuruLogin = rule(
  "tsuru-login",
  { program: "tsuru", says: /not authenticated or your session has expired/ },
  (failed) => [preceded(failed, "tsuru login")],
)

export const hostsWebsites = rule(
  "hostscli-websites",
  { program: "hostscli", says: /No Domain list found for website/ },
  () => ["hostscli websites"],
)

/** Hadoop's shell wants a dash before its commands. */
export const hadoopDash: Correction = {
  name: "hadoop-dash",
  applies: ({ output }) => /Did you mean -[\w-]+\?\s+This command begins with a dash/.test(output),
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

export const vagrantUp = rule(
  "vagrant-up",
  { program: "vagrant", typed: /^(?:ssh|provision|reload|halt)\b/, says: /run `vagrant up`/i },
  (failed) => {
    const machine = failed.words[2]
    const named =
      machine === undefined ? [] : eachPlain([machine], (word) => preceded(failed, `vagrant up ${word}`))
    return [...named, preceded(failed, "vagrant up")]
  },
)

/** ssh saw another key than the one it knew. The line that forgets the old one is its own. */
export const sshHostKey = rule(
  "ssh-host-key",
  {
    program: "ssh scp sftp rsync git",
    says: /WARNING: (?:REMOTE HOST IDENTIFICATION HAS CHANGED|POSSIBLE DNS SPOOFING)/,
  },
  (failed) => {
    const [, file = "", name = ""] =
      /ssh-keygen -f ["']?([^"'\s]+)["']? -R ["']?([^"'\s]+)["']?/.exec(failed.output) ?? []
    return plain(file) !== null && plain(name) !== null && file !== ""
      ? [preceded(failed, `ssh-keygen -f "${file}" -R "${name}"`)]
      : []
  },
  { dangerous: true },
)

/** An address that whois cannot take as it was pasted. */
export const whoisHost = rule("whois-host", { program: "whois", typed: /^\S+$/ }, (failed) => {
  const word = failed.words[1]!
  const host = /^[a-z]+:\/\/([\w.-]+)/i.exec(word)?.[1]
  if (host !== undefined) return eachPlain([host], (safe) => replaced(failed, 1, safe))
  const parts = word.split(".")
  return parts.length > 2 && failed.exit !== 0
    ? parts
        .slice(1, -1)
        .flatMap((_, at) => eachPlain([parts.slice(at + 1).join(".")], (safe) => replaced(failed, 1, safe)))
    : []
})

/** `man -s2 read`, `manls`: sections, and the page that has no section. */
export const manPage = rule(
  "man-page",
  { program: "man", typed: /^[\w.+-]+$/, says: /No manual entry for/ },
  (failed) => {
    const word = failed.words[1]!
    return plain(word) === null
      ? []
      : [`${word} --help`, replaced(failed, 1, `3 ${word}`), replaced(failed, 1, `2 ${word}`)]
  },
)

/** The script of the project, where the shell's own `test` answered. */
export const testScript: Correction = {
  name: "python-test-script",
  applies: ({ words, exit, output }) => words[0] === "test.py" && (exit === 127 || /not found/.test(output)),
  asks: (_, dir) => [kindsOf(dir, ["test.py"])],
  correct: (failed, known) =>
    kinds(known, ["test.py"])[0] === "file" ? [`python ${failed.line}`] : [replaced(failed, 0, "pytest")],
}
