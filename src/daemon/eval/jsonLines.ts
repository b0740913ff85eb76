/** Reads a table of one JSON object a line. Blank lines are passed over; a bad line fails with its number. */
import { Effect, Schema } from "effect"

class TableError extends Schema.TaggedError<TableError>()("TableError", {
  line: Schema.Finite,
  reason: Schema.String,
}) {
  override get message() {
    return `line ${this.line} of the table: ${this.reason}`
  }
}

/** Build once per table kind, as a module constant. Fields a row has besides the schema's are ignored. */
export const decodeJsonLines = <A>(row: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(row))
  return Effect.fnUntraced(function* (text: string) {
    const rows: Array<A> = []
    let line = 0
    for (const each of text.split("\n")) {
      line++
      if (each.trim() === "") continue
      const at = line
      rows.push(
        yield* decode(each).pipe(
          Effect.mapError((error) => new TableError({ line: at, reason: error.message })),
        ),
      )
    }
    return rows as ReadonlyArray<A>
  })
}
