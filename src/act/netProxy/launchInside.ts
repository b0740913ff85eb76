/**
 * Runs inside the sandbox before a command that may use the network: opens a listening socket in the command's own
 * network, hands it to the daemon, and then becomes the command. Nothing of it stays: the channel to the daemon
 * closes as the command begins, and the listening socket is only the daemon's.
 * Stands alone (no imports of ours), because it is all that the sandbox is shown of Claw.
 * Arguments: a text that stands for the proxy's address; the command's environment as JSON, with that text in it;
 * the command, its program absolute.
 */
import { createServer } from "node:net"

const [mark = "", environment = "", file = "", ...args] = process.argv.slice(2)

const server = createServer()
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as { port: number }
  const text = environment.replaceAll(mark, `http://127.0.0.1:${port}`)
  process.once("message", () => {
    process.execve?.(file, [file, ...args], JSON.parse(text) as Record<string, string>)
  })
  process.send?.("listening", server)
})
