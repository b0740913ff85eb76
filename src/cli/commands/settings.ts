/** claw config, trust: what is in force and from where; trusting a workspace's files by their exact content. */
import { Console, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Settings } from "../../config/Settings.ts"
import { neutraliseLines } from "../../domain/neutralise.ts"
import { editorCommand } from "../editor.ts"
import { orExit } from "../errors.ts"
import { fail } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, safe, table } from "../output.ts"
import { confirm, needPerson } from "../person.ts"
import { Session } from "../Session.ts"

const show = Command.make(
  "show",
  {
    workspace: Flag.String("workspace").pipe(
      Flag.withMetavar("DIR"),
      Flag.withDescription("as they hold in this folder"),
      Flag.optional,
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ workspace, json: asJson }) {
    const session = yield* Session
    const { cwd } = yield* Invocation
    const client = yield* session.attach
    const view = yield* orExit(
      client.Config({
        workspace: resolve(
          cwd,
          Option.getOrElse(workspace, () => "."),
        ),
      }),
    )
    if (asJson) return yield* json(view)
    yield* Console.log(neutraliseLines(JSON.stringify(view.settings, null, 2)))
    const rows = view.files.flatMap(({ file, message, state }) =>
      message
        .split("\n")
        .map((line, at) => (at === 0 ? [state, safe(file), safe(line)] : ["", "", safe(line)])),
    )
    yield* Console.log(table(rows))
  }, Effect.scoped),
).pipe(
  Command.withDescription("the settings in force, and where they come from"),
  Command.withExamples([{ command: "claw config show --json", description: "for this folder" }]),
)

const schema = Command.make("schema", {}, () =>
  Console.log(
    JSON.stringify(Schema.toJsonSchemaDocument(Settings, { onExcessProperty: "error" }).schema, null, 2),
  ),
).pipe(
  Command.withDescription("the JSON Schema of the settings"),
  Command.withExamples([{ command: "claw config schema > claw.schema.json", description: "for an editor" }]),
)

const template = `import { defineConfig } from "claw-assistant/config"

export default defineConfig({})
`

const edit = Command.make(
  "edit",
  {},
  Effect.fn(function* () {
    yield* needPerson("editing the configuration")
    const { directories, env, cwd } = yield* Invocation
    const file = join(directories.config, "claw.config.ts")
    yield* Effect.try({
      try: () => {
        mkdirSync(directories.config, { recursive: true, mode: 0o700 })
        if (!existsSync(file)) writeFileSync(file, template, { mode: 0o600 })
      },
      catch: (error) => fail(`${file} cannot be made: ${(error as Error).message}`),
    })
    const [program, ...args] = editorCommand(env)
    const done = spawnSync(program, [...args, file], { stdio: "inherit" })
    if (done.status !== 0)
      return yield* fail(`${program} ended with ${done.status ?? done.signal ?? "an error"}`)
    const session = yield* Session
    if (!(yield* session.isRunning)) return
    const client = yield* session.attach
    const view = yield* orExit(client.Config({ workspace: cwd }))
    const own = view.files.find((row) => row.workspace === null)
    if (own?.state === "rejected") return yield* fail(own.message)
    yield* Console.log(safe(own?.message ?? "in force"))
  }, Effect.scoped),
).pipe(
  Command.withDescription("open your own configuration in $EDITOR and load it"),
  Command.withExamples([
    { command: "claw config edit", description: "made from a template where there is none" },
  ]),
)

export const config = Command.make("config").pipe(
  Command.withDescription("settings"),
  Command.withSubcommands([show, schema, edit]),
)

/** Rules and settings; all else is text for models. */
const isBinding = (path: string): boolean => path === "claw.config.ts" || path.endsWith(".toml")

export const trust = Command.make(
  "trust",
  { dir: Argument.String("dir").pipe(Argument.optional) },
  Effect.fn(function* ({ dir }) {
    yield* needPerson("trusting a folder's configuration")
    const session = yield* Session
    const { cwd } = yield* Invocation
    const client = yield* session.ensure
    const path = resolve(
      cwd,
      Option.getOrElse(dir, () => "."),
    )
    const files = yield* orExit(client.TrustFiles({ dir: path }))
    if (files.length === 0) {
      yield* Console.log(
        `${safe(path)} has no claw.config.ts, no .claw/policies, and no instructions or skills for models: there is nothing to trust`,
      )
      return
    }
    yield* Console.log(
      table(
        files.map((file) => [
          file.trusted ? "trusted" : file.digest === "" ? "gone" : "new",
          safe(file.path),
          file.digest === ""
            ? isBinding(file.path)
              ? "what was trusted of it binds until now"
              : "no longer told to models"
            : `${file.bytes} bytes, ${isBinding(file.path) ? "binds what Claw does" : "told to models as your words"}`,
          file.digest.slice(0, 16),
        ]),
      ),
    )
    if (files.every((file) => file.trusted)) return
    if (
      !(yield* confirm(
        "Trust exactly this content? Read the files first: rules and settings bind what Claw does here, and models work by the rest.",
      ))
    )
      return
    const digests = Object.fromEntries(files.map((file) => [file.path, file.digest]))
    yield* orExit(client.Trust({ dir: path, digests, token: yield* session.token, surface: "cli" }))
    yield* Console.log(
      "trusted; a changed file must be trusted again (a changed instruction or skill is data until then)",
    )
  }, Effect.scoped),
).pipe(
  Command.withDescription(
    "let a folder's claw.config.ts, rules, instructions and skills count, by their exact content",
  ),
  Command.withExamples([{ command: "claw trust .", description: "shows the files and digests first" }]),
)
