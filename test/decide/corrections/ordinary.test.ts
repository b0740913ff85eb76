/** Thousands of failures of every day: corrections have nothing to say of them. */
import { assert, describe, it } from "@effect/vitest"
import { failed, type World } from "./given.ts"
import { ordinary } from "./ordinaryTold.ts"

const world: World = {
  programs:
    "git npm npx node python python3 pip cargo go docker make ls cat grep sed curl ssh tail less vim".split(
      " ",
    ),
  files: ["a.txt", "b.txt", "app.log", "deploy.sh", "run", "main.py", "index.js", "package.json", "Makefile"],
  dirs: ["src", "test"],
  branches: ["main", "topic"],
  scripts: ["test", "build", "types", "start"],
  texts: { Makefile: "build:\ntest:\n" },
}

/** The same line as it stands in real use. */
const dressed = (command: string): ReadonlyArray<string> => [
  command,
  `cd src && ${command}`,
  `A=1 ${command} 2>&1 | tee out.log`,
  `time ${command}`,
  `${command}; echo done`,
]

describe("ordinary failures", () => {
  it("bring no correction, however the line is dressed", () => {
    let rows = 0
    const fires: Array<string> = []
    for (const { commands, exits, outputs } of ordinary)
      for (const command of commands)
        for (const line of dressed(command))
          for (const exit of exits)
            for (const output of outputs) {
              rows += 1
              const [first] = failed(line, exit, output, world)
              if (first !== undefined)
                fires.push(`${line} (${exit}) ${JSON.stringify(output.slice(0, 90))} -> ${first}`)
            }
    assert.isAbove(rows, 8_000)
    assert.deepStrictEqual(fires.slice(0, 20), [], `${fires.length} of ${rows}`)
  })
})
