/**
 * A secret among the staged lines: urgent, before the commit. The suggestion names file, line and kind, never the
 * secret. Facts come redacted from the log: the mark that redaction leaves says as much as the secret did.
 * Tests and samples are full of made-up passwords and keys: there only what names its issuer counts.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { isGeneralSecret } from "../../domain/secrets/findSecrets.ts"
import { unstage } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { isTest } from "../paths.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { stagedExpiry, stagedRequest } from "./stagedFiles.ts"

export const secretStagedName = "secret-staged"
const name = secretStagedName

export type FindSecrets = (
  text: string,
) => ReadonlyArray<{ readonly rule: string; readonly start: number; readonly end: number }>

/** Forms that anybody can make, and an identifier that opens nothing alone. */
const ofNobody =
  /^(?:private-key|json-web-token|json-web-key|netrc-password|nuget-password|kubernetes-secret|sql-password|password-(?:file|in-call)|aws-access-key-id)$/
const isMadeUp = (path: string, rule: string): boolean =>
  isTest(path) && (isGeneralSecret(rule) || ofNobody.test(rule))

/** What redaction writes in a secret's place. */
const mark = /<redacted:([a-z0-9-]+)>/g

export interface SecretHit {
  readonly path: string
  readonly line: number
  readonly rule: string
  /** The line around it without the secret: a second one elsewhere in the file is other evidence. */
  readonly around: string
}

type Staged = ProbeAnswer<"gitStaged">["files"][number]

export const secretsIn = (file: Staged, find: FindSecrets): ReadonlyArray<SecretHit> => {
  // together, because a private key spans lines
  const text = file.added.map((line) => line.text).join("\n")
  const starts: Array<number> = []
  let offset = 0
  for (const line of file.added) {
    starts.push(offset)
    offset += line.text.length + 1
  }
  const plain = find(text).map((hit) => {
    const index = starts.findLastIndex((start) => start <= hit.start)
    const before = text.slice(starts[index] ?? 0, hit.start)
    return { path: file.path, line: file.added[index]?.line ?? 1, rule: hit.rule, around: before.trim() }
  })
  const marked = file.added.flatMap((line) =>
    [...line.text.matchAll(mark)].map((match) => ({
      path: file.path,
      line: line.line,
      rule: match[1]!,
      around: line.text.slice(0, match.index).trim(),
    })),
  )
  return [...plain, ...marked].filter(({ path, rule }) => !isMadeUp(path, rule))
}

/** What makes two findings the same, whether staged or committed: a no to the one is a no to the other. */
export const sameSecrets = (hits: ReadonlyArray<SecretHit>): ReadonlyArray<string> =>
  hits.map((hit) => `${hit.path} ${hit.rule} ${hit.around}`).toSorted()

export const makeSecretStaged = (find: FindSecrets): Reflex => ({
  name,
  situations: ["index.staged"],
  applies: (situation) => isSituation(situation, "index.staged") && situation.data.paths.length > 0,
  probes: () => [stagedRequest],
  propose: (situation, facts) => {
    const staged = facts.get<"gitStaged">(stagedRequest)
    if (staged === undefined) return unknown("what is staged")
    const hits = staged.files.flatMap((file) => secretsIn(file, find))
    if (hits.length === 0) return silent("no secret in the staged lines")
    const paths = [...new Set(hits.map((hit) => hit.path))].toSorted()
    const places = [...new Set(hits.map((hit) => `${hit.path}:${hit.line}`))]
    return propose(name, situation, {
      title: `Secret staged in ${listed(places)}: unstage it`,
      why: [
        { text: `${listed(paths)} staged`, seq: situation.evidence.at(-1) ?? null },
        ...hits.slice(0, 5).map((hit) => `${hit.path}:${hit.line} looks like ${hit.rule}`),
      ],
      same: sameSecrets(hits),
      urgent: true,
      actions: [unstage(paths)],
      expiresWhen: stagedExpiry,
    })
  },
})
