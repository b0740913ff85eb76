/**
 * The command tree and how it ends: usage errors exit 2 with their message on stderr, failures with the code of
 * the contract. A bare `claw` opens the TUI; on a pipe it prints the status.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cause, Console, Effect, Layer, Logger, References, Runtime } from "effect"
import { CliError, CliOutput, Command, Flag } from "effect/cli"
import { directories } from "../config/Directories.ts"
import { neutraliseLines } from "../domain/neutralise.ts"
import { type AnyCommand, commandsFor, withPrint } from "./commandTable.ts"
import { orExit } from "./errors.ts"
import { codes, Exit } from "./Exit.ts"
import type { Entry } from "../daemon/entry.ts"
import { Invocation } from "./Invocation.ts"
import { paint, safe } from "./output.ts"
import { parserServices } from "./services.ts"
import { Session } from "./Session.ts"

type ColourChoice = "auto" | "always" | "never"

/** `--color` is read before the command line is parsed, because messages about a bad one are coloured too. */
const colourChoice = (args: ReadonlyArray<string>): ColourChoice => {
  const index = args.findIndex((arg) => arg === "--color" || arg.startsWith("--color="))
  const value = index < 0 ? "auto" : (args[index]!.split("=")[1] ?? args[index + 1])
  return value === "always" || value === "never" ? value : "auto"
}

const home = Effect.fn("claw")(function* () {
  const { cwd, interactive } = yield* Invocation
  const { watchDirectories } = yield* Effect.promise(() => import("./commands/lifecycle.ts"))
  const client = yield* watchDirectories([cwd])
  if (!interactive) {
    const { showStatus } = yield* Effect.promise(() => import("./commands/status.ts"))
    yield* Console.log(showStatus(yield* orExit(client.Status()), yield* paint, Date.now()))
    return
  }
  const { openTui } = yield* Effect.promise(() => import("./tui.ts"))
  yield* openTui(client)
}, Effect.scoped)

/** The program with these of its commands. */
export const clawOf = (commands: ReadonlyArray<AnyCommand>) =>
  Command.make("claw", {}, home).pipe(
    Command.withDescription("a background assistant that watches, logs, decides and asks before it acts"),
    Command.withSharedFlags({
      color: Flag.Literals("color", ["auto", "always", "never"]).pipe(
        Flag.withDefault("auto" as const),
        Flag.withDescription("colour; auto obeys NO_COLOR and whether stdout is a terminal"),
      ),
    }),
    Command.withExamples([
      { command: "claw", description: "start the daemon if none runs, watch this folder, open the TUI" },
    ]),
    Command.withSubcommands(commands),
  )

/**
 * Help that was asked for goes to stdout; a wrong command line is answered on stderr: a group without the command that is
 * wanted of it by its help, anything else without.
 */
export const presenter = (colour: boolean): CliOutput.Presenter => {
  const formatter = CliOutput.defaultFormatter({ colors: colour })
  return {
    present: (event) => {
      switch (event._tag) {
        case "Help":
          return event.reason === "Requested"
            ? Console.log(formatter.formatHelpDoc(event.helpDoc))
            : Console.error(
                `claw: ${event.commandPath.join(" ")}: which of its commands?\n\n${formatter.formatHelpDoc(event.helpDoc)}`,
              )
        case "Version":
          return Console.log(event.version)
        case "InvalidInvocation":
          return Console.error(
            `${formatter.formatErrors(event.errors).trim()}\n\n${event.commandPath.join(" ")} --help shows how it is used`,
          )
      }
    },
  }
}

/** Already said on stderr; only the exit code is left. */
class Said extends Error {
  override readonly [Runtime.errorExitCode]: number
  constructor(code: number) {
    super("said")
    this[Runtime.errorExitCode] = code
  }
}

const report = (cause: Cause.Cause<unknown>): Effect.Effect<never, Said> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.fail(new Said(codes.interrupted))
  const error = Cause.squash(cause)
  if (CliError.isCliError(error)) return Effect.fail(new Said(codes.usage))
  if (error instanceof Exit) {
    return Effect.andThen(
      Console.error(`claw: ${neutraliseLines(error.message)}`),
      Effect.fail(new Said(codes[error.reason])),
    )
  }
  return Effect.andThen(
    Console.error(
      `claw: this is a defect of claw: ${safe(Cause.pretty(cause).split("\n").slice(0, 6).join(" | "))}`,
    ),
    Effect.fail(new Said(codes.failed)),
  )
}

/**
 * A reader that has seen enough (`claw log | head`) ends the command quietly, as it does with any other program; a result
 * that cannot be written (a full disk) is a failure.
 */
const endWithReader = (stream: NodeJS.WriteStream, name: string): void => {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0)
    if (stream !== process.stderr) process.stderr.write(`claw: ${name} cannot be written: ${error.message}\n`)
    process.exit(codes.failed)
  })
}

export const runClient = (entry: Entry, args: ReadonlyArray<string>): void => {
  const { env } = process
  endWithReader(process.stdout, "stdout")
  endWithReader(process.stderr, "stderr")
  const choice = colourChoice(args)
  const terminal = process.stdout.isTTY
  const plain = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb"
  const colour = choice === "always" || (choice === "auto" && terminal && !plain)
  const invocation = Layer.succeed(Invocation, {
    directories: directories(env),
    entry,
    env,
    cwd: process.cwd(),
    interactive: process.stdin.isTTY && terminal,
    stdoutIsTerminal: terminal,
    columns: process.stdout.columns || 100,
    colour,
  })
  const line = withPrint(args)
  Effect.promise(() => commandsFor(line)).pipe(
    Effect.flatMap((commands) => Command.runWith(clawOf(commands), { version: entry.version })(line)),
    Effect.catchCause(report),
    Effect.provide([
      Session.layer.pipe(Layer.provideMerge(invocation)),
      parserServices,
      CliOutput.layerPresenter(presenter(colour)),
      Layer.succeed(References.MinimumLogLevel, "Warn"),
      Logger.layer([Logger.withConsoleError(Logger.formatSimple)]),
    ]),
    (effect) => NodeRuntime.runMain(effect, { disableErrorReporting: true }),
  )
}
