/**
 * The search for secrets on texts of its own: tokens are put together from pieces made by a counter, so
 * that no scanner mistakes this file for a leak.
 */
import { assert, describe, it } from "@effect/vitest"
import { findSecrets, holdsSecret, redactSecrets } from "../../../src/domain/secrets/findSecrets.ts"
import { alphanumeric, digits, hex, lower, made } from "./made.ts"

const uuid = [8, 4, 4, 4, 12].map((length, i) => made(length, hex, i + 3)).join("-")
const password = `Xk${made(6)}!7`

const rulesOf = (text: string) => findSecrets(text).map((each) => each.rule)
/** What the spans cover. */
const covered = (text: string) => findSecrets(text).map((each) => text.slice(each.start, each.end))

const tokens: ReadonlyArray<readonly [string, string]> = [
  ["github-token", `ghp_${made(36)}`],
  ["github-fine-grained-token", `github_pat_${made(22)}_${made(59)}`],
  ["gitlab-token", `glpat-${made(20)}`],
  ["aws-access-key-id", `AKIA${made(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`],
  ["slack-token", `xoxb-${made(12, digits)}-${made(12, digits, 9)}-${made(24)}`],
  ["stripe-key", `sk_live_${made(40)}`],
  ["npm-token", `npm_${made(36)}`],
  ["anthropic-key", `sk-ant-api03-${made(95)}`],
  ["openai-key", `sk-proj-${made(60)}T3Blbk${made(60)}`],
  ["huggingface-token", `hf_${made(34, lower + lower.toUpperCase())}`],
  ["google-api-key", `AIza${made(35)}`],
  ["sendgrid-key", `SG.${made(22)}.${made(43)}`],
  ["terraform-cloud-token", `${made(14)}.atlasv1.${made(65)}`],
  ["mailchimp-key", `${made(32, hex)}-us12`],
  ["telegram-token", `${made(9, "123456789")}:A${made(34)}`],
  ["azure-client-secret", `${made(3)}8Q~${made(33)}`],
  ["digitalocean-token", `dop_v1_${made(64, hex)}`],
  ["vault-token", `hvs.${made(95)}`],
  ["age-secret-key", `AGE-SECRET-KEY-1${made(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")}`],
  ["linear-key", `lin_api_${made(40)}`],
  ["json-web-token", `eyJ${made(30)}.eyJ${made(50)}.${made(43)}`],
]

describe("tokens known by their own form", () => {
  for (const [rule, value] of tokens)
    it(rule, () => {
      for (const text of [
        value,
        `x = "${value}"`,
        `see ${value}, then`,
        `a\n${value}\nb`,
        `"k\\n${value}\\n"`,
      ])
        assert.deepStrictEqual(covered(text), [value], text)
      assert.include(rulesOf(value), rule)
    })

  it("is not seen inside a longer word", () => {
    assert.deepStrictEqual(findSecrets(`prefix${tokens[0]![1].replace("ghp", "hgp")}`), [])
    assert.deepStrictEqual(rulesOf(`TODAYIN${made(23, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")}`), [])
    assert.deepStrictEqual(rulesOf(`x_${tokens[3]![1]}Z`), [])
  })
})

describe("values known by the name they stand under", () => {
  const secret = made(32, lower + digits)
  const notations = (value: string) => [
    `api_token=${value}`,
    `api_token = '${value}'`,
    `export API_TOKEN="${value}"`,
    `apiToken: ${value}`,
    `"apiToken": "${value}",`,
    `api_token := \`${value}\``,
    `API_TOKEN ?= "${value}"`,
    `API_TOKEN :::= "${value}"`,
    `$apiToken .= "${value}"`,
    `"apiToken" => "${value}"`,
    `var apiToken string = "${value}"`,
    `const apiToken: string = "${value}"`,
    `String apiToken = "${value}";`,
    `<apiToken>\n    ${value}\n</apiToken>`,
    `System.setProperty("API_TOKEN", "${value}")`,
    `os.environ['API_TOKEN'] = '${value}'`,
    `{"ini": "API_TOKEN=${value}\\nDEBUG=1"}`,
    `deploy --api-token ${value}`,
    `deploy --api-token=${value}`,
    `ENV API_TOKEN ${value}`,
    `set -x API_TOKEN ${value}`,
  ]
  it("in every notation", () => {
    for (const text of notations(secret)) assert.deepStrictEqual(covered(text), [secret], text)
  })
  it("also a UUID under a vendor's name", () => {
    assert.deepStrictEqual(rulesOf(`heroku_key = "${uuid}"`), ["heroku-key"])
    assert.deepStrictEqual(rulesOf(`snykToken: ${uuid}`), ["snyk-token"])
  })
  it("a vendor's name inside another word says nothing", () => {
    const key = made(40, hex)
    assert.deepStrictEqual(rulesOf(`meraki: ${key}`), ["meraki-key"])
    assert.deepStrictEqual(rulesOf(`CameraKit: ${key}`), [])
    assert.deepStrictEqual(rulesOf(`linkedInstance = linked${made(10)}`), [])
  })
  it("passwords that people chose", () => {
    for (const text of [
      `password=${password}`,
      `db.password: ${password}`,
      `"password": "${password}"`,
      `DB_PASSWORD=swordfish`,
      `login --password=swordfish`,
      `Server=x;User Id=sa;Password=${password};`,
      `password=${"hunt"}er2`,
    ])
      assert.deepStrictEqual(rulesOf(text), ["generic-password"], text)
  })
})

describe("structures", () => {
  const cases: ReadonlyArray<readonly [string, string, string]> = [
    ["password-in-address", `git clone https://bob:${password}@git.example.net/a`, password],
    ["authorization-header", `Authorization: Basic ${btoa(`admin:${made(9)}`)}`, btoa(`admin:${made(9)}`)],
    ["curl-user", `curl -s -u "bob:${password}" https://a.b`, password],
    ["curl-user", `curl -X POST \\\n  https://a.b \\\n  --user bob:${password}`, password],
    ["command-password", `mysql -u root -p${password} db`, password],
    ["command-password", `docker login -u me -p ${password} registry`, password],
    ["netrc-password", `machine h login u password ${password}`, password],
    [
      "kubernetes-secret",
      `apiVersion: v1\nkind: Secret\ndata:\n  extra: ${btoa(made(20))}\nmetadata:\n  name: x`,
      btoa(made(20)),
    ],
  ]
  for (const [rule, text, secret] of cases)
    it(`${rule}: ${text.split(/[ :\n]/, 1)[0]}`, () => {
      assert.deepStrictEqual(rulesOf(text), [rule])
      assert.deepStrictEqual(covered(text), [secret])
    })

  const begin = "-----BEGIN OPENSSH " + "PRIVATE KEY-----"
  const end = "-----END OPENSSH " + "PRIVATE KEY-----"
  it("a private key from its first to its last line", () => {
    const key = `${begin}\n${made(64)}\n${made(64, alphanumeric, 5)}\n${end}`
    assert.deepStrictEqual(covered(`a\n${key}\nb`), [key])
    assert.deepStrictEqual(covered(JSON.stringify({ k: key })), [JSON.stringify(key).slice(1, -1)])
  })
  it("a private key whose end is missing", () => {
    assert.deepStrictEqual(rulesOf(`${begin}\n${made(64)}`), ["private-key"])
  })
  it("an empty frame holds no key", () => {
    assert.deepStrictEqual(findSecrets(begin + end), [])
  })
})

describe("what is no secret", () => {
  const clean = [
    "password = getpass.getpass()",
    "const token = await getToken()",
    "password: process.env.DB_PASSWORD",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "export TOKEN=$(cat /run/token)",
    'apiKey: "YOUR_API_KEY_HERE_12345"',
    'password: "changeme"',
    "Authorization: Bearer $API_KEY",
    "curl -u username:password https://a.b",
    'curl -u "${USER}:${PASS}" https://a.b',
    "git push https://user:password@example.com",
    `"integrity": "sha512-${made(86)}=="`,
    `commit ${made(40, hex)}`,
    `api_version=${made(40, hex)}`,
    `"kms_key_id": "${uuid}"`,
    `credentialsId: '${uuid}'`,
    `publicKey = "${made(43)}"`,
    `csrf-token=${made(43)}`,
    "tokenizer: bert-base-uncased-v2",
    "max_tokens=128000",
    "grant_type=password&username=foo",
    'schemaKey = "DOC_Vector_5_32"',
    "secretKeyRef:\n  name: db-credentials\n  key: password",
    "keystore.file=env/cert.p12",
    'passwordLabel: "Enter your password"',
    "the --username and --password options",
    'const alphabetKey = "abcdefghijklmnopqrstuvwxyz0123456789"',
    "kind: ExternalSecret\ndata:\n  - secretKey: api-key",
    `data:image/png;base64,${made(200)}`,
    "",
  ]
  for (const text of clean)
    it(JSON.stringify(text).slice(0, 60), () => assert.deepStrictEqual(findSecrets(text), []))
})

describe("redaction", () => {
  it("replaces the secret and nothing else", () => {
    const key = tokens[0]![1]
    assert.strictEqual(
      redactSecrets(`git clone https://x:${key}@h && echo "${key}" # done`),
      `git clone https://x:<redacted:github-token>@h && echo "<redacted:github-token>" # done`,
    )
    assert.strictEqual(redactSecrets("npm test"), "npm test")
  })
  it("changes nothing the second time", () => {
    for (const text of [
      ...tokens.map(([, value]) => `t = "${value}"`),
      `password=${password}`,
      `mysql -p${password} x`,
    ]) {
      const once = redactSecrets(text)
      assert.notStrictEqual(once, text)
      assert.strictEqual(redactSecrets(once), once)
    }
  })
  it("tells of bytes that they hold one", () => {
    const bytes = new Uint8Array([0, 255, 10, ...new TextEncoder().encode(`x ${tokens[0]![1]}`), 0])
    assert.isTrue(holdsSecret(bytes))
    assert.isFalse(holdsSecret(bytes.subarray(0, 10)))
  })

  it("takes the private half of PuTTY's own files", () => {
    const half = "Qm9keU9mVGhlS2V5MDEyMzQ1Njc4OWFiY2RlZg==\nZm9vMTIzYmFyOTg3NjU0MzIxMGFiY2RlZmdoaWo=\n"
    const text = `PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\nAAAAC3Nza\nPrivate-Lines: 2\n${half}Private-MAC: 00\n`
    assert.deepStrictEqual(redactSecrets(text), text.replace(half, "<redacted:private-key>"))
  })
})
