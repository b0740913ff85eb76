/** What the keys of other keyboard layouts give on a Latin one: facts of the standard layouts. */

const latin = "qwertyuiop[]asdfghjkl;'zxcvbnm,./"
const layouts: ReadonlyArray<string> = [
  "йцукенгшщзхъфывапролджэячсмитьбю.",
  "/'קראטוןםפ][שדגכעיחלךף,זסבהנמצתץ.",
  ";ςερτυθιοπ[]ασδφγηξκλ΄'ζχψωβνμ,./",
  "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ[]ㅁㄴㅇㄹㅎㅗㅓㅏㅣ;'ㅋㅌㅊㅍㅠㅜㅡ,./",
]

const key = new Map<string, string>()
for (const layout of layouts)
  for (const [at, letter] of [...layout].entries())
    if (/\p{L}/u.test(letter)) {
      key.set(letter, latin[at]!)
      if (letter.toUpperCase() !== letter) key.set(letter.toUpperCase(), latin[at]!.toUpperCase())
    }

const doubledJamo: ReadonlyArray<readonly [string, string]> = [
  ["ㄲ", "R"],
  ["ㄸ", "E"],
  ["ㅃ", "Q"],
  ["ㅆ", "T"],
  ["ㅉ", "W"],
  ["ㅒ", "O"],
  ["ㅖ", "P"],
  ["ㅘ", "hk"],
  ["ㅙ", "ho"],
  ["ㅚ", "hl"],
  ["ㅝ", "nj"],
  ["ㅞ", "np"],
  ["ㅟ", "nl"],
  ["ㅢ", "ml"],
  ["ㄳ", "rt"],
  ["ㄵ", "sw"],
  ["ㄶ", "sg"],
  ["ㄺ", "fr"],
  ["ㄻ", "fa"],
  ["ㄼ", "fq"],
  ["ㄽ", "ft"],
  ["ㄾ", "fx"],
  ["ㄿ", "fv"],
  ["ㅀ", "fg"],
  ["ㅄ", "qt"],
]
for (const [jamo, keys] of doubledJamo) key.set(jamo, keys)

/** The jamo a Hangul syllable is typed with, in the order of Unicode's arithmetic. */
const initials = [..."ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"]
const vowels = [..."ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"]
const finals = ["", ..."ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]

const jamoOf = (letter: string): string => {
  const at = letter.codePointAt(0)! - 0xac00
  if (at < 0 || at > 11_171) return letter
  return initials[Math.floor(at / 588)]! + vowels[Math.floor((at % 588) / 28)]! + finals[at % 28]!
}

/** The same keys on a Latin keyboard; null where the text has no letter of another layout, or one that is unknown. */
export const inLatin = (text: string): string | null => {
  let other = false
  let out = ""
  for (const letter of [...text].flatMap((each) => [...jamoOf(each)])) {
    const typed = key.get(letter)
    if (typed !== undefined) other = true
    // oxlint-disable-next-line no-control-regex
    else if (!/^[\u0020-\u007e]$/.test(letter)) return null
    out += typed ?? letter
  }
  return other ? out : null
}
