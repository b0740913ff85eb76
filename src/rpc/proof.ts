/**
 * The proof that goes with an answer: made of the daemon's secret for one connection, good once. Pure.
 * Invariant: what was recorded of a connection proves nothing again, neither on it nor on another.
 */
import { createHmac, timingSafeEqual } from "node:crypto"

const mac = (secret: string, session: string, number: number): string =>
  createHmac("sha256", secret).update(`${session}.${number}`).digest("hex")

/** `session` is what the daemon said at the handshake; `number` is used once in it. */
export const makeProof = (secret: string, session: string, number: number): string =>
  `${session}.${number}.${mac(secret, session, number)}`

/** Which session and number it proves; null where it proves nothing. */
export const readProof = (
  secret: string,
  offered: string,
): { readonly session: string; readonly number: number } | null => {
  const [, session, digits, offeredMac] =
    /^([0-9a-f]{32})\.([1-9][0-9]{0,8})\.([0-9a-f]{64})$/.exec(offered) ?? []
  if (session === undefined || digits === undefined || offeredMac === undefined) return null
  const number = Number(digits)
  const same = timingSafeEqual(Buffer.from(mac(secret, session, number)), Buffer.from(offeredMac))
  return same ? { session, number } : null
}
