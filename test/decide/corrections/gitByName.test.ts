/** Slips with git, as the best-known corrector names them. */
import { correctsByName } from "./namedSlips.ts"

const stashUsage =
  "usage: git stash list [<options>]\n   or: git stash show [<stash>]\n   or: git stash drop [-q|--quiet] [<stash>]\n   or: git stash ( pop | apply ) [--index] [-q|--quiet] [<stash>]\n   or: git stash branch <branchname> [<stash>]\n   or: git stash save [--patch] [<message>]\n   or: git stash clear\n"
const noUpstream = (branch: string): string =>
  `fatal: The current branch ${branch} has no upstream branch.\nTo push the current branch and set the remote as upstream, use\n\n    git push --set-upstream origin ${branch}\n\n`

correctsByName({
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
    ["git branch fix", "fatal: A branch named 'fix' already exists.\n", "git checkout fix"],
    ["git checkout -b fix", "fatal: a branch named 'fix' already exists\n", "git checkout fix"],
    ['git switch -c "it\'s"', "fatal: a branch named 'it's' already exists\n", 'git switch "it\'s"'],
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
})
