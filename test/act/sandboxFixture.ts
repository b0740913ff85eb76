/** A throw-away home, workspace and sandbox for tests on real bubblewrap. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect, Layer } from "effect"
import { Sandbox } from "../../src/act/Sandbox.ts"

export interface Place {
  readonly folder: string
  readonly home: string
  readonly workspace: string
  readonly hidden: string
}

export const path = "/usr/local/bin:/usr/bin:/bin"

export const makePlaceIn = (base: string) =>
  Effect.acquireRelease(
    Effect.promise(async (): Promise<Place> => {
      const folder = await realpath(await mkdtemp(join(base, "claw-act-")))
      const home = join(folder, "home")
      const workspace = join(home, "project")
      const hidden = join(home, ".local", "share", "claw")
      await mkdir(workspace, { recursive: true })
      await mkdir(hidden, { recursive: true })
      await mkdir(join(folder, "tmp"))
      await writeFile(join(home, ".gitconfig"), "[user]\n\tname = Dev\n\temail = dev@example.com\n")
      return { folder, home, workspace, hidden }
    }),
    ({ folder }) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
  )
export const makePlace = makePlaceIn(tmpdir())

export const put = async (place: Place, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    const file = join(place.workspace, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

export const sandboxOf = (
  place: Place,
  {
    searched = [],
    ...more
  }: {
    readonly program?: string
    readonly searched?: ReadonlyArray<string>
    readonly excludes?: string
  } = {},
) =>
  Sandbox.layer({
    home: place.home,
    environment: { PATH: [...searched, path].join(":"), LANG: "C.UTF-8", SECRET_TOKEN: "planted" },
    hidden: [place.hidden],
    temporary: join(place.folder, "tmp"),
    holdsSecret: () => false,
    ...more,
  })

/** A place with its sandbox as services of one test. */
export const withSandbox = <A, E>(
  body: (place: Place, sandbox: Sandbox["Service"]) => Effect.Effect<A, E>,
): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const place = yield* makePlace
    const context = yield* Layer.build(sandboxOf(place))
    return yield* body(place, yield* Effect.provide(Sandbox, context))
  }).pipe(Effect.scoped)
