/** Calls about standing answers. Revoking needs the token too: what a person allowed, only a person takes back. */
import { Effect } from "effect"
import { GrantError } from "../../domain/grantError.ts"
import { Grants } from "../../loop/Grants.ts"
import { GrantRpcs } from "../../rpc/grants.ts"
import { Gate } from "../Gate.ts"
import { grantView } from "../grantView.ts"
import { Token } from "../Token.ts"

export const grantHandlers = GrantRpcs.toLayer(
  Effect.gen(function* () {
    const grants = yield* Grants
    const gate = yield* Gate
    const token = yield* Token
    return GrantRpcs.of({
      Grants: () => Effect.map(grants.all, (rows) => rows.map((row) => grantView(row, row.state))),
      GrantOffers: ({ id }) => grants.offers(id),
      RevokeGrant: Effect.fnUntraced(function* (ask) {
        yield* Effect.mapError(
          token.person(ask),
          ({ message }) => new GrantError({ reason: "person", message }),
        )
        const gone = yield* grants.revoke(ask.grant, ask.reason, ask.surface)
        return gone.map((row) => grantView(row, "revoked"))
      }),
      ExplainCall: ({ call, ...asker }) =>
        Effect.map(gate.explain(call, asker), (explained) => ({ v: 1 as const, ...explained })),
      ReloadRules: () => gate.reload,
    })
  }),
)
