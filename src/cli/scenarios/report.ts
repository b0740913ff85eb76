/** What the stories came to: the contract's object, and a text a person reads. Pure. */
import type { Failure } from "./judgeStory.ts"
import type { Figures, Totals } from "./score.ts"

export interface Unlike {
  readonly story: string
  readonly file: string
  /** By run, what was shown. */
  readonly shown: ReadonlyArray<string>
}

export interface Report extends Totals {
  readonly v: 1
  readonly name: "scenarios"
  readonly stories: number
  readonly runs: number
  /** Stories that were not decided alike in each run; null: each ran once. */
  readonly unlike: ReadonlyArray<Unlike> | null
  readonly failures: ReadonlyArray<Failure>
}

const percent = (share: number | null): string => (share === null ? "-" : `${(share * 100).toFixed(1)} %`)
const number = (value: number | null, unit = ""): string =>
  value === null ? "-" : `${Number(value.toFixed(2))}${unit}`

const width = 34
const row = (name: string, ...cells: ReadonlyArray<string>): string =>
  `${name.padEnd(width)}${cells.map((cell) => cell.padStart(16)).join("")}`.trimEnd()

const failureText = ({ expected, file, found, kind, line, story }: Failure): string =>
  [`${file}:${line}: ${kind}: ${expected} (${story})`, ...found.map((one) => `    ${one}`)].join("\n")

export const reportText = (report: Report): string => {
  const { baselines } = report
  const all: ReadonlyArray<Figures> = [report, baselines.alwaysSilent, baselines.alwaysSpeak]
  const each = (name: string, of: (one: Figures) => string): string => row(name, ...all.map(of))
  const { failures, runs, unlike } = report
  return [
    ...failures.map(failureText),
    ...(failures.length === 0 ? [] : [""]),
    `${report.stories} stories: ${report.needs} needs, ${report.points} moments to speak at, ${number(report.activeHours)} active hours`,
    row("", "claw", "always silent", "always speak"),
    each("shown", (one) => String(one.shown)),
    each("precision", (one) => percent(one.precision)),
    each("recall", (one) => percent(one.recall)),
    each("false alarms an active hour", (one) => number(one.falseAlarmsPerActiveHour)),
    row("at a boundary", percent(report.atBoundary)),
    row("within 5 s of an edit", String(report.withinFiveSecondsOfEdit)),
    row("again after a no", String(report.repeatedAfterNo)),
    row("evidence F1", number(report.evidenceF1)),
    row("cause to queue, p95", number(report.p95Ms, " ms")),
    row("urgent, from the save to seen, p95", number(report.urgentP95Ms, " ms")),
    row("calls of models", String(report.modelCalls)),
    ...(unlike === null
      ? []
      : [
          row(`the same in ${runs} runs`, `${report.stories - unlike.length} of ${report.stories}`),
          ...unlike.flatMap(({ file, shown, story }) => [
            `${file}: not the same (${story})`,
            ...shown.map((one, run) => `    run ${run + 1}: ${one}`),
          ]),
        ]),
  ].join("\n")
}
