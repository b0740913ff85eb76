/** Lines of standard input, each read as what a command takes; a line that is none of it is told with its number. */
import { Effect, Stream } from "effect"
import { linesOf } from "../domain/lines.ts"
import { type Exit, fail, usage } from "./Exit.ts"

/** Some hundred at a time, so that who judges them is asked once for many. */
const together = 256

export const stdinLines = <A, E extends { readonly message: string }>(
  decode: (line: string) => Effect.Effect<A, E>,
  what: string,
): Stream.Stream<ReadonlyArray<A>, Exit> =>
  Stream.suspend(() =>
    Stream.fromAsyncIterable(linesOf(process.stdin.setEncoding("utf8") as AsyncIterable<string>), (cause) =>
      fail(`stdin: ${String(cause)}`),
    ),
  ).pipe(
    Stream.zipWithIndex,
    Stream.filter(([text]) => text.trim() !== ""),
    Stream.mapEffect(([text, index]) =>
      Effect.mapError(decode(text), ({ message }) =>
        usage(`stdin:${index + 1}: this is no ${what}: ${message}`),
      ),
    ),
    Stream.grouped(together),
  )
