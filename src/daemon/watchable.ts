/** Which folders can be a workspace: real ones, by their real path, and neither the root nor the user's whole home. */
import { Effect } from "effect"
import { realpath, stat } from "node:fs/promises"
import { BadInput } from "../rpc/ClawRpcs.ts"

/** The real path of a folder. */
export const folder = (dir: string): Effect.Effect<string, BadInput> =>
  Effect.tryPromise({
    try: async () => {
      const path = await realpath(dir)
      if (!(await stat(path)).isDirectory()) throw new Error("not a folder")
      return path
    },
    catch: (error) => new BadInput({ message: `${dir} cannot be watched: ${(error as Error).message}` }),
  })

export const watchable = Effect.fnUntraced(function* (dir: string, home: string) {
  const path = yield* folder(dir)
  const own = yield* Effect.orElseSucceed(folder(home), () => home)
  if (path === "/" || path === own) {
    return yield* new BadInput({ message: `${path} is no workspace: give a project's folder` })
  }
  return path
})
