/** Slips with the shell and other programs, as the best-known corrector names them. */
import { correctsByName } from "./namedSlips.ts"

const adbHelp =
  "Android Debug Bridge version 1.0.41\nVersion 35.0.2\n\nglobal options:\n -a  listen on all network interfaces\n -s SERIAL  use device with given serial\n\ngeneral commands:\n devices [-l]  list connected devices\n help  show this help message\n"
const dockerHelp =
  "\nUsage:  docker volume COMMAND\n\nManage volumes\n\nCommands:\n  create      Create a volume\n  inspect     Display detailed information on one or more volumes\n  ls          List volumes\n  prune       Remove unused local volumes\n  rm          Remove one or more volumes\n\nRun 'docker volume COMMAND --help' for more information on a command.\n"

correctsByName({
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
  grep_arguments_order: [
    ["grep a.txt word", "grep: word: No such file or directory\n", "grep word a.txt", { files: ["a.txt"] }],
    ["grep -ri . word", "grep: word: No such file or directory\n", "grep -ri word .", { dirs: ["."] }],
    ["grep src word -rl", "grep: word: No such file or directory\n", "grep word -rl src", { dirs: ["src"] }],
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
})
