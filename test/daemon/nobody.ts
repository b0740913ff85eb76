/** Proofs of nobody: for calls that need no person. */
import { Layer } from "effect"
import { Token } from "../../src/daemon/Token.ts"

export const nobody = Layer.mock(Token)({
  isSecret: () => false,
  open: () => "",
  close: () => {},
  matches: () => false,
})
