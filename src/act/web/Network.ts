/**
 * The network as fetching sees it: one look-up of a name, one connection to an address, the certificates it trusts.
 * Handed in, so that a test can stand in for the name service and the wires between here and a public address.
 */
import { lookup } from "node:dns/promises"
import { connect, type Socket } from "node:net"

export interface Network {
  /** All addresses of a name. Called once a request; nothing else ever looks a name up. */
  readonly resolve: (host: string) => Promise<ReadonlyArray<string>>
  /** Starts a connection to a literal address. */
  readonly dial: (address: string, port: number) => Socket
  /** Certificate authorities in PEM, in the place of the system's; absent: the system's. */
  readonly authorities?: ReadonlyArray<string>
}

export const systemNetwork: Network = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  dial: (address, port) => connect({ host: address, port }),
}
