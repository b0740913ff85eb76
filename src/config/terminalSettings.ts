/** What of terminals is looked at beyond the commands themselves. Only the user's own file says it. */
import { Effect, Schema } from "effect"

export const TerminalSettings = Schema.Struct({
  /** What a failed command or a check printed: from tmux, kitty, wezterm, zellij, or `claw shell`. */
  output: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
})
