/**
 * Ways to write the same command differently, or to hide it: each takes a command and says it in other words.
 * Invariant: none makes a command milder than it was, so no result of one may be allowed where the command was not.
 */
export type Mutation = (command: string, pick: (below: number) => number) => string

const firstWord = /^(\s*)(\S+)/
const onFirst = (command: string, change: (word: string) => string): string =>
  command.replace(firstWord, (_, blank: string, word: string) => blank + change(word))
type Change = (word: string) => string
type Pick = (below: number) => number
const onWord = (
  command: string,
  pick: Pick,
  fits: (word: string, before: string) => boolean,
  change: Change,
) => {
  const words = command.split(" ")
  const at = pick(words.length)
  const before = words.slice(0, at).join(" ")
  return words
    .map((word, index) => (index === at && word !== "" && fits(word, before) ? change(word) : word))
    .join(" ")
}
const onAny = (command: string, pick: Pick, change: Change): string =>
  onWord(command, pick, () => true, change)
/** Not where the word stands in quotes, has some, or is an operator: there the change would be one of meaning. */
const onBare = (command: string, pick: Pick, change: Change): string =>
  onWord(
    command,
    pick,
    (word, before) => !/[<>|&;()\n'"\\$`*?[{~]/.test(word) && !/['"]/.test(before),
    change,
  )
const cut = (word: string, pick: (below: number) => number): readonly [string, string] => {
  const at = 1 + pick(Math.max(1, word.length - 1))
  return [word.slice(0, at), word.slice(at)]
}
const one = <T>(list: ReadonlyArray<T>, pick: (below: number) => number): T => list[pick(list.length)]!
const octal = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")
const hex = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")
const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const wrappers = [
  "env",
  "nice",
  "nohup",
  "command",
  "builtin",
  "exec",
  "timeout 5",
  "time",
  "setsid",
  "stdbuf -oL",
  "env A=1",
  "env -i",
  "nice -n 5",
  "ionice -c 3",
  "busybox",
  "strace -f",
  "xargs",
  "watch",
  "doas",
  "sudo -n",
  "eval",
]
const shells = [
  "sh -c",
  "bash -c",
  "bash -lc",
  "zsh -c",
  "eval",
  "env -S",
  "su -c",
  "watch",
  "script -c",
  "dash -ec",
]
const harmless = ["ls", "true", "pwd", "echo ok", "git status", "cat README.md"]
const joints = [";", "&&", "||", "|", "&", "\n", " ;", " & ", "|&", "\r\n"]
const invisible = ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\u180e", "\u{e0020}", "\u034f"]
const blanks = ["\t", "\u00a0", "\u3000", "\u2003", "\u2028", "\u0085", "\v", "\f", "\r"]
const assignments = [
  "A=1",
  "LC_ALL=C",
  "PATH=.:$PATH",
  "LD_PRELOAD=./x.so",
  "IFS=,",
  "BASH_ENV=./x",
  "GIT_PAGER=x",
  "A[0]=1",
  "A+=1",
]
const lookAlikes: Readonly<Record<string, string>> = {
  a: "\u0430",
  c: "\u0441",
  e: "\u0435",
  o: "\u043e",
  p: "\u0440",
  l: "\u217c",
  s: "\uff53",
  r: "\uff52",
  i: "\u0456",
}

const simple = (command: string): boolean => !/['"\\$`<>|&;()\n]/.test(command)

/** `--` before the operands, where all that follows is operands anyway. */
const dashes: Mutation = (command) => {
  const words = command.split(" ")
  const flags = words.findLastIndex((word) => word.startsWith("-"))
  return simple(command) && flags <= 0 ? [words[0], "--", ...words.slice(1)].join(" ") : command
}
const reorder: Mutation = (command) => {
  const [program = "", ...rest] = command.split(" ")
  // before a subcommand an option means something else than behind it
  if (!simple(command) || /^(?:git|docker|podman|npm|pnpm|yarn|cargo|kubectl|gh) -/.test(command))
    return command
  const [flags, operands] = [rest.filter((w) => w.startsWith("-")), rest.filter((w) => !w.startsWith("-"))]
  return [program, ...operands, ...flags].join(" ")
}

export const mutations: Readonly<Record<string, Mutation>> = {
  wrap: (c, pick) => `${one(wrappers, pick)} ${c}`,
  shell: (c, pick) => `${one(shells, pick)} ${single(c)}`,
  quoteFirst: (c, pick) =>
    onFirst(c, (w) =>
      /['"\\$`<>|&;()*?[{~]/.test(w) ? w : one([`"${w}"`, `'${w}'`, `$'${w}'`, `$"${w}"`], pick),
    ),
  quoteAny: (c, pick) => onBare(c, pick, (w) => one([`"${w}"`, `'${w}'`, `$'${w}'`], pick)),
  splitQuote: (c, pick) =>
    onBare(c, pick, (w) => cut(w, pick).join(one(["''", '""', "\\\n", "$''", "$@", "${x}"], pick))),
  escape: (c, pick) => onBare(c, pick, (w) => cut(w, pick).join("\\")),
  brace: (c, pick) =>
    onBare(c, pick, (w) => one([`{${w},}`, `{${w},${w}}`, `${cut(w, pick).join("{,}")}`], pick)),
  bracesAll: (c) => `{${c.trim().split(/\s+/).join(",")}}`,
  ansi: (c, pick) => onBare(c, pick, (w) => `$'${one([octal, hex], pick)(w)}'`),
  after: (c, pick) => `${one(harmless, pick)}${one(joints, pick)}${c}`,
  before: (c, pick) => `${c}${one(joints, pick)}${one(harmless, pick)}`,
  assign: (c, pick) => `${one(assignments, pick)} ${c}`,
  path: (c, pick) => onFirst(c, (w) => one(["/bin/", "/usr/bin/", "./", "../bin/", "/", "bin/"], pick) + w),
  upper: (c, pick) => onBare(c, pick, (w) => (w.startsWith("-") ? w : w.toUpperCase())),
  title: (c) => onFirst(c, (w) => w.charAt(0).toUpperCase() + w.slice(1)),
  lookAlike: (c, pick) => onAny(c, pick, (w) => w.replace(/[aceoplsri]/, (x) => lookAlikes[x] ?? x)),
  invisible: (c, pick) => onAny(c, pick, (w) => cut(w, pick).join(one(invisible, pick))),
  invisibleEnd: (c, pick) => c + one(invisible, pick),
  blanks: (c, pick) => c.replace(" ", one(blanks, pick)),
  tabs: (c) => c.replaceAll(" ", "\t"),
  padding: (c, pick) => `${one(harmless, pick)}${one(["\t", " "], pick).repeat(300)}; ${c}`,
  carriage: (c, pick) => one([`${c}\r`, `ls\r${c}`, `\r${c}`], pick),
  comment: (c, pick) => one([`${c} # fine`, `# fine\n${c}`, `ls # fine\n${c}`, `: '#'; ${c}`], pick),
  substitute: (c, pick) =>
    one([`echo $(${c})`, `echo \`${c}\``, `cat <(${c})`, `echo "$(${c})"`, `cat <<X\n$(${c})\nX`], pick),
  group: (c, pick) =>
    one(
      [
        `(${c})`,
        `{ ${c}; }`,
        `! ${c}`,
        `if true; then ${c}; fi`,
        `for i in 1; do ${c}; done`,
        `while ${c}; do break; done`,
      ],
      pick,
    ),
  func: (c) => `f() { ${c}; }; f`,
  variable: (c, pick) =>
    one(
      [
        `x=${single(c)}; $x`,
        `x=${single(c)}; eval "$x"`,
        `x=${single(c.split(" ")[0]!)}; $x ${c.split(" ").slice(1).join(" ")}`,
      ],
      pick,
    ),
  ifs: (c) => c.replaceAll(" ", "${IFS}"),
  feed: (c, pick) =>
    one(
      [
        `echo ${single(c)} | sh`,
        `sh <<< ${single(c)}`,
        `bash <<'X'\n${c}\nX`,
        `printf %s ${single(c)} | bash -s`,
      ],
      pick,
    ),
  base64: (c) => `echo ${Buffer.from(c).toString("base64")} | base64 -d | sh`,
  dashes,
  abbreviate: (c) => c.replace(/--([a-z-]{4,})/g, (_, long: string) => `--${long.slice(0, -1)}`),
  joinValue: (c) => c.replace(/ (-[a-zA-Z]) (\S+)/, " $1$2"),
  splitValue: (c) => c.replace(/(--[a-z-]+)=(\S+)/, "$1 $2"),
  reorder,
  long: (c) => `echo ${"a".repeat(10_000)}; ${c}`,
  many: (c) => `${"true; ".repeat(60)}${c}`,
  nul: (c, pick) => one([`ls\0${c}`, `${c}\0`], pick),
  redirect: (c, pick) => `${c} ${one(["> out", "2>&1", "</dev/null", ">&2", "2> /dev/null", "<<< x"], pick)}`,
}
