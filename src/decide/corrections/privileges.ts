/** Too few rights, or too many: as another user, with the user's own search path, or without `sudo` after all. */
import { type Correction, type Failed, plain, spliced } from "./Correction.ts"
import { checkKind } from "../checks.ts"
import { whichOf } from "./mistyped.ts"
import { programOf } from "./rule.ts"

const needsRoot =
  /permission denied|\bEACCES\b|operation not permitted|(?:must|need(?:s)?|has|have|should|only)(?: to)?(?: be)?(?: run| executed)?(?: (?:as|with|by))?(?: the)? (?:root|superuser|super-user)\b|be run as root|(?:root|superuser|administrator|administrative) (?:privileges?|permissions?|rights|access)|not super-?user|superuser privilege|you (?:don't|do not) have (?:access to the history|(?:write |the required |sufficient )?permissions?\b)|are you root|can ?not open a temporary file|(?:interactive authentication|authentication is) required|unless you are root|requires root|use of this command is restricted to root/i

/** Of the system's own services: elsewhere it is the word of one that is asked over the net. */
const deniedBySystem = /: access denied/i
const asksSystem =
  /^(?:service|(?:system|login|hostname|timedate|locale|machine|bus|network|resolve|udisks)ctl)$/

/** The shell's own, what only reads, or what runs a project's own code: another user would not mend it. */
const notForRoot =
  /^(?:alias|cd|eval|exec|export|popd|pushd|set|source|trap|ulimit|umask|unset|wait|git|hg|node|deno|bun|python[\d.]*|ruby|perl|php|java|journalctl|kubectl|ssh|scp|curl|wget|terraform|gh)$/

/** What asks a service, which has users of its own. */
const asksService =
  /^(?:aws|az|bq|cqlsh|createdb|createuser|doctl|dropdb|eksctl|firebase|fly|flyctl|gcloud|glab|gsutil|hadoop|hdfs|helm|heroku|ldapsearch|mariadb|mc|mongosh?|mysql|mysqldump|netlify|oc|pg_dump|pg_restore|psql|pulumi|rclone|redis-cli|s3cmd|sftp|sqlcmd|sqlplus|svn|tofu|vault|vercel|wrangler)$/

/** Where rights are another thing than those of this machine's root. */
const elsewhere =
  /publickey|registry|repository|unauthorized|git@|remote:|HTTP|403|password\)|host key|Access denied for user|AccessDenied|permission denied (?:for|to) [a-z]|when calling the|\b(?:bucket|IAM|API|tenant|organi[sz]ation)\b/i

/** What prints what it has read, and its own name before what it could not read. */
const prints =
  /^(?:awk|cat|cut|diff|echo|egrep|fgrep|grep|head|printf|rg|sed|sort|strings|tac|tail|uniq|zgrep)$/

/** It is no text that was printed. The shell's own word for where it should go stands without the name. */
const isMessage = ({ line, words, output }: Failed): boolean => {
  const program = programOf({ words })
  return !prints.test(program) || line.includes(">") || new RegExp(`(?:^|/)${program}: `, "m").test(output)
}

const fewLines = 3

/** The program speaks of its own rights: it says hardly anything else, or names itself or what it was given. */
const ownWords = ({ words, output }: Failed): boolean => {
  const lines = output.split("\n").filter((line) => line.trim() !== "")
  if (lines.length <= fewLines) return true
  const names = [programOf({ words }), ...words.slice(1)].filter((word) => word.length > 2)
  return lines.some((line) => needsRoot.test(line) && names.some((name) => line.includes(name)))
}

export const asRoot: Correction = {
  name: "as-root",
  applies: (failed) =>
    !failed.sudo &&
    failed.words[0] !== "sudo" &&
    !/^[\w.-]+\//.test(failed.words[0] ?? "") &&
    (needsRoot.test(failed.output) ||
      (asksSystem.test(programOf(failed)) && deniedBySystem.test(failed.output))) &&
    !elsewhere.test(failed.output.replace(/\bhttp:\/\/%2F\S+/g, "")) &&
    !notForRoot.test(programOf(failed)) &&
    !asksService.test(programOf(failed)) &&
    isMessage(failed) &&
    checkKind(failed.line) === null &&
    ownWords(failed),
  correct: ({ line }) => {
    if (/&&|[|><;]/.test(line)) return [`sudo sh -c "${line.replace(/(["$`\\])/g, "\\$1")}"`]
    return [`sudo ${line}`]
  },
  dangerous: true,
}

const notAsRoot =
  /(?:don't|do not|cannot|can't|should not|must not|never|avoid|refus\w+ to) (?:\w+ ){0,4}(?:as|with|under) (?:root|sudo|superuser)|you cannot perform this operation as root|running (?:\S+ )?as root (?:is|as)[^\n]*(?:not|dangerous)/i

export const notRoot: Correction = {
  name: "not-as-root",
  applies: ({ sudo, output }) => sudo && notAsRoot.test(output),
  correct: ({ line }) => [line.replace(/^(\s*)sudo\s+/, "$1")],
}

const unseen = /^sudo: ([\w.+-]+): command not found/m

/** sudo has a search path of its own. */
export const ownPath: Correction = {
  name: "sudo-own-path",
  applies: ({ line, output }) => /^sudo\s/.test(line) && unseen.test(output),
  asks: ({ output }) => [whichOf(unseen.exec(output)![1]!)],
  correct: (failed: Failed, { facts }) => {
    const name = unseen.exec(failed.output)![1]!
    const at = failed.words.indexOf(name)
    const safe = plain(name)
    return at >= 0 && safe !== null && typeof facts.get<"which">(whichOf(name))?.[name] === "string"
      ? [spliced(failed, at, at + 1, `env "PATH=$PATH" ${safe}`)]
      : []
  },
}
