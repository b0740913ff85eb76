/**
 * A throw-away world whose daemon's clock is moved by the test: a story told step by step, with the shell and what its
 * commands print. Nothing returns before all that follows from it is decided.
 */
import { Effect } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import { Invocation } from "../../src/cli/Invocation.ts"
import { openStoryShell, type StoryShell } from "../../src/cli/scenarios/StoryShell.ts"
import { openStoryTime, type StoryTime } from "../../src/cli/scenarios/StoryTime.ts"
import type { Story } from "../../src/cli/scenarios/Story.ts"
import { openStoryWorld } from "../../src/cli/scenarios/storyWorld.ts"
import { makeWorld, type World, worldSession } from "../../src/cli/ThrowAway.ts"
import type { Client } from "../../src/cli/Session.ts"
import { hidden } from "../../src/daemon/entry.ts"
import { asUser } from "./Scene.ts"
import { follow, type Followed } from "./Followed.ts"

export interface TimedScene {
  readonly world: World
  readonly client: Client
  readonly log: Followed
  readonly time: StoryTime
  /** Types it and waits for what comes of it. */
  readonly type: (line: string) => Effect.Effect<void>
}

const plain: Omit<Story, "shell" | "settings" | "setup"> = {
  file: "a test",
  name: "a test",
  about: "",
  start: { day: 0, minutes: 0 },
  files: { "a.txt": "one\n" },
  commit: true,
  remote: false,
  steps: [],
  needs: [],
  silences: [],
}

export const openTimedScene = Effect.fn("TimedScene.open")(function* (options: {
  readonly startMs: number
  readonly shell?: Story["shell"]
  readonly settings?: Partial<Record<keyof Settings, unknown>>
  readonly setup?: string
  /** Of the daemon, the shell and what runs in it. */
  readonly env?: Readonly<Record<string, string>>
}) {
  const { env = {}, settings = {}, setup = "", shell = "bash", startMs } = options
  const outer = asUser(yield* makeWorld(process.env))
  const story: Story = { ...plain, shell, settings, setup }
  const { world: made } = yield* openStoryWorld(story, outer.entry, process.env, startMs)
  const world: World = { ...made, env: { ...made.env, ...env } }
  const { client } = yield* worldSession(world).pipe(
    Effect.provideService(Invocation, { ...asUser(world), entry: { ...outer.entry, daemon: hidden.story } }),
  )
  const log = yield* follow(client)
  const time = yield* openStoryTime(world.directories)
  yield* time.to(startMs - 60_000)
  yield* client.Watch({ dir: world.repository })
  for (const component of ["source:fs", "source:git"])
    yield* log.untilType("daemon.health", 0, ({ payload }) => payload.component === component)
  const typed: StoryShell = yield* openStoryShell(world, shell)
  yield* time.to(startMs)
  const scene: TimedScene = {
    world,
    client,
    log,
    time,
    type: Effect.fnUntraced(function* (line) {
      const before = yield* log.head
      const ran = yield* typed.type(line)
      if (ran === null) return yield* Effect.die(new Error(`${line}: it did not come back to the prompt`))
      yield* log.untilType("terminal.command", before)
      yield* time.settled
    }),
  }
  return scene
})
