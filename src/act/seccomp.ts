/**
 * The system-call filter of the sandbox as BPF bytes: what no build or test needs, and what would reach the host
 * past the namespaces. Unix sockets are closed: a daemon's socket that lies in a visible folder would answer, and
 * no mount can hold one off. io_uring is closed because it opens sockets unseen by this filter; clone3 is said not
 * to exist, because its flags cannot be read, and libraries then take clone, whose flags can.
 * Invariant: an unknown architecture gives no filter (null), and the sandbox says so; a foreign call convention kills.
 */
const load = 0x20
const jumpEqual = 0x15
const jumpAtLeast = 0x35
const jumpAnyBit = 0x45
const answer = 0x06

const allow = 0x7fff0000
const killProcess = 0x80000000
const errno = (code: number): number => 0x00050000 | code
const notPermitted = errno(1)
const notImplemented = errno(38)

const inet = 2
const inet6 = 10
const netlink = 16
/** A new namespace of any kind; those of users are closed by bubblewrap as well. */
const newNamespaces = 0x7e020000
/** Typing into the terminal (TIOCSTI), and the console's version of it (TIOCLINUX). */
const terminalInput = [0x5412, 0x541c]

/** Offsets of the first words of the arguments. */
const first = 16
const second = 24
const third = 32

interface Architecture {
  readonly id: number
  readonly socket: number
  readonly clone: number
  readonly ioctl: number
  readonly closed: ReadonlyArray<number>
}
/** The same numbers everywhere: open_tree to fspick, mount_setattr, pidfd_getfd, process_madvise, quotactl_fd. */
const newCalls = [428, 429, 430, 431, 432, 433, 442, 438, 440, 443]
/** io_uring, clone3. */
const denied = [425, 426, 427, 435]
const architectures: Readonly<Record<string, Architecture>> = {
  x64: {
    id: 0xc000003e,
    socket: 41,
    clone: 56,
    ioctl: 16,
    // add_key, request_key, keyctl, bpf, perf_event_open, userfaultfd, kexec x2, open_by_handle_at, mount, umount2,
    // pivot_root, init_module, finit_module, delete_module, setns
    closed: [
      248,
      249,
      250,
      321,
      298,
      323,
      246,
      320,
      304,
      165,
      166,
      155,
      175,
      313,
      176,
      308,
      // ptrace, process_vm x2, kcmp, unshare, chroot, swap x2, reboot, host and domain name, iopl, ioperm, acct
      101,
      310,
      311,
      312,
      272,
      161,
      167,
      168,
      169,
      170,
      171,
      172,
      173,
      163,
      // clocks x4, quotactl, syslog, vhangup, fanotify_init, uselib, _sysctl, nfsservctl, lookup_dcookie
      164,
      159,
      227,
      305,
      179,
      103,
      153,
      300,
      134,
      156,
      180,
      212,
      ...newCalls,
    ],
  },
  arm64: {
    id: 0xc00000b7,
    socket: 198,
    clone: 220,
    ioctl: 29,
    closed: [
      217,
      218,
      219,
      280,
      241,
      282,
      104,
      294,
      265,
      40,
      39,
      41,
      105,
      273,
      106,
      268,
      117,
      270,
      271,
      272,
      97,
      51,
      224,
      225,
      142,
      161,
      162,
      89,
      170,
      171,
      112,
      266,
      60,
      116,
      58,
      262,
      42,
      18,
      ...newCalls,
    ],
  },
}

type Instruction = readonly [code: number, onTrue: number, onFalse: number, value: number]

/** For one system call: `checks`, each ending it, and else it is allowed. */
const when = (call: number, checks: ReadonlyArray<Instruction>): ReadonlyArray<Instruction> => [
  [jumpEqual, 0, checks.length + 1, call],
  ...checks,
  [answer, 0, 0, allow],
]

export const seccompFilter = (architecture: string): Uint8Array | null => {
  const machine = architectures[architecture]
  if (machine === undefined) return null
  const program: Array<Instruction> = [
    [load, 0, 0, 4],
    [jumpEqual, 1, 0, machine.id],
    [answer, 0, 0, killProcess],
    [load, 0, 0, 0],
    // the x32 numbers of the same machine
    ...(architecture === "x64"
      ? ([
          [jumpAtLeast, 0, 1, 0x40000000],
          [answer, 0, 0, notPermitted],
        ] as const)
      : []),
    ...machine.closed.flatMap((number): Array<Instruction> => [
      [jumpEqual, 0, 1, number],
      [answer, 0, 0, notPermitted],
    ]),
    ...denied.flatMap((number): Array<Instruction> => [
      [jumpEqual, 0, 1, number],
      [answer, 0, 0, notImplemented],
    ]),
    ...when(machine.clone, [
      [load, 0, 0, first],
      [jumpAnyBit, 0, 1, newNamespaces],
      [answer, 0, 0, notPermitted],
    ]),
    ...when(machine.ioctl, [
      [load, 0, 0, second],
      ...terminalInput.flatMap((request): Array<Instruction> => [
        [jumpEqual, 0, 1, request],
        [answer, 0, 0, notPermitted],
      ]),
    ]),
    ...when(machine.socket, [
      [load, 0, 0, first],
      [jumpEqual, 4, 0, inet],
      [jumpEqual, 3, 0, inet6],
      [jumpEqual, 0, 3, netlink],
      // of netlink only the routing tables, which resolvers read
      [load, 0, 0, third],
      [jumpEqual, 0, 1, 0],
      [answer, 0, 0, allow],
      [answer, 0, 0, notPermitted],
    ]),
    [answer, 0, 0, allow],
  ]
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  for (const [index, [code, onTrue, onFalse, value]] of program.entries()) {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, onTrue)
    view.setUint8(index * 8 + 3, onFalse)
    view.setUint32(index * 8 + 4, value >>> 0, true)
  }
  return bytes
}
