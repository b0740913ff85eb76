/**
 * The system-call filter of the sandbox as BPF bytes: what no build or test needs, and what would reach the host
 * past the namespaces. With the network open, unix sockets are closed: abstract ones (display server, message
 * bus) belong to the network's namespace, so they would be the host's. io_uring is closed because it opens
 * sockets unseen by this filter.
 * Invariant: an unknown architecture gives no filter (null), and the sandbox says so; a foreign call convention kills.
 */
const load = 0x20
const jumpEqual = 0x15
const jumpAtLeast = 0x35
const answer = 0x06

const allow = 0x7fff0000
const killProcess = 0x80000000
const errno = (code: number): number => 0x00050000 | code
const notPermitted = errno(1)
const notImplemented = errno(38)

const unix = 1
const inet = 2
const inet6 = 10
const netlink = 16

interface Architecture {
  readonly id: number
  readonly socket: number
  readonly closed: ReadonlyArray<number>
}
/** open_tree to fspick, mount_setattr: the same number everywhere. */
const newMounts = [428, 429, 430, 431, 432, 433, 442]
const ioUring = [425, 426, 427]
const architectures: Readonly<Record<string, Architecture>> = {
  x64: {
    id: 0xc000003e,
    socket: 41,
    // add_key, request_key, keyctl, bpf, perf_event_open, userfaultfd, kexec x2, open_by_handle_at, mount, umount2,
    // pivot_root, init_module, finit_module, delete_module, setns
    closed: [248, 249, 250, 321, 298, 323, 246, 320, 304, 165, 166, 155, 175, 313, 176, 308, ...newMounts],
  },
  arm64: {
    id: 0xc00000b7,
    socket: 198,
    closed: [217, 218, 219, 280, 241, 282, 104, 294, 265, 40, 39, 41, 105, 273, 106, 268, ...newMounts],
  },
}

type Instruction = readonly [code: number, onTrue: number, onFalse: number, value: number]

export const seccompFilter = (architecture: string, network: boolean): Uint8Array | null => {
  const machine = architectures[architecture]
  if (machine === undefined) return null
  const families = network ? [inet, inet6, netlink] : [unix, inet, inet6, netlink]
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
    ...ioUring.flatMap((number): Array<Instruction> => [
      [jumpEqual, 0, 1, number],
      [answer, 0, 0, notImplemented],
    ]),
    [jumpEqual, 1, 0, machine.socket],
    [answer, 0, 0, allow],
    [load, 0, 0, 16],
    ...families.flatMap((family): Array<Instruction> => [
      [jumpEqual, 0, 1, family],
      [answer, 0, 0, allow],
    ]),
    [answer, 0, 0, notPermitted],
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
