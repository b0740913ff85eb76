/**
 * Looks through a PowerShell command for what must be denied: its escapes undone, its cmdlets and aliases by any case,
 * both kinds of slashes, strings joined, encoded commands decoded. It is not parsed: a command of PowerShell is a
 * question whatever is found here.
 * Invariant: this only ever adds effects.
 */
import { type At, deepest, inner, type Tools } from "./At.ts"
import { scanArgument, scanCode } from "./scan.ts"

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "))

const removes = words("remove-item ri rm rmdir del erase rd clear-content clc clear-item cli")
const moves = words("move-item mi mv move rename-item rni ren")
const writes = words(
  "set-content sc add-content ac out-file tee-object tee new-item ni mkdir md set-item si set-itemproperty sp " +
    "new-itemproperty export-csv epcsv export-clixml copy-item cpi cp copy expand-archive compress-archive start-transcript",
)
const reads = words(
  "get-content gc cat type get-item gi get-childitem gci ls dir select-string sls import-csv ipcsv get-filehash " +
    "test-path resolve-path rvpa import-module ipmo set-location sl cd chdir push-location pushd invoke-item ii",
)
const fetches = words(
  "invoke-webrequest iwr curl wget invoke-restmethod irm start-bitstransfer test-connection",
)
const evaluates = words(
  "invoke-expression iex invoke-command icm start-job sajb start-process saps start powershell pwsh",
)
const changesSystem =
  /^(?:(?:set|enable|disable|add|remove|new|restart|stop|suspend|resume|clear|format|initialize|mount|dismount|install|uninstall|register|unregister|update|reset|rename|grant|revoke)-(?:executionpolicy|service|computer|localuser|localgroup\w*|netfirewall\w*|netadapter\w*|mp\w+|disk|volume|partition|windows\w+|scheduledtask\w*|bitlocker\w*|acl|psrepository|eventlog|ad\w+|certificate|tpm\w*|vm\w*)|format-volume|bcdedit|diskpart|reg|schtasks|icacls|takeown|net|netsh|sc\.exe|wmic|vssadmin|cipher)$/
const environment =
  /\benv:(?:\\?\*?)(?=$|[\s|;)'"])|getenvironmentvariables\b|\[(?:system\.)?environment\]::getenvironmentvariables/i
const elevates = /-verb\s*:?\s*['"]?runas\b/i
const secretVariable =
  /\$\{?env:\w*(?:secret|token|passw|passphrase|api_?key|access_?key|private_?key|credential|_pat\b)\w*/i
const credentials =
  /\b(?:get-credential|convertfrom-securestring|get-secret|cmdkey|vaultcmd|mimikatz|get-storedcredential)\b/i

/** Escapes undone, pieces of strings joined, folders by their variables, one kind of slash. */
const plainly = (text: string, home: string): string =>
  text
    .replace(/`\r?\n/g, " ")
    .replace(/`(?=\S)/g, "")
    .replace(/(['"])\s*\+\s*(['"])/g, "")
    .replace(/\$\{?(?:env:)?(?:home|userprofile|homepath)\}?(?![\w])/gi, home)
    .replaceAll("\\", "/")

const encoded = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/-e(?:nc|ncodedcommand|nco\w*|c)?\s+['"]?([A-Za-z0-9+/=]{8,})/gi)].map(([, value = ""]) =>
    Buffer.from(value, "base64").toString("utf16le"),
  )

export const judgePowerShell = (text: string, at: At, tools: Tools): void => {
  const { collector } = tools
  if (at.depth > deepest) return collector.exec([text.slice(0, 80)], at.cwd, {}, ["too-deep"])
  if (!collector.first(`powershell\0${at.cwd}\0${text}`) || collector.exhausted(1 + text.length / 256)) return
  collector.carries(text)
  for (const inside of encoded(text)) judgePowerShell(inside, inner(at), tools)
  const said = plainly(text, collector.scope.home)
  const found: Array<string> = []
  if (environment.test(said.replaceAll("/", ""))) found.push("environment")
  if (elevates.test(said)) found.push("privilege")
  if (credentials.test(said)) found.push("credential-tool")
  if (found.length > 0) collector.exec(["pwsh", text.slice(0, 200)], at.cwd, {}, found)
  if (secretVariable.test(said)) collector.secret("a variable of the environment")
  scanCode(said, at, tools)
  for (const statement of statements(said)) command(statement, at, tools)
  for (const [, a, b, c = ""] of said.matchAll(/>{1,2}\s*(?:"([^"]*)"|'([^']*)'|([^\s;|'"]+))/g)) {
    const target = a ?? b ?? c
    if (!/^&\d|^\$null$/i.test(target)) collector.path("write", target, at.cwd)
  }
}

/** Stretches between separators and brackets, as words without their quotes. */
const statements = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text
    .split(/[;|&\r\n{}()]/)
    .map((part) =>
      [...part.matchAll(/"([^"]*)"|'([^']*)'|([^\s"',]+)/g)]
        .map(([, a, b, c]) => a ?? b ?? c ?? "")
        .filter(Boolean),
    )
    .filter((list) => list.length > 0)
    .slice(0, 500)

const command = (statement: ReadonlyArray<string>, at: At, tools: Tools): void => {
  const { collector } = tools
  const [first = "", ...args] = statement
  const name = first
    .toLowerCase()
    .replace(/^[.&]+/, "")
    .replace(/^.*\//, "")
    .replace(/\.exe$/, "")
  const operands = args.filter((arg) => !arg.startsWith("-")).map(ofDrive)
  if (changesSystem.test(name)) collector.exec(statement, at.cwd, {}, ["system"])
  if (fetches.has(name)) for (const arg of operands) fetch(arg, at, tools)
  if (evaluates.has(name)) for (const arg of operands) judgePowerShell(arg, inner(at), tools)
  for (const arg of operands) {
    if (isOtherProvider(arg)) collector.exec(statement, at.cwd, {}, ["system"])
    else if (removes.has(name)) collector.path("delete", arg, at.cwd)
    else if (moves.has(name)) collector.path("delete", arg, at.cwd)
    else if (writes.has(name)) for (const path of pathsOf(arg)) collector.path("write", path, at.cwd)
    else if (reads.has(name)) collector.path("read", arg, at.cwd)
    else scanArgument(arg, false, at, tools)
  }
}

/** A path on a drive is none of a workspace's that has no drives. */
const ofDrive = (arg: string): string => (/^[a-z]:\//i.test(arg) ? `/${arg}` : arg)

/** Of what is written, a value is no path; one that looks like one is. */
const pathsOf = (arg: string): ReadonlyArray<string> => (/\s/.test(arg) ? [] : [arg])

/** The registry, certificates, other machines. */
const isOtherProvider = (arg: string): boolean => /^(?:hk(?:lm|cu|cr|u|cc)|cert|wsman|registry)::?/i.test(arg)

const fetch = (arg: string, at: At, { collector }: Tools): void => {
  if (/^[a-z][a-z0-9+.-]*:/i.test(arg)) collector.url(arg)
  else if (/^[\w-]+(?:\.[\w-]+)+|^localhost/i.test(arg)) collector.host(arg, "http")
  else collector.suspect(arg, at.cwd)
}
