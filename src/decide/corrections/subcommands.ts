/**
 * Subcommands of common programs, from their own documentation: facts for telling a slip from a subcommand that
 * exists and failed. Aliases count as known and are proposed only where they are the usual spelling.
 */
import { further } from "./furtherSubcommands.ts"

const list = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

export interface Subcommands {
  /** Proposed. */
  readonly usual: ReadonlyArray<string>
  /** Understood by the program, never proposed. */
  readonly also: ReadonlyArray<string>
  /** How the program says that it does not know a subcommand. */
  readonly unknown?: RegExp
  /** Users and plugins add their own. */
  readonly grows?: true
  /** It does so without naming the word. */
  readonly unnamed?: true
  /** Options before the subcommand that take a word of their own. */
  readonly takes?: ReadonlyArray<string>
  /** What others call it. */
  readonly names?: Readonly<Record<string, ReadonlyArray<string>>>
}

const versions = {
  list: ["install --list", "versions"],
  ls: ["versions"],
  remove: ["uninstall"],
  delete: ["uninstall"],
}
const versionManager = (): Subcommands => ({
  usual:
    list(`commands completions deactivate exec global help hooks init install local prefix rehash root shell shims
    uninstall version version-file version-name version-origin versions whence which`),
  also: list(`activate virtualenv virtualenv-delete virtualenv-init virtualenvs update doctor`),
  unknown: /no such command/,
  names: versions,
})
const dnf = (): Subcommands => ({
  usual:
    list(`advisory autoremove check check-update clean config-manager copr deplist distro-sync download downgrade
    group help history info install list makecache mark module provides reinstall remove repoinfo repolist repoquery
    search shell swap update updateinfo upgrade upgrade-minimal`),
  also: list(`builddep debuginfo-install erase groupinstall localinstall rm whatprovides`),
  unknown: /No such command|Unknown argument|Unknown command/,
  names: { delete: ["remove"], uninstall: ["remove"], add: ["install"] },
})

const terraform = (): Subcommands => ({
  usual:
    list(`apply console destroy fmt force-unlock get graph import init login logout metadata modules output plan
      providers refresh show state taint test untaint validate version workspace`),
  also: [],
  unknown: /has no command named|Usage: terraform/,
})

const table: Readonly<Record<string, Subcommands>> = {
  ...further,
  git: {
    usual: list(`add am archive bisect blame branch bundle cat-file check-ignore check-ref-format checkout
      cherry cherry-pick clean clone column commit commit-graph config count-objects credential describe diff
      diff-files diff-index diff-tree difftool fast-export fast-import fetch fetch-pack filter-branch
      for-each-ref format-patch fsck gc grep gui hash-object help index-pack init instaweb interpret-trailers
      log ls-files ls-remote ls-tree maintenance merge merge-base merge-file merge-tree mergetool mv name-rev
      notes pack-objects pack-refs prune pull push range-diff read-tree rebase reflog remote repack replace
      request-pull rerere reset restore rev-list rev-parse revert rm send-email shortlog show show-branch
      show-ref sparse-checkout stage stash status stripspace submodule subtree switch symbolic-ref tag
      unpack-file unpack-objects update-index update-ref update-server-info var verify-commit verify-pack
      verify-tag version whatchanged worktree write-tree`),
    also: list(`annotate apply archimport backfill bugreport citool commit-tree credential-cache
      credential-store cvsexportcommit cvsimport cvsserver daemon diagnose diff-pairs fast-import for-each-repo
      fsck-objects fsmonitor--daemon get-tar-commit-id history hook http-backend http-fetch http-push
      imap-send init-db last-modified lfs mailinfo mailsplit merge-index merge-octopus merge-one-file
      merge-ours merge-recursive merge-resolve merge-subtree mktag mktree multi-pack-index p4 patch-id
      pickaxe prune-packed quiltimport receive-pack refs remote-ext remote-fd repo replay send-pack
      sh-i18n--envsubst shell show-index svn unpack-file upload-archive upload-pack`),
  },
  adb: {
    usual: list(`backup bugreport connect devices disconnect emu forward get-serialno get-state install
      install-multiple jdwp keygen kill-server logcat pair pull push reboot reconnect remount restore reverse root shell
      sideload start-server sync tcpip uninstall unroot usb wait-for-device`),
    also: list(`help version mdns track-devices`),
    unknown: /unknown command|Android Debug Bridge version/,
    unnamed: true,
    takes: list(`-s -H -P -L -t`),
  },
  apt: {
    usual:
      list(`autoclean autoremove build-dep clean depends dist-upgrade download edit-sources full-upgrade install list
      policy purge rdepends reinstall remove satisfy search show showsrc source update upgrade`),
    also: list(`auto-remove changelog help moo version`),
    unknown: /Invalid operation/,
    names: { uninstall: ["remove"], delete: ["remove"], add: ["install"], find: ["search"] },
  },
  "apt-get": {
    usual:
      list(`autoclean autoremove build-dep check clean dist-upgrade download dselect-upgrade install purge
      remove source update upgrade`),
    also: list(`auto-remove changelog indextargets reinstall satisfy`),
    unknown: /Invalid operation/,
    names: { uninstall: ["remove"], delete: ["remove"], add: ["install"] },
  },
  "apt-cache": {
    usual: list(`depends dump madison pkgnames policy rdepends search show showpkg showsrc stats unmet`),
    also: list(`add dotty dumpavail gencaches help xvcg`),
    unknown: /Invalid operation/,
    names: { find: ["search"], info: ["show"] },
  },
  aptitude: {
    usual:
      list(`autoclean build-dep changelog clean download forget-new full-upgrade hold install markauto purge
      reinstall remove safe-upgrade search show unhold unmarkauto update versions why why-not`),
    also: list(`add-user-tag dist-upgrade extract-cache-subset help keep keep-all remove-user-tag upgrade`),
    unknown: /Unknown command/,
    names: { uninstall: ["remove"], delete: ["remove"], add: ["install"] },
  },
  brew: {
    usual:
      list(`analytics autoremove bundle cask cat cleanup commands config create deps desc doctor edit fetch help home
      info install leaves link list log migrate options outdated pin postinstall reinstall search services switch
      tap tap-info tap-new test uninstall unlink unpin untap update upgrade uses`),
    also: list(`abv dr instal ln ls rm remove audit bottle sh shellenv developer`),
    unknown: /Unknown command/,
    names: { delete: ["uninstall"], add: ["install"] },
  },
  cargo: {
    usual:
      list(`add bench build check clean clippy doc fetch fix fmt init install metadata new owner package publish
      remove run search test tree uninstall update vendor version yank`),
    also: list(`b c d r t rm help login logout locate-project pkgid report rustc rustdoc verify-project info
      generate-lockfile`),
    unknown: /no such (?:sub)?command|unrecognized subcommand/i,
    names: { delete: ["remove"], start: ["run"], lint: ["clippy"], format: ["fmt"] },
  },
  choco: {
    usual: list(`apikey config export feature help info install list new outdated pack pin push search source
      uninstall upgrade`),
    also: list(`cache find features setapikey sources template unpackself`),
    unknown: /Could not find a command registered/,
    names: { remove: ["uninstall"], update: ["upgrade"] },
  },
  composer: {
    usual:
      list(`about archive audit browse bump check-platform-reqs clear-cache config create-project depends diagnose
      dump-autoload exec fund global help init install licenses list outdated prohibits reinstall remove require
      run-script search self-update show status suggests update validate`),
    also: list(`c cc clearcache dumpautoload home i info outdated r rm selfupdate u upgrade why why-not`),
    unknown: /Command "[^"]+" is not defined/,
    names: { add: ["require"], uninstall: ["remove"] },
  },
  conda: {
    usual:
      list(`activate build clean compare config create deactivate doctor env info init install list notices
      package remove rename repoquery run search uninstall update upgrade`),
    also: [],
    unknown: /CommandNotFoundError|invalid choice/,
  },
  dnf: dnf(),
  dnf5: dnf(),
  docker: {
    usual:
      list(`attach build builder buildx checkpoint commit compose config container context cp create diff events exec
      export history image images import info inspect kill load login logout logs manifest network node pause
      plugin port ps pull push rename restart rm rmi run save search secret service stack start stats stop swarm
      system tag top trust unpause update version volume wait`),
    also: [],
    unknown: /is not a docker command|unknown (?:docker )?command|unrecognized command/,
    names: { list: ["ps", "images"], ls: ["ps"], remove: ["rm", "rmi"] },
  },
  gem: {
    usual:
      list(`build cert check cleanup contents dependency environment exec fetch generate_index help info install
      list lock mirror open outdated owner pristine push query rdoc rebuild search server signin signout sources
      specification stale unpack update which yank`),
    also: list(`i uninstall`),
    unknown: /Unknown command/,
    names: { remove: ["uninstall"], unisntall: ["uninstall"] },
  },
  go: {
    usual: list(
      `bug build clean doc env fix fmt generate get install list mod run test tool version vet work`,
    ),
    also: list(`help telemetry`),
    unknown: /unknown (?:sub)?command/,
    names: { add: ["get"], start: ["run"] },
  },
  goenv: versionManager(),
  jenv: versionManager(),
  nodenv: versionManager(),
  pyenv: versionManager(),
  rbenv: versionManager(),
  kubectl: {
    usual:
      list(`annotate api-resources api-versions apply attach auth autoscale certificate cluster-info completion
      config cordon cp create debug delete describe diff drain edit events exec explain expose get kustomize label
      logs patch plugin port-forward proxy replace rollout run scale set taint top uncordon version wait`),
    also: list(`alpha options`),
    unknown: /unknown command/,
  },
  pip: {
    usual:
      list(`cache check completion config debug download freeze hash help index inspect install list search show
      uninstall wheel`),
    also: list(`lock`),
    unknown: /unknown command/i,
    names: {
      remove: ["uninstall"],
      add: ["install"],
      update: ["install --upgrade"],
      upgrade: ["install --upgrade"],
    },
  },
  pnpm: {
    usual:
      list(`add audit bin config create deploy dlx doctor env exec fetch import init install licenses link list
      outdated pack patch prune publish rebuild remove root run server setup start store test unlink update why`),
    also: list(`c dedupe i install-test it la ll ls rb rm t tst un uninstall up upgrade`),
    unknown: /Unknown command|ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL/,
  },
  "react-native": {
    usual:
      list(`bundle clean config doctor info init install link log-android log-ios run-android run-ios start uninstall
      unlink upgrade`),
    also: list(`ram-bundle profile-hermes build-android build-ios`),
    unknown: /[Uu]nrecognized command|unknown command/,
  },
  systemctl: {
    usual:
      list(`cancel cat daemon-reexec daemon-reload disable edit enable get-default halt hibernate is-active is-enabled
      is-failed isolate kill list-dependencies list-jobs list-sockets list-timers list-unit-files list-units mask
      poweroff preset reboot reenable reload reload-or-restart reset-failed restart set-default set-property show
      start status stop suspend switch-root try-restart unmask`),
    also: [],
    unknown: /Unknown (?:operation|command verb)/,
  },
  terraform: terraform(),
  tofu: terraform(),
  tmux: {
    usual:
      list(`attach attach-session detach detach-client has-session kill-pane kill-server kill-session kill-window list-buffers
      list-clients list-commands list-keys list-panes list-sessions list-windows ls new new-session new-window rename-session
      rename-window select-pane select-window send-keys show-options source-file split-window switch-client`),
    also: list(`a at has info lsb lsc lscm lsk lsp lsw neww rename source splitw switch`),
    unknown: /unknown command|ambiguous command/,
    names: { list: ["list-sessions"] },
  },
  yarn: {
    usual:
      list(`access add audit autoclean bin cache check config create dlx exec generate-lock-entry global help import
      info init install licenses link list login logout node outdated owner pack policies publish remove run set
      tag team test unlink unplug up upgrade upgrade-interactive version versions why workspace workspaces`),
    also: list(`constraints dedupe explain npm patch plugin rebuild search stage`),
    unknown: /Command "[^"]+" not found|Couldn't find a script named/,
    names: { require: ["add"], uninstall: ["remove"], rm: ["remove"], ls: ["list"], delete: ["remove"] },
  },
  yum: dnf(),
  npm: {
    usual: list(`access adduser audit bugs cache ci completion config dedupe deprecate diff dist-tag docs
      doctor edit exec explain explore find-dupes fund get help help-search init install install-ci-test
      install-test link ll login logout ls org outdated owner pack ping pkg prefix profile prune publish
      query rebuild repo restart root run run-script sbom search set shrinkwrap star stars start stop team
      test token undeprecate uninstall unpublish unstar update version view whoami`),
    unknown: /Unknown command/,
    also: list(`add add-user author c cit clean-install clean-install-test create ddp dist-tags find hlep home
      i ic in info innit ins inst insta instal install-clean isnt isnta isntal isntall isntall-clean issues it
      la list ln ogr r rb remove rm rum s se show sit t tst udpate un unlink up upgrade urn v verison why x`),
  },
}

/** The same program under the name of its version. */
const unversioned = (program: string): string => (/^pip\d/.test(program) ? "pip" : program)

export const subcommandsOf = (program: string): Subcommands | null => {
  const name = unversioned(program)
  return Object.hasOwn(table, name) ? table[name]! : null
}

/** What may stand below the subcommand, where it has its own, and where the word for it stands. */
export const groupOf = (
  words: ReadonlyArray<string>,
): { readonly at: number; readonly known: Subcommands } | null => {
  const at = subcommandAt(words)
  const known = at < 0 ? null : subcommandsOf(`${(words[0] ?? "").split("/").at(-1)!} ${words[at]!}`)
  const below = words.findIndex((word, i) => i > at && !word.startsWith("-"))
  return known === null || below < 0 ? null : { at: below, known }
}

export const isSubcommand = (program: string, word: string): boolean => {
  const known = subcommandsOf(program)
  return known !== null && (known.usual.includes(word) || known.also.includes(word))
}

/** Where the subcommand of a program stands: its first word that is no option and none's own; -1 where none does. */
export const subcommandAt = (words: ReadonlyArray<string>): number => {
  const takes = subcommandsOf((words[0] ?? "").split("/").at(-1)!)?.takes ?? []
  let at = 1
  while (at < words.length && words[at]!.startsWith("-")) at += takes.includes(words[at]!) ? 2 : 1
  return at < words.length ? at : -1
}

/** Options of git itself that stand before the subcommand and take a word of their own. */
const gitTakesWord = new Set(["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"])

/** Where the subcommand stands; -1 where none does. */
export const gitSubcommandAt = (words: ReadonlyArray<string>): number => {
  if (words[0] !== "git") return -1
  let at = 1
  while (at < words.length && words[at]!.startsWith("-")) at += gitTakesWord.has(words[at]!) ? 2 : 1
  return at < words.length ? at : -1
}
