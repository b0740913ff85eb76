/** Long options of common programs, from their own documentation: facts for telling which one was mistyped. */
const list = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

const gnu = list(`help version`)

const table: Readonly<Record<string, ReadonlyArray<string>>> = {
  apt: list(`allow-downgrades all-versions assume-no assume-yes auto-remove autoremove download-only dry-run fix-broken
    fix-missing fix-policy full ignore-hold install-recommends installed manual-installed names-only no-download
    no-install-recommends no-install-suggests no-remove no-upgrade only-upgrade option print-uris purge quiet reinstall
    simulate target-release upgradable verbose with-new-pkgs yes`),
  brew: list(`all build-from-source cask cleanup dry-run fetch-HEAD force formula formulae casks greedy HEAD json overwrite
    quiet verbose versions zap`),
  cargo:
    list(`all all-features all-targets allow-dirty bench bin bins color example examples exclude features frozen git
    jobs keep-going lib list locked manifest-path message-format no-default-features no-deps no-fail-fast no-run offline
    open package path profile quiet release target target-dir test tests verbose workspace`),
  cat: list(`number number-nonblank show-all show-ends show-nonprinting show-tabs squeeze-blank`),
  cmake:
    list(`build build-and-test config debug-output fresh graphviz install list-presets parallel preset prefix target trace
    verbose workflow`),
  cp: list(`archive backup force interactive link no-clobber no-dereference parents preserve recursive remove-destination
    symbolic-link target-directory update verbose`),
  curl: list(`basic cacert cert compressed config connect-timeout cookie cookie-jar data data-binary data-raw data-urlencode
    fail fail-with-body form get globoff head header http1.1 http2 include insecure ipv4 ipv6 json key limit-rate location
    max-redirs max-time netrc no-buffer output output-dir oauth2-bearer parallel progress-bar proxy range referer
    remote-header-name remote-name remote-time request request-target resolve retry retry-all-errors retry-delay show-error
    silent socks5 tls-max tlsv1.2 trace unix-socket upload-file url user user-agent verbose write-out`),
  diff: list(`brief color context ignore-all-space ignore-blank-lines ignore-case ignore-space-change new-file recursive
    report-identical-files side-by-side unified`),
  dpkg: list(`add-architecture audit clear-avail configure contents control field forget-old-unavail get-selections
    info install instdir list listfiles no-act print-architecture print-avail print-foreign-architectures purge remove root
    search set-selections show simulate status unpack update-avail verify`),
  docker:
    list(`add-host all build build-arg cap-add cap-drop cpus detach device dns entrypoint env env-file expose file filter
    follow force format gpus health-cmd hostname init interactive ip ipc label link log-driver memory mount name network
    no-cache no-trunc pid platform privileged progress publish publish-all pull push quiet read-only remove-orphans restart rm
    secret security-opt shm-size since squash ssh stop-timeout tag tail target timestamps tmpfs tty ulimit until user volume
    volumes workdir`),
  du: list(
    `all apparent-size bytes exclude human-readable max-depth one-file-system separate-dirs summarize threshold time total`,
  ),
  git: list(`abbrev-commit abort all allow-empty amend ancestry-path atomic author autosquash autostash bare branch branches
    cached cc cherry-pick color continue date decorate delete depth detach diff-filter dry-run edit exclude fetch ff-only
    file first-parent fixup follow force force-with-lease format global graph grep hard ignore-space-change include-untracked
    interactive keep list local max-count merges message mirror mixed name-only name-status no-commit no-edit no-ff no-merges
    no-verify not numstat oneline onto orphan ours patch patch-with-stat porcelain pretty prune quiet quit rebase recurse-submodules recursive
    remotes reset-author reverse root set-upstream set-upstream-to shallow-since short shortstat show-current signoff
    since single-branch skip soft source squash staged stat stdin submodule summary tags theirs track unified unset until update
    verbose word-diff worktree`),
  grep: list(`after-context before-context color context count exclude exclude-dir extended-regexp files-with-matches
    files-without-match fixed-strings ignore-case include invert-match line-number line-regexp max-count no-filename no-messages
    null only-matching perl-regexp quiet recursive text with-filename word-regexp`),
  helm: list(`all-namespaces api-versions atomic cleanup-on-fail create-namespace debug dependency-update devel description dry-run force
    generate-name include-crds install kube-context kubeconfig namespace no-hooks output password post-renderer repo
    reset-values reuse-values set set-file set-string show-only skip-crds timeout username values verify version wait
    wait-for-jobs`),
  journalctl:
    list(`all boot catalog disk-usage dmesg facility follow full grep header identifier list-boots lines no-hostname
    no-pager output pager-end priority quiet reverse rotate since system unit until user user-unit utc vacuum-size vacuum-time
    verify`),
  kubectl:
    list(`all all-namespaces as cluster container context dry-run field-selector filename follow force grace-period
    image kubeconfig kustomize label-columns namespace output overwrite previous recursive replicas revision selector
    server-side show-labels since since-time sort-by stdin tail timestamps timeout token tty validate wait watch`),
  ls: list(`all almost-all author block-size classify color dereference directory file-type full-time group-directories-first
    hide human-readable ignore inode kibibytes no-group numeric-uid-gid quote-name recursive reverse si size sort time
    time-style width`),
  make: list(`always-make assume-new assume-old check-symlink-times debug directory dry-run environment-overrides eval file
    ignore-errors include-dir jobs just-print keep-going load-average no-builtin-rules no-print-directory old-file
    output-sync print-data-base print-directory question quiet silent stop touch trace warn-undefined-variables what-if`),
  mypy: list(`any-exprs-report cache-dir check-untyped-defs config-file disallow-any-generics disallow-incomplete-defs
    disallow-untyped-defs exclude explicit-package-bases follow-imports ignore-missing-imports implicit-reexport
    install-types module namespace-packages no-error-summary no-incremental non-interactive package pretty python-executable
    python-version show-column-numbers show-error-codes show-error-context sqlite-cache strict strict-equality strict-optional
    verbose warn-redundant-casts warn-return-any warn-unreachable warn-unused-ignores`),
  vitest:
    list(`api bail browser changed config coverage dir environment exclude globals isolate logHeapUsage maxWorkers
    merge-reports minWorkers mode no-coverage outputFile passWithNoTests pool project reporter retry root run sequence shard
    silent testNamePattern testTimeout typecheck ui update watch`),
  mkdir: list(`context mode parents verbose`),
  mv: list(`backup force interactive no-clobber no-target-directory target-directory update verbose`),
  node: list(`check conditions cpu-prof enable-source-maps env-file eval experimental-strip-types expose-gc import input-type
    inspect inspect-brk interactive loader max-old-space-size no-deprecation no-warnings preserve-symlinks print require run
    test test-name-pattern test-only test-reporter throw-deprecation trace-deprecation trace-uncaught trace-warnings
    unhandled-rejections watch watch-path`),
  pip: list(`cache-dir constraint dry-run editable extra-index-url find-links force-reinstall ignore-installed index-url
    no-binary no-build-isolation no-cache-dir no-deps no-index only-binary outdated platform pre prefix proxy python quiet
    requirement root target trusted-host upgrade upgrade-strategy user uptodate verbose`),
  ps: list(
    `cols columns context deselect forest format group headers no-headers pid ppid rows sort tty user width`,
  ),
  pytest:
    list(`basetemp cache-clear cache-show capture collect-only color cov cov-fail-under cov-report deselect doctest-modules
    durations exitfirst failed-first fixtures ignore import-mode junitxml keyword last-failed log-cli-level markers maxfail
    new-first no-cov no-header no-summary numprocesses override-ini pdb quiet rootdir setup-show show-capture showlocals
    stepwise strict-config strict-markers tb timeout trace verbose verbosity`),
  rm: list(`dir force interactive no-preserve-root one-file-system preserve-root recursive verbose`),
  rsync:
    list(`acls append archive backup bwlimit checksum chmod chown compress copy-links cvs-exclude delete delete-after
    delete-excluded devices dry-run exclude exclude-from executability existing files-from filter group hard-links
    human-readable ignore-errors ignore-existing include inplace itemize-changes links list-only max-size min-size
    no-perms numeric-ids omit-dir-times one-file-system owner partial partial-dir perms progress prune-empty-dirs
    quiet recursive relative remove-source-files rsh rsync-path size-only sparse stats temp-dir times update verbose
    whole-file xattrs`),
  sed: list(`debug expression file follow-symlinks in-place line-length null-data posix quiet regexp-extended sandbox separate
    silent unbuffered zero-terminated`),
  sort: list(`check dictionary-order field-separator general-numeric-sort human-numeric-sort ignore-case key merge month-sort
    numeric-sort output parallel random-sort reverse stable unique version-sort zero-terminated`),
  systemctl:
    list(`all failed force full global lines no-block no-legend no-pager no-reload now output plain property quiet
    reverse root runtime show-types state system type user value wait`),
  tail: list(`bytes follow lines pid quiet retry sleep-interval verbose zero-terminated`),
  tar: list(`absolute-names append auto-compress bzip2 catenate create delete diff directory exclude exclude-from exclude-vcs
    extract file files-from get gzip list no-recursion no-same-owner one-file-system owner overwrite preserve-permissions
    same-owner sort strip-components to-stdout totals transform update verbose xz zstd`),
  wget: list(`accept background continue cut-dirs debug delete-after directory-prefix header https-only input-file
    level limit-rate load-cookies mirror no-check-certificate no-clobber no-directories no-host-directories no-parent no-verbose
    output-document output-file page-requisites password post-data post-file progress quiet random-wait recursive referer
    reject show-progress spider timeout timestamping tries user user-agent verbose wait`),
  base64: list(`decode ignore-garbage wrap`),
  chmod: list(`changes no-preserve-root preserve-root quiet recursive reference silent verbose`),
  chown: list(
    `changes dereference from no-dereference no-preserve-root preserve-root quiet recursive reference silent verbose`,
  ),
  composer: list(
    `ansi apcu-autoloader classmap-authoritative dev dry-run ignore-platform-reqs no-ansi no-cache no-dev no-interaction no-plugins no-progress no-scripts no-suggest optimize-autoloader prefer-dist prefer-lowest prefer-source prefer-stable profile quiet sort-packages update-with-all-dependencies update-with-dependencies verbose with-all-dependencies with-dependencies working-dir`,
  ),
  cut: list(`bytes characters complement delimiter fields only-delimited output-delimiter zero-terminated`),
  date: list(`date debug file iso-8601 reference rfc-3339 rfc-email set universal utc`),
  df: list(
    `all block-size direct exclude-type human-readable inodes local no-sync output portability print-type si sync total type`,
  ),
  free: list(`bytes count giga gibi human kibi kilo lohi mebi mega seconds si total wide`),
  gpg: list(
    `armor check-signatures clearsign decrypt default-key delete-keys delete-secret-keys detach-sign edit-key encrypt export export-secret-keys fingerprint full-generate-key gen-key generate-key homedir import keyserver list-keys list-public-keys list-secret-keys list-signatures local-user locate-keys output passphrase quick-generate-key recipient recv-keys refresh-keys search-keys send-keys show-keys sign sign-key symmetric verbose verify yes`,
  ),
  gradle: list(
    `build-cache build-file configuration-cache console continue continuous daemon debug dry-run exclude-task foreground gradle-user-home info init-script max-workers no-build-cache no-configuration-cache no-daemon no-parallel no-scan offline parallel profile project-cache-dir project-dir project-prop quiet refresh-dependencies rerun-tasks scan settings-file stacktrace status stop system-prop tests update-locks warn warning-mode write-locks write-verification-metadata`,
  ),
  gzip: list(
    `ascii best decompress fast force keep list name no-name quiet recursive rsyncable stdout suffix test to-stdout verbose`,
  ),
  head: list(`bytes lines quiet silent verbose zero-terminated`),
  jq: list(
    `arg argfile args argjson ascii-output color-output compact-output exit-status from-file indent join-output jsonargs monochrome-output null-input raw-input raw-output rawfile seq slurp slurpfile sort-keys stream tab unbuffered`,
  ),
  ln: list(
    `backup directory force interactive logical no-dereference no-target-directory physical relative suffix symbolic target-directory verbose`,
  ),
  lsblk: list(
    `all ascii bytes exclude fs include inverse json list nodeps noheadings output pairs paths perms raw scsi topology`,
  ),
  mysql: list(
    `batch database default-character-set execute force host html no-auto-rehash password port protocol quick raw silent skip-column-names socket ssl-mode table user verbose vertical xml`,
  ),
  php: list(
    `bindpath configuration define file help info ini interactive lint modules no-php-ini process-begin process-code process-end process-file repeat rf server strip syntax-check syntax-highlight version zend-extension`,
  ),
  psql: list(
    `command csv dbname echo-all echo-errors echo-hidden echo-queries expanded field-separator file host html list log-file no-align no-password no-psqlrc no-readline output password port pset quiet record-separator set single-line single-step single-transaction table-attr tuples-only username variable`,
  ),
  pg_dump: list(
    `blobs clean compress create data-only dbname encoding exclude-schema exclude-table file format host if-exists inserts jobs no-acl no-owner no-password no-privileges password port schema schema-only table username verbose`,
  ),
  python: list(`check-hash-based-pycs help help-all help-env help-xoptions version`),
  ruby: list(
    `copyright debug disable enable encoding external-encoding internal-encoding jit verbose yjit yydebug`,
  ),
  rustc: list(
    `allow cap-lints cfg codegen color crate-name crate-type deny edition emit error-format explain extern forbid json out-dir print sysroot target test verbose warn`,
  ),
  ss: list(
    `all context events extended family info ipv4 ipv6 listening memory net no-header no-queues numeric options oneline packet processes query raw resolve summary tcp threads timers udp unix`,
  ),
  stat: list(`cached dereference file-system format printf terse`),
  tee: list(`append ignore-interrupts output-error`),
  timeout: list(`foreground kill-after preserve-status signal verbose`),
  touch: list(`date no-create no-dereference reference time`),
  tr: list(`complement delete squeeze-repeats truncate-set1`),
  tree: list(
    `charset dirsfirst du filelimit filesfirst gitignore inodes matchdirs noreport prune sort timefmt`,
  ),
  uniq: list(
    `all-repeated check-chars count group ignore-case repeated skip-chars skip-fields unique zero-terminated`,
  ),
  useradd: list(
    `add-subids-for-system base-dir comment create-home expiredate gid groups home-dir inactive key no-create-home no-log-init no-user-group non-unique password prefix root shell skel system uid user-group`,
  ),
  usermod: list(
    `append badname comment expiredate gid groups home inactive lock login move-home non-unique password prefix root shell uid unlock`,
  ),
  wc: list(`bytes chars files0-from lines max-line-length total words`),
  xargs: list(
    `arg-file delimiter eof exit interactive max-args max-chars max-lines max-procs no-run-if-empty null open-tty process-slot-var replace show-limits verbose`,
  ),
  xz: list(
    `best check compress decompress extreme fast force format keep list memlimit no-sparse quiet robot stdout suffix test threads to-stdout verbose`,
  ),
  zip: list(
    `compression-method delete difference-archive encrypt entry-comments exclude filesync freshen include junk-paths move password quiet recurse-paths recurse-patterns split-size symlinks test update verbose`,
  ),
  zstd: list(
    `adaptive compress decompress exclude-compressed fast force format keep list long no-check output-dir-flat quiet recursive rm sparse stdout test threads train ultra verbose`,
  ),
}

/** Programs whose long options have one dash. */
const single: Readonly<Record<string, ReadonlyArray<string>>> = {
  find: list(`amin anewer atime cmin cnewer ctime daystart delete depth empty exec execdir executable false follow fstype
    group iname ipath iregex links maxdepth mindepth mmin mount mtime name newer nogroup nouser path perm print print0
    printf prune quit readable regex regextype size type user writable xdev`),
  ffmpeg:
    list(`acodec bitrate codec copyts filter_complex filter format framerate hide_banner hwaccel i itsoffset loglevel
    map map_metadata metadata movflags pix_fmt preset shortest ss stats threads to vcodec vf vframes vn`),
  java: list(`classpath cp D ea enableassertions esa help jar javaagent server showversion version verbose`),
  javac:
    list(`bootclasspath classpath cp d deprecation encoding endorseddirs extdirs g help implicit nowarn parameters proc
    processor processorpath release s source sourcepath target verbose version Werror`),
  openssl:
    list(`CA CAfile addext alt_name cert check connect content days dates digest enddate export fingerprint in inform
    inkey issuer key keyform keyout modulus name new newkey noout nodes outform passin passout pubin pubkey pubout rand req
    rsa serial servername sha256 showcerts signkey startdate starttls subj subject text trustout verify x509`),
  terraform:
    list(`auto-approve backend-config chdir check compact-warnings destroy diff input json lock lock-timeout lockfile migrate-state
    no-color out parallelism reconfigure recursive refresh refresh-only replace state target upgrade var var-file`),
}

/** Called otherwise, the same. */
const alias: Readonly<Record<string, string>> = {
  "apt-get": "apt",
  egrep: "grep",
  fgrep: "grep",
  gradlew: "gradle",
  pip3: "pip",
  python3: "python",
  tofu: "terraform",
}

/** With their dashes; empty for a program of which none are known. */
export const usualOptions = (called: string): ReadonlyArray<string> => {
  const program = Object.hasOwn(alias, called) ? alias[called]! : called
  return Object.hasOwn(single, program)
    ? single[program]!.map((name) => `-${name}`)
    : (Object.hasOwn(table, program) ? [...table[program]!, ...gnu] : []).map((name) => `--${name}`)
}
