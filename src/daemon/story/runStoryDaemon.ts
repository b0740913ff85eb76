/** The hidden command of a throw-away world: the same daemon under a clock that is moved on by who made the world. */
import { Clock, Effect } from "effect"
import { directories as directoriesOf } from "../../config/Directories.ts"
import { OutsideTime } from "../../observe/OutsideTime.ts"
import type { Entry } from "../entry.ts"
import { daemon, runDetached } from "../main.ts"
import { StoryClock } from "./StoryClock.ts"
import { serveStory } from "./storySocket.ts"

export const runStoryDaemon = (entry: Entry): void => {
  const { env } = process
  const clock = new StoryClock()
  const directories = directoriesOf(env)
  const options = { directories, env, entry, workspaces: [], beside: serveStory(clock, directories) }
  runDetached(
    daemon(options).pipe(
      Effect.provideService(Clock.Clock, clock),
      Effect.provideService(OutsideTime, clock.outside),
    ),
  )
}
