/**
 * Where the daemon asks a `claw shell` what a command printed: a socket of its own, 0600 in the 0700 runtime directory.
 * Invariant: it answers out of memory and starts nothing; who asks slowly or not at all keeps nobody waiting. Sockets
 * of shells that are gone are removed when the next one starts.
 */
import { Option, Schema } from "effect"
import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { type OutputReply, OutputRequest, shellId } from "../../domain/shellMarks.ts"
import type { CommandOutputs } from "./CommandOutputs.ts"

/** A record is read a few milliseconds after its command ended; the end of a large output may take longer. */
const waitMs = 250
const requestBytes = 200
const connections = 8
const silentMs = 5_000

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(OutputRequest))

const serve = (socket: Socket, outputs: CommandOutputs): void => {
  let asked = ""
  socket.setTimeout(silentMs, () => socket.destroy())
  socket.on("error", () => socket.destroy())
  socket.setEncoding("utf8")
  const take = (text: string): void => {
    asked += text
    const end = asked.indexOf("\n")
    if (end < 0 && asked.length <= requestBytes) return
    socket.off("data", take)
    const request = decode(asked.slice(0, Math.max(0, end)))
    if (Option.isNone(request)) return void socket.destroy()
    void outputs.of(request.value.command, waitMs).then((output) => {
      if (output === null || socket.destroyed) return socket.destroy()
      const { bytes, head, left } = output
      const reply: OutputReply = { v: 1, bytes: bytes.length, head, left }
      socket.write(`${JSON.stringify(reply)}\n`)
      return socket.end(bytes)
    })
  }
  socket.on("data", take)
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH"
  }
}

const sweep = (directory: string): void => {
  for (const name of readdirSync(directory))
    if (name.endsWith(".sock") && shellId.test(name.slice(0, -5)) && isGone(Number.parseInt(name, 10)))
      rmSync(join(directory, name), { force: true })
}

/** Rejects where it cannot listen. */
export const listen = (directory: string, id: string, outputs: CommandOutputs): Promise<() => void> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  sweep(directory)
  const path = join(directory, `${id}.sock`)
  const server: Server = createServer((socket) => serve(socket, outputs))
  server.maxConnections = connections
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    const before = process.umask(0o177)
    server.listen(path, () => {
      server.off("error", reject)
      server.on("error", () => undefined)
      server.unref()
      resolve(() => {
        server.close()
        rmSync(path, { force: true })
      })
    })
    process.umask(before)
  })
}
