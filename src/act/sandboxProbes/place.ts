/**
 * The places an escape is tried from and to: a workspace with repositories, a home with a key, a folder of Claw's,
 * one that is nobody's business, and listening sockets of the machine. All in one throw-away folder.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo, type Server } from "node:net"
import { networkInterfaces } from "node:os"
import { join } from "node:path"

export interface ProbePlace {
  readonly folder: string
  readonly home: string
  readonly hidden: string
  readonly workspace: string
  readonly env: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

const listening = (server: Server, at: string | number, host?: string): Promise<Server | null> =>
  new Promise((done) => {
    server.once("error", () => done(null))
    if (typeof at === "string") server.listen(at, () => done(server))
    else server.listen(at, host, () => done(server))
  })

/** Cloud metadata, a name server, and every address of this machine at a port that answers. */
const addressesOf = (port: number): string => {
  const own = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? [])
      .filter(({ address }) => !address.startsWith("fe80"))
      .map(({ address }) => `${address}_${port}`),
  )
  return [
    ...own,
    `127.0.0.1_${port}`,
    "169.254.169.254_80",
    "100.100.100.200_80",
    "1.1.1.1_53",
    "8.8.8.8_443",
  ].join(" ")
}

export const probePlace = async (temporary: string): Promise<ProbePlace> => {
  const folder = await mkdtemp(join(temporary, "probe-"))
  const [home, workspace, outside] = ["home", "workspace", "outside"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const hidden = join(workspace, "hidden")
  const nested = join(workspace, "nested", ".git")
  for (const path of [
    join(home, ".ssh"),
    join(workspace, ".git", "hooks"),
    join(nested, "hooks"),
    join(nested, "objects"),
    join(nested, "refs"),
    hidden,
    outside,
  ]) {
    await mkdir(path, { recursive: true })
  }
  for (const path of [
    join(home, ".ssh", "key"),
    join(hidden, "socket"),
    join(workspace, ".git", "config"),
    join(nested, "config"),
    join(nested, "HEAD"),
    join(outside, "file"),
  ]) {
    await writeFile(path, "probe\n")
  }
  const abstract = `claw-probe-${process.pid}`
  const path = join(workspace, "host.sock")
  const tcp = await listening(createServer(), 0, "::")
  const servers = [
    tcp,
    await listening(createServer(), path),
    await listening(createServer(), `\0${abstract}`),
  ]
  const port = tcp === null ? 9 : (tcp.address() as AddressInfo).port
  return {
    folder,
    home,
    hidden,
    workspace,
    env: {
      P_HOME: home,
      P_HIDDEN: hidden,
      P_OUTSIDE: outside,
      P_SOCKET: path,
      P_ABSTRACT: abstract,
      P_PID: String(process.pid),
      P_ADDRESSES: addressesOf(port),
    },
    close: async () => {
      for (const server of servers) server?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
