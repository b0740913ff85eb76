/** Outputs that speak of another program, of rights that root does not give, or of what comes next. */
import { assert, describe, it } from "@effect/vitest"
import { corrected, type World } from "./given.ts"

type Row = readonly [command: string, output: string, world?: World]

const lines = ([command, output, world]: Row): ReadonlyArray<string> =>
  corrected(command, { output }, world).map((each) => each.command)

const silent = (rows: ReadonlyArray<Row>): void => {
  for (const row of rows) assert.deepStrictEqual(lines(row), [], `${row[0]} / ${row[1]}`)
}

const gives = (
  rows: ReadonlyArray<readonly [...command: [string, string], meant: string, world?: World]>,
): void => {
  for (const [command, output, meant, world = {}] of rows)
    assert.include(lines([command, output, world]), meant, `${command} / ${output}`)
}

describe("what another program proposes", () => {
  it("is nothing for the words of this one", () =>
    silent([
      ["terraform pln", 'Error: unknown command "pln" for "helm"\n\nDid you mean this?\n\tpull\n'],
      ["git reb", "hg: unknown command 'reb'\n(did you mean one of rebase?)\n"],
      ["npm strat", "'strat' is not a task. See 'lein help'.\n\nDid you mean this?\n         start\n"],
      ["git instll x", 'ERROR: unknown command "instll" - maybe you meant "install"\n'],
      ["npm biuld", "error: no such command: `biuld`\n\n\tDid you mean `build`?\n"],
      ["ls biuld", "error: no such command: `biuld`\n\n\tDid you mean `build`?\n"],
      ["make biuld", "error: no such command: `biuld`\n\n\tDid you mean `build`?\n"],
      ["make deplyo", "Warning: Command(s) not found:\n    deplyo\n\nAvailable commands:\n\n    deploy\n"],
      ["packer pln", 'Terraform has no command named "pln". Did you mean "plan"?\n'],
    ]))

  it("is for the program itself, under any of its names", () =>
    gives([
      [
        "helm pul x",
        'Error: unknown command "pul" for "helm"\n\nDid you mean this?\n\tpull\n',
        "helm pull x",
      ],
      [
        "npm start -- biuld",
        "usage: shop <command>\nunknown command biuld, did you mean build?\n",
        "npm start -- build",
      ],
      ["tf pln", 'Terraform has no command named "pln". Did you mean "plan"?\n', "tf plan"],
      [
        "g comit",
        "git: 'comit' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tcommit\n",
        "g commit",
      ],
      ["hg reb", "hg: command 'reb' is ambiguous:\n    rebase recover\n", "hg rebase"],
      ["pip3 instal x", 'ERROR: unknown command "instal" - maybe you meant "install"\n', "pip3 install x"],
      [
        "k gte pods",
        'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n',
        "k get pods",
      ],
      [
        "docker imags",
        "Error: unrecognized command `podman imags`\n\nDid you mean this?\n\timages\n\nTry 'podman --help' for more information\n",
        "docker images",
      ],
      [
        "npx rollup biuld",
        "usage: rollup [options]\nunknown command biuld, did you mean build?\n",
        "npx rollup build",
      ],
    ]))
})

describe("rights that root does not give", () => {
  it("are those of a service's own users", () =>
    silent([
      [
        "aws s3 cp a s3://b/",
        "upload failed: ./a to s3://b/a An error occurred (AccessDenied) when calling the PutObject operation: Access Denied\n",
      ],
      ['psql -c "select 1 from t"', "ERROR:  permission denied for table t\n"],
      ["heroku logs -a x", " ›   Error: You do not have access to the app x.\n"],
      ["reports list", "error: permission denied for bucket x\n"],
      ["podman push x", 'Error: authenticating creds for "x": access denied\n'],
    ]))

  it("are those of the system's own services too", () =>
    gives([
      [
        "systemctl restart nginx",
        "Failed to restart nginx.service: Access denied\nSee system logs and 'systemctl status nginx.service' for details.\n",
        "sudo systemctl restart nginx",
      ],
    ]))

  it("are asked for by no text that a program only printed", () => {
    silent([
      ["cat build.log", "bash: ./x: Permission denied\n"],
      ["grep -rn denied docs", "docs/faq.md:3: permission denied\n"],
    ])
    gives([
      ["cat /etc/shadow", "cat: /etc/shadow: Permission denied\n", "sudo cat /etc/shadow"],
      ["echo a > /etc/b", "bash: /etc/b: Permission denied\n", 'sudo sh -c "echo a > /etc/b"'],
      [
        "gem install x",
        "ERROR:  While executing gem ... (Gem::FilePermissionError)\n    You don't have write permissions for the /var/lib/gems/3.0.0 directory.\n",
        "sudo gem install x",
      ],
    ])
  })

  it("are not a script's own, where the script ran and met another file", () => {
    const world: World = { files: ["run.sh", "tool.py"] }
    silent([
      ["./run.sh", "./run.sh: line 3: /etc/x: Permission denied\n", world],
      ["./run.sh", "./run.sh: 3: ./other.sh: Permission denied\n", world],
      [
        "./tool.py",
        "Traceback (most recent call last):\n  File \"./tool.py\", line 3, in <module>\nPermissionError: [Errno 13] Permission denied: '/etc/x'\n",
        world,
      ],
    ])
    for (const output of [
      "bash: ./run.sh: Permission denied\n",
      "zsh: permission denied: ./run.sh\n",
      "fish: Unknown command. './run.sh' exists but is not an executable file.\n",
    ])
      gives([["./run.sh", output, "chmod +x run.sh && ./run.sh", world]])
  })
})

it("what comes after a success does not come before the command", () =>
  silent([
    [
      "pulumi new x",
      "Your new project is ready to go!\n\nTo perform an initial deployment, run `pulumi up`\n",
    ],
    ["npm create vite@latest .", "Done. Now run:\n\n  npm install\n  npm run dev\n"],
    ["pod init", "Created Podfile. Run `pod install` when ready.\n"],
    ["npm install --help", 'Install a package\n\nRun "npm help install" for more info\n'],
  ]))

describe("a push that was refused", () => {
  const refused = (why: string, hint: string): string =>
    `To x\n ! [rejected]        v1 -> v1 (${why})\nerror: failed to push some refs to 'x'\nhint: Updates were rejected because ${hint}\n`

  it("for a tag that exists is mended by no pull", () =>
    silent([["git push --tags", refused("already exists", "the tag already exists in the remote.")]]))

  it("for what the remote has more is", () =>
    gives([
      [
        "git push",
        refused("fetch first", "the remote contains work that you do not\nhint: have locally."),
        "git pull && git push",
      ],
    ]))
})

it("a name that is usually slipped is none where the program did what it was told", () => {
  silent([
    ["java Main.java", "Hello\n"],
    ["whois www.example.com", "Domain Name: EXAMPLE.COM\nRegistrar: X\n"],
    ["open example.com", "LSOpenURLsWithRole() failed with error -10810\n"],
    ["php -s a.php:80", "<code>x</code>\n"],
  ])
  gives([
    ["java Main.java", "Error: Could not find or load main class Main.java\n", "java Main"],
    ["whois www.example.com", 'No match for "WWW.EXAMPLE.COM".\n', "whois example.com"],
    ["open example.com", "The file /x/example.com does not exist.\n", "open http://example.com"],
    ["php -s localhost:80", "Could not open input file: localhost:80\n", "php -S localhost:80"],
  ])
})

it("of several ways on none is taken", () =>
  silent([
    ["hg merge", "abort: nothing to merge\n(use 'hg update' or check 'hg heads')\n"],
    [
      "vagrant up",
      "An environment or machine is required.\nRun `vagrant init` to create a new environment. Or,\nget an ID of a machine from `vagrant global-status`.\n",
    ],
  ]))

it("another name for a branch makes none of that name", () =>
  silent([["git branch -m a b", "fatal: a branch named 'b' already exists\n"]]))

it("a limit of the shell itself is lifted by no other program", () =>
  silent([["ulimit -n 9999999", "bash: ulimit: open files: cannot modify limit: Operation not permitted\n"]]))

it("a conflict is not committed with its marks", () =>
  assert.notInclude(
    lines([
      "git commit --dry-run",
      "On branch main\nYou have unmerged paths.\n\nUnmerged paths:\n\tboth modified:   a.txt\n\nno changes added to commit\n",
    ]).join(),
    "-a",
  ))

it("a module that the line names is the user's own", () => {
  const missing = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'shapes'\n"
  silent([
    ["python3 -m unittest shapes.test_all", missing],
    ["uvicorn shapes:app", missing],
  ])
  gives([["python3 draw.py", missing, "pip install shapes && python3 draw.py"]])
})

it("a virtual environment has no place of the user's own", () => {
  gives([
    [
      "pip install --user x",
      "ERROR: Can not perform a '--user' install. User site-packages are not visible in this virtualenv.\n",
      "pip install x",
    ],
  ])
  silent([["pip install x", "WARNING: consider --user\nSuccessfully installed x-1.0\n"]])
})
