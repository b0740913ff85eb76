/** Calls about what is watched, judged and trusted, and about health. */
import { Deferred, Effect, SubscriptionRef } from "effect"
import { digestOf } from "../../config/load.ts"
import { draft } from "../../domain/event.ts"
import { Appender } from "../../loop/Appender.ts"
import { Folds } from "../../loop/Folds.ts"
import { SettingRpcs, Stale, Unavailable } from "../../rpc/ClawRpcs.ts"
import { Configs } from "../Configs.ts"
import { Gate } from "../Gate.ts"
import { Health } from "../Health.ts"
import { Presences } from "../Presences.ts"
import { Stop } from "../Stop.ts"
import { Token } from "../Token.ts"
import { folder, watchable } from "../watchable.ts"

export const settingHandlers = ({ home }: { readonly home: string }) =>
  SettingRpcs.toLayer(
    Effect.gen(function* () {
      const folds = yield* Folds
      const appender = yield* Appender
      const configs = yield* Configs
      const gate = yield* Gate
      const health = yield* Health
      const { person } = yield* Token
      const presences = yield* Presences
      const stop = yield* Stop

      // somebody waits for it: a disk that is full is an answer
      const say = Effect.fnUntraced(function* (event: ReturnType<typeof draft>) {
        const events = yield* appender
          .appendNow([event])
          .pipe(Effect.mapError((error) => new Unavailable({ message: error.message })))
        yield* folds.reached(events.at(-1)!.seq)
      })
      const control = Effect.map(SubscriptionRef.get(folds.snapshot), (snapshot) => snapshot.control)

      return SettingRpcs.of({
        Watch: Effect.fnUntraced(function* ({ dir }) {
          const path = yield* watchable(dir, home)
          const { workspaces } = yield* control
          const inside = workspaces.find((known) => path === known || path.startsWith(`${known}/`))
          if (inside === undefined) {
            yield* say(
              draft("daemon.workspace", { action: "added", path }, { actor: "user", workspace: path }),
            )
          }
          return inside === undefined
        }),
        Unwatch: Effect.fnUntraced(function* ({ dir }) {
          const { workspaces } = yield* control
          // as it was named when it was added; one that is gone has no other name than that
          const path = workspaces.includes(dir) ? dir : yield* Effect.orElseSucceed(folder(dir), () => dir)
          if (!workspaces.includes(path)) return false
          yield* say(
            draft("daemon.workspace", { action: "removed", path }, { actor: "user", workspace: path }),
          )
          return true
        }),
        JudgeCalls: ({ calls }) =>
          Effect.forEach(calls, (one) =>
            gate.judge(one.call, { cwd: one.cwd, actor: one.actor, trust: one.trust }),
          ),
        PolicyRules: ({ workspace }) => gate.rules(workspace),
        Config: ({ workspace }) => Effect.andThen(configs.reload(null), configs.view(workspace)),
        TrustFiles: ({ dir }) => Effect.flatMap(folder(dir), configs.trustFiles),
        Trust: Effect.fnUntraced(function* (ask) {
          yield* person(ask)
          const path = yield* folder(ask.dir)
          const now = yield* configs.trustFiles(path)
          const changed = now.find((file) => ask.digests[file.path] !== file.digest)
          if (changed !== undefined) {
            return yield* new Stale({
              message: `${changed.path} changed since it was shown: look at it again`,
            })
          }
          const files = (yield* configs.binding(path)).filter(
            (file) => ask.digests[file.path] === digestOf(file.bytes),
          )
          const digests = Object.fromEntries(files.map((file) => [file.path, digestOf(file.bytes)]))
          // rules stay in force as they were trusted, so their text is kept
          const blobs = files.filter((file) => file.path.endsWith(".toml")).map((file) => file.bytes)
          yield* say(
            draft(
              "daemon.trusted",
              { workspace: path, digests },
              { actor: `user:${ask.surface}`, workspace: path, blobs },
            ),
          )
          return true
        }),
        Hooks: () => health.hooks,
        Doctor: () => health.checks,
        Presence: ({ surface, present }, { client }) =>
          Effect.as(presences.say(client.id, surface, present), true),
        Shutdown: Effect.fnUntraced(function* ({ reason }) {
          yield* Deferred.succeed(stop.requested, reason)
          return true
        }),
      })
    }),
  )
