/**
 * By what means the output of a shell's commands can be seen, as its hook wrote it down. Pure.
 * Invariant: what comes out of here was matched against a narrow form and goes into argument lists and socket paths
 * only; an environment that somebody else could have set is no more than a wrong address.
 */
import { shellId } from "../../../domain/shellMarks.ts"

export type Means =
  | { readonly kind: "shell"; readonly id: string; readonly command: number }
  | { readonly kind: "tmux"; readonly pane: string; readonly socket: string }
  /** `listen`: null where kitty was not told to listen. */
  | { readonly kind: "kitty"; readonly window: string; readonly listen: string | null }
  | { readonly kind: "wezterm"; readonly pane: string; readonly socket: string | null }
  | { readonly kind: "zellij"; readonly pane: string; readonly session: string }

const number = /^\d{1,9}$/
// eslint-disable-next-line no-control-regex
const path = /^\/[^\u0000-\u001f\u007f]{1,300}$/
const tmuxPlace = /^(\/.{1,300}),\d{1,10},\d{1,10}$/
// eslint-disable-next-line no-control-regex
const kittyListens = /^unix:(?:\/|@)[^\u0000-\u001f\u007f]{1,300}$/
const zellijSession = /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}$/

/** Null where it is none, or none that could be asked. */
export const parseMeans = (text: string): Means | null => {
  const [, kind, where = "", rest = ""] = /^(\S+) (\S+)(?: (.*))?$/.exec(text) ?? []
  switch (kind) {
    case "shell":
      return shellId.test(where) && number.test(rest) ? { kind, id: where, command: Number(rest) } : null
    case "tmux": {
      const socket = tmuxPlace.exec(rest)?.[1] ?? ""
      return /^%\d{1,9}$/.test(where) && path.test(socket) ? { kind, pane: where, socket } : null
    }
    case "kitty":
      return number.test(where)
        ? { kind, window: where, listen: kittyListens.test(rest) ? rest : null }
        : null
    case "wezterm":
      return number.test(where) ? { kind, pane: where, socket: path.test(rest) ? rest : null } : null
    case "zellij":
      return number.test(where) && zellijSession.test(rest) ? { kind, pane: where, session: rest } : null
    default:
      return null
  }
}
