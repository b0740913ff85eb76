/** Payloads of standing answers: `policy.granted`, `policy.revoked`. A revocation is caused by the event that granted. */
import { Schema } from "effect"
import { Grant, GrantId } from "../grant.ts"
import { Surface } from "./acted.ts"

export const PolicyGranted = Schema.Struct({ ...Grant.fields, surface: Surface })

export const PolicyRevoked = Schema.Struct({
  grant: GrantId,
  reason: Schema.String,
  surface: Surface,
})
