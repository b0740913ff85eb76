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

/** Answered as not permitted: the number on x64 and on arm64, null where there is none. */
const closed: Readonly<Record<string, readonly [x64: number, arm64: number | null]>> = {
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  open_by_handle_at: [304, 265],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  setns: [308, 268],
  unshare: [272, 97],
  chroot: [161, 51],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, null],
  ioperm: [173, null],
  acct: [163, 89],
  settimeofday: [164, 170],
  adjtimex: [159, 171],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  quotactl: [179, 60],
  syslog: [103, 116],
  vhangup: [153, 58],
  fanotify_init: [300, 262],
  uselib: [134, null],
  _sysctl: [156, null],
  nfsservctl: [180, 42],
  lookup_dcookie: [212, 18],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  mount_setattr: [442, 442],
  quotactl_fd: [443, 443],
}
/** Answered as not there: io_uring_setup, io_uring_enter, io_uring_register, clone3; the same numbers everywhere. */
const absent = [425, 426, 427, 435]

interface Architecture {
  readonly id: number
  readonly socket: number
  readonly clone: number
  readonly ioctl: number
  readonly column: 0 | 1
}
const architectures: Readonly<Record<string, Architecture>> = {
  x64: { id: 0xc000003e, socket: 41, clone: 56, ioctl: 16, column: 0 },
  arm64: { id: 0xc00000b7, socket: 198, clone: 220, ioctl: 29, column: 1 },
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
  const numbers = Object.values(closed)
    .map((row) => row[machine.column])
    .filter((number) => number !== null)
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
    ...numbers.flatMap((number): Array<Instruction> => [
      [jumpEqual, 0, 1, number],
      [answer, 0, 0, notPermitted],
    ]),
    ...absent.flatMap((number): Array<Instruction> => [
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
