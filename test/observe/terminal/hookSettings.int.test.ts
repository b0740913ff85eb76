/** The hooks under what people set in their shells: history control, strict options, other tools, load order. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { hookScript } from "../../../src/observe/terminal/hookScript.ts"
import { parseSpoolName, type Shell } from "../../../src/observe/terminal/spoolFormat.ts"
import { splitRecords } from "../../../src/observe/terminal/splitRecords.ts"
import { isInstalled, startShell } from "./interactiveShell.ts"
import { removeTree } from "../../removeTree.ts"

let root: string
let spoolDir: string
let home: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "claw-settings-"))
  spoolDir = join(root, "spool")
  home = join(root, "home")
  mkdirSync(spoolDir, { mode: 0o700 })
  mkdirSync(home)
})
afterEach(() => removeTree(root))

/** What all spools hold now: `command` where it succeeded, `command = exit` where not. */
const recorded = (): ReadonlyArray<string> =>
  readdirSync(spoolDir).flatMap((name) => {
    const spool = parseSpoolName(name)
    if (spool === null) return []
    const split = splitRecords(readFileSync(join(spoolDir, name)), spool.shell, false)
    return split.items.map((item) =>
      item.kind === "lost"
        ? `lost ${item.bytes}`
        : item.record.command + (item.record.exit === 0 ? "" : ` = ${item.record.exit}`),
    )
  })

interface Case {
  readonly shell: Shell
  readonly before?: string
  readonly after?: string
  readonly history?: string
}
const play = async (setup: Case, lines: ReadonlyArray<string>) => {
  if (setup.history !== undefined) writeFileSync(join(home, `history.${setup.shell}`), setup.history)
  const sh = await startShell({ home, spoolDir, ...setup })
  const output: Array<string> = []
  for (const line of lines) output.push(await sh.run(line))
  const commands = recorded()
  await sh.exit()
  return { commands, output }
}

describe.runIf(isInstalled("bash"))("bash history", () => {
  it("records a repetition that ignoredups leaves out, with its own exit", async () => {
    writeFileSync(join(root, "t"), "")
    const { commands } = await play({ shell: "bash", before: "HISTCONTROL=ignoredups" }, [
      `test ! -e ${root}/t`,
      `test ! -e ${root}/t`,
      `rm ${root}/t`,
      `test ! -e ${root}/t`,
      `test ! -e ${root}/t`,
      "true | true",
      "true | false",
      "true | false",
      "(exit 3)",
      "(exit 3)",
      "",
    ])
    expect(commands).toEqual([
      `test ! -e ${root}/t = 1`,
      `test ! -e ${root}/t = 1`,
      `rm ${root}/t`,
      `test ! -e ${root}/t`,
      `test ! -e ${root}/t`,
      "true | true",
      "true | false = 1",
      "true | false = 1",
      "(exit 3) = 3",
      "(exit 3) = 3",
    ])
  })
  it("under ignoreboth tells a repetition from a hidden command", async () => {
    const { commands } = await play({ shell: "bash", before: "HISTCONTROL=ignoreboth" }, [
      "ls one",
      " echo secret-a",
      " echo secret | cat",
      " (echo secret-b)",
      "ls one",
      " TOKEN=secret",
      "",
      "ls one",
      "true && ls two | cat",
      " true && cat /dev/null",
      "true && ls two | cat",
      "echo two",
    ])
    expect(commands).toEqual([
      "ls one = 2",
      "ls one = 2",
      "ls one = 2",
      "true && ls two | cat",
      "true && ls two | cat",
      "echo two",
    ])
  })
  it("under ignoreboth claims no repetition where nothing tells one", async () => {
    const lines = ["X=5", " TOKEN=secret", "ls one | cat", " echo secret | head", "echo one", " [[ a ]]"]
    const { commands } = await play({ shell: "bash", before: "HISTCONTROL=ignoreboth" }, lines)
    expect(commands).toEqual(["X=5", "ls one | cat", "echo one"])
  })
  it("under ignoreboth claims no repetition of another shell's line", async () => {
    const other = join(root, "history")
    writeFileSync(other, "")
    const before = `HISTFILE=${other} HISTCONTROL=ignoreboth PROMPT_COMMAND='history -n'`
    const { commands } = await play({ shell: "bash", before }, [
      "echo one",
      ` echo "make from-another-shell" >> ${other}`,
      " echo from-another-shell",
    ])
    expect(commands).toEqual(["echo one"])
  })
  it("records the first command of a shell when it repeats the history file's last", async () => {
    const setup = {
      shell: "bash",
      before: "HISTCONTROL=ignoreboth",
      history: "ls -l /\necho again\n",
    } as const
    expect((await play(setup, ["echo again", " echo secret"])).commands).toEqual(["echo again"])
  })
  it("never records what HISTIGNORE, ignorespace or a stopped history leave out", async () => {
    const { commands } = await play(
      { shell: "bash", before: "HISTCONTROL=ignorespace HISTIGNORE='pass *:ls'" },
      ["echo one", "pass show x", "ls", " echo x", "set +o history", "echo off", "set -o history", "echo on"],
    )
    expect(commands).toEqual(["echo one", "echo on"])
  })
  it("skips a leading space even where the history keeps it, and leaves it nowhere", async () => {
    const sh = await startShell({ shell: "bash", home, spoolDir, before: "HISTCONTROL=" })
    await sh.run("echo one")
    await sh.run(" echo top-secret")
    for (const name of readdirSync(spoolDir))
      expect(readFileSync(join(spoolDir, name), "latin1")).not.toContain("top-secret")
    await sh.run("echo two")
    expect(recorded()).toEqual(["echo one", "echo two"])
    await sh.exit()
  })
  it("works with erasedups, a tiny history, time stamps and a shared history", async () => {
    const before = `HISTCONTROL=erasedups:ignorespace HISTSIZE=3 HISTTIMEFORMAT='%F %T '
      PROMPT_COMMAND='history -a; history -c; history -r'`
    const lines = ["echo a", "echo b", "echo c", "echo a", " echo x", "echo d", "echo e"]
    const { commands } = await play({ shell: "bash", before }, lines)
    expect(commands).toEqual(lines.filter((line) => !line.startsWith(" ")))
  })
  it("does not take another shell's line for the one that ran", async () => {
    const other = join(root, "history")
    writeFileSync(other, "")
    const before = `HISTFILE=${other} HISTCONTROL=ignorespace PROMPT_COMMAND='history -n'`
    const { commands } = await play({ shell: "bash", before }, [
      "echo one",
      ` echo "echo from another shell" >> ${other}`,
      " true",
      "echo two",
    ])
    expect(commands).toEqual(["echo one", "echo two"])
  })
  it("reports nothing where the command itself changed the history", async () => {
    const { commands } = await play({ shell: "bash" }, [
      "echo one",
      "history -d -2",
      "history -c",
      "echo two",
    ])
    expect(commands).toEqual(["echo one", "echo two"])
  })
})

describe.runIf(isInstalled("bash"))("bash settings", () => {
  it("lives with nounset, noclobber, errexit and an ERR trap, and wakes neither", async () => {
    const before = `set -u -o noclobber; trap 'echo err-trap' ERR`
    const { commands, output } = await play({ shell: "bash", before }, [
      "true",
      "false",
      "(exit 3)",
      "trap - ERR",
      "set -e",
      "! true",
      "echo alive",
    ])
    expect(commands).toEqual([
      "true",
      "false = 1",
      "(exit 3) = 3",
      "trap - ERR",
      "set -e",
      "! true = 1",
      "echo alive",
    ])
    expect(output.map((text) => text.split("err-trap").length - 1).slice(1, 3)).toEqual([1, 1])
    expect(output.at(-1)).toContain("alive")
    expect(output.join("")).not.toContain("unbound")
  })
  it.each([
    ["unset", "unset PROMPT_COMMAND", "nothing"],
    ["a string", "PROMPT_COMMAND='echo pc >> $HOME/pc'", "pc"],
    ["a string with a semicolon", "PROMPT_COMMAND='echo pc >> $HOME/pc;'", "pc"],
    ["an array", "PROMPT_COMMAND=('echo pc >> $HOME/pc' 'echo two >> $HOME/pc')", "pc\ntwo"],
  ])("keeps a PROMPT_COMMAND that is %s", async (_what, before, expected) => {
    writeFileSync(join(home, "pc"), "")
    const { commands } = await play({ shell: "bash", before }, ["echo one", "cat pc"])
    expect(commands).toEqual(["echo one", "cat pc"])
    if (expected !== "nothing")
      expect(readFileSync(join(home, "pc"), "utf8").startsWith(`${expected}\n${expected}\n`)).toBe(true)
  })
  it("keeps the user's PS0, also one set later, and is not installed twice", async () => {
    const twice = {
      shell: "bash",
      before: "PS0='[zero]'",
      after: `. ${"$HOME"}/hook; PS0='[later]'`,
    } as const
    writeFileSync(join(home, "hook"), hookScript("bash", { spoolDir }))
    const { commands, output } = await play(twice, ["echo one", "echo two"])
    expect(commands).toEqual(["echo one", "echo two"])
    expect(output[1]).toContain("[later]two")
  })
  it("passes $_ on", async () => {
    const { output } = await play({ shell: "bash" }, ["echo first last", "echo =$_="])
    expect(output[1]).toContain("=last=")
  })
  it("leaves a fixed PROMPT_COMMAND alone, and its shell usable", async () => {
    const { commands, output } = await play({ shell: "bash", before: "readonly PROMPT_COMMAND=:" }, [
      "echo one",
    ])
    expect(commands).toEqual([])
    expect(output[0]).toContain("one")
  })
  it("registers with a line editor that replaces readline", async () => {
    // What the hook needs of such an editor: a function `blehook`, and both hooks called around a command.
    const before = `BLE_VERSION=0.4
      blehook() { local a; for a; do case $a in (PREEXEC+=*) pre=\${a#*=};; (PRECMD+=*) cmd=\${a#*=};; esac; done; }
      around() { $pre "$1"; local s=$2; (exit $s); $cmd; echo "status $?"; }`
    const { commands, output } = await play({ shell: "bash", before }, [
      "around 'make all' 2",
      "around ' make secret' 0",
      "HISTIGNORE='pass *'",
      "around 'pass show' 0",
    ])
    expect(commands).toEqual(["make all = 2"])
    expect(output[0]).toContain("status 2")
  })
})

describe.runIf(isInstalled("zsh"))("zsh settings", () => {
  it("never records what is hidden: leading space, such an alias, HISTORY_IGNORE", async () => {
    const before = `setopt hist_ignore_space; alias quiet=' echo'; HISTORY_IGNORE='(pass *|ls)'`
    const { commands } = await play({ shell: "zsh", before }, [
      "echo one",
      " echo x",
      "quiet x",
      "pass show x",
      "ls",
      "echo two",
    ])
    expect(commands).toEqual(["echo one", "echo two"])
  })
  it.each([
    ["emulate sh", "emulate sh"],
    ["emulate ksh", "emulate ksh"],
    ["strict options", "setopt no_unset no_clobber warn_create_global ksh_arrays sh_word_split err_return"],
    ["odd options", "setopt extended_glob null_glob glob_subst rc_expand_param ignore_braces no_multibyte"],
  ])("works under %s", async (_what, before) => {
    const { commands, output } = await play({ shell: "zsh", before }, [
      "echo one two",
      "false",
      "echo 'a  b'",
    ])
    expect(commands).toEqual(["echo one two", "false = 1", "echo 'a  b'"])
    expect(output.join("")).not.toMatch(/claw|parameter not set|not found/)
  })
  it("takes command lines that look like patterns and subscripts", async () => {
    const lines = [
      "(exit 4)",
      "[[ a = b ]]",
      "echo ']' '[' '*'",
      "a[1]=2",
      "$UNSET",
      "{ true; }",
      "() { true }",
      "# note",
    ]
    const { commands, output } = await play({ shell: "zsh", before: "setopt interactive_comments" }, lines)
    expect(commands.map((one) => one.replace(/ = \d+$/, ""))).toEqual(
      lines.filter((line) => line !== "# note"),
    )
    expect(output.join("")).not.toMatch(/bad (flag|pattern|sub)/)
  })
  it("ignores the user's aliases and functions", async () => {
    const before = `printf() { echo broken }
      alias local='echo broken' printf='echo broken' return='echo broken'; alias -g s='broken'`
    const { commands, output } = await play({ shell: "zsh", before }, ["echo one"])
    expect(commands).toEqual(["echo one"])
    expect(output.join("")).not.toContain("broken")
  })
  it("stays quiet under xtrace, and is not installed twice", async () => {
    writeFileSync(join(home, "hook"), hookScript("zsh", { spoolDir }))
    const { commands, output } = await play({ shell: "zsh", after: ". $HOME/hook" }, ["set -x", "echo one"])
    expect(commands).toEqual(["set -x", "echo one"])
    expect(output.join("")).not.toMatch(/__claw_\w+:/)
  })
})

describe.runIf(isInstalled("fish"))("fish settings", () => {
  it("is silent in private mode and for what the user keeps out of the history", async () => {
    const before = "function fish_should_add_to_history; string match -qv 'pass *' -- $argv[1]; end"
    const { commands } = await play({ shell: "fish", before }, [
      "echo one",
      "pass show x",
      "set -g fish_private_mode 1",
      "echo private",
      "set -e fish_private_mode",
      "echo two",
    ])
    expect(commands.filter((one) => one.startsWith("echo"))).toEqual(["echo one", "echo two"])
    expect(commands.join()).not.toMatch(/pass|private$/)
  })
  it("tells the time a command ended, not that of the one before", async () => {
    const { commands } = await play({ shell: "fish" }, ["echo one", "sleep 1.1", "echo two"])
    expect(commands).toEqual(["echo one", "sleep 1.1", "echo two"])
    const text = readdirSync(spoolDir)
      .map((name) => readFileSync(join(spoolDir, name), "utf8"))
      .join("")
    const ended = [...text.matchAll(/c\x1f(\d+)/g)].map((found) => Number(found[1]))
    expect(ended[1]! - ended[0]!).toBeGreaterThanOrEqual(1)
  })
})
