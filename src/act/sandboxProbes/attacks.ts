/**
 * What is tried inside the sandbox to get out of it, as shell text that ends with 0 where it succeeded. Only programs
 * of every Linux are used; what needs perl (system calls by number, sockets of any family) is told apart where there
 * is none. Nothing here does harm where it succeeds: settings are written back as they were, clocks not moved.
 * `P_...` variables name the places the probe made on the machine's side (place.ts).
 */
export interface Attack {
  readonly name: string
  readonly shell: string
  readonly needs?: "perl"
  /** Also tried before the sandbox is used at all. */
  readonly atStart?: true
  /** Also tried with the network open: a way that the proxy might have opened. */
  readonly withNetwork?: true
}

/** Calls by number, with arguments none of them takes; success is any answer but "not permitted" and "no such call". */
const calls = (numbers: Readonly<Record<string, readonly [x64: number, arm64: number]>>): string => {
  const column = process.arch === "arm64" ? 1 : 0
  const list = Object.entries(numbers).map(([name, row]) => `${name} => ${row[column]}`)
  return `perl -e '
    my %calls = (${list.join(", ")});
    my $through = 0;
    for my $name (sort keys %calls) {
      $! = 0;
      my $answer = syscall($calls{$name}, -1, -1, -1, -1, -1, -1);
      next if $answer < 0 && ($! == 1 || $! == 38);
      print "$name "; $through = 1;
    }
    exit($through ? 0 : 1);
  '`
}

/** A socket of each family, type and protocol; success is one that opens. */
const sockets = (list: ReadonlyArray<readonly [family: number, type: number, protocol: number]>): string =>
  `perl -e '
    my $through = 0;
    for my $kind (${list.map((kind) => `[${kind.join(",")}]`).join(", ")}) {
      if (socket(my $socket, $kind->[0], $kind->[1], $kind->[2])) { print "family $kind->[0] "; $through = 1 }
    }
    exit($through ? 0 : 1);
  '`

/** Connections by address; success is one that stands. */
const connections = `perl -e '
    use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
    my $through = 0;
    for my $place (split / /, $ENV{P_ADDRESSES}) {
      my ($address, $port) = $place =~ /^(.*)_(\\d+)$/;
      my $packed = $address =~ /:/ ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_aton($address));
      socket(my $socket, $address =~ /:/ ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or next;
      local $SIG{ALRM} = sub { die };
      eval { alarm 2; if (connect($socket, $packed)) { print "$place "; $through = 1 } alarm 0 };
    }
    exit($through ? 0 : 1);
  '`

export const attacks: ReadonlyArray<Attack> = [
  {
    name: "capabilities",
    shell: `! grep -q '^CapEff:.0000000000000000$' /proc/self/status || ! grep -q '^CapBnd:.0000000000000000$' /proc/self/status`,
    atStart: true,
  },
  { name: "new privileges", shell: `! grep -q '^NoNewPrivs:.1$' /proc/self/status`, atStart: true },
  {
    name: "remount",
    shell: `mount -o remount,bind,rw /usr || { touch /usr/.claw-probe && rm /usr/.claw-probe; } || { mkdir -p m && mount -t tmpfs x m && umount m; } || { mount --bind / m && umount m; }`,
    atStart: true,
  },
  { name: "namespaces", shell: `unshare -Ur true || unshare -m true || unshare -n true`, atStart: true },
  { name: "chroot", shell: `chroot / true` },
  { name: "home", shell: `cat "$HOME/.ssh/key" "$P_HOME/.ssh/key"`, atStart: true },
  { name: "claw's own files", shell: `cat "$P_HIDDEN/socket" || ls "$P_HIDDEN"/*`, atStart: true },
  {
    name: "git hooks and settings",
    shell: `echo x > .git/hooks/pre-commit || mv .git/hooks .git/other || mv .git .other || echo x > .git/config || rm -r .git`,
    atStart: true,
  },
  {
    name: "git hooks of a nested repository",
    shell: `echo x > nested/.git/hooks/pre-commit || mv nested/.git nested/other`,
  },
  {
    name: "files that run later",
    shell: `echo x > .npmrc || rm .npmrc || mkdir .vscode || mkdir .github || ln -s /tmp .envrc || echo x > .gitlab-ci.yml`,
    atStart: true,
  },
  {
    name: "outside the workspace",
    shell: `echo x > "$P_OUTSIDE/file" || cat "$P_OUTSIDE/file"`,
    atStart: true,
  },
  { name: "symbolic link out", shell: `ln -s "$P_OUTSIDE/file" link && { cat link || echo x > link; }` },
  { name: "hard link", shell: `ln "$P_OUTSIDE/file" hard || { ln .git/config hard && echo x > hard; }` },
  {
    name: "root and folder of other processes",
    shell: `for p in /proc/[0-9]*; do cat "$p/root$P_OUTSIDE/file" || cat "$p/cwd/../outside/file" && exit 0; done; exit 1`,
  },
  {
    name: "kernel settings",
    shell: `v=$(cat /proc/sys/kernel/core_pattern); echo "$v" > /proc/sys/kernel/core_pattern || [ -n "$(find /proc/sys -type f -writable 2>/dev/null | head -1)" ]`,
    atStart: true,
  },
  {
    name: "sysrq and kernel memory",
    shell: `[ -w /proc/sysrq-trigger ] || for f in /proc/kcore /proc/kmsg /dev/mem /dev/kmsg; do timeout 2 head -c 1 "$f" | grep -q . && exit 0; done; exit 1`,
  },
  { name: "/sys", shell: `[ -n "$(find /sys -writable 2>/dev/null | head -1)" ]` },
  {
    name: "devices",
    shell: `{ echo x > /dev/claw-probe && rm /dev/claw-probe; } || ls /dev | grep -vxE 'console|core|fd|full|null|ptmx|pts|random|shm|std(err|in|out)|tty|urandom|zero' || mknod block b 8 0 || ls /dev/pts | grep -vx ptmx`,
  },
  {
    name: "system secrets",
    shell: `head -c 1 /etc/shadow | grep -q . || [ -n "$(find /etc/ssl/private /etc/sudoers /etc/sudoers.d -type f -size +0)" ]`,
  },
  {
    name: "setuid programs",
    shell: `[ "$(su -c 'id -u' 2>/dev/null)" = 0 ] && ! grep -q '^NoNewPrivs:.1$' /proc/self/status`,
  },
  {
    name: "other processes",
    shell: `[ "$(ls -d /proc/[0-9]* | wc -l)" -gt 20 ] || kill -0 "$P_PID"`,
    atStart: true,
    withNetwork: true,
  },
  {
    name: "descriptors",
    shell: `for fd in /proc/self/fd/*; do n=\${fd##*/}; [ "$n" -gt 2 ] || continue; to=$(readlink "/proc/$$/fd/$n") || continue; case $to in /dev/null|/proc/*|pipe:*) ;; *) echo "$n $to"; exit 0;; esac; done; exit 1`,
    atStart: true,
    withNetwork: true,
  },
  {
    name: "sockets of the desktop and of keys",
    shell: `[ -n "$DISPLAY$WAYLAND_DISPLAY$DBUS_SESSION_BUS_ADDRESS$SSH_AUTH_SOCK$XDG_RUNTIME_DIR$GPG_AGENT_INFO" ] || for s in /tmp/.X11-unix /run/user /run/dbus /run/docker.sock /var/run /run/systemd; do [ -e "$s" ] && exit 0; done; exit 1`,
    withNetwork: true,
  },
  {
    name: "unix sockets",
    shell: `perl -MSocket -e '
    for my $path ($ENV{P_SOCKET}, "\\0$ENV{P_ABSTRACT}") {
      socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or next;
      print "opened "; exit 0;
    }
    exit 1;
  '`,
    needs: "perl",
    withNetwork: true,
  },
  {
    name: "a terminal's input",
    shell: `perl -e 'my $c = "x"; my $done = ioctl(STDIN, 0x5412, $c); exit($done || $! != 1 ? 0 : 1)'`,
    needs: "perl",
  },
  {
    name: "odd sockets",
    // raw, packet, vsock, key, netlink beyond routing, bluetooth, can, tipc, alg, xdp
    shell: sockets([
      [2, 3, 1],
      [2, 3, 255],
      [2, 2, 1],
      [10, 3, 58],
      [17, 3, 768],
      [40, 1, 0],
      [15, 3, 2],
      [16, 3, 9],
      [16, 3, 15],
      [31, 3, 1],
      [29, 3, 1],
      [30, 1, 0],
      [38, 5, 0],
      [44, 3, 0],
    ]),
    needs: "perl",
    withNetwork: true,
  },
  { name: "addresses of the machine and its cloud", shell: connections, needs: "perl", withNetwork: true },
  {
    name: "name service",
    shell: `getent hosts example.com || getent ahosts one.one.one.one`,
    withNetwork: true,
  },
  {
    name: "only its own network",
    shell: `[ "$(tail -n +3 /proc/net/dev | wc -l)" != 1 ]`,
    atStart: true,
    withNetwork: true,
  },
  {
    name: "tracing",
    shell: calls({
      ptrace: [101, 117],
      process_vm_readv: [310, 270],
      process_vm_writev: [311, 271],
      kcmp: [312, 272],
      pidfd_getfd: [438, 438],
      perf_event_open: [298, 241],
    }),
    needs: "perl",
  },
  {
    name: "kernel keys",
    shell: calls({ add_key: [248, 217], request_key: [249, 218], keyctl: [250, 219] }),
    needs: "perl",
  },
  {
    name: "kernel programs",
    shell: calls({
      bpf: [321, 280],
      userfaultfd: [323, 282],
      init_module: [175, 105],
      finit_module: [313, 273],
      kexec_load: [246, 104],
      io_uring_setup: [425, 425],
    }),
    needs: "perl",
  },
  {
    name: "mounts by number",
    shell: calls({
      mount: [165, 40],
      umount2: [166, 39],
      pivot_root: [155, 41],
      open_tree: [428, 428],
      move_mount: [429, 429],
      fsopen: [430, 430],
      mount_setattr: [442, 442],
      open_by_handle_at: [304, 265],
      setns: [308, 268],
      chroot: [161, 51],
      clone3: [435, 435],
    }),
    needs: "perl",
  },
  {
    name: "clock, host name, power",
    shell: calls({
      settimeofday: [164, 170],
      clock_settime: [227, 112],
      adjtimex: [159, 171],
      sethostname: [170, 161],
      reboot: [169, 142],
      swapon: [167, 224],
      acct: [163, 89],
      syslog: [103, 116],
    }),
    needs: "perl",
  },
]

/** Names of variables a command may see; any other came from the daemon. */
const known =
  /^(?:LANG|LANGUAGE|LC_[A-Z]+|TZ|USER|LOGNAME|SHELL|PATH|HOME|TMPDIR|TERM|PAGER|GIT_PAGER|GIT_EDITOR|GIT_SEQUENCE_EDITOR|GIT_TERMINAL_PROMPT|GIT_CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+)|CLAW_AGENT|PWD|OLDPWD|SHLVL|_|P_[A-Z]+|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|NODE_USE_ENV_PROXY|(?:https?|all|no)_proxy|(?:HTTPS?|ALL|NO)_PROXY|npm_config_(?:https_)?(?:no)?proxy|YARN_HTTPS?_PROXY)$/

/**
 * Each attack says `name=held`, `name=untried`, or `name=broken` with what it printed. What needs an interpreter must
 * end with 1 to be held: its own mistake is no proof.
 */
export const scriptOf = (list: ReadonlyArray<Attack>): string =>
  [
    ...list.map(({ name, needs, shell }) => {
      const attempt = `out=$( { ${shell}\n} 2>/dev/null </dev/null ); status=$?`
      const said = `$(echo "$out" | head -c 200 | tr '\\n' ' ')`
      return needs === undefined
        ? `${attempt}; [ $status = 0 ] && echo "${name}=broken ${said}" || echo "${name}=held"`
        : `if command -v ${needs} >/dev/null; then ${attempt}; case $status in 0) echo "${name}=broken ${said}";; 1) echo "${name}=held";; *) echo "${name}=broken could not be tried";; esac; else echo "${name}=untried"; fi`
    }),
    `touch written && echo workspace=held`,
    `echo environment: $(cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | cut -d= -f1 | sort -u)`,
  ].join("\n")

export const foreignVariables = (line: string): ReadonlyArray<string> =>
  line
    .split(" ")
    .slice(1)
    .filter((name) => name !== "" && !known.test(name))
