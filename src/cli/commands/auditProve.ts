/** claw audit checkpoint, prove, consistency, key: what proves the log to somebody who does not trust it. */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { writeFile } from "node:fs/promises"
import { resolve } from "node:path"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, safe } from "../output.ts"
import { Session } from "../Session.ts"

const outFlag = Flag.String("out").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription("write it to a new file"),
  Flag.optional,
)

/** To a new file where one was named, else to stdout. */
const deliver = Effect.fnUntraced(function* (text: string, out: Option.Option<string>) {
  if (Option.isNone(out)) return yield* Console.log(text.replace(/\n$/, ""))
  const { cwd } = yield* Invocation
  const path = resolve(cwd, out.value)
  yield* Effect.tryPromise({
    try: () => writeFile(path, text, { flag: "wx", mode: 0o600 }),
    catch: (error) => fail(`${path} cannot be written: ${(error as Error).message}`),
  })
  yield* Console.error(`the proof is in ${safe(path)}`)
})

export const checkpoint = Command.make(
  "checkpoint",
  {
    adopt: Flag.Boolean("adopt").pipe(
      Flag.withDefault(false),
      Flag.withDescription(
        "sign it although another key did before: a log you restored from another machine",
      ),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ adopt, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const made = yield* orExit(client.MakeCheckpoint({ adopt }))
    if (asJson) yield* json(made)
    else yield* Console.log(made.note.replace(/\n$/, ""))
    for (const { to, problem } of made.anchors)
      if (problem !== null) yield* Console.error(`claw: ${safe(to)}: ${safe(problem)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("sign the log as it is, write that to the anchors, and print it"),
  Command.withExamples([
    {
      command: "claw audit checkpoint >> /mnt/usb/claw.checkpoints",
      description: "one more for a file that claw audit verify --anchor takes",
    },
  ]),
)

export const prove = Command.make(
  "prove",
  {
    seq: Argument.Int("seq").pipe(Argument.withDescription("as claw log prints it")),
    checkpoint: Flag.Int("checkpoint").pipe(
      Flag.withMetavar("SIZE"),
      Flag.withDescription("prove it by the checkpoint of this many events; the newest by default"),
      Flag.optional,
    ),
    hidePayload: Flag.Boolean("hide-payload").pipe(
      Flag.withDefault(false),
      Flag.withDescription("show only the payload's hash to whom the proof is given"),
    ),
    out: outFlag,
    json: jsonFlag,
  },
  Effect.fn(function* ({ seq, checkpoint: size, hidePayload, out, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const proof = yield* orExit(client.Prove({ seq, size: Option.getOrNull(size), hidePayload }))
    if (asJson) return yield* json(proof)
    yield* deliver(proof.text, out)
  }, Effect.scoped),
).pipe(
  Command.withDescription("prove that an event is in the log, in the form of c2sp.org/tlog-proof"),
  Command.withExamples([
    { command: "claw audit prove 1234 --out 1234.tlog-proof", description: "for docs/verify-claw.mjs" },
  ]),
)

export const consistency = Command.make(
  "consistency",
  {
    from: Argument.Int("from").pipe(Argument.withDescription("size of an older checkpoint")),
    to: Argument.Int("to").pipe(Argument.withDescription("size of a newer one")),
    out: outFlag,
    json: jsonFlag,
  },
  Effect.fn(function* ({ from, to, out, json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const proof = yield* orExit(client.ProveConsistency({ from, to }))
    if (asJson) return yield* json(proof)
    yield* deliver(proof.text, out)
  }, Effect.scoped),
).pipe(
  Command.withDescription("prove that the log of one checkpoint only grew into that of another"),
  Command.withExamples([
    {
      command: "claw audit consistency 1000 25000",
      description: "sizes as claw log --type log.checkpoint has them",
    },
  ]),
)

export const key = Command.make(
  "key",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const session = yield* Session
    const client = yield* session.attach
    const found = yield* orExit(client.ProofKey())
    if (asJson) return yield* json(found)
    yield* Console.log(found.key)
  }, Effect.scoped),
).pipe(
  Command.withDescription("print the key that verifies this log's checkpoints"),
  Command.withExamples([
    { command: "claw audit key > claw.key", description: "give it to whoever shall verify the log" },
  ]),
)
