/** claw model: list, show. Which models there are, which is used for what, and why a provider does not answer. */
import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import type { ModelListView, ModelView } from "../../rpc/costs.ts"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, paint, type Paint, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

const unknown = "?"

const tokens = (count: number | null): string =>
  count === null
    ? unknown
    : count >= 1e6
      ? `${count / 1e6}M`
      : count >= 1e3
        ? `${Math.round(count / 1e3)}k`
        : `${count}`

const priceText = ({ prices }: ModelView): string => {
  const [first, ...dearer] = prices
  if (first === undefined || first.input === null || first.output === null) return "unpriced"
  if (first.input === 0 && first.output === 0) return "free"
  return `$${first.input} in, $${first.output} out${dearer.length === 0 ? "" : " (long prompts dearer)"}`
}

const row = (view: ModelView, colour: Paint): ReadonlyArray<string> => [
  safe(view.name),
  view.aliases.length === 0 ? "" : colour("bold", safe(view.aliases.join(", "))),
  `window ${tokens(view.window)}`,
  priceText(view),
  view.retires === null ? "" : colour("yellow", `until ${safe(view.retires)}`),
]

const showModels = ({ available, chosen, failed, models }: ModelListView, colour: Paint): string => {
  const head =
    chosen === null
      ? "no model is chosen"
      : `${safe(chosen)} is used by default${available ? "" : colour("yellow", ", and has no credential")}`
  const troubles = failed.map(
    ({ cure, message, provider }) =>
      `${colour("yellow", "!")} ${safe(provider)}: ${safe(message)}\n  ${colour("dim", safe(cure))}`,
  )
  return [
    head,
    ...(models.length === 0 ? [] : [table(models.map((view) => row(view, colour)))]),
    ...troubles,
  ].join("\n")
}

const dollars = (usd: number | null): string => (usd === null ? unknown : `$${usd}`)

const showModel = (view: ModelView): string => {
  const can = (["tools", "images", "thinking", "structured", "resumes"] as const).filter(
    (skill) => view[skill],
  )
  const prices = view.prices.map((tier): ReadonlyArray<string> => [
    tier.above === 0 ? "prices" : `above ${tokens(tier.above)}`,
    `in ${dollars(tier.input)}, out ${dollars(tier.output)}, cache read ${dollars(tier.cacheRead)}, written ${dollars(tier.cacheWrite)}, for an hour ${dollars(tier.cacheWriteHour)}`,
  ])
  return table([
    ["model", safe(view.name)],
    ["called", view.aliases.length === 0 ? "nothing else" : safe(view.aliases.join(", "))],
    ["window", tokens(view.window)],
    ["answer", tokens(view.maxOutput)],
    ["can", can.length === 0 ? "text alone" : can.join(", ")],
    ["caching", view.caching],
    ...(view.retires === null ? [] : [["until", safe(view.retires)]]),
    ...(prices.length === 0 ? [["prices", "unpriced"]] : prices),
    ["table", `${view.priceTable}, USD for a million tokens`],
  ])
}

const workspaceFlag = Flag.String("workspace").pipe(
  Flag.withMetavar("DIR"),
  Flag.withDefault("."),
  Flag.withDescription("whose settings count; by default this folder's"),
)

const list = Command.make(
  "list",
  { workspace: workspaceFlag, json: jsonFlag },
  Effect.fn(function* ({ json: asJson, workspace }) {
    const { cwd } = yield* Invocation
    const client = yield* (yield* Session).attach
    const view = yield* orExit(client.ModelList({ workspace: resolve(cwd, workspace) }))
    yield* asJson ? json(view) : Console.log(showModels(view, yield* paint))
  }, Effect.scoped),
).pipe(
  Command.withDescription("the models of every provider that answers, and why the others do not"),
  Command.withExamples([{ command: "claw model list", description: "asks each provider for its models" }]),
)

const show = Command.make(
  "show",
  {
    name: Argument.String("name").pipe(Argument.withDescription("provider/id, a bare id, or an alias")),
    workspace: workspaceFlag,
    json: jsonFlag,
  },
  Effect.fn(function* ({ json: asJson, name, workspace }) {
    const { cwd } = yield* Invocation
    const client = yield* (yield* Session).attach
    const view = yield* orExit(client.ModelShow({ name, workspace: resolve(cwd, workspace) }))
    yield* asJson ? json(view) : Console.log(showModel(view))
  }, Effect.scoped),
).pipe(
  Command.withDescription("what is known of a model: window, abilities, prices"),
  Command.withExamples([{ command: "claw model show default", description: "the one that is used" }]),
)

export const model = Command.make("model").pipe(
  Command.withDescription("the models there are, and which is used for what"),
  Command.withSubcommands([list, show]),
)
