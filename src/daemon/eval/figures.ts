/** Figures as the evaluations print them. Pure. */
import type { HistoryScore, Speaker } from "./history/score.ts"
import type { LearningScore } from "./learning.ts"
import type { SoakScore, SoakSpeaker } from "./soak/scoreSoak.ts"

/** Columns under their heads, the first to the left, the others to the right. */
const tableText = (
  heads: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string | number | null>>,
): string => {
  const cells = [heads, ...rows.map((row) => row.map((cell) => (cell === null ? "-" : String(cell))))]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}

const share = (value: number | null): string | null =>
  value === null ? null : `${Math.round(value * 1000) / 10} %`
const figure = (value: number): string => String(Math.round(value * 1000) / 1000)

const historyRow = (
  name: string,
  { falseAlarms, falseAlarmsPerActiveHour, hits, precision, recall, shown }: Speaker,
) => [name, shown, hits, falseAlarms, share(precision), share(recall), figure(falseAlarmsPerActiveHour)]

/** Failures a person reads at once; the JSON has them all. */
const shownFailures = 40

export const historyText = (score: HistoryScore): string => {
  const { activeHours, authors, baselines, baseRate, claw, commits, failures, merges, robots, rules } = score
  return [
    `${commits} commits by ${authors} people (left out: ${merges} merges, ${robots} by robots), about ${activeHours} hours of work`,
    `${score.unfinished} were not finished (${share(baseRate)}), ${score.saidSo} of them by the next one's own word`,
    "",
    tableText(
      ["", "shown", "hits", "false alarms", "precision", "recall", "false alarms/h"],
      [
        historyRow("claw", claw),
        historyRow("always silent", baselines.alwaysSilent),
        historyRow("always speak", baselines.alwaysSpeak),
      ],
    ),
    "",
    tableText(
      ["rule", "made", "shown", "hits", "false alarms", "precision"],
      rules.map((row) => [row.rule, row.made, row.shown, row.hits, row.falseAlarms, share(row.precision)]),
    ),
    ...(failures.length === 0 ? [] : ["", `not mended by the next commit (${failures.length}):`]),
    ...failures
      .slice(0, shownFailures)
      .map(({ commit, rule, title }) => `  ${commit.slice(0, 10)} ${rule}: ${title}`),
    ...(failures.length > shownFailures
      ? [`  ... and ${failures.length - shownFailures} more (--json prints all)`]
      : []),
  ].join("\n")
}

const soakRow = (name: string, one: SoakSpeaker) => [
  name,
  one.shown,
  share(one.precision),
  share(one.recall),
  figure(one.falseAlarmsPerActiveHour),
  figure(one.nonUrgentPerActiveHour),
  one.withinFiveSecondsOfEdit,
  share(one.atBoundary),
]

export const soakText = (score: SoakScore): string => {
  const { baselines, baseRate, claw, days, rhythm, rules, seeds } = score
  return [
    `${seeds.length} made people (seeds ${seeds[0]} to ${seeds.at(-1)}), ${days} days each: ${rhythm.activeHours} active hours, ${rhythm.events} events (${rhythm.eventsPerHour} an hour), burstiness ${rhythm.burstiness}`,
    `pauses an hour: ${rhythm.pausesOver5sPerHour} over 5 s, ${rhythm.pausesOver15sPerHour} over 15 s, ${rhythm.pausesOver60sPerHour} over a minute; breaks over 5 min ${rhythm.breaksPerHour}; boundaries ${rhythm.boundariesPerHour}`,
    `${score.situations} situations, ${score.made} suggestions made, ${share(baseRate)} of them to the person's taste`,
    "",
    tableText(
      [
        "",
        "shown",
        "kept",
        "recall",
        "false alarms/h",
        "not urgent/h",
        "< 5 s after an edit",
        "at a boundary",
      ],
      [
        soakRow("claw", claw),
        soakRow("always silent", baselines.alwaysSilent),
        soakRow("always speak", baselines.alwaysSpeak),
      ],
    ),
    "",
    `shown again after a no: ${claw.repeatedAfterNo}; urgent: ${claw.urgent}; seen when asked for: ${claw.askedFor}; not urgent an hour of the clock: ${figure(claw.nonUrgentPerClockHour)}`,
    "",
    tableText(
      ["rule", "made", "shown", "kept", "dismissed", "left alone"],
      rules.map((row) => [row.rule, row.made, row.shown, row.kept, row.dismissed, row.ignored]),
    ),
  ].join("\n")
}

export const learningText = ({ calibration, costs, earlier, later, logs }: LearningScore): string =>
  [
    `${logs} ${logs === 1 ? "log" : "logs"}: ${earlier} suggestions on the earlier days, ${later} on the later ones, which alone are scored`,
    ...costs.flatMap(
      ({ alwaysSilent, alwaysSpeak, falseAlarmToMiss, learned, lift, lostKept, unlearned }) => [
        "",
        `a false alarm costs ${falseAlarmToMiss} ${falseAlarmToMiss === 1 ? "miss" : "misses"}: lift ${lift}, lost of the kept ${share(lostKept)}`,
        tableText(
          ["", "shown", "kept", "false alarms", "missed", "precision", "utility"],
          (
            [
              ["learned", learned],
              ["unlearned", unlearned],
              ["always silent", alwaysSilent],
              ["always speak", alwaysSpeak],
            ] as const
          ).map(([name, arm]) => [
            name,
            arm.shown,
            arm.kept,
            arm.falseAlarms,
            arm.missed,
            share(arm.precision),
            arm.utility,
          ]),
        ),
      ],
    ),
    "",
    `forecasts: ${calibration.forecasts}, Brier ${calibration.brier} (base rate ${calibration.baseRateBrier}), calibration error ${calibration.ece} (base rate ${calibration.baseRateEce})`,
  ].join("\n")
