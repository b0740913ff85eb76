/** Reading TOML. Throws on a text that is not TOML, with line and column in the message. */
import { parse } from "smol-toml"

export const parseToml = (text: string): Record<string, unknown> => parse(text)
