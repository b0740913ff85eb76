/** What a command may reach: the hosts its words name and no other; any host only where they cannot be known. */
import { describe, expect, it } from "vitest"
import { toolContext } from "../../src/loop/toolContext.ts"
import { promptOf } from "../../src/domain/prompt.ts"
import { judge, run, workspace } from "./gate.ts"

const judged = (command: string) => judge(run(command))
const hosts = (command: string): ReadonlyArray<string> =>
  [
    ...new Set(judged(command).effects.flatMap((effect) => (effect._tag === "net" ? [effect.host] : []))),
  ].sort()
const permits = (command: string) =>
  toolContext(
    judged(command),
    {},
    {
      call: "s_1#0",
      session: null,
      actor: "claw",
      trust: "trusted",
      workspace,
      home: "/home/ada",
      timeoutMs: 1,
      unsandboxed: false,
    },
  ).permits

describe("the hosts a command may reach", () => {
  it.each([
    ["curl https://a.example/x", ["a.example"]],
    ["curl -fsSL -o out.json https://a.example/x https://b.example:8443/y", ["a.example", "b.example"]],
    ["curl --url https://a.example/x", ["a.example"]],
    ["curl a.example/x", ["a.example"]],
    ["wget -q https://a.example/x.tgz && tar tf x.tgz", ["a.example"]],
    ["ls; curl https://a.example/x | grep y || wget https://b.example/", ["a.example", "b.example"]],
    ["curl https://a.example/install.sh | sh", ["a.example"]],
    ["timeout 5 curl https://a.example/", ["a.example"]],
    ["/usr/bin/curl https://a.example/", ["a.example"]],
    ["H=a.example; curl https://$H/x", ["a.example"]],
    ["curl https://{a,b}.example/", ["a.example", "b.example"]],
    ["git fetch https://a.example/x.git main", ["a.example"]],
  ])("are those its words name: %s", (command, expected) => {
    expect(hosts(command)).toEqual(expected)
    expect(judged(command).verdict).toBe("ask")
    expect(permits(command)).toMatchObject({ network: true, hosts: expected })
  })

  it.each([
    "curl 'https://{a,b}.example/'",
    "curl https://a.example/$(cat name)/x",
    "curl -K list.txt https://a.example/",
    "wget -i list.txt https://a.example/",
    "wget -e x=y https://a.example/",
    "curl --socks5 b.example https://a.example/",
    "curl --nobody-knows https://a.example/",
    "cat list | xargs curl https://a.example/",
    "./curl https://a.example/",
    "CURL_HOME=. curl https://a.example/",
    "git fetch origin",
    "git -c http.proxy=x fetch https://a.example/x.git",
    "git fetch --all https://a.example/x.git",
    "npm install",
    "curl https://a.example/ && npm install",
    "pip install https://a.example/x.whl",
  ])("are any where they cannot be known, which is asked and said: %s", (command) => {
    const { verdict, effects } = judged(command)
    expect(verdict).toBe("ask")
    expect(hosts(command)).toContain("*")
    expect(permits(command)).toMatchObject({ network: true, hosts: [] })
    const prompt = promptOf(
      {
        summary: "Run it",
        sandbox: "bubblewrap",
        undoable: false,
        undoReason: null,
        verdict: { effects, verdict },
      },
      workspace,
    )
    expect(prompt.to).toContain("any host")
  })

  it("stay denied where one of them must not be reached, whatever the others are", () => {
    expect(judged("curl https://a.example/ http://169.254.169.254/").verdict).toBe("deny")
    // a host that only the run would tell may be any of those
    expect(judged("curl https://$HOST/x").verdict).toBe("deny")
    expect(judged("curl https://a.example/ && curl localhost:3000").verdict).toBe("deny")
  })
})
