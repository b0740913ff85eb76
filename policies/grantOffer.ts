/** A standing answer that a person may give, as it is offered. */
import type { GrantScope, GrantScopeName } from "../src/domain/grant.ts"

export interface GrantOffer {
  readonly name: GrantScopeName
  /** Null where it cannot be had; `title` says why then. */
  readonly scope: GrantScope | null
  readonly title: string
}
