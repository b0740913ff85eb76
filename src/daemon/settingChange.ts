/**
 * Changes one setting in the user's own `claw.config.ts`, in place: formatting and comments stay as they are.
 * Invariant: the new text is evaluated before it is written, and is written only if it means what the old one meant but
 * for this setting; a file that changed meanwhile, or cannot be changed for sure, is left alone with the reason.
 */
import { Effect, Result } from "effect"
import { mkdir, mkdtemp, realpath, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { attempt, refused } from "../act/attempt.ts"
import type { SettingValue } from "../act/ConfigAccess.ts"
import { ToolError } from "../act/Tool.ts"
import { readBinding } from "../config/bindingFile.ts"
import { newConfig, withSetting } from "../config/editSetting.ts"
import { type ChildCommand, loadConfig } from "../config/load.ts"
import type { SettingsInput } from "../config/Settings.ts"

export interface OwnConfig {
  readonly file: string
  readonly child: ChildCommand
  readonly scratch: string
}

const meaning = (file: string, { child, scratch }: OwnConfig) =>
  loadConfig({ file, trusted: "own", child, scratch }).pipe(
    Effect.map((loaded): SettingsInput => loaded?.settings ?? {}),
    Effect.mapError(({ message }) => new ToolError({ reason: "failed", message })),
  )

/** What a text means, tried where nothing else reads it. */
const meaningOf = Effect.fnUntraced(function* (text: string, own: OwnConfig) {
  const folder = yield* attempt("try the new settings", () => mkdtemp(join(own.scratch, "setting-")))
  const copy = join(folder, "claw.config.ts")
  return yield* attempt("try the new settings", () => writeFile(copy, text, { mode: 0o600 })).pipe(
    Effect.andThen(meaning(copy, own)),
    Effect.ensuring(Effect.promise(() => rm(folder, { recursive: true, force: true }))),
  )
})

const replace = async (file: string, before: Buffer | null, text: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  // a link to where the user really keeps it stays a link
  const target = before === null ? file : await realpath(file)
  const mode = before === null ? 0o600 : (await stat(target)).mode & 0o7777
  const folder = await mkdtemp(join(dirname(target), ".claw-config-"))
  try {
    const fresh = join(folder, "new")
    await writeFile(fresh, text, { mode, flush: true })
    const now = await readBinding(file)
    if (!(now === null ? before === null : before !== null && now.equals(before))) {
      throw refused(`${file} changed meanwhile; nothing was written`)
    }
    await rename(fresh, target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const changeSetting = Effect.fn("changeSetting")(function* (
  own: OwnConfig,
  section: string,
  key: string,
  value: SettingValue,
): Effect.fn.Return<string, ToolError> {
  const { file } = own
  const byHand = (why: string) => refused(`${file}: ${why}; change ${section}.${key} there by hand`)
  const before = yield* attempt(`read ${file}`, () => readBinding(file))
  const old = before === null ? {} : yield* meaning(file, own)
  const text =
    before === null
      ? Result.succeed(newConfig(section, key, value))
      : withSetting(before.toString("utf8"), section, key, value)
  if (Result.isFailure(text)) return yield* byHand(text.failure)
  const wanted = { ...old, [section]: { ...(old[section as keyof SettingsInput] as object), [key]: value } }
  const now = yield* meaningOf(text.success, own)
  if (!isDeepStrictEqual(now, wanted)) return yield* byHand("more than this setting would change")
  yield* attempt(`write ${file}`, () => replace(file, before, text.success))
  return file
}, Effect.uninterruptible)
