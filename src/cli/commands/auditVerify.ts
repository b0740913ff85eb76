/** claw audit verify: the chain, its signed checkpoints, and what anchors kept of them. Works with the daemon down. */
import { Console, Effect, Option, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import type { ProofReport, VerifyReport } from "../../rpc/shapes.ts"
import { orExit } from "../errors.ts"
import { Exit, fail, usage } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { counted, json, safe } from "../output.ts"
import { withProgress } from "../progress.ts"
import { Session } from "../Session.ts"

/** Through the daemon where one runs; else by children of our own, which a damaged file may kill. */
const checkAnywhere = Effect.fnUntraced(function* (asked: ReadonlyArray<string>) {
  const session = yield* Session
  if (yield* session.isRunning) {
    const client = yield* session.attach
    const chain = yield* withProgress("checking", (progress) =>
      client.Verifying().pipe(
        Stream.tap(({ checked, events }) => Effect.sync(() => progress.at(checked, events))),
        Stream.runLast,
        Effect.map((last) => Option.getOrNull(last)?.report ?? null),
        orExit,
        Effect.filterOrFail(
          (report) => report !== null,
          () => fail("the daemon ended the check without a report"),
        ),
      ),
    )
    return { chain, proof: yield* orExit(client.CheckProofs({ anchors: asked })) }
  }
  const { directories, entry, env } = yield* Invocation
  if (!existsSync(directories.log)) {
    return yield* new Exit({ reason: "noSuch", message: `there is no log in ${directories.log} yet` })
  }
  const { verifyOffline } = yield* Effect.promise(() => import("../../daemon/offline.ts"))
  const { auditOffline } = yield* Effect.promise(() => import("../../daemon/auditOffline.ts"))
  const { parseAnchor } = yield* Effect.promise(() => import("../../daemon/anchors.ts"))
  const anchors = asked.flatMap((text) => parseAnchor(text) ?? [])
  const chain = yield* withProgress("checking", (progress) =>
    verifyOffline(entry, directories.log, progress.at),
  )
  const proof = yield* auditOffline(entry, directories, env, anchors).pipe(
    Effect.mapError(({ message }) => fail(message)),
  )
  return { chain, proof }
})

/** `FILE` or `REPOSITORY:refs/...` with its path made absolute. */
const absolute = (cwd: string, text: string): string => {
  const at = text.lastIndexOf(":refs/")
  return at < 0 ? resolve(cwd, text) : resolve(cwd, text.slice(0, at)) + text.slice(at)
}

const said = (chain: VerifyReport, proof: ProofReport): ReadonlyArray<string> => [
  `${chain.events} events, every link holds; head ${chain.head.seq} ${chain.head.hash}`,
  proof.newest === null
    ? "no checkpoint was signed yet (claw audit checkpoint makes one)"
    : `${counted(proof.checkpoints, "checkpoint")}, ${proof.checkpoints === 1 ? "signed" : "each signed"} and with the root of its events; the newest covers ${proof.newest}`,
  ...proof.anchors.map(({ to, checkpoints, newest }) =>
    newest === null
      ? `${to}: no checkpoint there yet`
      : `${to}: ${counted(checkpoints, "checkpoint")} that the log fits, the newest covers ${newest}`,
  ),
]

const showFault = ({ seq, message }: { readonly seq: number; readonly message: string }): string =>
  seq === 0 ? message : `seq ${seq}: ${message}`

export const verify = Command.make(
  "verify",
  {
    anchor: Flag.String("anchor").pipe(
      Flag.withMetavar("FILE|REPO:REF"),
      Flag.withDescription("also check the log against this anchor, besides the configured ones"),
      Flag.atLeast(0),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ anchor, json: asJson }) {
    const { cwd } = yield* Invocation
    const { parseAnchor } = yield* Effect.promise(() => import("../../daemon/anchors.ts"))
    const asked = anchor.map((text) => absolute(cwd, text))
    const wrong = asked.find((text) => parseAnchor(text) === null)
    if (wrong !== undefined)
      return yield* usage(`--anchor ${JSON.stringify(wrong)}: give a file, or a repository and :refs/...`)
    const { chain, proof } = yield* checkAnywhere(asked)
    const faults = [chain.failure, proof.failure, ...proof.anchors.map(({ failure }) => failure)].flatMap(
      (fault) => fault ?? [],
    )
    const failure = Option.getOrNull(Option.fromNullishOr(faults[0]))
    if (asJson) yield* json({ ...chain, ok: failure === null, failure, proof })
    else if (failure === null) yield* Console.log(said(chain, proof).map(safe).join("\n"))
    if (failure === null) return
    // one tampering shows in several places, and each says something of where
    return yield* fail([...new Set(faults.map(showFault))].join("\n"))
  }, Effect.scoped),
).pipe(
  Command.withDescription("check every link, payload and checkpoint, and what anchors kept of the log"),
  Command.withExamples([
    { command: "claw audit verify", description: "names the first bad seq" },
    {
      command: "claw audit verify --anchor ~/notes:refs/claw/log",
      description: "against checkpoints in a git repository",
    },
  ]),
)
