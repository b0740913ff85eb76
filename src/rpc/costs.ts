/** Models and money between daemon and clients: what was spent, which models there are. Schemas only. */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { CostKey, CostReport } from "../domain/costReport.ts"
import { NoSuch } from "./errors.ts"

const Price = Schema.NullOr(Schema.Finite)

/** USD for a million tokens, for prompts longer than `above`. */
const PriceTierView = Schema.Struct({
  above: Schema.Finite,
  input: Price,
  output: Price,
  cacheRead: Price,
  cacheWrite: Price,
  cacheWriteHour: Price,
})

export const ModelView = Schema.Struct({
  v: Schema.Literal(1),
  /** `provider/id`. */
  name: Schema.String,
  /** What else it is called: `default`, `small`, the user's own. */
  aliases: Schema.Array(Schema.String),
  window: Schema.NullOr(Schema.Finite),
  maxOutput: Schema.NullOr(Schema.Finite),
  tools: Schema.Boolean,
  images: Schema.Boolean,
  thinking: Schema.Boolean,
  structured: Schema.Boolean,
  caching: Schema.Literals(["marks", "automatic", "none"]),
  /** An answer that is cut off is taken up where it was. */
  resumes: Schema.Boolean,
  retires: Schema.NullOr(Schema.String),
  /** Empty: not known. */
  prices: Schema.Array(PriceTierView),
  /** The table the prices are from. */
  priceTable: Schema.String,
})
export type ModelView = typeof ModelView.Type

export const ModelTrouble = Schema.Struct({
  provider: Schema.String,
  reason: Schema.String,
  message: Schema.String,
  cure: Schema.String,
})
export type ModelTrouble = typeof ModelTrouble.Type

export const ModelListView = Schema.Struct({
  v: Schema.Literal(1),
  /** The model that is used where nothing else is said; null: none was chosen. */
  chosen: Schema.NullOr(Schema.String),
  /** It has what it needs. */
  available: Schema.Boolean,
  models: Schema.Array(ModelView),
  /** Providers that did not answer, and a name of the settings that leads nowhere. */
  failed: Schema.Array(ModelTrouble),
})
export type ModelListView = typeof ModelListView.Type

export class CostRpcs extends RpcGroup.make(
  /** `since`: milliseconds since the epoch; null: all that the log knows. */
  Rpc.make("Costs", {
    payload: { by: CostKey, since: Schema.NullOr(Schema.Finite) },
    success: CostReport,
  }),
  /** Asks the servers of all providers that have a credential. */
  Rpc.make("ModelList", {
    payload: { workspace: Schema.NullOr(Schema.String) },
    success: ModelListView,
  }),
  Rpc.make("ModelShow", {
    payload: { name: Schema.String, workspace: Schema.NullOr(Schema.String) },
    success: ModelView,
    error: NoSuch,
  }),
) {}
