/**
 * Tells what was made by a generator from what was made by a person: entropy, likeness to words,
 * placeholders. All of it is counting over one short value.
 */

/** Shannon entropy in bits per character. */
export const entropyOf = (text: string): number => {
  if (text === "") return 0
  const counts = new Map<string, number>()
  for (const each of text) counts.set(each, (counts.get(each) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** The pairs of letters that words are made of; a random pair is one of them in three cases of ten. */
const commonPairs: ReadonlySet<string> = new Set(
  (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro " +
    "ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so " +
    "rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl " +
    "ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt " +
    "oc fa ef cu rn sc gi da yo cr cl du ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck " +
    "ew mu br bi pt ak pu ui rg ib tl ny ki rk ys ob mm fu ph og ms ye ud mb ip ub oi rl gu dr hr cc tw ft wn nu af " +
    "hu nn eo vo rv nf xp gn sm fl iz ok nl my gl aw ju oa eq sy sl ps jo lf nv je nk kn gs dy hy ze ks xt bs ik dd"
  ).split(" "),
)

/** How often digits stand between letters: words have few of them. */
const digitsInside = (text: string): number => text.match(/(?<=[A-Za-z])\d{1,8}(?=[A-Za-z])/g)?.length ?? 0

/** Reads like words: most neighbouring letters are pairs that words are made of. */
export const isWordy = (text: string): boolean => {
  let pairs = 0
  let common = 0
  let letters = 0
  let digits = 0
  const lower = text.toLowerCase()
  for (let i = 0; i < lower.length; i++) {
    const a = lower.charCodeAt(i)
    if (a >= 48 && a <= 57) digits++
    if (a < 97 || a > 122) continue
    letters++
    const b = lower.charCodeAt(i + 1)
    // A change from lower to upper case begins a new word.
    if (b >= 97 && b <= 122 && !(text.charCodeAt(i) >= 97 && text.charCodeAt(i + 1) < 97)) {
      pairs++
      if (commonPairs.has(lower.slice(i, i + 2))) common++
    }
  }
  if (letters === 0 || digitsInside(text) >= 3) return false
  if (pairs < 3) return digits === 0 && pairs > 0 && common === pairs
  return pairs / letters > 0.5 && digits / text.length < 0.35 && common / pairs >= 0.68
}

const placeholderWord =
  /example|placeholder|change.?me|your[-_. ]?|^my[-_ ]?(?:token|key|secret|pass)|x{4,}|\*{3,}|\.{3}|…|dummy|redact|replace[-_ ]|insert[-_ ]|^todo|^null$|^none$|^nil$|^undefined$|^true$|^false$|^n\/a$|#{4,}|<[^>]{0,60}>|^\[[^\]]{0,60}\]$|-----|_here$|sample|lorem|foobar|abc123$|^test(?:ing)?[-_]?(?:token|key|secret|pass)/i
const template =
  /\$\{|\$\(|\{\{|\}\}|<%|%>|#\{|^\$\w|^%\w+%$|^\{\w+\}$|^@\w+@$|^\$\$|\$\$[({]|^\{\d*\}$|^%[sdv@]$|%\(\w+\)s|^`|^__\w+__$|^\$[A-Za-z_]|:\w+:$|^@@?\w+@@?$|^!(?:Ref|Sub|GetAtt|ImportValue|vault|secret|env|var|include)\b|^(?:keychain|keyring|op|bw|ssm|sm|env|ref|vault|secret):[A-Za-z/]/

const ciphertext =
  /^(?:encrypted:|ENC[[(]|EJ\[\d|\{cipher\}|\$ANSIBLE_VAULT|vault:v\d+:|v\d:[\w+/=]{16}:|AQICAH|\$(?:2[abxy]|argon2(?:id|i|d)|[156]|y|apr1|scrypt|pbkdf2[\w-]*)\$|pbkdf2_sha\d+\$|scrypt:\d|\{S?SHA\d*\}|sha(?:256|384|512)[-:$])/

/** Was encrypted or hashed: what it stands for cannot be read out of it. */
export const isEncrypted = (text: string): boolean => ciphertext.test(text)

/** Stands for a value that is filled in elsewhere, or cannot be read. */
export const isPlaceholder = (text: string): boolean =>
  template.test(text) || placeholderWord.test(text) || isEncrypted(text)

const alphabet = "abcdefghijklmnopqrstuvwxyz"
const runs = ["0123456789", "9876543210", alphabet, "qwertyuiop", "asdfghjkl", "zyxwvutsrqponmlkjihgfedcba"]

/** Mostly one character, or the alphabet or the digits in their order. */
export const isMonotone = (text: string): boolean => {
  const lower = text.toLowerCase()
  let inRuns = 0
  for (let i = 0; i + 4 <= lower.length;) {
    let length = 4
    const head = lower.slice(i, i + 4)
    const run = runs.find((each) => each.includes(head))
    if (run === undefined && head !== lower[i]!.repeat(4)) {
      i++
      continue
    }
    while (
      i + length < lower.length &&
      (run === undefined ? lower[i + length] === lower[i] : run.includes(lower.slice(i, i + length + 1)))
    )
      length++
    inRuns += length
    i += length
  }
  return inRuns / Math.max(lower.length, 1) > 0.5
}
