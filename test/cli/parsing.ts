/** The command line parsed in this process, with nothing behind it: for its help and its usage errors. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { CliOutput, Command } from "effect/cli"
import { clawOf } from "../../src/cli/app.ts"
import { commandsFor } from "../../src/cli/commandTable.ts"
import { Invocation } from "../../src/cli/Invocation.ts"
import { Session } from "../../src/cli/Session.ts"
import { directories } from "../../src/config/Directories.ts"

export const parsed = (args: ReadonlyArray<string>, presenter: CliOutput.Presenter) =>
  Effect.promise(() => commandsFor(args)).pipe(
    Effect.flatMap((commands) => Command.runWith(clawOf(commands), { version: "0" })(args)),
    Effect.ignore,
    Effect.provide([
      NodeServices.layer,
      CliOutput.layerPresenter(presenter),
      Layer.mock(Session, {}),
      Layer.mock(Invocation, {
        directories: directories({ HOME: "/nonexistent" }),
        entry: { node: "", args: [], version: "0", bundle: null },
        env: {},
        cwd: "/",
        interactive: false,
        stdoutIsTerminal: false,
        columns: 100,
        colour: false,
      }),
    ]),
  )
