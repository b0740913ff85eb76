/**
 * One slip after another as the best-known corrector names them, with what the tools print, of ten years ago and of
 * today. Nothing is known of the exit: what was printed has to be enough.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Memory } from "../../../src/decide/Decider.ts"
import { corrected, noMemory, type World } from "./given.ts"

type Case = readonly [
  command: string,
  output: string,
  first: string,
  world?: World,
  history?: ReadonlyArray<string>,
]

const adbHelp =
  "Android Debug Bridge version 1.0.41\nVersion 35.0.2\n\nglobal options:\n -a  listen on all network interfaces\n -s SERIAL  use device with given serial\n\ngeneral commands:\n devices [-l]  list connected devices\n help  show this help message\n"

const stashUsage =
  "usage: git stash list [<options>]\n   or: git stash show [<stash>]\n   or: git stash drop [-q|--quiet] [<stash>]\n   or: git stash ( pop | apply ) [--index] [-q|--quiet] [<stash>]\n   or: git stash branch <branchname> [<stash>]\n   or: git stash save [--patch] [<message>]\n   or: git stash clear\n"
const noUpstream = (branch: string): string =>
  `fatal: The current branch ${branch} has no upstream branch.\nTo push the current branch and set the remote as upstream, use\n\n    git push --set-upstream origin ${branch}\n\n`
const phases =
  'Unknown lifecycle phase "XX". You must specify a valid lifecycle phase or a goal in the format <plugin-prefix>:<goal> or <plugin-group-id>:<plugin-artifact-id>[:<plugin-version>]:<goal>. Available lifecycle phases are: validate, initialize, generate-sources, process-sources, compile, process-classes, test-compile, test, package, verify, install, deploy, pre-clean, clean, post-clean, pre-site, site, post-site, site-deploy. -> [Help 1]\n'
const dockerHelp =
  "\nUsage:  docker volume COMMAND\n\nManage volumes\n\nCommands:\n  create      Create a volume\n  inspect     Display detailed information on one or more volumes\n  ls          List volumes\n  prune       Remove unused local volumes\n  rm          Remove one or more volumes\n\nRun 'docker volume COMMAND --help' for more information on a command.\n"

const cases: Readonly<Record<string, ReadonlyArray<Case>>> = {
  adb_unknown_command: [
    ["adb devcies", adbHelp, "adb devices"],
    ["adb -s emulator-5554 pussh a /b", adbHelp, "adb -s emulator-5554 push a /b"],
    ["adb logact", "adb: unknown command logact\n", "adb logcat"],
    ["adb shel ls", "adb: usage: unknown command shel\n", "adb shell ls"],
  ],
  ag_literal: [
    [
      "ag '(x'",
      "ERR: Bad regex! pcre_compile() failed at position 2: missing )\nIf you meant to search for a literal string, run ag with -Q\n",
      "ag -Q '(x'",
    ],
  ],
  apt_get_search: [
    ["apt-get search ripgrep", "E: Invalid operation search\n", "apt-cache search ripgrep"],
    ["sudo apt-get search ripgrep", "E: Invalid operation search\n", "sudo apt-cache search ripgrep"],
  ],
  apt_invalid_operation: [
    ["apt updaet", "E: Invalid operation updaet\n", "apt update"],
    ["sudo apt-get isntall curl", "E: Invalid operation isntall\n", "sudo apt-get install curl"],
    ["apt uninstall curl", "E: Invalid operation uninstall\n", "apt remove curl"],
    ["apt-cache serach curl", "E: Invalid operation serach\n", "apt-cache search curl"],
    ["sudo apt-get -y uppgrade", "E: Invalid operation uppgrade\n", "sudo apt-get -y upgrade"],
  ],
  apt_upgrade: [
    [
      "apt list --upgradable",
      "Listing... Done\ncurl/noble-updates 8.5.0-2ubuntu10.6 amd64 [upgradable from: 8.5.0]\n",
      "apt upgrade",
    ],
    [
      "sudo apt list --upgradable",
      "Listing...\nvim/xenial 2:7.4 amd64 [upgradable from: 2:7.3]\n",
      "sudo apt upgrade",
    ],
  ],
  az_cli: [
    [
      "az grup list",
      "az: 'grup' is not in the 'az' command group. See 'az --help'.\n\nThe most similar choice to 'grup' is:\n    group\n",
      "az group list",
    ],
    [
      "az vm lsit -o table",
      "az vm: 'lsit' is not in the 'az vm' command group. See 'az vm --help'. If the command is from an extension, please make sure the corresponding extension is installed.\n\nThe most similar choices to 'lsit' are:\n\tlist\n\tlist-ip-addresses\n",
      "az vm list -o table",
    ],
    [
      "az storge account list",
      "'storge' is misspelled or not recognized by the system.\nDid you mean 'storage' ?\n\nExamples from AI knowledge base:\naz storage account list\n",
      "az storage account list",
    ],
  ],
  brew_cask_dependency: [
    [
      "brew install ntfs-3g",
      "ntfs-3g: OsxfuseRequirement unsatisfied!\n\nYou can install with Homebrew-Cask:\n  brew cask install osxfuse\n\nYou can download from:\n  https://osxfuse.github.io/\n",
      "brew cask install osxfuse && brew install ntfs-3g",
    ],
    [
      "brew install x",
      "x: FuseRequirement unsatisfied!\n\nYou can install the necessary cask with:\n  brew install --cask macfuse\n\nError: An unsatisfied requirement failed this build.\n",
      "brew install --cask macfuse && brew install x",
    ],
  ],
  brew_link: [
    [
      "brew link gawk",
      "Linking /usr/local/Cellar/gawk/5.1...\nError: Could not symlink bin/awk\nTarget /usr/local/bin/awk\nalready exists. You may want to remove it:\n  rm '/usr/local/bin/awk'\n\nTo force the link and overwrite all conflicting files:\n  brew link --overwrite gawk\n\nTo list all files that would be deleted:\n  brew link --overwrite --dry-run gawk\n",
      "brew link --overwrite --dry-run gawk",
    ],
  ],
  cargo: [["cargo", "Rust's package manager\n\nUsage: cargo [OPTIONS] [COMMAND]\n", "cargo build"]],
  cd_correction: [
    ["cd servics", "bash: cd: servics: No such file or directory\n", "cd services", { dirs: ["services"] }],
    [
      "cd sevrices/api",
      "cd: no such file or directory: sevrices/api\n",
      "cd services/api",
      { dirs: ["services", "services/api"] },
    ],
    ["cd dcos", "cd: can't cd to dcos\n", "cd docs", { dirs: ["docs"] }],
    ["cd dcos", "cd: The directory 'dcos' does not exist\n", "cd docs", { dirs: ["docs"] }],
  ],
  cd_parent: [
    ["cd..", "cd..: command not found\n", "cd .."],
    ["cd...", "zsh: command not found: cd...\n", "cd ..."],
  ],
  choco_install: [
    [
      "choco install gitlens",
      "Installing the following packages:\ngitlens\nBy installing you accept licenses for the packages.\n",
      "choco install gitlens.install",
    ],
    ["cinst gitlens -y", "Installing the following packages:\ngitlens\n", "cinst gitlens.install -y"],
    [
      "choco install -y gitlens --params '/x'",
      "Installing the following packages:\ngitlens\n",
      "choco install -y gitlens.install --params '/x'",
    ],
  ],
  conda_mistype: [
    [
      "conda isntall numpy",
      "\nCommandNotFoundError: No command 'conda isntall'.\nDid you mean 'conda install'?\n\n",
      "conda install numpy",
    ],
    [
      "conda lst",
      "usage: conda [-h] [-v] COMMAND ...\nconda: error: argument COMMAND: invalid choice: 'lst' (choose from 'clean', 'create', 'info', 'install', 'list')\n",
      "conda list",
    ],
  ],
  cp_create_destination: [
    ["cp a.txt out/", "cp: directory out does not exist\n", "mkdir -p out/ && cp a.txt out/"],
    ["mv a.txt out/", "No such file or directory\n", "mkdir -p out/ && mv a.txt out/"],
    [
      "cp a.txt b.txt deep/er/",
      "cp: target 'deep/er/': No such file or directory\n",
      "mkdir -p deep/er && cp a.txt b.txt deep/er/",
    ],
    ["cp a.txt b.txt deep", "cp: target 'deep' is not a directory\n", "mkdir -p deep && cp a.txt b.txt deep"],
  ],
  cpp11: [
    [
      "g++ a.cpp -o a",
      "error: #error This file requires compiler and library support for the ISO C++ 2011 standard. This support is currently experimental\n",
      "g++ a.cpp -o a -std=c++11",
    ],
    [
      "clang++ a.cpp",
      "a.cpp:3:8: warning: 'auto' type specifier is a C++11 extension [-Wc++11-extensions]\n",
      "clang++ a.cpp -std=c++11",
    ],
  ],
  dirty_unzip: [
    ["unzip big.zip", "Archive:  big.zip\n  inflating: a\n", "unzip big.zip -d big"],
    [
      "unzip 'my files.zip'",
      "Archive:  my files.zip\n  inflating: a\n",
      "unzip 'my files.zip' -d 'my files'",
    ],
    ["unzip big", "Archive:  big.zip\n  inflating: a\n", "unzip big -d big"],
  ],
  docker_login: [
    [
      "docker push me/app",
      "denied: requested access to the resource is denied\n",
      "docker login && docker push me/app",
    ],
    [
      "docker pull me/app",
      "Using default tag: latest\nError response from daemon: pull access denied for me/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied\n",
      "docker login && docker pull me/app",
    ],
  ],
  docker_not_command: [
    ["docker imagse", "docker: 'imagse' is not a docker command.\nSee 'docker --help'.\n", "docker images"],
    [
      "docker ru -it x",
      "docker: unknown command: docker ru\n\nRun 'docker --help' for more information\n",
      "docker run -it x",
    ],
    ["docker list", "docker: 'list' is not a docker command.\nSee 'docker --help'\n", "docker ps"],
    ["docker volume lss", dockerHelp, "docker volume ls"],
    ["docker compose pu", 'unknown docker command: "compose pu"\n', "docker compose up"],
  ],
  fab_command_not_found: [
    [
      "fab deplyo",
      "\nWarning: Command(s) not found:\n    deplyo\n\nAvailable commands:\n\n    deploy\n    prepare_release\n    update_settings\n",
      "fab deploy",
    ],
    [
      "fab relase:2",
      "\nWarning: Command(s) not found:\n    relase\n\nAvailable commands:\n\n    deploy\n    prepare_release\n",
      "fab prepare_release:2",
    ],
    [
      "fab relase:2 deplyo",
      "\nWarning: Command(s) not found:\n    relase\n    deplyo\n\nAvailable commands:\n\n    deploy     Ships it.\n    prepare_release\n",
      "fab prepare_release:2 deploy",
    ],
    ["fab deplyo", "No idea what 'deplyo' is!\nAvailable tasks:\n\n  deploy\n  build\n", "fab deploy"],
  ],
  fix_alt_space: [["ls |\u00a0wc", "zsh: command not found: \u00a0wc\n", "ls | wc"]],
  git_bisect_usage: [
    [
      "git bisect satrt",
      "usage: git bisect [help|start|bad|good|new|old|terms|skip|next|reset|visualize|replay|log|run]\n",
      "git bisect start",
    ],
    [
      "git bisect gud",
      "error: unknown command: 'git bisect gud'\nusage: git bisect start [--term-(new|bad)=<term>]\n",
      "git bisect good",
    ],
  ],
  git_branch_exists: [
    [
      "git branch fix",
      "fatal: A branch named 'fix' already exists.\n",
      "git branch -d fix && git branch fix",
    ],
    [
      "git checkout -b fix",
      "fatal: a branch named 'fix' already exists\n",
      "git branch -d fix && git checkout -b fix",
    ],
    [
      'git switch -c "it\'s"',
      "fatal: a branch named 'it's' already exists\n",
      'git branch -d "it\'s" && git switch -c "it\'s"',
    ],
  ],
  git_branch_list: [["git branch list", "", "git branch --delete list && git branch"]],
  git_checkout: [
    [
      "git checkout fxi",
      "error: pathspec 'fxi' did not match any file(s) known to git\n",
      "git checkout fix",
      { branches: ["main", "fix"] },
    ],
    [
      "git checkout brandnew",
      "error: pathspec 'brandnew' did not match any file(s) known to git.\n",
      "git checkout -b brandnew",
      { branches: ["main"] },
    ],
    [
      "git switch brandnew",
      "fatal: invalid reference: brandnew\n",
      "git switch -c brandnew",
      { branches: ["main"] },
    ],
    [
      "git commit brandnew",
      "error: pathspec 'brandnew' did not match any file(s) known to git.\n",
      "git branch brandnew && git commit brandnew",
    ],
  ],
  git_clone_missing: [
    [
      "https://github.com/o/r.git",
      "bash: https://github.com/o/r.git: No such file or directory\n",
      "git clone https://github.com/o/r.git",
    ],
    [
      "https://github.com/o/r",
      "zsh: no such file or directory: https://github.com/o/r\n",
      "git clone https://github.com/o/r",
    ],
    [
      "git@gitlab.com:o/r.git",
      "git@gitlab.com:o/r.git: command not found\n",
      "git clone git@gitlab.com:o/r.git",
    ],
    [
      "ssh://git@host.example:22/o/r",
      "bash: ssh://git@host.example:22/o/r: No such file or directory\n",
      "git clone ssh://git@host.example:22/o/r",
    ],
    [
      "https://git.example.org/o/r.git",
      "'https://git.example.org/o/r.git' is not recognised as an internal or external command,\n",
      "git clone https://git.example.org/o/r.git",
    ],
  ],
  git_diff_staged: [
    ["git diff", "", "git diff --staged"],
    ["git diff src/a.ts", "", "git diff --staged src/a.ts"],
  ],
  git_fix_stash: [
    ["git stash pup", stashUsage, "git stash pop"],
    ["git stash half of it", stashUsage, "git stash save half of it"],
    [
      "git stash aply",
      "fatal: subcommand wasn't specified; 'push' can't be assumed due to unexpected token 'aply'\n",
      "git stash apply",
    ],
  ],
  git_flag_after_filename: [
    ["git log a.md -p", "fatal: bad flag '-p' used after filename\n", "git log -p a.md"],
    [
      "git log a.md -p b.md",
      "fatal: option '-p' must come before non-option arguments\n",
      "git log -p a.md b.md",
    ],
    [
      "git -C sub log a.md -p",
      "fatal: option '-p' must come before non-option arguments\n",
      "git -C sub log -p a.md",
    ],
  ],
  git_lfs_mistype: [
    [
      "git lfs trakc '*.bin'",
      'Error: unknown command "trakc" for "git-lfs"\n\nDid you mean this?\n\ttrack\n\nRun \'git-lfs --help\' for usage.\n',
      "git lfs track '*.bin'",
    ],
  ],
  git_main_master: [
    [
      "git checkout master",
      "error: pathspec 'master' did not match any file(s) known to git\n",
      "git checkout main",
    ],
    [
      "git checkout main",
      "error: pathspec 'main' did not match any file(s) known to git.\n",
      "git checkout master",
    ],
    [
      "git log master..topic",
      "fatal: ambiguous argument 'master..topic': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions\n",
      "git log main..topic",
    ],
    [
      "git show main",
      "fatal: ambiguous argument 'main': unknown revision or path not in the working tree.\n",
      "git show master",
    ],
    ["git rebase origin/master", "fatal: invalid upstream 'origin/master'\n", "git rebase origin/main"],
    ["git pull origin master", "fatal: couldn't find remote ref master\n", "git pull origin main"],
  ],
  git_pull_clone: [
    [
      "git pull https://github.com/o/r",
      "fatal: not a git repository (or any of the parent directories): .git\n",
      "git clone https://github.com/o/r",
    ],
  ],
  git_pull_uncommitted_changes: [
    [
      "git pull",
      "error: cannot pull with rebase: You have unstaged changes.\nerror: Please commit or stash them.\n",
      "git stash && git pull && git stash pop",
    ],
    [
      "git pull --rebase",
      "error: cannot pull with rebase: Your index contains uncommitted changes.\nerror: please commit or stash them.\n",
      "git stash && git pull --rebase && git stash pop",
    ],
  ],
  git_push: [
    ["git push", noUpstream("fix"), "git push --set-upstream origin fix"],
    ["git push -u", noUpstream("fix"), "git push --set-upstream origin fix"],
    ["git push --quiet origin", noUpstream("fix/a-b"), "git push --set-upstream origin fix/a-b --quiet"],
    ["git -c a=b push", noUpstream("fix"), "git -c a=b push --set-upstream origin fix"],
    ["git push --force", noUpstream("fix"), "git push --set-upstream origin fix --force"],
  ],
  git_push_different_branch_names: [
    [
      "git push",
      "fatal: The upstream branch of your current branch does not match\nthe name of your current branch.  To push to the upstream branch\non the remote, use\n\n    git push origin HEAD:up\n\nTo push to the branch of the same name on the remote, use\n\n    git push origin HEAD\n",
      "git push origin HEAD:up",
    ],
  ],
  git_push_pull: [
    [
      "git push",
      "To /srv/x\n ! [rejected]        main -> main (fetch first)\nerror: failed to push some refs to '/srv/x'\nhint: Updates were rejected because the remote contains work that you do\nhint: not have locally.\n",
      "git pull && git push",
    ],
    [
      "git push origin main",
      "To /srv/x\n ! [rejected]        main -> main (non-fast-forward)\nerror: failed to push some refs to '/srv/x'\nhint: Updates were rejected because the tip of your current branch is behind\n",
      "git pull origin main && git push origin main",
    ],
  ],
  git_rebase_merge_dir: [
    [
      "git rebase --skpi",
      'fatal: It seems that there is already a rebase-merge directory, and\nI wonder if you are in the middle of another rebase.  If that is the\ncase, please try\n\tgit rebase (--continue | --abort | --skip)\nIf that is not the case, please\n\trm -fr "/w/.git/rebase-merge"\nand run me again.\n',
      "git rebase --skip",
    ],
    [
      "git rebase main",
      'fatal: It seems that there is already a rebase-merge directory, and\nI wonder if you are in the middle of another rebase.  If that is the\ncase, please try\n\tgit rebase (--continue | --abort | --skip)\nIf that is not the case, please\n\trm -fr "/w/.git/rebase-merge"\nand run me again.\n',
      "git rebase --continue",
    ],
  ],
  git_rebase_no_changes: [
    [
      "git rebase --continue",
      "Applying: x\nNo changes - did you forget to use 'git add'?\nIf there is nothing left to stage, chances are that something else\nalready introduced the same changes; you might want to skip this patch.\n",
      "git rebase --skip",
    ],
  ],
  git_remote_delete: [
    [
      "git remote delete fork",
      "error: Unknown subcommand: delete\nusage: git remote [-v | --verbose]\n",
      "git remote remove fork",
    ],
    [
      "git remote delete fork",
      "error: unknown subcommand: `delete'\nusage: git remote [-v | --verbose]\n",
      "git remote remove fork",
    ],
  ],
  git_remote_seturl_add: [["git remote set-url up u", "fatal: No such remote 'up'\n", "git remote add up u"]],
  git_rm_local_modifications: [
    [
      "git rm a.txt",
      "error: the following file has local modifications:\n    a.txt\n(use --cached to keep the file, or -f to force removal)\n",
      "git rm --cached a.txt",
    ],
  ],
  git_rm_recursive: [
    ["git rm src", "fatal: not removing 'src' recursively without -r\n", "git rm -r src"],
    ["git rm -f src", "fatal: not removing 'src' recursively without -r\n", "git rm -r -f src"],
  ],
  git_stash_pop: [
    [
      "git stash pop",
      "error: Your local changes to the following files would be overwritten by merge:\n\ta\nPlease commit your changes or stash them before you merge.\nAborting\n",
      "git add --update && git stash pop && git reset .",
    ],
  ],
  gradle_wrapper: [
    ["gradle test", "gradle: command not found\n", "./gradlew test", { files: ["gradlew"] }],
    [
      "gradle build -x test",
      "zsh: command not found: gradle\n",
      "./gradlew build -x test",
      { files: ["gradlew"] },
    ],
  ],
  grep_arguments_order: [
    ["grep a.txt word", "grep: word: No such file or directory\n", "grep word a.txt", { files: ["a.txt"] }],
    ["grep -ri . word", "grep: word: No such file or directory\n", "grep -ri word .", { dirs: ["."] }],
    ["grep src word -rl", "grep: word: No such file or directory\n", "grep word -rl src", { dirs: ["src"] }],
  ],
  gulp_not_task: [
    [
      "gulp srve",
      "[10:41:11] Using gulpfile ~/x/gulpfile.js\n[10:41:11] Task 'srve' is not in your gulpfile\n[10:41:11] Please check the documentation for proper gulpfile formatting\n",
      "gulp serve",
      { texts: { "gulpfile.js": "gulp.task('serve', x)" } },
    ],
    [
      "gulp biuld",
      "[10:41:11] Task never defined: biuld\n[10:41:11] To list available tasks, try running: gulp --tasks\n",
      "gulp build",
      { texts: { "gulpfile.js": "exports.build = x" } },
    ],
    [
      "gulp biuld",
      "[10:41:11] Task never defined: biuld - did you mean? build, buildAll\n[10:41:11] To list available tasks, try running: gulp --tasks\n",
      "gulp build",
    ],
  ],
  heroku_not_command: [
    [
      "heroku lgos",
      " ▸    lgos is not a heroku command.\n ▸    Perhaps you meant logs?\n ▸    Run heroku _ to run heroku logs.\n ▸    Run heroku help for a list of available commands.\n",
      "heroku logs",
    ],
    [
      "heroku pgs",
      "!    `pgs` is not a heroku command.\n!    Perhaps you meant `ps`, `pg`.\n!    See `heroku help` for a list of available commands.\n",
      "heroku pg",
    ],
    [
      "heroku lgos --tail",
      " ›   Warning: lgos is not a heroku command.\nDid you mean logs? [y/n]: ",
      "heroku logs --tail",
    ],
  ],
  history: [
    ["mkae test", "", "make test", {}, ["make test", "ls -la"]],
    ["git statsu", "", "git status", {}, ["git status", "ls"]],
  ],
  ifconfig_device_not_found: [
    [
      "ifconfig wlan0",
      "wlan0: error fetching interface information: Device not found\n",
      "ifconfig wlp3s0",
      { nets: ["lo", "wlp3s0", "enp2s0"] },
    ],
  ],
  java: [
    ["java Main.java", "Error: Could not find or load main class Main.java\n", "java Main"],
    ["java Main.java", "", "java Main"],
  ],
  ln_no_hard_link: [
    ["ln src link", "ln: src: hard link not allowed for directory\n", "ln -s src link"],
    ["ln src link", "ln: 'src': hard link not allowed for directory\n", "ln -s src link"],
  ],
  long_form_help: [
    ["cp -h", "cp: invalid option -- 'h'\nTry 'cp --help' for more information.\n", "cp --help"],
    ["thing -h", "unknown -h, see --help\n", "thing --help"],
    ["lsblk -x", "Try `lsblk --help' for more information.\n", "lsblk --help"],
  ],
  man: [
    ["man open", "", "man 3 open"],
    ["man 2 open", "", "man 3 open"],
    ["man 3 open", "", "man 2 open"],
    ["man -s2 open", "", "man -s3 open"],
    ["man -s 3 open", "", "man -s 2 open"],
    ["man nosuch", "No manual entry for nosuch\n", "nosuch --help"],
    ["man 2 printf", "No manual entry for printf in section 2\n", "man 3 printf"],
  ],
  man_no_space: [
    ["mandiff", "mandiff: command not found\n", "man diff", { programs: ["man", "diff"] }],
    ["manstrace", "zsh: command not found: manstrace\n", "man strace", { programs: ["man", "strace"] }],
  ],
  mvn_no_command: [
    [
      "mvn",
      "[ERROR] No goals have been specified for this build. You must specify a valid lifecycle phase or a goal in the format <plugin-prefix>:<goal> -> [Help 1]\n",
      "mvn clean package",
    ],
    [
      "mvn -q",
      "[ERROR] No goals have been specified for this build. You must specify a valid lifecycle phase\n",
      "mvn -q clean package",
    ],
  ],
  mvn_unknown_lifecycle_phase: [
    ["mvn clena", `[ERROR] ${phases.replace("XX", "clena")}`, "mvn clean"],
    ["mvn -q clean pakcage", `[ERROR] ${phases.replace("XX", "pakcage")}`, "mvn -q clean package"],
  ],
  nixos_cmd_not_found: [
    [
      "jq .",
      "The program 'jq' is currently not installed. You can install it by typing:\n  nix-env -iA nixos.jq\n",
      "nix-env -iA nixos.jq && jq .",
    ],
    [
      "jq .",
      "The program 'jq' is not in your PATH. It is provided by several packages.\nYou can make it available in an ephemeral shell by typing one of the following:\n  nix-shell -p jq\n",
      "nix-shell -p jq",
    ],
  ],
  no_command: [
    ["vmi a", "bash: vmi: command not found\n", "vim a", { programs: ["vim", "ls"] }],
    ["gti commit", "zsh: command not found: gti\n", "git commit", { programs: ["git", "gtf", "go"] }],
    ["dokcer ps", "fish: Unknown command: dokcer\n", "docker ps", { programs: ["docker"] }],
    [
      "dokcer ps",
      "dokcer : The term 'dokcer' is not recognized as the name of a cmdlet, function, script file, or operable program.\n",
      "docker ps",
      { programs: ["docker"] },
    ],
    ["sduo ls", "-bash: sduo: command not found\n", "sudo ls", { programs: ["sudo", "sed"] }],
  ],
  no_such_file: [
    [
      "mv a deep/a",
      "mv: cannot move 'a' to 'deep/a': No such file or directory\n",
      "mkdir -p deep && mv a deep/a",
    ],
    ["mv a deep/", "mv: cannot move 'a' to 'deep/': Not a directory\n", "mkdir -p deep && mv a deep/"],
    [
      "cp a deep/a",
      "cp: cannot create regular file 'deep/a': No such file or directory\n",
      "mkdir -p deep && cp a deep/a",
    ],
    [
      "cp a deep/",
      "cp: cannot create regular file 'deep/': Not a directory\n",
      "mkdir -p deep && cp a deep/",
    ],
  ],
  npm_missing_script: [
    ["npm run biuld", "npm ERR! missing script: biuld\n", "npm run build", { scripts: ["build", "watch"] }],
    [
      "npm run-script wtach",
      'npm error Missing script: "wtach"\nnpm error\nnpm error Did you mean this?\nnpm error   npm run watch # run the "watch" package script\n',
      "npm run-script watch",
      { scripts: ["build", "watch"] },
    ],
  ],
  npm_run_script: [
    [
      "npm watch",
      "\nUsage: npm <command>\n\nwhere <command> is one of:\n    access, adduser, audit, bin\n\nnpm <command> -h  quick help on <command>\n",
      "npm run-script watch",
      { scripts: ["watch"] },
    ],
    [
      "npm watch",
      'Unknown command: "watch"\n\nDid you mean this?\n  npm run watch # run the "watch" package script\n\nTo see a list of supported npm commands, run:\n  npm help\n',
      "npm run watch",
      { scripts: ["watch"] },
    ],
  ],
  path_from_history: [
    [
      "cat notes.txt",
      "cat: notes.txt: No such file or directory\n",
      "cat ~/docs/notes.txt",
      { files: ["~/docs/notes.txt"] },
      ["vim ~/docs/notes.txt"],
    ],
    [
      "vim2 app",
      "vim2: cannot access 'app': No such file or directory\n",
      "vim2 /srv/app",
      {},
      ["cd /srv/app"],
    ],
    ["cd app", "cd: no such file or directory: app\n", "cd /srv/app", {}, ["ls /srv/app/"]],
  ],
  php_s: [
    ["php -s localhost:8000", "", "php -S localhost:8000"],
    ["php -t web -s 0.0.0.0:80", "", "php -t web -S 0.0.0.0:80"],
  ],
  python_command: [
    ["app.py", "bash: app.py: Permission denied\n", "python app.py"],
    ["./app.py --x", "zsh: permission denied: ./app.py\n", "python ./app.py --x"],
  ],
  quotation_marks: [
    ["git commit -m 'one thing\"", "", 'git commit -m "one thing"'],
    ["echo \"a'", "bash: unexpected EOF while looking for matching `\"'\n", 'echo "a"'],
  ],
  react_native_command_unrecognized: [
    ["react-native strat", "Unrecognized command 'strat'\n", "react-native start"],
    ["react-native android-logs", "Unrecognized command 'android-logs'\n", "react-native log-android"],
    [
      "npx react-native run-andriod",
      'error: unrecognized command "run-andriod".\ninfo Run "react-native --help" to see a list of all available commands.\n',
      "npx react-native run-android",
    ],
  ],
  remove_shell_prompt_literal: [
    ["$ cd x", "$: command not found\n", "cd x"],
    [" $ cd x", "$: command not found\n", "cd x"],
    ["$ $ ls", "zsh: command not found: $\n", "ls"],
    ["$ a && b", "bash: $: command not found\n", "a && b"],
  ],
  remove_trailing_cedilla: [
    ["lsç", "", "ls"],
    ["make testç", "", "make test"],
  ],
  scm_correction: [
    [
      "git log",
      "fatal: not a git repository (or any of the parent directories): .git\n",
      "hg log",
      { dirs: [".hg"] },
    ],
    ["hg log", "abort: no repository found in '/tmp/x' (.hg not found)!\n", "git log", { dirs: [".git"] }],
  ],
  ssh_known_hosts: [
    [
      "ssh h",
      '@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@\nOffending ECDSA key in /home/u/.ssh/known_hosts:3\n  remove with:\n  ssh-keygen -f "/home/u/.ssh/known_hosts" -R "h"\n',
      'ssh-keygen -f "/home/u/.ssh/known_hosts" -R "h" && ssh h',
    ],
    [
      "scp a h:",
      "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending RSA key in /home/u/.ssh/known_hosts:8\nHost key for h has changed and you have requested strict checking.\n",
      'ssh-keygen -f "/home/u/.ssh/known_hosts" -R "h" && scp a h:',
    ],
  ],
  terraform_no_command: [
    [
      "terraform aply",
      'Terraform has no command named "aply". Did you mean "apply"?\n\nTo see all of Terraform\'s top-level commands, run:\n  terraform -help\n',
      "terraform apply",
    ],
    [
      "terraform plna -out x",
      'Terraform has no command named "plna". Did you mean "plan"?\n',
      "terraform plan -out x",
    ],
  ],
  "test.py": [["test.py", "test.py: command not found\n", "pytest"]],
  tmux: [
    [
      "tmux list",
      "ambiguous command: list, could be: list-buffers, list-clients, list-commands, list-keys, list-panes, list-sessions, list-windows\n",
      "tmux list-keys",
    ],
    ["tmux attahc", "unknown command: attahc\n", "tmux attach"],
    ["tmux new-sesion -s a", "unknown command: new-sesion\n", "tmux new-session -s a"],
  ],
  touch: [
    [
      "touch a/b/c",
      "touch: cannot touch 'a/b/c': No such file or directory\n",
      "mkdir -p a/b && touch a/b/c",
    ],
    ["touch a/b/c", "touch: a/b/c: No such file or directory\n", "mkdir -p a/b && touch a/b/c"],
    [
      "touch /srv/x/c",
      "touch: cannot touch ‘/srv/x/c’: No such file or directory\n",
      "mkdir -p /srv/x && touch /srv/x/c",
    ],
  ],
  unsudo: [
    [
      "sudo makepkg -s",
      "==> ERROR: Running makepkg as root is not allowed as it can cause permanent,\ncatastrophic damage to your system.\n",
      "makepkg -s",
    ],
    [
      "sudo brew install x",
      "Error: Running Homebrew as root is extremely dangerous and no longer supported.\n",
      "brew install x",
    ],
    ["sudo yay -S x", "you cannot perform this operation as root\n", "yay -S x"],
  ],
  vagrant_up: [
    [
      "vagrant ssh",
      "VM must be running to open SSH connection. Run `vagrant up`\nto start the virtual machine.\n",
      "vagrant up && vagrant ssh",
    ],
    [
      "vagrant ssh db",
      "VM must be running to open SSH connection. Run `vagrant up`\nto start the virtual machine.\n",
      "vagrant up db && vagrant ssh db",
    ],
    [
      "vagrant rdp",
      "VM must be created before running this command. Run `vagrant up` first.\n",
      "vagrant up && vagrant rdp",
    ],
  ],
  whois: [
    ["whois https://docs.example.org/x", "", "whois docs.example.org"],
    ["whois docs.example.org", "", "whois example.org"],
  ],
  yarn_help: [
    [
      "yarn help add",
      "  Usage: yarn add [packages ...] [flags]\n\nVisit https://yarnpkg.com/en/docs/cli/add for documentation about this command.\n",
      "open https://yarnpkg.com/en/docs/cli/add",
    ],
  ],
  yum_invalid_operation: [
    [
      "yum serach nginx",
      "Loaded plugins: fastestmirror\nNo such command: serach. Please use /bin/yum --help\n",
      "yum search nginx",
    ],
    [
      "sudo yum isntall nginx",
      "Loaded plugins: fastestmirror\nNo such command: isntall. Please use /bin/yum --help\n",
      "sudo yum install nginx",
    ],
    [
      "yum uninstall nginx",
      "No such command: uninstall. Please use /usr/bin/yum --help\n",
      "yum remove nginx",
    ],
  ],
}

const memoryOf = (lines: ReadonlyArray<string> | undefined): Memory =>
  lines === undefined
    ? noMemory
    : { commands: lines.map((command) => ({ seq: 0, command, cwd: ".", exit: 0, atMs: 0 })) }

describe("corrections by name", () => {
  for (const [name, rows] of Object.entries(cases))
    describe(name, () => {
      for (const [command, output, first, world, history] of rows)
        it(`${command} -> ${first}`, () => {
          assert.strictEqual(corrected(command, { output }, world, memoryOf(history))[0]?.command, first)
        })
    })
})
