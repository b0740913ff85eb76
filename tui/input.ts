/**
 * What a terminal sends, as inputs: keys, pastes, focus. Pure; fed with the text of each read.
 * Invariants: text between paste marks never becomes a key, also where a mark is cut by the read; unknown
 * sequences and mouse reports are swallowed whole; a lone ESC is held until `flush` says nothing follows.
 * Keys that arrive together with others in one read are marked, because a terminal without bracketed paste
 * sends a paste that way.
 */

export type Input =
  | { readonly _tag: "key"; readonly key: string; readonly text: string | null; readonly burst: boolean }
  | { readonly _tag: "paste"; readonly text: string }
  | { readonly _tag: "focus"; readonly focused: boolean }

export interface InputState {
  /** An unfinished sequence, at most `longest` characters. */
  readonly tail: string
  /** What was pasted so far, null outside a paste. */
  readonly paste: string | null
}

export const noInput: InputState = { tail: "", paste: null }

const pasteStart = "\u001b[200~"
const pasteEnd = "\u001b[201~"
/** More than this of one paste is dropped: twice what a word may have, so that a word that was cut is never taken for whole. */
export const pasteLimit = 2_000_000
const longest = 64

const named: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\u007f": "backspace",
  "\b": "backspace",
  " ": "space",
}

const sequences: Readonly<Record<string, string>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "[H": "home",
  "[F": "end",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  OH: "home",
  OF: "end",
  OM: "enter",
  "[Z": "S-tab",
  "[1~": "home",
  "[7~": "home",
  "[4~": "end",
  "[8~": "end",
  "[3~": "delete",
  "[5~": "pageup",
  "[6~": "pagedown",
  "[1;2C": "S-right",
  "[1;2D": "S-left",
  "[1;3C": "A-right",
  "[1;3D": "A-left",
  "[1;5C": "C-right",
  "[1;5D": "C-left",
  // Alt with a key, and Shift-Enter of terminals that tell it
  "\r": "A-enter",
  "\n": "A-enter",
  "[13;2u": "A-enter",
  "[27;2;13~": "A-enter",
  "\u007f": "A-backspace",
  b: "A-b",
  d: "A-d",
  f: "A-f",
}

/** One sequence at the start of the text: its length, 0 where it is not complete yet. */
const sequenceLength = (text: string): number => {
  const second = text[1]
  if (second === undefined) return 0
  if (second === "[") {
    if (text[2] === "M") return text.length >= 6 ? 6 : 0
    const found = /^\u001b\[[0-?]*[ -/]*[@-~]/.exec(text)
    if (found !== null) return found[0].length
    return /^\u001b\[[0-?]*[ -/]*$/.test(text) && text.length < longest ? 0 : 2
  }
  if (second === "O") return text.length >= 3 ? 3 : 0
  // strings the terminal answers with (OSC, DCS, APC): swallowed to their end
  if (second === "]" || second === "P" || second === "_") {
    const found = /^\u001b[\]P_][^\u0007\u001b]*(?:\u0007|\u001b\\)/.exec(text)
    if (found !== null) return found[0].length
    return text.length < 4096 ? 0 : text.length
  }
  return second === "\u001b" ? 1 : 2
}

const keyOf = (char: string): { readonly key: string; readonly text: string | null } => {
  const name = named[char]
  if (name !== undefined) return { key: name, text: char === " " ? " " : null }
  const point = char.codePointAt(0)!
  if (point < 0x20) return { key: `C-${String.fromCharCode(point + 96)}`, text: null }
  return point >= 0x80 && point < 0xa0 ? { key: "unknown", text: null } : { key: char, text: char }
}

interface Fed {
  readonly state: InputState
  readonly inputs: ReadonlyArray<Input>
}

const pasted = (text: string): Input => ({ _tag: "paste", text: text.slice(0, pasteLimit) })

/** Whether `text` could be the start of `mark`, cut by the read. */
const cutMark = (text: string): number => {
  for (let length = Math.min(text.length, pasteEnd.length - 1); length > 0; length--) {
    if (pasteEnd.startsWith(text.slice(-length))) return length
  }
  return 0
}

export const feed = (state: InputState, chunk: string): Fed => {
  // a paste whose end never comes must not take the keyboard away
  if (state.paste !== null && chunk === "\u0003") {
    return { state: noInput, inputs: [{ _tag: "key", key: "C-c", text: null, burst: false }] }
  }
  const keys: Array<{ key: string; text: string | null }> = []
  const inputs: Array<Input | (typeof keys)[number]> = []
  let rest = state.tail + chunk
  let paste = state.paste
  let tail = ""
  while (rest !== "") {
    if (paste !== null) {
      const end = rest.indexOf(pasteEnd)
      if (end < 0) {
        const cut = cutMark(rest)
        paste = (paste + rest.slice(0, rest.length - cut)).slice(0, pasteLimit)
        tail = cut === 0 ? "" : rest.slice(-cut)
        break
      }
      inputs.push(pasted(paste + rest.slice(0, end)))
      paste = null
      rest = rest.slice(end + pasteEnd.length)
      continue
    }
    if (rest[0] !== "\u001b") {
      const char = String.fromCodePoint(rest.codePointAt(0)!)
      const key = keyOf(char)
      keys.push(key)
      inputs.push(key)
      rest = rest.slice(char.length)
      continue
    }
    const length = sequenceLength(rest)
    if (length === 0) {
      tail = rest
      break
    }
    const sequence = rest.slice(0, length)
    rest = rest.slice(length)
    if (sequence === pasteStart) paste = ""
    else if (sequence === "\u001b[I" || sequence === "\u001b[O")
      inputs.push({ _tag: "focus", focused: sequence === "\u001b[I" })
    else if (sequence === "\u001b") inputs.push({ key: "escape", text: null })
    else {
      const name = sequence.slice(1)
      const key = sequences[name] ?? sequences[name.replace(/^\[1;\d+/, "[")]
      if (key !== undefined) inputs.push({ key, text: null })
    }
  }
  const burst = keys.length > 1
  return {
    state: { tail, paste },
    inputs: inputs.map((input) => ("_tag" in input ? input : { _tag: "key", ...input, burst })),
  }
}

/** Nothing followed for a while: a held ESC was the key itself; any other unfinished sequence is dropped. */
export const flush = (state: InputState): Fed =>
  state.paste !== null || state.tail === ""
    ? { state, inputs: [] }
    : {
        state: noInput,
        inputs: state.tail === "\u001b" ? [{ _tag: "key", key: "escape", text: null, burst: false }] : [],
      }
