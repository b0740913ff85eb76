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
        if (!token.matches(ask.token))
          return yield* new GrantError({
            reason: "person",
            message: "this answer did not come from this user's own client (wrong token)",
          })
        const gone = yield* grants.revoke(ask.grant, ask.reason, ask.surface)
        return gone.map((row) => grantView(row, "revoked"))
      }),
      ExplainCall: ({ call, ...asker }) =>
        Effect.map(gate.explain(call, asker), (explained) => ({ v: 1 as const, ...explained })),
      ReloadRules: () => gate.reload,
    })
  }),
)
