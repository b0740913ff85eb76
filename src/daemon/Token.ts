/**
 * Who is at the other end: the secret of this daemon's runtime directory, which only this user's own programs read, and
 * the proofs made of it.
 * Invariants: the secret is fresh for each daemon and crosses the socket at the handshake only; each connection that shook
 * hands has a session of its own, gone with it; a proof is taken once, so that a recorded answer answers nothing.
 */
import { Context, Effect, Layer } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { rmSync, writeFileSync } from "node:fs"
import type { DirectoriesShape } from "../config/Directories.ts"
import { NeedsPerson } from "../rpc/errors.ts"
import { readProof } from "../rpc/proof.ts"

const digest = (text: string) => createHash("sha256").update(text).digest()

export class Token extends Context.Service<
  Token,
  {
    /** The secret itself, as a handshake offers it; compared in constant time. */
    readonly isSecret: (offered: string) => boolean
    /** A session for this connection; it replaces the one it had. */
    readonly open: (client: number) => string
    readonly close: (client: number) => void
    /** Takes the proof of an answer: true once, and only while its connection lasts. */
    readonly matches: (offered: string) => boolean
    /** The same, where nothing goes on without. */
    readonly person: (ask: { readonly token: string }) => Effect.Effect<void, NeedsPerson>
  }
>()("claw/daemon/Token") {
  /** Writes a fresh secret into the runtime directory. */
  static readonly layer = (directories: DirectoriesShape) =>
    Layer.effect(
      Token,
      Effect.acquireRelease(
        Effect.sync(() => {
          const secret = randomBytes(32).toString("hex")
          writeFileSync(directories.token, secret, { mode: 0o600 })
          const wanted = digest(secret)
          const sessionOf = new Map<number, string>()
          const taken = new Map<string, Set<number>>()

          const close = (client: number): void => {
            const session = sessionOf.get(client)
            if (session !== undefined) taken.delete(session)
            sessionOf.delete(client)
          }
          const open = (client: number): string => {
            close(client)
            const session = randomBytes(16).toString("hex")
            sessionOf.set(client, session)
            taken.set(session, new Set())
            return session
          }
          const matches = (offered: string): boolean => {
            const proof = readProof(secret, offered)
            const numbers = proof === null ? undefined : taken.get(proof.session)
            if (proof === null || numbers === undefined || numbers.has(proof.number)) return false
            numbers.add(proof.number)
            return true
          }
          return Token.of({
            isSecret: (offered) => timingSafeEqual(wanted, digest(offered)),
            open,
            close,
            matches,
            person: (ask) =>
              Effect.suspend(() =>
                matches(ask.token)
                  ? Effect.void
                  : Effect.fail(
                      new NeedsPerson({
                        message: "this did not come from this user's own client (wrong token)",
                      }),
                    ),
              ),
          })
        }),
        () => Effect.sync(() => rmSync(directories.token, { force: true })),
      ),
    )
}
