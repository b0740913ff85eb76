/**
 * Desktop notifications. Nothing is sent while Claw's own screen has the focus, and nothing that is not urgent
 * unless the user switched it on; a missing notification program is a visible degradation, not an error.
 * Invariant: text is neutralised and holds no character that a shell or the notification's markup gives a meaning,
 * because the library underneath builds a command line.
 */
import { Context, Effect, Layer } from "effect"
import { neutralise } from "../domain/neutralise.ts"

export interface Notification {
  readonly title: string
  readonly body: string
  readonly urgency: "normal" | "critical"
}

export type Delivery =
  | { readonly _tag: "sent" }
  /** The user would not want it now; the queue shows it anyway. */
  | { readonly _tag: "withheld"; readonly reason: string }
  | { readonly _tag: "unavailable"; readonly reason: string }

/** What brings a text to the desktop; the real one is `desktop`. */
export type Transport = (notification: Notification) => Effect.Effect<Delivery>

const lookAlikes: Readonly<Record<string, string>> = {
  '"': "\u201d",
  "'": "\u2019",
  "`": "\u2019",
  $: "\uff04",
  "\\": "\uff3c",
  "<": "\u2039",
  ">": "\u203a",
  "&": "\uff06",
  "!": "\uff01",
  "%": "\uff05",
}
/** One line, bounded, without characters that mean something to a shell, to markup or as an option. */
export const harmlessText = (text: string, most: number): string => {
  const plain = neutralise(text.replace(/\s+/g, " ").trim()).replace(/["'`$\\<>&!%]/g, (c) => lookAlikes[c]!)
  const cut = [...plain].length > most ? `${[...plain].slice(0, most - 1).join("")}\u2026` : plain
  return cut.startsWith("-") ? `\u2013${cut.slice(1)}` : cut
}

const desktop: Transport = Effect.fnUntraced(function* (notification) {
  // loaded with the first notification: most days have none
  const { default: notifier } = yield* Effect.promise(() => import("node-notifier"))
  const unavailable = (message: string): Delivery => ({
    _tag: "unavailable",
    reason: /not found|must be installed|ENOENT/i.test(message)
      ? "notify-send is not installed (libnotify-bin)"
      : neutralise(message.split("\n")[0] ?? "").slice(0, 200),
  })
  const options: Record<string, unknown> = {
    title: harmlessText(notification.title, 80),
    message: harmlessText(notification.body, 300) || " ",
    // read by notify-send only
    urgency: notification.urgency,
    "app-name": "Claw",
  }
  return yield* Effect.callback<Delivery>((resume) => {
    try {
      notifier.notify(options, (error: unknown) => {
        // a text instead of an error is what the program said on stderr although it succeeded
        resume(
          Effect.succeed<Delivery>(error instanceof Error ? unavailable(error.message) : { _tag: "sent" }),
        )
      })
    } catch (error) {
      resume(Effect.succeed(unavailable(String(error))))
    }
  }).pipe(
    Effect.timeoutOrElse({
      duration: "5 seconds",
      orElse: () => Effect.succeed(unavailable("the desktop did not answer in 5 seconds")),
    }),
  )
})

export class Notifier extends Context.Service<
  Notifier,
  { readonly notify: (notification: Notification) => Effect.Effect<Delivery> }
>()("claw/act/Notifier") {
  static readonly layer = (options: {
    /** Also what is not urgent; the configuration's word, off by default. */
    readonly everything: boolean
    /** True while the user looks at Claw's own screen. */
    readonly focused: Effect.Effect<boolean>
    readonly transport?: Transport
  }) =>
    Layer.sync(Notifier, () => {
      const send = options.transport ?? desktop
      return Notifier.of({
        notify: Effect.fn("Notifier.notify")(function* (notification) {
          if (notification.urgency !== "critical" && !options.everything) {
            return { _tag: "withheld", reason: "only urgent notifications are switched on" } as Delivery
          }
          if (yield* options.focused) {
            return { _tag: "withheld", reason: "Claw's screen is in front" } as Delivery
          }
          return yield* send(notification)
        }),
      })
    })
}
