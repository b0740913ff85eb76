/** Slips with package managers and build tools, as the best-known corrector names them. */
import { correctsByName } from "./namedSlips.ts"

const phases =
  'Unknown lifecycle phase "XX". You must specify a valid lifecycle phase or a goal in the format <plugin-prefix>:<goal> or <plugin-group-id>:<plugin-artifact-id>[:<plugin-version>]:<goal>. Available lifecycle phases are: validate, initialize, generate-sources, process-sources, compile, process-classes, test-compile, test, package, verify, install, deploy, pre-clean, clean, post-clean, pre-site, site, post-site, site-deploy. -> [Help 1]\n'

correctsByName({
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
  gradle_wrapper: [
    ["gradle test", "gradle: command not found\n", "./gradlew test", { files: ["gradlew"] }],
    [
      "gradle build -x test",
      "zsh: command not found: gradle\n",
      "./gradlew build -x test",
      { files: ["gradlew"] },
    ],
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
  react_native_command_unrecognized: [
    ["react-native strat", "Unrecognized command 'strat'\n", "react-native start"],
    ["react-native android-logs", "Unrecognized command 'android-logs'\n", "react-native log-android"],
    [
      "npx react-native run-andriod",
      'error: unrecognized command "run-andriod".\ninfo Run "react-native --help" to see a list of all available commands.\n',
      "npx react-native run-android",
    ],
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
})
