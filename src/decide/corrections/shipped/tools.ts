/** Single tools, each from what it prints itself: corrections written as data. */
import type { CorrectionData } from "../../../config/correctionRules.ts"

export const toolRules: ReadonlyArray<CorrectionData> = [
  {
    name: "docker-compose-verb",
    program: "docker",
    typed: "compose ...",
    says: ['unknown docker command: "compose {verb}"', 'unknown command "{verb}" for "docker compose"'],
    near: {
      word: "{verb}",
      among:
        `attach build config cp create down events exec images kill logs ls pause port ps pull push restart rm run
        scale start stats stop top unpause up version wait watch`.split(/\s+/),
      cutoff: 0.4,
    },
    answer: { replace: "{verb}", with: "{near}" },
    match: [
      {
        command: "docker compose -f a.yml lgos web",
        output: 'unknown docker command: "compose lgos"',
        gives: "docker compose -f a.yml logs web",
      },
    ],
    no_match: [{ command: "docker compose up", output: "no configuration file provided: not found" }],
  },
  {
    name: "docker-login",
    program: "docker",
    typed: ["push ...", "pull ..."],
    says: [
      "may require 'docker login'",
      "access to the requested resource is not authorized",
      "access to the requested resource is denied",
      "denied: requested access",
      "push access denied",
      "no basic auth credentials",
      "authentication required",
      "unauthorized",
    ],
    answer: "docker login && {line}",
    match: [
      {
        command: "docker push me/app",
        output: "denied: requested access to the resource is denied",
        gives: "docker login && docker push me/app",
      },
    ],
    no_match: [{ command: "docker build .", output: "denied: requested access to the resource is denied" }],
  },
  {
    name: "vagrant-up-machine",
    program: "vagrant",
    typed: "{verb} {machine}",
    says: "run `vagrant up`",
    answer: ["vagrant up {machine} && {line}", "vagrant up && {line}"],
    match: [
      {
        command: "vagrant ssh db",
        output: "VM must be running to open SSH connection. Run `vagrant up`\nto start the virtual machine.",
        gives: "vagrant up db && vagrant ssh db",
      },
    ],
    no_match: [{ command: "vagrant up db", output: "==> db: Machine booted and ready!" }],
  },
  {
    name: "vagrant-up",
    program: "vagrant",
    says: "run `vagrant up`",
    answer: "vagrant up && {line}",
    match: [
      {
        command: "vagrant rdp",
        output: "VM must be created before running this command. Run `vagrant up` first.",
        gives: "vagrant up && vagrant rdp",
      },
    ],
  },
  {
    name: "yarn-help-page",
    program: "yarn",
    typed: "help {topic}",
    says: "Visit {address} for documentation about this command",
    when: { program: "xdg-open" },
    answer: ["xdg-open {address}", "open {address}"],
    offer: false,
    match: [
      {
        command: "yarn help add",
        output: "Visit https://yarnpkg.com/en/docs/cli/add for documentation about this command.",
        programs: "xdg-open",
        gives: "xdg-open https://yarnpkg.com/en/docs/cli/add",
      },
    ],
  },
  {
    name: "yarn-help-page-here",
    program: "yarn",
    typed: "help {topic}",
    says: "Visit {address} for documentation about this command",
    answer: ["open {address}", "xdg-open {address}"],
    offer: false,
    match: [
      {
        command: "yarn help add",
        output: "Visit https://yarnpkg.com/en/docs/cli/add for documentation about this command.",
        gives: "open https://yarnpkg.com/en/docs/cli/add",
      },
    ],
  },
  {
    name: "nix-shell",
    exit: 127,
    says: "ephemeral shell by typing one of the following:\n  nix-shell -p {package}\n",
    answer: "nix-shell -p {package}",
    match: [
      {
        command: "jq .",
        exit: 127,
        output:
          "The program 'jq' is not in your PATH. It is provided by several packages.\nYou can make it available in an ephemeral shell by typing one of the following:\n  nix-shell -p jq\n",
        gives: "nix-shell -p jq",
      },
    ],
  },
  {
    name: "pkgfile-package",
    exit: 127,
    says: "{name} may be found in the following packages:\n {package} ",
    answer: "sudo pacman -S {package} && {line}",
    match: [
      {
        command: "strace ls",
        exit: 127,
        output: "strace may be found in the following packages:\n  extra/strace 6.6-1\t/usr/bin/strace\n",
        gives: "sudo pacman -S extra/strace && strace ls",
      },
    ],
  },
  {
    name: "django-ghost-migrations",
    program: ["manage.py", "python", "python2", "python3"],
    typed: ["migrate ...", "manage.py|./manage.py migrate ..."],
    says: "or pass --delete-ghost-migrations",
    answer: { add: "--delete-ghost-migrations", at_end: true },
    match: [
      {
        command: "./manage.py migrate",
        output:
          " ! I'm not trusting myself; either fix this yourself by fiddling\n ! with the south_migrationhistory table, or pass --delete-ghost-migrations\n ! to South to have it delete ALL of these records.",
        gives: "./manage.py migrate --delete-ghost-migrations",
      },
    ],
    no_match: [
      { command: "./manage.py migrate", output: "No migrations to apply." },
      { command: "tool migrate", output: "or pass --delete-ghost-migrations" },
    ],
  },
  {
    name: "django-merge-migrations",
    program: ["manage.py", "python", "python2", "python3"],
    typed: ["migrate ...", "manage.py|./manage.py migrate ..."],
    says: "--merge: will just attempt the migration",
    answer: { add: "--merge", at_end: true },
    match: [
      {
        command: "python manage.py migrate",
        output: "  --merge: will just attempt the migration ignoring any potential dependency conflicts.",
        gives: "python manage.py migrate --merge",
      },
    ],
  },
  {
    name: "terraform-init",
    program: ["terraform", "tofu", "terragrunt"],
    says: [
      "Initialization required",
      '"{program} init"',
      "Module not installed",
      "module is not yet installed",
      "Backend initialization required",
    ],
    answer: "{program} init && {line}",
    match: [
      {
        command: "terraform plan",
        output: 'Error: Backend initialization required, please run "terraform init"',
        gives: "terraform init && terraform plan",
      },
    ],
    no_match: [{ command: "terraform plan", output: "Error: Unsupported argument" }],
  },
  {
    // not by the names that are printed, which anybody may print: by the imports of the module itself
    name: "go-mod-tidy",
    program: "go",
    says: [
      "no required module provides package {package}; to add it:\n\tgo get ",
      "missing go.sum entry for ",
      "to update it:\n\tgo mod tidy",
    ],
    answer: "go mod tidy && {line}",
    match: [
      {
        command: "go build ./...",
        output:
          "main.go:3:8: no required module provides package github.com/google/uuid; to add it:\n\tgo get github.com/google/uuid\n",
        gives: "go mod tidy && go build ./...",
      },
      {
        command: "go run .",
        output:
          "main.go:3:8: missing go.sum entry for module providing package github.com/google/uuid (imported by example.com/shop); to add:\n\tgo get example.com/shop\n",
        gives: "go mod tidy && go run .",
      },
      {
        command: "go build",
        output: "go: updates to go.mod needed; to update it:\n\tgo mod tidy\n",
        gives: "go mod tidy && go build",
      },
    ],
    no_match: [{ command: "go vet", output: "./main.go:4:2: undefined: uuid" }],
  },
  {
    name: "go-mod-vendor",
    program: "go",
    says: "To sync the vendor directory, run:\n\t\tgo mod vendor",
    answer: "go mod vendor && {line}",
    match: [
      {
        command: "go build",
        output:
          "go: inconsistent vendoring in /src/shop:\n\tgithub.com/google/uuid@v1.6.0: is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo mod vendor\n",
        gives: "go mod vendor && go build",
      },
    ],
    no_match: [{ command: "go build", output: "go: go.mod file not found in current directory" }],
  },
  {
    name: "lock-first",
    program: ["uv", "poetry"],
    says: ["To update the lockfile, run `{program} lock`", "Run `{program} lock` to fix the lock file"],
    answer: "{program} lock && {line}",
    match: [
      {
        command: "uv sync --locked",
        output:
          "error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided. To update the lockfile, run `uv lock`.\n",
        gives: "uv lock && uv sync --locked",
      },
      {
        command: "poetry install",
        output:
          "pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock` to fix the lock file.\n",
        gives: "poetry lock && poetry install",
      },
    ],
    no_match: [{ command: "uv sync", output: "error: No `pyproject.toml` found in current directory" }],
  },
  {
    name: "frozen-lockfile",
    program: ["pnpm", "yarn", "bun"],
    has: "--frozen-lockfile",
    says: [
      'Cannot install with "frozen-lockfile" because',
      "Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`",
      "lockfile had changes, but lockfile is frozen",
    ],
    answer: { remove: "--frozen-lockfile" },
    match: [
      {
        command: "pnpm install --frozen-lockfile",
        output:
          ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date with <ROOT>/package.json\n',
        gives: "pnpm install",
      },
      {
        command: "bun install --frozen-lockfile",
        output: "error: lockfile had changes, but lockfile is frozen\n",
        gives: "bun install",
      },
    ],
    no_match: [{ command: "pnpm install --frozen-lockfile", output: " ERR_PNPM_FETCH_404  GET https://x" }],
  },
  {
    name: "key-too-open",
    program: ["ssh", "scp", "sftp", "rsync", "ssh-add"],
    says: "Permissions {mode} for '{file}' are too open.",
    answer: "chmod 600 {file} && {line}",
    match: [
      {
        command: "ssh -i deploy_key h",
        output:
          "Permissions 0644 for 'deploy_key' are too open.\nIt is required that your private key files are NOT",
        gives: "chmod 600 deploy_key && ssh -i deploy_key h",
      },
    ],
    no_match: [{ command: "ssh h", output: "Permission denied (publickey)." }],
  },
  {
    name: "cpp-standard",
    program: ["g++", "clang++"],
    says: [
      "This file requires compiler and library support for the ISO C++ 2011",
      "[-Wc++11-extensions]",
      "use the -std=c++11",
    ],
    answer: { add: "-std=c++11", at_end: true },
    match: [
      {
        command: "g++ a.cpp",
        output:
          "#error This file requires compiler and library support for the ISO C++ 2011 standard. This support is currently experimental",
        gives: "g++ a.cpp -std=c++11",
      },
    ],
    no_match: [{ command: "g++ a.cpp", output: "a.cpp:1:1: error: expected unqualified-id" }],
  },
  {
    name: "tsuru-login",
    program: "tsuru",
    says: "not authenticated or your session has expired",
    answer: "tsuru login && {line}",
    match: [
      {
        command: "tsuru app-info",
        output: "Error: you're not authenticated or your session has expired.",
        gives: "tsuru login && tsuru app-info",
      },
    ],
  },
  {
    name: "hostscli-websites",
    program: "hostscli",
    says: "No Domain list found for website",
    answer: "hostscli websites",
    match: [
      {
        command: "hostscli block nowhere",
        output: "Error:\n\nNo Domain list found for website: nowhere",
        gives: "hostscli websites",
      },
    ],
  },
  {
    name: "ag-literal",
    program: "ag",
    says: "run ag with -Q",
    answer: { add: "-Q" },
    match: [
      {
        command: "ag '(x'",
        output: "ERR: Bad regex!\nIf you meant to search for a literal string, run ag with -Q",
        gives: "ag -Q '(x'",
      },
    ],
  },
  {
    name: "composer-require",
    program: "composer",
    typed: "install {package} ...",
    says: "composer require",
    answer: { replace: "install", with: "require" },
    match: [
      {
        command: "composer install a/b",
        output:
          'Invalid argument a/b. Use "composer require a/b" instead to add packages to your composer.json.',
        gives: "composer require a/b",
      },
    ],
    no_match: [{ command: "composer install", output: "composer require" }],
  },
]
