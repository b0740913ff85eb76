/** What every watcher keeps, whichever way it watches: run for each backend of the filesystem source on real folders. */
import { describe, it } from "vitest"
import { withFs } from "../observe/fs/openFs.ts"
import { addingUp } from "./watcher/addingUp.ts"
import { ignoring } from "./watcher/ignoring.ts"
import { moving } from "./watcher/moving.ts"
import { saying } from "./watcher/saying.ts"
import type { Backend, Burst, Watch } from "./watcher/watching.ts"

export const watcherConformance = (backend: Backend, burst: Burst): void => {
  const run: Watch = (name, prepare, test, options = {}) =>
    it(name, () => withFs({ backend, ...options }, prepare, test), 15_000)

  describe(`watching with ${backend}`, () => {
    saying(backend, run)
    ignoring(run)
    moving(run)
    addingUp(burst, run)
  })
}
