/**
 * What a command line tells whether or not it failed -> `packages.named`, `secret.typed`. Both are looked at where they
 * matter only: packages that the shipped list knows, secrets of a kind that is some vendor's own.
 */
import type { EventOf } from "../../domain/event.ts"
import { hitsAmong } from "../../domain/lockfiles/findCompromised.ts"
import { packagesNamedIn } from "../../domain/lockfiles/namedPackages.ts"
import { isGeneralSecret } from "../../domain/secrets/findSecrets.ts"
import { baseName } from "../paths.ts"
import { sameLine } from "../checks.ts"
import { type Candidate, candidate } from "./found.ts"

/** What redaction leaves in a secret's place. */
const mark = /<redacted:([a-z0-9-]+)>/g
/** Taken out because the user asked for it, not because it is a secret. */
const notSecrets = new Set(["erasure"])

const secretKinds = (command: string): ReadonlyArray<string> =>
  [...new Set([...command.matchAll(mark)].map((match) => match[1]!))].filter(
    (kind) => !notSecrets.has(kind) && !isGeneralSecret(kind),
  )

export const tellingCandidates = (
  event: EventOf<"terminal.command">,
  workspace: string,
  fresh: boolean,
): ReadonlyArray<Candidate> => {
  const { authorKind, command, exit, session, shell } = event.payload
  const found: Array<Candidate> = []
  const packages = packagesNamedIn(command)
  if (packages.length > 0 && hitsAmong(packages).length > 0)
    found.push(
      candidate("packages.named", workspace, event, {
        subject: sameLine(command).slice(0, 300),
        evidence: [event.seq],
        data: { command, exit, packages },
      }),
    )
  const kinds = fresh && authorKind === "user" ? secretKinds(command) : []
  if (kinds.length > 0)
    found.push(
      candidate("secret.typed", workspace, event, {
        subject: kinds.join(" "),
        evidence: [event.seq],
        data: { kinds, program: baseName(command.trim().split(/\s/, 1)[0]!), shell, session },
      }),
    )
  return found
}
