/** Commands that failed and that no correction shall speak of. */
import { assert, describe, it } from "@effect/vitest"
import { corrected, failed, type World } from "./given.ts"

/** Failures of every day that no other line would have avoided. */
const ordinary: ReadonlyArray<readonly [command: string, exit: number, output: string, world?: World]> = [
  ["npm test", 1, "FAIL src/a.test.ts\n  Expected: 1\n  Received: 2\n\nTests: 1 failed, 3 passed\n"],
  [
    "npx tsc -p .",
    2,
    "src/a.ts(3,5): error TS2551: Property 'lenght' does not exist on type 'string'. Did you mean 'length'?\n",
  ],
  ["npm run build", 1, "src/a.ts:3:5 - error TS2552: Cannot find name 'biuld'. Did you mean 'build'?\n"],
  [
    "cargo test",
    101,
    "error[E0425]: cannot find value `tost` in this scope\n  |\nhelp: a local variable with a similar name exists: `test1`\n",
  ],
  [
    "python test.py",
    1,
    "Traceback (most recent call last):\n  File \"test.py\", line 1, in <module>\nNameError: name 'pritn' is not defined. Did you mean: 'print'?\n",
  ],
  [
    "ruby app.rb",
    1,
    "app.rb:1:in `<main>': undefined method `frist' for [1]:Array (NoMethodError)\nDid you mean?  first\n",
  ],
  ["node build.js", 1, "ReferenceError: buidl is not defined\n    at build.js:1:1\n"],
  [
    'git commit -m "don\'t"',
    1,
    'On branch main\nUntracked files:\n  (use "git add <file>..." to include in what will be committed)\n\tx\n\nnothing added to commit but untracked files present (use "git add" to track)\n',
  ],
  [
    "git merge topic",
    1,
    "Auto-merging a\nCONFLICT (content): Merge conflict in a\nAutomatic merge failed; fix conflicts and then commit the result.\n",
  ],
  [
    "git clone https://github.com/a/b",
    128,
    "Cloning into 'b'...\nfatal: unable to access: Could not resolve host: github.com\n",
  ],
  [
    "git push",
    128,
    "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.\n",
  ],
  [
    "npm install",
    1,
    "npm error code ERESOLVE\nnpm error Fix the upstream dependency conflict, or retry this command with --force or --legacy-peer-deps\n",
  ],
  ["curl http://localhost:1", 7, "curl: (7) Failed to connect to localhost port 1\n"],
  [
    "make",
    2,
    "cc -o x x.c\nx.c:3:1: error: expected ';' before '}' token\nmake: *** [Makefile:2: x] Error 1\n",
  ],
  [
    "docker build .",
    1,
    'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1\n',
  ],
  [
    "terraform plan",
    1,
    'Error: Unsupported argument\n\n  on main.tf line 3:\n   3:   nmae = 1\n\nAn argument named "nmae" is not expected here. Did you mean "name"?\n',
  ],
  ["cat missing", 1, "cat: missing: No such file or directory\n", { files: ["README.md"] }],
  ["ls nowhere/at/all", 2, "ls: cannot access 'nowhere/at/all': No such file or directory\n"],
  ["git checkout nowhere-near", 1, "error: Your local branch is fine\n", { branches: ["main"] }],
  ["./run.sh", 3, "deploying...\nfailed\n"],
  ["zzqqxx", 127, "bash: zzqqxx: command not found\n", { programs: ["git", "ls"] }],
  ["docker ps", 0, ""],
]

describe("silence", () => {
  for (const [command, exit, output, world] of ordinary)
    it(command, () => {
      assert.deepStrictEqual(failed(command, exit, output, world), [])
    })

  it("without output, a failure is no sign of a slip by itself", () => {
    const world: World = {
      programs: ["git", "npm"],
      files: ["README.md", "src/a.ts"],
      dirs: ["src"],
      branches: ["main", "topic"],
      scripts: ["test", "build"],
      texts: { Makefile: "test:\n" },
    }
    for (const [command, exit] of [
      ["npm test", 1],
      ["npm run test", 1],
      ["git merge topic", 1],
      ["git checkout README.md", 1],
      ["git checkout main", 1],
      ["git commit -m x", 1],
      ["make test", 2],
      ["cargo build", 101],
      ["docker run x", 125],
      ["cat README.md", 1],
      ["cd src", 1],
      ["cp README.md src/", 1],
      ["mkdir src", 1],
      ["python src/a.ts", 1],
      ["git", 1],
      ["npm", 1],
    ] as const)
      assert.deepStrictEqual(failed(command, exit, undefined, world), [], command)
  })

  it("a hostile output brings no shell syntax, no hidden letters and no other program into a line", () => {
    const evil = [
      "x; rm -rf ~",
      "$(id)",
      "`id`",
      "a|sh",
      "a\u202eb",
      "a\nb",
      "-rf",
      "&&id",
      "'",
      "\u001b[31m",
      "!!",
    ]
    for (const word of evil)
      for (const output of [
        `git: 'comit' is not a git command.\n\nThe most similar command is\n\t${word}\n`,
        `Did you mean \`${word}\`?`,
        `error: did you mean \`--${word}\` (with two dashes)?`,
        `use "git ${word}" instead`,
        `error: pathspec 'comit' did not match any file(s) known to git\nDid you mean '${word}'`,
        `Command 'git' not found, did you mean:\n  command '${word}' from deb x\n`,
        `fatal: A branch named '${word}' already exists.`,
        `    git push --set-upstream ${word} ${word}\n`,
        `    git branch --set-upstream-to=origin/<branch> ${word}\n`,
        `No module named '${word}'`,
        `To resolve this issue, run:\n ${word}`,
        `brew cask install ${word}`,
        `sudo apt install ${word}`,
      ])
        for (const command of ["git comit x", "git pull", "git push", "git checkout comit", "brew install x"])
          for (const each of corrected(command, { output }, { files: ["comit"] })) {
            const rest = each.command.replaceAll("&&", "")
            // oxlint-disable-next-line no-control-regex
            assert.notMatch(rest, /[;|`$<>!\n\u001b\u202e]/u, `${command} / ${output}`)
            assert.notMatch(rest, /\brm\b|\bid\b|\bsh\b/, `${command} / ${output}`)
          }
  })
})
