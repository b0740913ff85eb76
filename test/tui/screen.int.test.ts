/** The real screen on an emulated terminal: what is painted, what answers do. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TuiClient, TuiError } from "../../tui/TuiClient.ts"
import { mount } from "./mount.ts"
import { detail, plan, script, suggestion } from "./samples.ts"

type Mounted = Effect.Success<ReturnType<typeof mount>>

const column = (line: string, text: string): number => line.indexOf(text)
/** Index of the cell that holds `text`, found by its cells. */
const cell = (shown: Mounted, y: number, x: number) => shown.terminal.buffer.active.getLine(y)?.getCell(x)

/** How a connection ends: the daemon closes it, it breaks, or the daemon stops and interrupts its streams. */
const endings: Readonly<Record<string, Stream.Stream<never, TuiError>>> = {
  ended: Stream.empty,
  broken: Stream.fail(new TuiError({ reason: "lost", message: "EPIPE" })),
  interrupted: Stream.fromEffect(Effect.interrupt),
}

/** The plan is on the screen and old enough to be approved. */
const ready = (shown: Mounted, text = "a approve") => Effect.andThen(shown.until(text), Effect.sleep(300))

describe("the screen", () => {
  it.live("shows queue, detail, log and status, and leaves the terminal as it was", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([suggestion("s_1"), suggestion("s_2")]))
      yield* shown.until("$ npm ci")
      yield* shown.until("make step-40")
      assert.include(shown.text(), "1 queue 2")
      assert.include(shown.text(), "● watching")
      assert.strictEqual(shown.terminal.buffer.active.type, "alternate")
      assert.deepStrictEqual(shown.raw, [true])
      yield* shown.press("q")
      const { interrupted } = yield* shown.end
      yield* shown.settled
      assert.isFalse(interrupted)
      assert.strictEqual(shown.terminal.buffer.active.type, "normal")
      assert.deepStrictEqual(shown.raw, [true, false])
      assert.isFalse(shown.terminal.modes.bracketedPasteMode)
      assert.isFalse(shown.terminal.modes.sendFocusMode)
      assert.match(shown.written(), /\u001b\[\?25h[^]*$/)
      assert.deepStrictEqual(
        shown.called("presence").map(([, present]) => present),
        [true, false],
      )
    }),
  )

  it.live("ends as an interruption on control-C and when the terminal goes", () =>
    Effect.gen(function* () {
      const typed = yield* mount(script([]))
      yield* typed.until("nothing to see")
      yield* typed.press("\u0003")
      assert.isTrue((yield* typed.end).interrupted)
      const gone = yield* mount(script([]))
      yield* gone.until("nothing to see")
      gone.input.end()
      assert.isTrue((yield* gone.end).interrupted)
    }),
  )

  it.live("keeps borders and columns straight beside wide characters, in this frame and the next", () =>
    Effect.gen(function* () {
      const titles = ["日本語の説明", "🚀 up 👩‍👩‍👧 ❤️ 🇩🇪", "e\u0301t\u00e9 한글", "plain"]
      const shown = yield* mount(script(titles.map((title, index) => suggestion(`s_${index}`, { title }))))
      const straight = () => {
        for (let y = 1; y <= titles.length; y++) {
          assert.strictEqual(cell(shown, y, 54)?.getChars(), "│", `row ${y}:\n${shown.text()}`)
          assert.strictEqual(cell(shown, y, 55)?.getChars(), "│", `row ${y}`)
          assert.strictEqual(cell(shown, y, 119)?.getChars(), "│", `row ${y}`)
        }
      }
      yield* shown.until("plain")
      straight()
      assert.include(shown.line(1), "日本語の説明")
      assert.include(shown.line(2), "🚀 up 👩 ❤ DE")
      assert.strictEqual(cell(shown, 1, 4)?.getWidth(), 2)
      yield* shown.press("j", "j")
      straight()
      yield* shown.press("/", "z", "z", "\r")
      yield* shown.until("nothing matches")
      assert.notInclude(shown.text(), "日")
      yield* shown.press("\u001b")
      yield* shown.until("日本語の説明")
      straight()
    }),
  )

  it.live("shows hostile text as text", () =>
    Effect.gen(function* () {
      const title = "x\u001b]0;owned\u0007\u001b[2J\u202e{red-fg}y{/}"
      const row = suggestion("s_1", { title })
      const shown = yield* mount({
        ...script([row]),
        details: { s_1: detail(row, [plan({ preview: `+ \u001b[31m${title}` })]) },
      })
      yield* shown.until("{red-fg}y{/}")
      assert.include(shown.text(), "␛[2J<U+202E>")
      assert.notInclude(shown.written(), "\u001b]0;")
      assert.include(shown.text(), "1 queue 1")
    }),
  )

  it.live("colours by palette, marks the cursor, and obeys NO_COLOR", () =>
    Effect.gen(function* () {
      const rows = [suggestion("s_1", { urgent: true })]
      const coloured = yield* mount(script(rows))
      yield* coloured.until("$ npm ci")
      assert.strictEqual(cell(coloured, 1, 4)?.getBgColor(), 24)
      assert.isTrue(cell(coloured, 0, 0)?.isFgPalette())
      const plainly = yield* mount(script(rows), { colour: false })
      yield* plainly.until("$ npm ci")
      assert.isAbove(cell(plainly, 1, 4)!.isInverse(), 0)
      for (let y = 0; y < 36; y++) {
        for (let x = 0; x < 120; x++) {
          assert.isTrue(cell(plainly, y, x)!.isFgDefault() && cell(plainly, y, x)!.isBgDefault(), `${x},${y}`)
        }
      }
    }),
  )

  it.live("follows the size of the terminal down to 40x10 and back", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([suggestion("s_1")]))
      yield* shown.until("make step-40")
      yield* shown.resize(40, 10)
      yield* shown.until((text) => !text.includes("make step-40") && text.includes("╯"))
      assert.strictEqual(column(shown.line(0), "╮"), 39)
      yield* shown.press("2")
      yield* shown.until("2 detail")
      yield* shown.press("3")
      yield* shown.until("3 log")
      yield* shown.resize(80, 30)
      yield* shown.until((text) => ["1 queue", "2 detail", "3 log"].every((part) => text.includes(part)))
      yield* shown.resize(140, 40)
      yield* shown.until((text) => text.split("\n")[0]!.length === 140)
    }),
  )

  it.live("takes pasted text as text, however it comes", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([suggestion("s_1")]))
      yield* ready(shown)
      yield* shown.send("\u001b[200~a\ryyy")
      yield* shown.send("x1\u001b[20")
      yield* shown.send("1~")
      yield* shown.until("pasted text presses no keys")
      yield* shown.send("aaa")
      yield* shown.until("press that one alone")
      yield* shown.press("/")
      yield* shown.send("\u001b[200~npm ci\u001b[201~")
      yield* shown.until("filter: npm ci")
      assert.deepStrictEqual([...shown.called("approve"), ...shown.called("reject")], [])
    }),
  )

  it.live("tells the daemon of the terminal's focus", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([]))
      yield* shown.until("nothing to see")
      assert.isTrue(shown.terminal.modes.sendFocusMode)
      yield* shown.press("\u001b[O", "\u001b[I")
      yield* shown.untilCalled("presence", 3)
      assert.deepStrictEqual(
        shown.called("presence").map(([, present]) => present),
        [true, false, true],
      )
    }),
  )

  it.live("copies by OSC 52", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([suggestion("s_1")]))
      yield* shown.until("$ npm ci")
      yield* shown.press("y")
      yield* shown.until("copied: s_1")
      assert.include(shown.written(), `\u001b]52;c;${Buffer.from("s_1").toString("base64")}\u0007`)
    }),
  )
})

describe("answers", () => {
  it.live("go out with what was on the screen, and come back as what happened", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([suggestion("s_1"), suggestion("s_2", { risk: "high" })]))
      yield* ready(shown)
      yield* shown.press("a")
      yield* shown.until("done: Install as locked (s_1)")
      assert.deepStrictEqual(shown.called("approve"), [
        ["approve", "s_1", { digests: ["d1"], plans: ["plan-d1"], unsandboxed: false }],
      ])
      yield* ready(shown, "high risk")
      yield* shown.press("a")
      yield* shown.until("▸ Leave it")
      yield* shown.press("\r")
      yield* shown.until("left as it was")
      yield* shown.press("a")
      yield* shown.until("▸ Leave it")
      yield* Effect.sleep(200)
      yield* shown.press("y")
      yield* shown.untilCalled("approve", 2)
      yield* shown.until("✓ Install as locked (s_2)")
      yield* shown.press("u")
      yield* shown.until("Take back")
      yield* Effect.sleep(200)
      yield* shown.press("y")
      yield* shown.until("undone: Install as locked (s_2)")
    }),
  )

  it.live("tell why the daemon refused", () =>
    Effect.gen(function* () {
      const wrap = (client: TuiClient): TuiClient => ({
        ...client,
        approve: () => Effect.fail(new TuiError({ reason: "refused", message: "somebody answered first" })),
      })
      const shown = yield* mount(script([suggestion("s_1")]), { wrap })
      yield* ready(shown)
      yield* shown.press("a")
      yield* shown.until("somebody answered first")
    }),
  )

  it.live("edited in the user's editor are judged again and shown before they can be approved", () =>
    Effect.gen(function* () {
      const scratch = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "claw-tui-test-"))),
        (dir) => Effect.promise(() => rm(dir, { recursive: true, force: true })),
      )
      const editor = join(scratch, "editor.cjs")
      const actions = [{ tool: "bash", input: { command: "npm ci --ignore-scripts" } }]
      yield* Effect.promise(() =>
        writeFile(
          editor,
          `const fs = require("fs"), path = require("path"), file = process.argv.at(-1)
           const modes = [fs.statSync(path.dirname(file)).mode & 0o777, fs.statSync(file).mode & 0o777]
           if (modes[0] !== 0o700 || modes[1] !== 0o600 || process.argv[2] !== "--wait") process.exit(9)
           fs.writeFileSync(file, ${JSON.stringify(JSON.stringify(actions))})`,
        ),
      )
      const shown = yield* mount(script([suggestion("s_1")]), {
        editor: [process.execPath, editor, "--wait"],
        scratch,
      })
      yield* ready(shown)
      yield* shown.press("e")
      yield* shown.until("changed: look at it again")
      assert.deepStrictEqual(shown.called("edit"), [["edit", "s_1", actions]])
      assert.deepStrictEqual(shown.raw, [true, false, true])
      assert.strictEqual(shown.terminal.buffer.active.type, "alternate")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(scratch)), ["editor.cjs"])
      assert.isAtLeast(shown.called("show").length, 2)
    }),
  )

  it.live("stay as they were when the editor fails", () =>
    Effect.gen(function* () {
      const shown = yield* mount(script([suggestion("s_1")]), { editor: ["false"], scratch: tmpdir() })
      yield* ready(shown)
      yield* shown.press("e")
      yield* shown.until("false ended with 1; nothing was changed")
      assert.deepStrictEqual(shown.called("edit"), [])
    }),
  )
})

describe("a daemon that goes", () => {
  for (const [how, ending] of Object.entries(endings)) {
    it.live(`is said to be gone when its stream is ${how}, and is back when it is back`, () =>
      Effect.gen(function* () {
        let back = false
        const holder: { client: TuiClient | null } = { client: null }
        const shown = yield* mount(script([suggestion("s_1")]), {
          wrap: (client) => {
            holder.client = client
            return { ...client, status: Stream.concat(Stream.take(client.status, 1), ending) }
          },
          reconnect: Effect.suspend(() =>
            back && holder.client !== null
              ? Effect.succeed(holder.client)
              : Effect.fail(new TuiError({ reason: "lost", message: "nobody answers" })),
          ),
        })
        yield* shown.until("disconnected, retrying")
        yield* shown.until("nobody answers")
        yield* shown.press("a")
        yield* shown.until("not connected to the daemon")
        back = true
        yield* shown.until("● watching")
        yield* shown.press("g")
        yield* ready(shown)
        yield* shown.press("a")
        yield* shown.until("done: Install")
      }),
    )
  }
})
