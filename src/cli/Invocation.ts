/** How this command was called: directories, terminals, colour, and how the program starts itself. */
import { Context } from "effect"
import type { DirectoriesShape, Environment } from "../config/Directories.ts"
import type { Entry } from "../daemon/entry.ts"

export class Invocation extends Context.Service<
  Invocation,
  {
    readonly directories: DirectoriesShape
    readonly entry: Entry
    readonly env: Environment
    readonly cwd: string
    readonly interactive: boolean
    readonly stdoutIsTerminal: boolean
    readonly columns: number
    readonly colour: boolean
  }
>()("claw/cli/Invocation") {}
