/** What programs and their argument parsers propose, list or ask for first, in the forms of today. */
import { assert, describe, it } from "@effect/vitest"
import { failed } from "./given.ts"
import { correctsByName } from "./namedSlips.ts"

correctsByName({
  "the whole command spelled out": [
    [
      "npm run fromat -- --check",
      'npm error Missing script: "fromat"\nnpm error\nnpm error Did you mean this?\nnpm error   npm run format # run the "format" package script\n',
      "npm run format -- --check",
    ],
    [
      "gcloud storage bukcets list --limit 2",
      "ERROR: (gcloud.storage) Invalid choice: 'bukcets'.\nMaybe you meant:\n  gcloud storage buckets\n",
      "gcloud storage buckets list --limit 2",
    ],
    ["pnpm run pakc", 'Command "pakc" not found. Did you mean "pnpm run pack"?\n', "pnpm run pack"],
    [
      "sf data qurey",
      "Warning: data qurey is not a sf command.\nDid you mean data query? [y/n]: ",
      "sf data query",
    ],
    [
      "elm raector",
      "There is no raector command. Maybe you want one of these instead?\n\n    elm reactor\n",
      "elm reactor",
    ],
  ],
  "an option, with its dashes and its value": [
    [
      "tsc --strcit --watch",
      "error TS5025: Unknown compiler option '--strcit'. Did you mean 'strict'?\n",
      "tsc --strict --watch",
    ],
    ["mocha --gerp=a", "Error: Unknown argument: gerp\nDid you mean grep?\n", "mocha --grep=a"],
    [
      "old-clap --colro never",
      "error: Found argument '--colro' which wasn't expected, or isn't valid in this context\n\tDid you mean --color?\n",
      "old-clap --color never",
    ],
  ],
  "words of a parser": [
    [
      "uvx rfuf",
      "error: unrecognized subcommand 'rfuf'\n\n  tip: some similar subcommands exist: 'ruff', 'runs'\n",
      "uvx ruff",
    ],
    [
      "poetry pubish",
      "\nThe requested command pubish does not exist.\n\nDid you mean one of these perhaps?\n    publish\n    build\n",
      "poetry publish",
    ],
    [
      "php artisan rotue:list",
      '   ERROR  Command "rotue:list" is not defined. Did you mean one of these?\n\n  ⇂ route:list\n  ⇂ route:cache\n',
      "php artisan route:list",
    ],
    [
      "tool exprot a",
      "tool: error: argument cmd: invalid choice: 'exprot' (choose from import, export, i)\n",
      "tool export a",
    ],
    [
      "opam swtich x",
      "opam: unknown command `swtich', must be one of list, show, switch or update\n",
      "opam switch x",
    ],
    [
      "deno task strat",
      "Task not found: strat\nAvailable tasks:\n- start\n    deno run a.ts\n",
      "deno task start",
    ],
    [
      "wrangler depoly",
      "✘ [ERROR] Unknown argument: depoly\n\nwrangler\n\nCOMMANDS\n  wrangler init [name]\n  wrangler deploy [script]\n",
      "wrangler deploy",
    ],
    [
      "terraform state psuh x",
      "Usage: terraform [global options] state <subcommand> [options] [args]\n\nSubcommands:\n    pull    a\n    push    b\n",
      "terraform state push x",
    ],
    [
      "aws s3 presing s3://a/b",
      "usage: aws [options] <command>\naws: error: argument subcommand: Invalid choice, valid choices are:\n\nls      | website\npresign\n",
      "aws s3 presign s3://a/b",
    ],
    [
      "./gradlew :lib:pubilsh",
      "Cannot locate tasks that match ':lib:pubilsh' as task 'pubilsh' not found in project ':lib'. Some candidates are: 'publish'.\n",
      "./gradlew :lib:publish",
    ],
  ],
  "below a subcommand": [
    ["go mod verfiy", "go mod verfiy: unknown command\nRun 'go help mod' for usage.\n", "go mod verify"],
    [
      "docker volume isnpect v",
      "docker: unknown command: docker volume isnpect\n",
      "docker volume inspect v",
    ],
    [
      "docker network lss -q",
      "unknown shorthand flag: 'q' in -q\n\nUsage:  docker network\n\nRun 'docker network --help' for more information\n",
      "docker network ls -q",
    ],
    [
      "kubectl config use-contxt a",
      "error: unknown command \"use-contxt a\"\nSee 'kubectl config -h' for help and examples\n",
      "kubectl config use-context a",
    ],
    [
      "rustup toolchian install beta",
      "error: unrecognized subcommand 'install'\n",
      "rustup toolchain install beta",
    ],
    ["ip lnik show", 'Object "lnik" is unknown, try "ip help".\n', "ip link show"],
  ],
  "an option that is known to be": [
    ["curl --isnecure https://a", "curl: option --isnecure: is unknown\n", "curl --insecure https://a"],
    ["rsync --vrebose a b", "rsync: --vrebose: unknown option\n", "rsync --verbose a b"],
    ["git log --onleine -3", "fatal: unrecognized argument: --onleine\n", "git log --oneline -3"],
    [
      "python3 -m pytest --exitfrist",
      "__main__.py: error: unrecognized arguments: --exitfrist\n",
      "python3 -m pytest --exitfirst",
    ],
    [
      "git status --bracnh",
      "error: unknown option `bracnh'\nusage: git status [<options>]\n\n    -b, --[no-]branch     show branch information\n",
      "git status --branch",
    ],
  ],
  "an option with one dash": [
    ["git log -oneline", "fatal: unrecognized argument: -oneline\n", "git log --oneline"],
    ["find src -maxdetph 2", "find: unknown predicate `-maxdetph'\n", "find src -maxdepth 2"],
    [
      "git show a.txt --nmae-only",
      "fatal: option '--nmae-only' must come before non-option arguments\n",
      "git show a.txt --name-only",
    ],
  ],
  "a branch near to a revision": [
    [
      "git branch -d fxies",
      "error: branch 'fxies' not found.\n",
      "git branch -d fixes",
      { branches: ["main", "fixes"] },
    ],
    [
      "git show fixse",
      "fatal: ambiguous argument 'fixse': unknown revision or path not in the working tree.\n",
      "git show fixes",
      { branches: ["main", "fixes"] },
    ],
  ],
  "a program behind another": [
    [
      "nohup mkae all",
      "nohup: failed to run command 'mkae': No such file or directory\n",
      "nohup make all",
      { programs: ["make", "man"] },
    ],
    [
      "docker lgos -n 3 web",
      "unknown shorthand flag: 'n' in -n\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n",
      "docker logs -n 3 web",
    ],
  ],
  "what has to run first": [
    [
      "gh repo list",
      "To get started with GitHub CLI, please run:  gh auth login\n",
      "gh auth login && gh repo list",
    ],
    [
      "cd infra && tofu plan",
      "│ Error: Inconsistent dependency lock file\n│\n│ To make the initial dependency selections that will initialize the dependency lock file, run:\n│   tofu init\n",
      "cd infra && tofu init && tofu plan",
    ],
    [
      "netlify deploy",
      "Error: not logged in. Please run `netlify login` first.\n",
      "netlify login && netlify deploy",
    ],
    [
      "gcloud run services list",
      "Please run:\n\n  $ gcloud auth login\n\nto obtain new credentials.\n",
      "gcloud auth login && gcloud run services list",
    ],
  ],
  "paths and places": [
    [
      "pip install -r requirments.txt",
      "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirments.txt'\n",
      "pip install -r requirements.txt",
      { files: ["requirements.txt"] },
    ],
    [
      "git add src/ap.c",
      "fatal: pathspec 'src/ap.c' did not match any files\n",
      "git add src/app.c",
      { files: ["src/app.c"], dirs: ["src"] },
    ],
    [
      "git mv docs/gide.md a",
      "fatal: bad source, source=docs/gide.md, destination=a\n",
      "git mv docs/guide.md a",
      { files: ["docs/guide.md"], dirs: ["docs"] },
    ],
    [
      "cd 'my ntes'",
      "bash: cd: my ntes: No such file or directory\n",
      "cd 'my notes'",
      { dirs: ["my notes"] },
    ],
    [
      "bin/run x",
      "bash: bin/run: Permission denied\n",
      "chmod +x bin/run && bin/run x",
      { files: ["bin/run"] },
    ],
  ],
  "a hint of the shell": [
    [
      "jq .",
      "Command 'jq' not found, but can be installed with:\napt install jq\n",
      "sudo apt-get install jq && jq .",
      { programs: ["apt-get"] },
    ],
    [
      "tree",
      "The program tree is not installed. Install it by executing:\n pkg install tree\n",
      "pkg install tree && tree",
    ],
    [
      "htop",
      "Install it by typing:\n  zypper install htop\nhtop: command not found\n",
      "sudo zypper install htop && htop",
    ],
  ],
})

/** What stands in the output is about something else, or comes by the way. */
const silent: ReadonlyArray<readonly [command: string, output: string]> = [
  [
    "pip install nosuch",
    "ERROR: No matching distribution found\n[notice] To update, run: pip install --upgrade pip\n",
  ],
  ["npm test", "npm notice To update run: npm install -g npm@12\n"],
  ["aws s3 ls", 'Unable to locate credentials. You can configure credentials by running "aws login".\n'],
  ["poetry lock", "Unable to solve. If you want, run `poetry self update`.\n"],
  ["cat notes.md", "Please run `npm install` first.\n"],
  ["gh pr view", 'no pull requests found for branch "x"\nrun gh pr create --help for more information\n'],
  ["gh auth login", "Please run `gh auth login` again.\n"],
  [
    "git show nosuch",
    "fatal: ambiguous argument 'nosuch': unknown revision or path not in the working tree.\n",
  ],
  ["git checkout HEAD~99", "error: pathspec 'HEAD~99' did not match any file(s) known to git\n"],
  ["cd nowhere/..", "bash: cd: nowhere/..: No such file or directory\n"],
  ["php -s index.php", "<code>1</code>\n"],
  ["cd /root", "bash: cd: /root: Permission denied\n"],
  ["docker push a/b", "denied: the registry said no\n"],
  ["frobnicates --x", "bash: frobnicates: command not found\n"],
  ["npm run a b c", 'Did you mean to call "x"?\nunknown option `y\'\n'],
]

describe("what programs say", () => {
  for (const [command, output] of silent)
    it(`is not taken for a correction: ${command}`, () => {
      assert.deepStrictEqual(failed(command, 1, output, { programs: ["truncate", "ls"] }), [])
    })
})
