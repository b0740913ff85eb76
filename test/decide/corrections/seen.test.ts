/** Corrections from what was printed. */
import { assert, describe, it } from "@effect/vitest"
import { corrected, failed, type World } from "./given.ts"

type Case = readonly [command: string, exit: number, output: string, first: string, world?: World]

const told: Readonly<Record<string, ReadonlyArray<Case>>> = {
  "what programs propose themselves": [
    [
      "git comit -m 'a b'",
      1,
      "git: 'comit' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tcommit\n",
      "git commit -m 'a b'",
    ],
    [
      "cargo biuld --release",
      101,
      "error: no such command: `biuld`\n\nhelp: a command with a similar name exists: `build`\n",
      "cargo build --release",
    ],
    [
      "deno rnu x.ts",
      1,
      "error: unrecognized subcommand 'rnu'\n\n  tip: a similar subcommand exists: 'run'\n",
      "deno run x.ts",
    ],
    [
      "uv synk",
      2,
      "error: unrecognized subcommand 'synk'\n\n  tip: a similar subcommand exists: 'sync'\n",
      "uv sync",
    ],
    [
      "rg --hiden x",
      2,
      "rg: unrecognized flag --hiden, similar flags that are available: --hidden\nerror: unexpected argument '--hiden' found\n\n  tip: a similar argument exists: '--hidden'\n",
      "rg --hidden x",
    ],
    [
      "kubectl gte pods",
      1,
      'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tset\n\tget\n',
      "kubectl get pods",
    ],
    ["gh isue list", 1, 'unknown command "isue" for "gh"\n\nDid you mean this?\n\tissue\n', "gh issue list"],
    ["terraform plna", 1, 'Terraform has no command named "plna". Did you mean "plan"?\n', "terraform plan"],
    [
      "poetry instal",
      1,
      'The command "instal" does not exist.\n\nDid you mean this?\n    install\n',
      "poetry install",
    ],
    [
      "npm ts",
      1,
      'Unknown command: "ts"\n\nDid you mean one of these?\n    npm test # Test a package\n    npm set # Set a value\n',
      "npm test",
    ],
    ["ls --al", 2, "ls: option '--al' is ambiguous; possibilities: '--all' '--almost-all'\n", "ls --all"],
    [
      "gti log",
      127,
      "Command 'gti' not found, did you mean:\n\n  command 'git' from deb git (1:2.43)\n  command 'gtk' from deb gtk (1)\n\nTry: sudo apt install <deb name>\n",
      "git log",
    ],
    [
      "conda lst",
      2,
      "\nCommandNotFoundError: No command 'conda lst'.\nDid you mean 'conda list'?\n",
      "conda list",
    ],
    [
      "rake tset",
      1,
      "rake aborted!\nDon't know how to build task 'tset' (See the list of available tasks with `rake --tasks`)\nDid you mean?  test\n",
      "rake test",
    ],
  ],
  "lists of a program's own": [
    ["docker pss -a", 1, "docker: 'pss' is not a docker command.\nSee 'docker --help'\n", "docker ps -a"],
    [
      "dnf uninstall vim",
      1,
      "No such command: uninstall. Please use /usr/bin/dnf --help\n",
      "dnf remove vim",
    ],
    ["go bulid ./...", 2, "go bulid: unknown command\nRun 'go help' for usage.\n", "go build ./..."],
    [
      "mvn clena",
      1,
      '[ERROR] Unknown lifecycle phase "clena". You must specify a valid lifecycle phase or a goal. Available lifecycle phases are: pre-clean, clean, post-clean, validate, compile, test. -> [Help 1]\n',
      "mvn clean",
    ],
    [
      "git remote ad o x",
      129,
      "error: unknown subcommand: `ad'\nusage: git remote [-v | --verbose]\n   or: git remote add [-t <branch>] <name> <url>\n   or: git remote rename <old> <new>\n",
      "git remote add o x",
    ],
    [
      "git log --onelin",
      128,
      "error: unknown option `onelin'\nusage: git log [<options>]\n    --oneline             short\n    --graph  x\n",
      "git log --oneline",
    ],
    [
      "gulp srve",
      1,
      "[10:00:00] Task 'srve' is not in your gulpfile\n",
      "gulp serve",
      { texts: { "gulpfile.js": 'gulp.task("serve", x)\nexports.build = y' } },
    ],
    [
      "make tset",
      2,
      "make: *** No rule to make target 'tset'.  Stop.\n",
      "make test",
      { texts: { Makefile: "CC := gcc\ntest: a b\n\tgo\n" } },
    ],
    [
      "npm run biuld",
      1,
      'npm error Missing script: "biuld"\n',
      "npm run build",
      { scripts: ["build", "test"] },
    ],
  ],
  git: [
    [
      "git checkout mian",
      1,
      "error: pathspec 'mian' did not match any file(s) known to git\n",
      "git checkout main",
      { branches: ["dev", "main"] },
    ],
    [
      "git checkout master",
      1,
      "error: pathspec 'master' did not match any file(s) known to git\n",
      "git checkout main",
      { branches: ["main", "mister"] },
    ],
    [
      "git commit -m x new.txt",
      1,
      "error: pathspec 'new.txt' did not match any file(s) known to git\n",
      "git add -- new.txt && git commit -m x new.txt",
      { files: ["new.txt"] },
    ],
    ["git add -patch", 129, "error: did you mean `--patch` (with two dashes)?\n", "git add --patch"],
    [
      "git commit -m x",
      1,
      'On branch main\nChanges not staged for commit:\n\nno changes added to commit (use "git add" and/or "git commit -a")\n',
      "git commit -a -m x",
    ],
    [
      "git rebase main",
      128,
      "error: cannot rebase: You have unstaged changes.\nerror: Please commit or stash them.\n",
      "git stash && git rebase main",
    ],
    [
      "git pull",
      1,
      "There is no tracking information for the current branch.\n\n    git branch --set-upstream-to=origin/<branch> topic\n",
      "git branch --set-upstream-to=origin/topic topic && git pull",
    ],
    [
      "git rm a",
      1,
      "error: the following file has local modifications:\n    a\n(use --cached to keep the file, or -f to force removal)\n",
      "git rm --cached a",
    ],
    ["git remote set-url fork u", 2, "error: No such remote 'fork'\n", "git remote add fork u"],
    [
      "git log README.md -p",
      128,
      "fatal: option '-p' must come before non-option arguments\n",
      "git log -p README.md",
    ],
  ],
  files: [
    [
      "mkdir a/b/c",
      1,
      "mkdir: cannot create directory 'a/b/c': No such file or directory\n",
      "mkdir -p a/b/c",
    ],
    ["cp -v src out", 1, "cp: -r not specified; omitting directory 'src'\n", "cp -a -v src out"],
    [
      "mv a b/c",
      1,
      "mv: cannot move 'a' to 'b/c': No such file or directory\n",
      "mkdir -p b && mv a b/c",
      { files: ["a"] },
    ],
    [
      "cd srv/apii",
      1,
      "bash: cd: srv/apii: No such file or directory\n",
      "cd srv/api",
      { dirs: ["srv", "srv/api"] },
    ],
    [
      "cat REAMDE.md",
      1,
      "cat: REAMDE.md: No such file or directory\n",
      "cat README.md",
      { files: ["README.md"] },
    ],
    [
      "ln -s link file",
      1,
      "ln: failed to create symbolic link 'file': File exists\n",
      "ln -s file link",
      { files: ["file"] },
    ],
    ["grep -n x .", 2, "grep: .: Is a directory\n", "grep -r -n x ."],
    ["sed 's/a/b' f", 1, "sed: -e expression #1, char 5: unterminated `s' command\n", "sed 's/a/b/' f"],
    ["main --help", 127, "bash: main: command not found\n", "./main --help", { files: ["main"] }],
  ],
  "packages and tools": [
    [
      "pip install x",
      1,
      "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/usr/lib'\nConsider using the `--user` option or check the permissions.\n",
      "pip install --user x",
    ],
    [
      "yarn install x",
      1,
      'error `install` has been replaced with `add` to add new dependencies. Run "yarn add x" instead.\n',
      "yarn add x",
    ],
    [
      "terraform apply",
      1,
      'Error: Module not installed\n\nThis module is not yet installed. Run "terraform init" to install all modules.\n',
      "terraform init && terraform apply",
    ],
    ["gitbranch", 127, "zsh: command not found: gitbranch\n", "git branch", { programs: ["git"] }],
    ["λσ -λα", 127, "zsh: command not found: λσ\n", "ls -la"],
    ["$ make x", 127, "bash: $: command not found\n", "make x"],
    [
      "https://github.com/a/b.git",
      127,
      "bash: https://github.com/a/b.git: No such file or directory\n",
      "git clone https://github.com/a/b.git",
    ],
  ],
}

describe("corrections from what was printed", () => {
  for (const [name, cases] of Object.entries(told))
    describe(name, () => {
      for (const [command, exit, output, first, world] of cases)
        it(`${command} -> ${first}`, () => {
          assert.strictEqual(failed(command, exit, output, world)[0], first)
        })
    })

  it("keeps what it does not correct byte for byte", () => {
    const output =
      "git: 'comit' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tcommit\n"
    assert.strictEqual(
      failed(`A=1  git   comit -m "x  $(date)" 2>&1 | tee 'a b'`, 1, output)[0],
      `A=1  git   commit -m "x  $(date)" 2>&1 | tee 'a b'`,
    )
  })

  it("knows what answers a command that did not fail, and never offers it", () => {
    const unpacked = corrected("tar xzf 'a b.tar.gz'", { output: "" })
    assert.strictEqual(unpacked[0]?.command, "mkdir -p 'a b' && tar xzf 'a b.tar.gz' -C 'a b'")
    assert.deepStrictEqual(failed("tar xzf 'a b.tar.gz'", 2, ""), [])
    assert.deepStrictEqual(failed("ls src", 2, ""), [])
  })

  it("opens the place that was named, where the editor is known", () => {
    const editor = { command: "vim", line: "{editor} +{line} {file}", column: null }
    const output =
      'Traceback:\n  File "/usr/lib/python3/re.py", line 3, in x\n  File "app.py", line 12, in y\n'
    const world = { files: ["app.py"] }
    assert.strictEqual(
      corrected("python app.py", { output, editor }, world)[0]?.command,
      "vim +12 app.py && python app.py",
    )
    assert.deepStrictEqual(corrected("python app.py", { output }, world), [])
  })
})
