/**
 * Whether what a person gives as an API key looks like one, and like one of this vendor. Pure.
 * Invariant: no message holds any of it.
 */
import type { CredentialOwner } from "./Credentials.ts"
import { isOneWord, isVendors } from "./environmentKey.ts"

export interface KeyProblem {
  /** `refused`: cannot be one. `doubtful`: its owner may know better. */
  readonly certainty: "refused" | "doubtful"
  readonly message: string
}

/** Most telling first: `sk-` begins several. */
const prefixes: ReadonlyArray<readonly [prefix: string, vendor: string]> = [
  ["sk-ant-", "anthropic"],
  ["sk-or-", "OpenRouter"],
  ["sk-proj-", "openai"],
  ["sk-svcacct-", "openai"],
  ["sk-admin-", "openai"],
  ["AIza", "Google"],
  ["gsk_", "Groq"],
  ["xai-", "xAI"],
  ["hf_", "Hugging Face"],
  ["ghp_", "GitHub"],
  ["github_pat_", "GitHub"],
  ["AKIA", "AWS"],
]

const vendorOf = (key: string): string | null => {
  const found = prefixes.find(([prefix]) => key.startsWith(prefix))
  if (found !== undefined) return found[1]
  return /^sk-[A-Za-z0-9]{20,}$/.test(key) ? "openai" : null
}

const vendorNames: Readonly<Record<string, string>> = { anthropic: "Anthropic", openai: "OpenAI" }
const shown = (vendor: string): string => vendorNames[vendor] ?? vendor

const refused = (message: string): KeyProblem => ({ certainty: "refused", message })
const doubtful = (message: string): KeyProblem => ({ certainty: "doubtful", message })

export const keyProblem = (owner: CredentialOwner, text: string): KeyProblem | null => {
  if (text === "") return refused("no key was given")
  if (/^[A-Za-z_]\w*=[^=]/.test(text) || /^export\s/.test(text))
    return refused("that is an assignment of the shell: give what stands behind the =")
  if (/^(?:Bearer|x-api-key:)\s/i.test(text)) return refused("that is a header: give the key alone")
  if (/^["'`]/.test(text)) return refused("that begins with a quote: give the key without quotes")
  if (/^https?:/i.test(text)) return refused("that is an address, not a key")
  if (!isOneWord(text)) return refused("a key is one word of printable characters, and no more than 8 KB")
  if (!isVendors(owner)) return null
  const vendor = vendorOf(text)
  if (vendor !== null && vendor !== owner.kind)
    return doubtful(`that looks like a key of ${shown(vendor)}, and ${owner.name} is ${shown(owner.kind)}`)
  if (text.length < 20) return doubtful(`that is shorter than the keys of ${shown(owner.kind)} are`)
  return vendor === null ? doubtful(`that does not begin as the keys of ${shown(owner.kind)} do`) : null
}
