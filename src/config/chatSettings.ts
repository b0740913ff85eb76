/** Settings of the conversation at a terminal: how it looks, and the keys of its line editor. */
import { Effect, Schema } from "effect"

export const themeNames = ["middle", "light", "dark", "mono"] as const
export type ThemeName = (typeof themeNames)[number]

export const ChatSettings = Schema.Struct({
  theme: Schema.Literals(themeNames).pipe(Schema.withDecodingDefaultKey(Effect.succeed("middle" as const))),
  /** Vim's keys in the line editor. */
  vim: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
})
export type ChatSettings = typeof ChatSettings.Type
