/**
 * Random work on a repository, as the tools do it: command lines with everything a shell and git can do to files, the
 * file tools, the typed git operations. Arbitraries only; nothing here touches a disk.
 */
import * as fc from "fast-check"

/** One call, as somebody would ask for it. */
export type Call =
  | { readonly tool: "bash"; readonly lines: ReadonlyArray<string> }
  | { readonly tool: "write_file" | "edit_file" | "git"; readonly input: Readonly<Record<string, unknown>> }
export type Script = ReadonlyArray<Call>

/** A shell word for any bytes (latin1): what is not plain stands as an octal escape. */
const quoted = (bytes: string): string =>
  `$'${[...Buffer.from(bytes, "latin1")].map((byte) => (/[\w./ -]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`)).join("")}'`

export const notUtf8 = "dir/not\xff\xc3(utf8"
const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1")
const names = [
  "a.txt",
  "b.bin",
  "crlf.txt",
  "empty",
  "run.sh",
  "link",
  "ignored.log",
  "build/out.o",
  "dir/c",
  "dir/d",
  "dir/deep/e",
  "new/file's",
  utf8("ünï code"),
  "-dash",
  "*star",
  "untracked",
  notUtf8,
]
const folders = ["dir", "dir/deep", "build", "new", "other/folder"]
const branches = ["main", "topic", "other", "topic/sub", "fresh"]
const tags = ["v1", "v2"]

const name = fc.constantFrom(...names).map(quoted)
const anywhere = fc.constantFrom(...names, ...folders).map(quoted)
const folder = fc.constantFrom(...folders).map(quoted)
const branch = fc.constantFrom(...branches)
const tag = fc.constantFrom(...tags)
const content = fc.oneof(
  fc.constantFrom("", "text\n", "CR\r\nLF\r\n", "\x00\x01binary\xff", "one\ntwo\nthree\n"),
  fc.string({ maxLength: 30 }).map(utf8),
)
const word = fc.stringMatching(/^[a-z]{1,8}$/)

const on = <A>(arbitrary: fc.Arbitrary<A>, line: (value: A) => string): fc.Arbitrary<string> =>
  arbitrary.map(line)

/** Each line does what it can; one that cannot be done (a folder in the way, a conflict) is part of the story. */
const fileLine: fc.Arbitrary<string> = fc.oneof(
  on(
    fc.tuple(name, content),
    ([to, text]) => `mkdir -p -- "$(dirname -- ${to})"; printf %b ${printed(text)} > ${to}`,
  ),
  on(fc.tuple(name, content), ([to, text]) => `printf %b ${printed(text)} >> ${to}`),
  on(fc.tuple(name, fc.nat(20)), ([to, size]) => `truncate -s ${size} -- ${to}`),
  on(
    fc.tuple(anywhere, fc.constantFrom("600", "755", "444", "640", "u+s", "a-w", "700")),
    ([to, mode]) => `chmod ${mode} -- ${to}`,
  ),
  on(fc.tuple(anywhere, anywhere), ([from, to]) => `mv -f -- ${from} ${to}`),
  on(fc.tuple(anywhere, anywhere), ([from, to]) => `cp -a -- ${from} ${to}`),
  on(anywhere, (path) => `rm -rf -- ${path}`),
  on(folder, (path) => `mkdir -p -- ${path}`),
  on(folder, (path) => `rmdir -- ${path}`),
  on(
    fc.tuple(name, fc.constantFrom("a.txt", "../b.bin", "nowhere", "dir")),
    ([path, to]) => `ln -sfn -- ${to} ${path}`,
  ),
  on(fc.tuple(name, name), ([from, to]) => `ln -f -- ${from} ${to}`),
  on(
    fc.tuple(name, fc.nat(2_000_000_000), fc.nat(999_999_999)),
    ([path, seconds, ns]) => `touch -hc -d @${seconds}.${String(ns).padStart(9, "0")} -- ${path}`,
  ),
  on(name, (path) => `sed -i s/e/E/ -- ${path}`),
)
const printed = (bytes: string): string =>
  `'${[...Buffer.from(bytes, "latin1")].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("")}'`

const gitLine: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "git add -A",
    "git add -u",
    "git stash",
    "git stash -u",
    "git stash pop",
    "git stash pop --index",
    "git stash drop",
    "git reset",
    "git reset --hard",
    "git reset --hard HEAD~1",
    "git reset --soft HEAD~1",
    "git checkout -- .",
    "git checkout --detach",
    "git merge --abort",
    "git rebase --abort",
    "git cherry-pick --abort",
    "git revert --no-edit HEAD",
    "git pack-refs --all",
    "git gc -q",
    "git update-index --refresh",
    "git clean -fdq",
    "git symbolic-ref HEAD refs/heads/fresh",
    "git notes add -f -m note",
    "git reflog expire --expire=now --all",
    "git stash clear",
    "git update-ref -d HEAD",
    "git rm -rq --cached .",
    "git add -N untracked",
    "git status",
    "git update-index --assume-unchanged a.txt",
  ),
  on(name, (path) => `git add -f -- ${path}`),
  on(word, (text) => `git commit -qm ${text}`),
  on(word, (text) => `git commit -qam ${text}`),
  on(word, (text) => `git commit -q --amend -m ${text} --allow-empty`),
  on(branch, (to) => `git checkout -q ${to}`),
  on(branch, (to) => `git checkout -qf ${to}`),
  on(branch, (to) => `git checkout -qB ${to}`),
  on(branch, (to) => `git branch ${to}`),
  on(branch, (to) => `git branch -D ${to}`),
  on(fc.tuple(branch, branch), ([from, to]) => `git branch -m ${from} ${to}`),
  on(branch, (to) => `git merge -q --no-edit ${to}`),
  on(branch, (to) => `git merge -q --squash ${to}`),
  on(branch, (to) => `git rebase -q ${to}`),
  on(branch, (to) => `git cherry-pick ${to}`),
  on(tag, (to) => `git tag -f ${to}`),
  on(tag, (to) => `git tag -f -a -m note ${to}`),
  on(tag, (to) => `git tag -d ${to}`),
  on(anywhere, (path) => `git rm -rfq -- ${path}`),
  on(anywhere, (path) => `git rm -rfq --cached -- ${path}`),
  on(fc.tuple(name, name), ([from, to]) => `git mv -f -- ${from} ${to}`),
  on(name, (path) => `git restore --staged --worktree -- ${path}`),
)

const bash: fc.Arbitrary<Call> = fc
  .array(fc.oneof({ weight: 3, arbitrary: fileLine }, { weight: 2, arbitrary: gitLine }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((lines) => ({ tool: "bash", lines }))

const plainName = fc
  .constantFrom(...names.filter((one) => one !== notUtf8))
  .map((one) => Buffer.from(one, "latin1").toString("utf8"))
const operation: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(
  fc.record({ operation: fc.constant("stage"), paths: fc.constant(["."]) }),
  fc.record({ operation: fc.constant("unstage"), paths: fc.constant(["."]) }),
  fc.record({ operation: fc.constant("commit"), message: word }),
  fc.record({ operation: fc.constant("stash-push"), includeUntracked: fc.boolean() }),
  fc.record({ operation: fc.constant("stash-pop") }),
  fc.record({ operation: fc.constant("branch-switch"), name: branch }),
  fc.record({ operation: fc.constant("branch-create"), name: branch, switch: fc.boolean() }),
  fc.record({ operation: fc.constant("restore"), paths: fc.constant(["a.txt"]), staged: fc.boolean() }),
  fc.record({
    operation: fc.constantFrom(
      "merge-abort",
      "rebase-abort",
      "rebase-skip",
      "cherry-pick-abort",
      "revert-abort",
    ),
  }),
  fc.record({
    operation: fc.constant("merge-start"),
    name: branch,
    how: fc.constantFrom("no-ff", "squash", "ff-only"),
  }),
  fc.record({ operation: fc.constant("rebase-start"), upstream: branch }),
  fc.record({ operation: fc.constant("cherry-pick-start"), commits: fc.tuple(branch) }),
  fc.record({ operation: fc.constant("revert-start"), commits: fc.constantFrom(["HEAD"], ["HEAD~1"]) }),
  fc.record({ operation: fc.constant("branch-delete"), name: branch, unmerged: fc.boolean() }),
  fc.record({ operation: fc.constant("tag-create"), name: tag, message: word }),
  fc.record({ operation: fc.constant("tag-delete"), name: tag }),
  fc.record({ operation: fc.constant("stash-drop") }),
)
const typed: fc.Arbitrary<Call> = fc.oneof(
  fc
    .record({ path: plainName, content: fc.string({ maxLength: 30 }) })
    .map((input): Call => ({ tool: "write_file", input })),
  fc
    .record({ path: plainName, old_string: fc.constantFrom("e", "one\n"), new_string: word })
    .map((input): Call => ({ tool: "edit_file", input: { ...input, replace_all: true } })),
  operation.map((input): Call => ({ tool: "git", input })),
)

export const script: fc.Arbitrary<Script> = fc.array(
  fc.oneof({ weight: 3, arbitrary: bash }, { weight: 1, arbitrary: typed }),
  { minLength: 1, maxLength: 3 },
)

export const stepsOf = (all: Script): number =>
  all.reduce((sum, call) => sum + (call.tool === "bash" ? call.lines.length : 1), 0)

export const commandOf = (lines: ReadonlyArray<string>): string =>
  lines.map((line) => `{ ${line}\n} 2>/dev/null`).join("\n")
