/** A conversation as it is opened where nothing is said of it. */
import type { PayloadOf } from "../../src/domain/event.ts"

export const openedOf = (
  session: string,
  more: Partial<PayloadOf<"session.opened">> = {},
): PayloadOf<"session.opened"> => ({
  session,
  kind: "chat",
  title: "",
  model: "test/one",
  effort: null,
  tools: null,
  limits: { steps: null, tokens: null, usd: null, ms: null },
  format: null,
  parent: null,
  fork: null,
  situation: null,
  cwd: "/w",
  ...more,
})
