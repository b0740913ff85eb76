/**
 * What each kind of text looks like, by theme. Middle tones, so that light and dark backgrounds both carry them.
 * Invariant: `mono` has no colour at all.
 */
import type { ThemeName } from "../../config/chatSettings.ts"
import type { Style } from "./styled.ts"

export type Role =
  | "you"
  | "title"
  | "strong"
  | "emphasis"
  | "code"
  | "link"
  | "quote"
  | "bullet"
  | "rule"
  | "dim"
  | "good"
  | "warn"
  | "bad"
  | "accent"
  | "key"
  | "keyword"
  | "string"
  | "number"
  | "comment"
  | "name"
  | "type"
  | "meta"

export type Theme = Readonly<Record<Role, Style>>

const middle: Theme = {
  you: { fg: 68, bold: true },
  title: { fg: 68, bold: true },
  strong: { bold: true },
  emphasis: { italic: true },
  code: { fg: 172 },
  link: { underline: true },
  quote: { fg: 244 },
  bullet: { fg: 68 },
  rule: { fg: 242 },
  dim: { fg: 244 },
  good: { fg: 71 },
  warn: { fg: 172 },
  bad: { fg: 167 },
  accent: { fg: 68 },
  key: { bold: true },
  keyword: { fg: 133 },
  string: { fg: 71 },
  number: { fg: 172 },
  comment: { fg: 244, italic: true },
  name: { fg: 68 },
  type: { fg: 37 },
  meta: { fg: 244 },
}

const mono = Object.fromEntries(
  Object.entries(middle).map(([role, style]) => {
    const { fg, ...rest } = style as Style
    return [
      role,
      fg === undefined || Object.keys(rest).length > 0 ? rest : role === "dim" ? { dim: true } : {},
    ]
  }),
) as Theme

const all: Readonly<Record<ThemeName, Theme>> = {
  middle,
  light: {
    ...middle,
    code: { fg: 130 },
    keyword: { fg: 90 },
    string: { fg: 28 },
    number: { fg: 130 },
    name: { fg: 25 },
    type: { fg: 30 },
    dim: { fg: 242 },
    accent: { fg: 25 },
    you: { fg: 25, bold: true },
    title: { fg: 25, bold: true },
  },
  dark: {
    ...middle,
    code: { fg: 215 },
    keyword: { fg: 176 },
    string: { fg: 114 },
    number: { fg: 215 },
    name: { fg: 111 },
    type: { fg: 80 },
    dim: { fg: 246 },
    accent: { fg: 111 },
    you: { fg: 111, bold: true },
    title: { fg: 111, bold: true },
  },
  mono,
}
/** By a name that anybody gave. */
export const themes: Readonly<Record<string, Theme>> = all
export const defaultTheme: ThemeName = "middle"
