/**
 * Subcommands of further programs, and those below a subcommand (`docker image`, `go mod`), from their own
 * documentation. Where users add their own, a word that is not listed need not be a slip.
 */
import type { Subcommands } from "./subcommands.ts"

/** How argument parsers say that they do not know a subcommand. */
export const saysUnknown =
  /(?:unknown|unrecogni[sz]ed|invalid|undefined) (?:sub-?)?(?:command|verb|operation|task)|no such (?:sub-?)?(?:command|task)|not an? (?:valid |known |recogni[sz]ed |\S+ )?(?:sub-?)?command|invalid choice|is (?:unknown|not recognized|misspelled)|(?:command|task) \S+ (?:could not be found|not found|does not exist|is not defined)|could not find (?:a )?(?:command|task)|(?:specified|requested) command[^\n]{0,40}(?:not found|does not exist)/i

const list = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

const fixed = (text: string): Subcommands => ({ usual: list(text), also: [], unknown: saysUnknown })

/** Users and plugins add to these. */
const open = (text: string): Subcommands => ({ ...fixed(text), grows: true })

export const further: Readonly<Record<string, Subcommands>> = {
  apk: fixed(
    `add audit cache del dot fetch fix index info list policy search stats update upgrade verify version`,
  ),
  asdf: open(`cmd current direnv env exec global help info install latest list list-all local plugin plugin-add plugin-list
    plugin-remove plugin-update reshim set shell shim-versions uninstall update version where which`),
  bun: {
    ...open(
      `add build create exec init install link outdated patch pm publish remove run test unlink update upgrade x`,
    ),
    unknown: /[Ss]cript not found|unknown command/,
  },
  bundle:
    open(`add binstubs cache check clean config console doctor exec gem info init install list lock open outdated
    platform plugin pristine remove show update version`),
  dart: fixed(`analyze compile create devtools doc fix format info pub run test`),
  deno: open(`add bench bundle cache check compile coverage doc eval fmt info init install jupyter lint lsp outdated
    publish remove repl run serve task test types uninstall upgrade vendor`),
  dbt: fixed(`build clean clone compile debug deps docs init list ls parse retry run run-operation seed show snapshot source
    test`),
  dotnet: {
    ...open(`add build clean format list msbuild new nuget pack publish reference remove restore run sdk sln
    store test tool vstest watch workload`),
    unnamed: true,
    unknown: /specified command or file was not found|Could not execute because/,
  },
  flask: open(`db routes run shell`),
  flatpak:
    fixed(`config history info install kill list mask override pin ps remote-add remote-delete remote-info
    remote-ls remotes repair run search uninstall update upgrade`),
  flutter:
    fixed(`analyze assemble attach bash-completion build channel clean config create devices doctor downgrade drive
    emulators gen-l10n install logs precache pub run screenshot symbolize test upgrade`),
  gh: open(`alias api attestation auth browse cache codespace completion config extension gist gpg-key issue label
    org pr project release repo ruleset run search secret ssh-key status variable workflow`),
  helm: open(`completion create dependency env get history install lint list package plugin pull push registry repo
    rollback search show status template test uninstall upgrade verify version`),
  hg: open(`add addremove annotate archive backout bisect bookmarks branch branches bundle cat clone commit config copy
    diff export files forget graft grep heads help identify import incoming init log manifest merge outgoing parents
    paths phase pull push recover remove rename resolve revert root serve status summary tag tags unbundle update
    verify version`),
  ip: open(`addr address link maddress monitor mptcp neighbour netns route rule tunnel tuntap vrf`),
  jj: open(`abandon absorb bookmark commit config describe diff diffedit duplicate edit evolog file fix git help
    interdiff log metaedit new next operation parallelize prev rebase resolve restore root show sign simplify-parents
    sparse split squash status tag undo util version workspace`),
  kind: fixed(`build completion create delete export get help load version`),
  launchctl:
    fixed(`attach blame bootout bootstrap debug disable dumpstate enable kickstart kill list load print
    procinfo reboot remove start stop submit unload version`),
  loginctl:
    fixed(`activate attach disable-linger enable-linger kill-session kill-user list-seats list-sessions
    list-users lock-session session-status show-session show-user terminate-session terminate-user user-status`),
  minikube:
    fixed(`addons cache config cp dashboard delete docker-env help image ip kubectl logs mount node pause profile
    service ssh ssh-key start status stop tunnel unpause update-check update-context version`),
  mix: open(`compile deps.clean deps.get deps.update do ecto.create ecto.migrate ecto.rollback format help new phx.new
    phx.server release run test`),
  nest: fixed(`add build generate info new start update`),
  nix: fixed(`build bundle copy daemon derivation develop edit eval flake fmt hash help key log path-info print-dev-env
    profile registry repl run search shell store upgrade-nix why-depends`),
  nmcli: open(`agent connection device general monitor networking radio`),
  nvm: open(`alias cache current deactivate exec help install install-latest-npm ls ls-remote reinstall-packages run
    unalias uninstall unload use version version-remote which`),
  openssl: {
    ...fixed(`asn1parse ca ciphers cms crl crl2pkcs7 dgst dhparam dsa dsaparam ec ecparam enc engine errstr gendsa genpkey
    genrsa help info kdf list mac nseq ocsp passwd pkcs12 pkcs7 pkcs8 pkey pkeyparam pkeyutl prime rand rehash req rsa
    rsautl s_client s_server s_time sess_id smime speed spkac srp storeutl ts verify version x509`),
    unknown: /Invalid command|is an invalid command/,
  },
  pipx: fixed(`completions ensurepath environment inject install install-all list pin reinstall reinstall-all run runpip
    uninject uninstall uninstall-all unpin upgrade upgrade-all upgrade-shared`),
  pm2: open(`delete describe flush info kill list log logs monit ping plus reload restart resurrect save scale send-signal
    show start startup stop unstartup update`),
  poetry:
    open(`about add build cache check config debug env export help init install list lock new publish remove run
    search self shell show source sync update version`),
  rails:
    open(`about assets:precompile console credentials:edit credentials:show db:create db:drop db:migrate db:prepare
    db:reset db:rollback db:seed db:setup dbconsole destroy dev:cache generate log:clear middleware new notes plugin
    restart routes runner secret server stats test time:zones:all tmp:clear zeitwerk:check`),
  rustup:
    fixed(`check completions component default doc help install man override run self set show target toolchain
    uninstall update upgrade which`),
  scoop: {
    ...fixed(`alias bucket cache cat checkup cleanup config create depends download export help hold home import info
    install list prefix reset search shim status unhold uninstall update virustotal which`),
    unknown: /isn't a scoop command/,
  },
  snap: fixed(`abort alias aliases changes connect connections disable disconnect download enable find help info install
    interface interfaces known list login logout logs pack prefer refresh remove restart revert run saved services set
    start stop switch tasks unalias unset version wait warnings whoami`),
  svn: open(`add auth blame cat changelist checkout cleanup commit copy delete diff export help import info list lock log
    merge mergeinfo mkdir move patch propdel propedit propget proplist propset relocate resolve resolved revert status
    switch unlock update upgrade`),
  swift: { ...fixed(`build package repl run test`), unnamed: true, unknown: /unable to invoke subcommand/ },
  timedatectl: fixed(
    `list-timezones set-local-rtc set-ntp set-time set-timezone show status timesync-status`,
  ),
  ufw: fixed(
    `allow app default delete deny disable enable insert limit logging reject reload reset show status`,
  ),
  uv: fixed(`add auth build cache export format help init lock pip publish python remove run self sync tool tree venv
    version`),
  vagrant:
    open(`autocomplete box cloud destroy global-status halt help init login package plugin port powershell provision
    push rdp reload resume snapshot ssh ssh-config status suspend up upload validate version winrm winrm-config`),
  virsh:
    open(`autostart console create define destroy dominfo domstate dumpxml edit list net-list net-start pool-list
    reboot resume setmem setvcpus shutdown snapshot-create snapshot-list start suspend undefine vol-list`),
  winget: {
    ...fixed(`configure download export features hash help import info install list pin repair search settings show source
    uninstall upgrade validate`),
    unknown: /Unrecognized command/i,
  },
  zig: fixed(`ar ast-check build build-exe build-lib build-obj c++ cc env fetch fmt help init libc rc reduce run std
    targets test translate-c version zen`),
  zypper:
    open(`addlock addrepo addservice clean dist-upgrade download info install install-new-recommends list-updates
    locks lr modifyrepo packages patch patches patterns products ps purge-kernels refresh remove removerepo repos
    search services update verify what-provides`),

  "docker builder": fixed(`build prune`),
  "docker buildx": fixed(
    `bake build create dial-stdio du history imagetools inspect install ls prune rm stop use version`,
  ),
  "docker container":
    fixed(`attach commit cp create diff exec export inspect kill logs ls pause port prune rename restart rm
    run start stats stop top unpause update wait`),
  "docker context": fixed(`create export import inspect ls rm show update use`),
  "docker image": fixed(`build history import inspect load ls prune pull push rm save tag`),
  "docker network": fixed(`connect create disconnect inspect ls prune rm`),
  "docker system": fixed(`df events info prune`),
  "docker volume": fixed(`create inspect ls prune rm update`),
  "gh auth": fixed(`login logout refresh setup-git status switch token`),
  "gh issue": fixed(
    `close comment create delete develop edit list lock pin reopen status transfer unlock unpin view`,
  ),
  "gh pr":
    fixed(`checkout checks close comment create diff edit list lock merge ready reopen review status unlock
    update-branch view`),
  "gh release": fixed(`create delete delete-asset download edit list upload view`),
  "gh repo":
    fixed(`archive autolink clone create delete deploy-key edit fork gitignore license list rename set-default sync
    unarchive view`),
  "gh run": fixed(`cancel delete download list rerun view watch`),
  "git bisect": fixed(`bad good help log new next old replay reset run skip start terms view visualize`),
  "git notes": fixed(`add append copy edit get-ref list merge prune remove show`),
  "git reflog": fixed(`delete exists expire list show`),
  "git remote": fixed(`add get-url prune remove rename set-branches set-head set-url show update`),
  "git sparse-checkout": fixed(`add check-rules disable init list reapply set`),
  "git submodule": fixed(
    `absorbgitdirs add deinit foreach init set-branch set-url status summary sync update`,
  ),
  "git worktree": fixed(`add list lock move prune remove repair unlock`),
  "go mod": fixed(`download edit graph init tidy vendor verify why`),
  "go work": fixed(`edit init sync use vendor`),
  "go tool": open(`asm cgo compile cover link nm objdump pack pprof trace vet`),
  "helm repo": fixed(`add index list remove update`),
  "ip addr": open(`add change del flush replace save show`),
  "ip link": open(`add delete set show`),
  "ip route": open(`add append change delete flush get list replace show`),
  "kubectl config":
    fixed(`current-context delete-cluster delete-context delete-user get-clusters get-contexts get-users
    rename-context set set-cluster set-context set-credentials unset use-context view`),
  "kubectl rollout": fixed(`history pause restart resume status undo`),
  "nix flake": fixed(`archive check clone init info lock metadata new prefetch show update`),
  "npm cache": fixed(`add clean ls npx verify`),
  "npm config": fixed(`delete edit fix get list set`),
  "rustup component": fixed(`add list remove`),
  "rustup target": fixed(`add list remove`),
  "rustup toolchain": fixed(`install link list uninstall`),
  "terraform state": fixed(`list mv pull push replace-provider rm show`),
  "terraform workspace": fixed(`delete list new select show`),
  "uv pip": fixed(`check compile freeze install list show sync tree uninstall`),
  "uv tool": fixed(`dir install list run uninstall update-shell upgrade`),
}
