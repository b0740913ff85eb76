/** Every family of corrections, in the order in which they are believed. */
import type { Family } from "./Correction.ts"
import { mistypedGitSubcommand, mistypedNpmSubcommand, mistypedProgram, mistypedScript } from "./mistyped.ts"

export const families: ReadonlyArray<Family> = [
  {
    name: "mistyped-command",
    corrections: [mistypedGitSubcommand, mistypedNpmSubcommand, mistypedScript, mistypedProgram],
  },
]
