/**
 * The settings in force: the user's own file everywhere, a workspace's trusted file over it there.
 * Invariants: a file that cannot be used keeps the last good settings and is said in the log; what is in force is
 * in the log too (`daemon.config`), because decisions rest on it; nothing of a workspace runs before its exact
 * bytes were trusted.
 */
import { Context, Deferred, Effect, Layer, Option, Ref, Semaphore, Stream, SubscriptionRef } from "effect"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { LogStore } from "../../log-store/LogStore.ts"
import { attempt } from "../act/attempt.ts"
import { trustableFiles } from "../agent/context/trustable.ts"
import { readBinding } from "../config/bindingFile.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { type ConfigError, digestOf, loadConfig, workspaceFile } from "../config/load.ts"
import type { Settings, SettingsInput } from "../config/Settings.ts"
import { draft, type Event, type PayloadOf } from "../domain/event.ts"
import { Appender } from "../loop/Appender.ts"
import { Folds } from "../loop/Folds.ts"
import type { ConfigView, TrustFile } from "../rpc/shapes.ts"
import { type Entry, hidden } from "./entry.ts"
import { brief, type Held, inForce, instead, keyOf, ownKey, type Standing, withFile } from "./heldSettings.ts"
import { followOwn } from "./ownFiles.ts"
import { inForce as rulesInForce, reflexFolder, strayNames, textsIn } from "./ownRules.ts"

export const ownFile = "claw.config.ts"
/** Folders of a workspace's rule files, data until trusted. */
export const workspacePolicies = ".claw/policies"
export const workspaceReflexes = `.claw/${reflexFolder}`

export interface PinnedText {
  readonly file: string
  readonly text: string
}
export interface Pinned {
  readonly texts: ReadonlyArray<PinnedText>
  /** Trusted rule files that are not as they were trusted; where their text is lost, their rules are not in force. */
  readonly problems: ReadonlyArray<string>
}
interface BindingFile {
  readonly path: string
  readonly bytes: Buffer
}
/** Quiet hours are by the machine's own clock unless the user said otherwise: what is decided by is in the log. */
const placed = (settings: Settings): Settings => ({
  ...settings,
  attention: {
    ...settings.attention,
    timeZone: settings.attention.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
  },
})

/** Stands for the digest of a file that was trusted and is gone. */
const gone = ""

const identity = ({ files, problems }: PayloadOf<"daemon.reflexes">): string =>
  JSON.stringify([files.map(({ file, digest }) => [file, digest]), problems])
const none = identity({ files: [], problems: [] })

const readOrNull = (path: string): Effect.Effect<Buffer | null> =>
  Effect.promise(() => readBinding(path).catch(() => null))

/** Files of a workspace that would bind or run, in a fixed order. */
const bindingFiles = Effect.fnUntraced(function* (dir: string) {
  const names = [workspaceFile]
  for (const folder of [workspacePolicies, workspaceReflexes]) {
    const rules = yield* Effect.promise(() => readdir(join(dir, folder)).catch(() => []))
    const files = rules.filter((name) => name.endsWith(".toml")).sort()
    names.push(...files.map((name) => `${folder}/${name}`))
  }
  const found: Array<BindingFile> = []
  for (const path of names) {
    const bytes = yield* readOrNull(join(dir, path))
    if (bytes !== null) found.push({ path, bytes })
  }
  return found
})

/** Those, and behind them the files that are told to models: text, which only counts as the user's own once it is trusted. */
const shownFiles = Effect.fnUntraced(function* (dir: string, home: string) {
  const binding = yield* bindingFiles(dir)
  const told = yield* attempt("look for instructions", (signal) => trustableFiles(dir, home, signal)).pipe(
    Effect.orElseSucceed(() => []),
  )
  return [...binding, ...told]
})

export class Configs extends Context.Service<
  Configs,
  {
    readonly settingsFor: (workspace: string | null) => Effect.Effect<Settings>
    readonly view: (workspace: string | null) => Effect.Effect<ConfigView>
    readonly trustFiles: (dir: string) => Effect.Effect<ReadonlyArray<TrustFile>>
    /** The bytes that a trust of these files now would cover. */
    readonly binding: (dir: string) => Effect.Effect<ReadonlyArray<BindingFile>>
    /** A folder of the workspace's rule files as they were trusted, whatever stands in their place by now. */
    readonly pinned: (workspace: string, folder: string) => Effect.Effect<Pinned>
    readonly reload: (workspace: string | null) => Effect.Effect<void>
    /** What is written and does not hold, or is wrong all the same: each in one line, with what holds instead. */
    readonly troubles: Effect.Effect<ReadonlyArray<string>>
    /** Resolves when the files were read for the first time: what thinks or spends waits for what the user set. */
    readonly loaded: Effect.Effect<void>
    /** Reloads when the user's own files or a watched workspace's change, until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/daemon/Configs") {
  static readonly layer = (options: { readonly directories: DirectoriesShape; readonly entry: Entry }) =>
    Layer.effect(
      Configs,
      Effect.gen(function* () {
        const store = yield* LogStore
        const folds = yield* Folds
        const appender = yield* Appender
        const { directories, entry } = options
        const held = yield* Ref.make<Standing>({ files: {}, settings: {} })
        const child = { node: entry.node, args: [...entry.args, hidden.config] }
        const own = join(directories.config, ownFile)

        const trusted = (workspace: string) =>
          Effect.map(SubscriptionRef.get(folds.snapshot), ({ control }) => control.trust[workspace] ?? {})

        const say = (workspace: string | null, row: Held["row"], accepted: boolean, settings: Settings) =>
          appender.append([
            draft(
              "daemon.config",
              { file: row.file, accepted, message: row.message, settings: placed(settings) },
              { actor: "daemon", workspace },
            ),
          ])

        const load = (workspace: string | null, trust: "own" | ReadonlyArray<string>) =>
          loadConfig({
            file: workspace === null ? own : join(workspace, workspaceFile),
            trusted: trust,
            child,
            scratch: directories.runtime,
          })

        /** What the log says was in force last: the memory of the daemon before this one. */
        const lastGood = store.read({ types: ["daemon.config"], reverse: true }).pipe(
          Stream.filter(
            (event) =>
              event.type === "daemon.config" &&
              event.workspace === null &&
              (event.payload as unknown) !== null &&
              event.payload.accepted,
          ),
          Stream.runHead,
          Effect.map((found): SettingsInput | null =>
            Option.isSome(found) && found.value.type === "daemon.config"
              ? ((found.value.payload.settings ?? {}) as SettingsInput)
              : null,
          ),
          Effect.orElseSucceed(() => null),
        )

        // rules bind as they were trusted: a branch without them, or an edit, must not loosen what holds here
        const pinned = Effect.fn("Configs.pinned")(function* (workspace: string, folder: string) {
          const now = new Map((yield* bindingFiles(workspace)).map(({ path, bytes }) => [path, bytes]))
          const texts: Array<PinnedText> = []
          const problems: Array<string> = []
          for (const [path, digest] of Object.entries(yield* trusted(workspace))) {
            if (!path.startsWith(`${folder}/`) || !path.endsWith(".toml")) continue
            const file = join(workspace, path)
            const there = now.get(path)
            const same = there !== undefined && digestOf(there) === digest
            const kept = same ? there : yield* Effect.orElseSucceed(store.blob(digest), () => null)
            if (kept !== null) texts.push({ file, text: Buffer.from(kept).toString("utf8") })
            if (!same) {
              problems.push(
                `${file} is not as it was trusted: ${kept === null ? "its rules are lost" : "the trusted rules stay in force"} until claw trust`,
              )
            }
          }
          return { texts, problems }
        })

        /** The log's last word on a workspace's own rules, as its text. */
        const lastRules = (workspace: string | null) =>
          store.read({ types: ["daemon.reflexes"], reverse: true }).pipe(
            Stream.filter((event) => event.workspace === workspace && (event.payload as unknown) !== null),
            Stream.runHead,
            Effect.map((found) =>
              Option.isSome(found) && found.value.type === "daemon.reflexes"
                ? identity(found.value.payload)
                : none,
            ),
            Effect.orElseSucceed(() => none),
          )
        const saidRules = new Map<string, string>()
        const ruleProblems = new Map<string, ReadonlyArray<string>>()

        /** What users wrote there: in the settings, then in files. */
        const writtenRules = Effect.fn("Configs.writtenRules")(function* (
          workspace: string | null,
          file: string,
          { corrections = [], reflexes = [] }: SettingsInput,
        ) {
          const { texts, problems } =
            workspace === null
              ? {
                  texts: yield* Effect.promise(() => textsIn(join(directories.config, reflexFolder))),
                  problems: [],
                }
              : yield* pinned(workspace, workspaceReflexes)
          const config =
            corrections.length + reflexes.length === 0
              ? []
              : [{ file, text: JSON.stringify({ correction: corrections, reflex: reflexes }) }]
          return { texts: [...config, ...texts], problems }
        })

        /** What is wrong with settings that are in force all the same. */
        const doubts = Effect.fn("Configs.doubts")(function* (input: SettingsInput) {
          const { disabledReflexes = [] } = input
          if (disabledReflexes.length === 0) return []
          const { files } = yield* Ref.get(held)
          const { control } = yield* SubscriptionRef.get(folds.snapshot)
          const everywhere = yield* Effect.forEach([null, ...control.workspaces], (workspace) =>
            Effect.map(
              writtenRules(workspace, "", workspace === null ? input : (files[workspace]?.input ?? {})),
              ({ texts }) => ({ texts, workspace }),
            ),
          )
          return strayNames(disabledReflexes, everywhere)
        })

        const readRules = Effect.fn("Configs.readRules")(function* (workspace: string | null) {
          const written = (yield* Ref.get(held)).files[keyOf(workspace)]
          const { problems, texts } = yield* writtenRules(
            workspace,
            written?.row.file ?? own,
            written?.input ?? {},
          )
          const rules = rulesInForce(texts, workspace, problems)
          const text = identity(rules)
          ruleProblems.set(keyOf(workspace), rules.problems)
          const before = saidRules.get(keyOf(workspace)) ?? (yield* lastRules(workspace))
          saidRules.set(keyOf(workspace), text)
          if (before === text) return
          yield* appender.append([draft("daemon.reflexes", rules, { actor: "daemon", workspace })])
        })

        const readAgain = Effect.fn("Configs.reload")(function* (workspace: string | null) {
          const digest = workspace === null ? undefined : (yield* trusted(workspace))[workspaceFile]
          const digests = workspace === null ? "own" : digest === undefined ? [] : [digest]
          const before = (yield* Ref.get(held)).files[keyOf(workspace)] ?? null
          const file = workspace === null ? own : join(workspace, workspaceFile)
          const last = before !== null || workspace !== null ? null : yield* lastGood
          const known = before?.input ?? last ?? {}
          const good = before?.good ?? last !== null
          const wasTrusted = digest !== undefined
          const next = yield* load(workspace, digests).pipe(
            Effect.bindTo("loaded"),
            // a workspace's switch nothing off
            Effect.bind("wrong", ({ loaded }) => doubts(workspace === null ? (loaded?.settings ?? {}) : {})),
            Effect.map(({ loaded, wrong }): Held => ({
              input: loaded?.settings ?? {},
              good: loaded !== null,
              trouble: wrong.length === 0 ? null : `${file}: ${wrong.join("; ")}`,
              row: {
                v: 1,
                file,
                workspace,
                state: loaded === null ? "absent" : "loaded",
                message:
                  loaded === null
                    ? `no such file: ${instead(false, workspace)}`
                    : [`in force (sha256 ${loaded.digest.slice(0, 12)})`, ...wrong].join("; "),
              },
            })),
            Effect.catch((error: ConfigError) => {
              const untrusted = error.reason === "untrusted"
              const holds = instead(good, workspace)
              return Effect.succeed<Held>({
                input: known,
                good,
                // what nobody ever trusted is no trouble: a repository may bring such a file along
                trouble:
                  untrusted && !wasTrusted
                    ? null
                    : `${holds}: ${brief(error.message.split("\n"), "claw config show")}`,
                row: {
                  v: 1,
                  file,
                  workspace,
                  state: untrusted ? "untrusted" : "rejected",
                  message: `${error.message} (${holds})`,
                },
              })
            }),
          )
          yield* Ref.update(held, (all) => withFile(all, keyOf(workspace), next))
          yield* readRules(workspace)
          if (before?.row.message === next.row.message) return
          if (before === null && next.row.state === "absent" && Object.keys(known).length === 0) return
          yield* say(
            workspace,
            next.row,
            next.row.state === "loaded" || next.row.state === "absent",
            inForce(yield* Ref.get(held), workspace),
          )
        })

        // what is said is said once, also where several ask at a time
        const reading = yield* Semaphore.make(1)
        const reload = (workspace: string | null) => reading.withPermit(readAgain(workspace))

        const troubles = Effect.gen(function* () {
          const { files } = yield* Ref.get(held)
          const { control } = yield* SubscriptionRef.get(folds.snapshot)
          return [ownKey, ...control.workspaces].flatMap((key) => {
            const trouble = files[key]?.trouble ?? null
            const problems = ruleProblems.get(key) ?? []
            return [
              ...(trouble === null ? [] : [`settings: ${trouble}`]),
              ...(problems.length === 0 ? [] : [`reflexes: ${brief(problems, "claw reflex check")}`]),
            ]
          })
        })

        const concerns = (event: Event): boolean =>
          event.type === "daemon.trusted" ||
          (event.type === "daemon.workspace" && event.payload.action === "added") ||
          isWatched(event) ||
          (event.type === "fs.changed" &&
            event.payload.changes.some(
              ({ path }) => path === workspaceFile || path.startsWith(`${workspaceReflexes}/`),
            ))

        const firstRead = yield* Deferred.make<void>()
        const run = Effect.scoped(
          Effect.gen(function* () {
            const { control, seq } = yield* SubscriptionRef.get(folds.snapshot)
            for (const name of [ownFile, reflexFolder])
              yield* followOwn(directories.config, name, reload(null))
            yield* reload(null)
            yield* Effect.forEach(control.workspaces, reload, { discard: true })
            yield* Deferred.succeed(firstRead, undefined)
            yield* Stream.runForEach(folds.follow(seq), (events) =>
              Effect.forEach(new Set(events.filter(concerns).map(workspaceOf)), reload, { discard: true }),
            )
            return yield* Effect.never
          }),
        )

        const trustFiles = Effect.fn("Configs.trustFiles")(function* (dir: string) {
          const digests = yield* trusted(dir)
          const found = (yield* shownFiles(dir, directories.home)).map(({ path, bytes }): TrustFile => {
            const digest = digestOf(bytes)
            return { path, digest, trusted: digests[path] === digest, bytes: bytes.length }
          })
          const lost = Object.keys(digests).filter((path) => !found.some((file) => file.path === path))
          return [
            ...found,
            ...lost.map((path): TrustFile => ({ path, digest: gone, trusted: false, bytes: 0 })),
          ]
        })

        return Configs.of({
          reload,
          loaded: Deferred.await(firstRead),
          run,
          binding: (dir) => shownFiles(dir, directories.home),
          pinned,
          trustFiles,
          troubles,
          settingsFor: (workspace) => Effect.map(Ref.get(held), (all) => inForce(all, workspace)),
          view: (workspace) =>
            Effect.map(Ref.get(held), (all) => ({
              v: 1 as const,
              settings: inForce(all, workspace),
              files: [all.files[ownKey], workspace === null ? undefined : all.files[workspace]].flatMap(
                (one) => (one === undefined ? [] : [one.row]),
              ),
            })),
        })
      }),
    )
}

const workspaceOf = (event: Event): string | null =>
  event.type === "daemon.trusted"
    ? event.payload.workspace
    : event.type === "daemon.workspace"
      ? event.payload.path
      : event.workspace

/** Files are watched from here on: what changed in them between the first reading and this is read now. */
export const isWatched = (event: Event): boolean =>
  event.type === "daemon.health" &&
  event.payload.component === "source:fs" &&
  event.payload.state === "running"
