/** The few colours there are: middle tones that read on light and dark backgrounds alike. */
import type { Style } from "./spans.ts"

export const theme = {
  plain: {},
  dim: { fg: 244 },
  bold: { bold: true },
  accent: { fg: 68 },
  title: { fg: 68, bold: true },
  good: { fg: 71 },
  warn: { fg: 172 },
  bad: { fg: 167 },
  alarm: { fg: 167, bold: true },
  thought: { fg: 133 },
  border: { fg: 242 },
  focus: { fg: 68 },
  key: { bold: true },
  selected: { fg: 255, bg: 24 },
  faded: { fg: 252, bg: 238 },
  button: { fg: 255, bg: 24, bold: true },
  cursor: { inverse: true },
} as const satisfies Record<string, Style>

/** Without colour: emphasis only, so that the cursor and a chosen button can still be told. */
export const withoutColour = (style: Style): Style => ({
  ...(style.bold === true ? { bold: true } : {}),
  ...(style.underline === true ? { underline: true } : {}),
  ...(style.inverse === true || style.bg === theme.selected.bg ? { inverse: true } : {}),
  ...(style.bg === theme.faded.bg ? { underline: true } : {}),
})
