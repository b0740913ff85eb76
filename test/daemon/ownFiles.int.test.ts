/** Signals of a configuration folder that is odd: below a file, a link to elsewhere, made late. */
import { assert, it } from "@effect/vitest"
import { Effect, Queue } from "effect"
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { followOwn } from "../../src/daemon/ownFiles.ts"
import { removeTree } from "../removeTree.ts"

const name = "claw.config.ts"

it.live(
  "hears of a file where its link leads, and of one whose folders come later; below a file nothing comes",
  () =>
    Effect.gen(function* () {
      const root = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "claw-own-"))),
        (path) => Effect.sync(() => removeTree(path)),
      )
      const [dotfiles, linked, late, file] = ["dotfiles", "linked", "a/b/late", "file"].map((path) =>
        join(root, path),
      )
      mkdirSync(dotfiles!)
      mkdirSync(linked!)
      writeFileSync(file!, "")
      writeFileSync(join(dotfiles!, name), "1")
      symlinkSync(join(dotfiles!, name), join(linked!, name))
      const heard = yield* Queue.unbounded<string>()
      const follow = (folder: string) => followOwn(folder, name, Queue.offer(heard, folder))
      yield* follow(linked!)
      yield* follow(late!)
      yield* follow(join(file!, "below"))
      writeFileSync(join(dotfiles!, name), "2")
      assert.strictEqual(yield* Queue.take(heard), linked)
      mkdirSync(late!, { recursive: true })
      writeFileSync(join(late!, name), "1")
      assert.strictEqual(yield* Queue.take(heard), late)
    }).pipe(Effect.scoped, Effect.timeout("20 seconds")),
)
