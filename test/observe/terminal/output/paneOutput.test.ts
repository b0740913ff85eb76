/** What of a pane's text is one command's output; what of a stream is text; what of a text goes into the log. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { loggedOutput, withGap } from "../../../../src/observe/terminal/output/loggedOutput.ts"
import { parseMeans } from "../../../../src/observe/terminal/output/means.ts"
import { paneOutput } from "../../../../src/observe/terminal/output/paneOutput.ts"
import { plainText } from "../../../../src/observe/terminal/output/plainText.ts"

describe("paneOutput", () => {
  const pane = (...lines: ReadonlyArray<string>): string => lines.join("\n")

  it("lies between the line it was typed on and the next prompt, drawn or not", () => {
    const text = [
      "~/x $ git psuh",
      "git: 'psuh' is not a git command.",
      "",
      "The most similar command is",
      "\tpush",
    ]
    const output = text.slice(1).join("\n")
    expect(paneOutput(pane(...text, "~/x $"), "git psuh")).toBe(output)
    expect(paneOutput(pane(...text, "~/x $ ls -l typed ahead"), "git psuh")).toBe(output)
    expect(paneOutput(pane(...text), "git psuh")).toBe(output)
    expect(paneOutput(pane("~/x $ false", "~/x $", "", ""), "false")).toBe("")
  })
  it("is that of the newest run of the same line, also where the output quotes it", () => {
    const text = pane("$ npm test", "old", "$ npm test", "> npm test", "npm ERR! npm test", "new", "$")
    expect(paneOutput(text, "npm test")).toBe("> npm test\nnpm ERR! npm test\nnew")
  })
  it("takes prompts of several lines, with clocks, and with a part on the right", () => {
    const text = pane(
      "╭ ada ~/x 12:01:59",
      "╰ ❯ make            [main]",
      "make: *** No targets.",
      "╭ ada ~/x 12:02:03",
      "╰ ❯",
    )
    expect(paneOutput(text, "make")).toBe("make: *** No targets.")
    const changed = pane("✔ ~/x ❯ make", "make: *** No targets.", "✘ 2 ~/x ❯")
    expect(paneOutput(changed, "make")).toBe("make: *** No targets.")
  })
  it("finds a command that a narrow screen broke, and the last line of one of several", () => {
    expect(
      paneOutput(
        pane("user@host ~ $ ls /a/very/", "long/name", "ls: cannot access", "user@host ~ $"),
        "ls /a/very/long/name",
      ),
    ).toBe("ls: cannot access")
    expect(
      paneOutput(pane("$ for i in 1; do", "> false", "> done", "$"), "for i in 1; do\nfalse\ndone"),
    ).toBe("")
  })
  it("is nothing where the line is not there, or no prompt stands before it", () => {
    expect(paneOutput(pane("$ clear", "$"), "make")).toBeNull()
    expect(paneOutput(pane("make", "something", "$"), "make")).toBeNull()
    expect(paneOutput(pane("then run make", "something"), "make")).toBeNull()
    expect(paneOutput("", "make")).toBeNull()
  })
})

describe("plainText", () => {
  it("does to lines what programs do to lines", () => {
    expect(plainText("10%\r20%\r100%\r\n\u001b[31mred\u001b[0m\tx\r\n")).toBe("100%\nred\tx")
    expect(plainText("abc\b\bX\u001b[K")).toBe("aX")
    expect(plainText("one\ntwo\n\u001b[2A\u001b[2KONE\n\u001b[KTWO")).toBe("ONE\nTWO")
    // the mark zsh leaves behind a line without an end
    expect(plainText(`last\u001b[1m\u001b[7m%\u001b[27m\u001b[0m${" ".repeat(79)}\r \r`)).toBe("last")
    expect(plainText(`last\r\n\u001b[7m%\u001b[27m${" ".repeat(79)}\r \r\r\u001b[J`)).toBe("last")
  })
  it("leaves out titles, links, and what was drawn on the alternate screen", () => {
    expect(plainText("\u001b]0;title\u0007a\u001b]8;;https://x\u001b\\b\u001bP1$tx\u001b\\c")).toBe("abc")
    expect(plainText("before\n\u001b[?1049h\u001b[2Jvim\u001b[?1049lafter")).toBe("before\nafter")
    expect(plainText("cut off\u001b[?1049lafter")).toBe("after")
    expect(plainText("a\u001b[?1049hnever left")).toBe("a")
  })
  it("is bounded, and holds no control character, for any input", () => {
    const hostile = fc.array(
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          "\u001b[500C",
          "\u001b[999999999C",
          "x",
          "\n",
          "\r",
          "\u001b[9A",
          "\u001b[2J",
          "\u009b31m",
          "\u001b",
        ),
      ),
      { maxLength: 300 },
    )
    fc.assert(
      fc.property(hostile, (parts) => {
        const text = plainText(parts.join(""))
        // eslint-disable-next-line no-control-regex
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      }),
    )
    expect(plainText("\u001b[500Cx\n".repeat(100_000)).length).toBeLessThan(2_000_000)
  })
})

describe("loggedOutput", () => {
  const redact = (text: string): string => text.replaceAll("hunter2", "<redacted>")
  it("redacts before it cuts, and cuts at lines", () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} hunter2`)
    const text = loggedOutput(lines.join("\n"), redact)
    expect(text.length).toBeLessThan(66_000)
    expect(text).not.toContain("hunter")
    expect(text.startsWith("line 0 <redacted>\nline 1 ")).toBe(true)
    expect(text.endsWith("line 19999 <redacted>")).toBe(true)
    expect(text).toMatch(/\n\.\.\. \d+ characters left out \.\.\.\nline \d+ <redacted>\n/)
    expect(loggedOutput("x".repeat(200_000), redact).length).toBeLessThan(66_000)
  })
  it("leaves the lines out that a gap goes through", () => {
    expect(withGap("a\nb\nhun", "ter2 c\nd", 7)).toBe("a\nb\n... 7 bytes left out ...\nd")
  })
})

describe("parseMeans", () => {
  it("takes what hooks write", () => {
    expect(parseMeans("shell 12-0123456789abcdef 7")).toEqual({
      kind: "shell",
      id: "12-0123456789abcdef",
      command: 7,
    })
    expect(parseMeans("tmux %3 /tmp/tmux-1/de,fault,12,0")).toEqual({
      kind: "tmux",
      pane: "%3",
      socket: "/tmp/tmux-1/de,fault",
    })
    expect(parseMeans("kitty 4 unix:@k")).toEqual({ kind: "kitty", window: "4", listen: "unix:@k" })
    expect(parseMeans("kitty 4")).toEqual({ kind: "kitty", window: "4", listen: null })
    expect(parseMeans("wezterm 0 /run/sock")).toEqual({ kind: "wezterm", pane: "0", socket: "/run/sock" })
    expect(parseMeans("zellij 2 pretentious-cat")).toEqual({
      kind: "zellij",
      pane: "2",
      session: "pretentious-cat",
    })
  })
  it.each([
    "",
    "tmux",
    "screen 1 x",
    "shell ../../x 1",
    "shell 12-0123456789abcdef 1;rm",
    "tmux %3;kill-server /tmp/s,1,0",
    "tmux %3 relative,1,0",
    "tmux %3 /tmp/s\u001b[m,1,0",
    "kitty $(id) unix:@k",
    "wezterm -1 /s",
    "zellij 1 --help",
    "zellij 1 a/b",
  ])("takes nothing else: %s", (text) => {
    expect(parseMeans(text)).toBeNull()
  })
  it("sends kitty to no other machine", () => {
    expect(parseMeans("kitty 4 tcp:evil.example:1")).toEqual({ kind: "kitty", window: "4", listen: null })
  })
})
