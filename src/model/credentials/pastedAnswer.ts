/**
 * What a person pastes back from the browser: the code, `code#state`, or the whole address it was sent to. Pure.
 * Invariants: an address counts only where it is the one this login redirects to; no message holds any of it.
 */
import { OAuthError } from "./OAuthError.ts"

const refuse = (message: string) => new OAuthError({ reason: "malformed", message })

const fromAddress = (url: URL, redirect: URL): URLSearchParams | OAuthError => {
  if (url.origin !== redirect.origin || url.pathname !== redirect.pathname)
    return refuse(
      `that address is not the one this login comes back to (${redirect.origin}${redirect.pathname}): paste the one the browser shows at the end`,
    )
  return url.searchParams
}

/** The parameters of the answer; what else they must be (state, issuer) is checked with the exchange. */
export const pastedAnswer = (
  text: string,
  expected: { readonly redirect: string; readonly state: string },
): URLSearchParams | OAuthError => {
  const pasted = text.trim()
  if (pasted === "") return refuse("nothing was pasted")
  if (pasted.length > 8192) return refuse("that is too long to be a code or its address")
  if (/^https?:\/\//i.test(pasted))
    return URL.canParse(pasted)
      ? fromAddress(new URL(pasted), new URL(expected.redirect))
      : refuse("that is no address: paste it whole")
  const found = /^([\x21\x22\x24-\x7e]+)(?:#([\x21-\x7e]+))?$/.exec(pasted)
  if (found === null) return refuse("that is neither a code nor an address")
  // a code alone is bound to this login by PKCE
  return new URLSearchParams({ code: found[1]!, state: found[2] ?? expected.state })
}
