/**
 * Places a secret stands in beside a plain assignment: a name and its value in two fields, types and
 * accessors between them, calls, SQL, shell commands, password files, key material that was wrapped; and
 * what stands in the same places without being one.
 */
import { assert, describe, it } from "@effect/vitest"
import { findSecrets } from "../../../src/domain/secrets/findSecrets.ts"
import { alphanumeric, hex, made } from "./made.ts"

const token = made(36)
const chosen = `Quiet${"Harbour"}48`
const covered = (text: string) => findSecrets(text).map((each) => text.slice(each.start, each.end))

const places: Readonly<Record<string, ReadonlyArray<readonly [string, string]>>> = {
  "a name in one field and its value in another": [
    [`- name: API_TOKEN\n  value: ${token}\n`, token],
    [`{"key": "password", "value": "${chosen}"}`, chosen],
    [`<property name="keystore.password" value="${chosen}"/>`, chosen],
    [`<key>APIToken</key>\n<string>${token}</string>`, token],
    [`<string name="maps_api_key">${token}</string>`, token],
    [`<Pass encoding="plain">${chosen}</Pass>`, chosen],
    [`<wsse:Password Type="PasswordText">${chosen}</wsse:Password>`, chosen],
    [`variable "db_password" {\n  type = string\n  default = "${chosen}"\n}`, chosen],
  ],
  "types, accessors and brackets": [
    [`const API_TOKEN: &str = "${token}";`, token],
    [`let password = String::from("${chosen}");`, chosen],
    [`public string Password { get; set; } = "${chosen}";`, chosen],
    [`Dim password As String = "${chosen}"`, chosen],
    [`#define WIFI_PASSWORD "${chosen}"`, chosen],
    [`std::string password{"${chosen}"};`, chosen],
    [`char password[25] = "${chosen}";`, chosen],
    [`(def db-password "${chosen}")`, chosen],
    [`password <- "${chosen}"`, chosen],
    [`local auth_token <const> = "${token}"`, token],
    [`api_token = '''${token}'''`, token],
    [`setApiToken("${token}")`, token],
    [`config.setPassword("${chosen}");`, chosen],
    [`cy.get('#password').type('${chosen}')`, chosen],
  ],
  "other languages": [
    [`mot_de_passe = "${chosen}"`, chosen],
    [`motDePasse: ${chosen}`, chosen],
    [`senha_banco = '${chosen}'`, chosen],
    [`CONTRASEÑA="${chosen}"`, chosen],
    [`wachtwoord: ${chosen}`, chosen],
    [`пароль: ${chosen}`, chosen],
    [`登录密码：${chosen}，请修改`, chosen],
  ],
  "words of a sentence and of a directive": [
    [`login failed with password ${chosen}`, chosen],
    [`the password is ${chosen}, as you know`, chosen],
    [`storePassword "${chosen}"`, chosen],
    [`bindpw ${chosen}\n`, chosen],
    [`requirepass ${chosen}\n`, chosen],
  ],
  "calls that log in": [
    [`DriverManager.getConnection(url, "root", "${chosen}")`, chosen],
    [`requests.get(url, auth=('jo', '${chosen}'))`, chosen],
    [`new PasswordAuthentication("jo", "${chosen}".toCharArray())`, chosen],
    [`ConvertTo-SecureString "${chosen}" -AsPlainText -Force`, chosen],
    [`algoliasearch("APPLICATION", "${made(32, hex)}")`, made(32, hex)],
  ],
  "SQL and password files": [
    [`CREATE USER app WITH PASSWORD '${chosen}';`, chosen],
    [`CREATE USER 'a'@'%' IDENTIFIED BY '${chosen}';`, chosen],
    [`SET PASSWORD FOR 'u'@'h' = '${chosen}';`, chosen],
    [`db.internal:5432:app:app_rw:${chosen}\n`, chosen],
    [`dsn: "app:${chosen}@tcp(db:3306)/app"`, chosen],
    [`jdbc:oracle:thin:scott/${chosen}@db:1521:orcl`, chosen],
    [`default login jo password ${chosen}`, chosen],
  ],
  commands: [
    [`mysqldump -h db -uroot -p${chosen} app > d.sql`, chosen],
    [`docker login -u jo -p ${chosen} r.io`, chosen],
    [`zip -P ${chosen} a.zip f`, chosen],
    [`net use Z: \\\\srv\\x /user:jo ${chosen}`, chosen],
    [`dotnet nuget add source https://x.y -u jo -p ${chosen}`, chosen],
    [`mc alias set s3 https://s3.x.y jo-key ${token}`, token],
    [`composer config http-basic.repo.x.y jo ${chosen}`, chosen],
    [`bundle config set --global gems.x.y jo:${chosen}`, chosen],
    [`twine upload -u jo -p ${chosen} dist/*`, chosen],
    [`docker login -u jo \\\n  -p '${chosen}' r.io`, chosen],
    [`mysql -e 'a; b | c' -p${chosen} app`, chosen],
    [`mysql -uroot app < a.sql; mysqldump -p${chosen} app`, chosen],
    [`ldapsearch -x -D cn=admin -w ${chosen} -b dc=x`, chosen],
    [`keytool -importcert -storepass ${chosen} -file c`, chosen],
    [`echo ${chosen} | docker login -u jo --password-stdin`, chosen],
    [`echo "root:${chosen}" | chpasswd`, chosen],
    [`wrangler secret put X <<< ${token}`, token],
    [`gh secret set TOKEN --body ${token}`, token],
    [`printf "${chosen}" > password.txt`, chosen],
  ],
  "keys in other clothes": [
    [`{"kty":"oct","k":"${made(43)}"}`, made(43)],
    [
      `x: ${btoa(`-----BEGIN ${"PRIVATE KEY"}-----\n${token}\n`)}`,
      btoa(`-----BEGIN ${"PRIVATE KEY"}-----\n${token}\n`),
    ],
    [
      `SECRET_KEY = 'dj-${made(18)}!@#$%^&*(${made(16, alphanumeric, 3)}'`,
      `dj-${made(18)}!@#$%^&*(${made(16, alphanumeric, 3)}`,
    ],
    [`Authorization "Basic ${btoa(`jo:${chosen}`)}"`, btoa(`jo:${chosen}`)],
    [`headers["Authorization"] = "Bearer " + "${token}"`, token],
    [`u = acme_live_${made(24)}`, `acme_live_${made(24)}`],
  ],
}

for (const [place, cases] of Object.entries(places))
  describe(place, () => {
    for (const [text, secret] of cases)
      it(JSON.stringify(text).slice(0, 70), () => assert.deepStrictEqual(covered(text), [secret]))
  })

describe("the same places without a secret", () => {
  const clean = [
    "- name: TOKEN_PATH\n  value: /var/run/token-2",
    "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db, key: password}",
    `{"name":"password","value":""}`,
    "<key>CFBundleIdentifier</key>\n<string>com.acme.app2</string>",
    `<string name="password_hint">At least 8 characters</string>`,
    `variable "token_name" {\n  default = "ci-token"\n}`,
    "public string Token { get; set; } = string.Empty;",
    "std::string token(buffer, n);",
    `token.startsWith("${token}")`,
    `getByLabel('Password').fill(user.password)`,
    "password sufficient pam_unix.so",
    "passwd prefer-ipv4",
    `tokenAddress: "0x${made(40, hex)}"`,
    "the password is not stored in 2024-05-01",
    "getConnection(url, user, password)",
    "requests.get(url, auth=(user, pw))",
    "ConvertTo-SecureString $pw -AsPlainText -Force",
    "ALTER USER x PASSWORD EXPIRE",
    "IDENTIFIED WITH auth_socket;",
    "ports: 127.0.0.1:5432:5432",
    "default login anonymous password user@site",
    "docker run -p 8080:80 img",
    "docker-compose login -p 8080",
    "dotnet run -p src/App && dotnet nuget list source",
    "bundle config set path vendor/bundle; bundle config build.nokogiri --use-system-libraries",
    "net use Z: \\\\srv\\x /user:jo *",
    `docker login -u jo --password-stdin && docker run -p 8080:80 -v ${token}:/a img`,
    "mysql -u root app < dump.sql; mkdir -parents a",
    `kind: Secret\ndata:\n  ca.crt: ${btoa(`-----BEGIN CERTIFICATE-----\n${token}\n`)}\n`,
    "bindPassword: urn:k8s:secret:ldap:bind-password2",
    '"password": "Парола", "authentication": "Uwierzytelnianie"',
    "DONT_EXPIRE_PASSWORD = 65536;",
    "PASS_SCHEME=BLF-CRYPT",
    "ssl_ciphers HIGH:!aNULL:!MD5:!PSK:!3DES:+kEDH;",
    `subprocess.run('mysql -uroot -p' + os.environ['DB'] + ' app')`,
    "the start token (<<<SMTHG)",
    "e(0,s.OAS3ComponentWrapFactory)(t)",
    "#password_encryption = scram-sha-256\t# or md5",
    '# "md5", "password", "scram-sha-256"',
    "deriveKey(password: Uint8Array)",
    'read the block identified by "handle"',
    '"password_reset": "重置密码的链接已发送到您的邮箱"',
    "пароль: введите",
    `CHECKSUMS:\n  gem-token (1.0) sha256=1\n  token_key: ${made(40, hex)}\n`,
    "net user jo /domain",
    'echo "$PASSWORD" | docker login -u x --password-stdin',
    'echo "Done: 3 secrets set"',
    "gh secret set TOKEN < token.txt",
    "zip -r a.zip b",
    `{"kty":"EC","x":"${made(43)}","y":"${made(43, alphanumeric, 3)}"}`,
    `x: ${btoa(`-----BEGIN CERTIFICATE-----\n${token}\n`)}`,
    `value="-----BEGIN PGP ${"PRIVATE KEY"} BLOCK-----" offset="0"/>\n<match type="string"/>`,
    `https://${made(32, hex)}@o123.ingest.sentry.io/456`,
    `SPEC CHECKSUMS:\n  KeychainAccess: ${made(40, hex)}\n  FirebaseAuth: ${made(40, hex, 3)}\n`,
    `"/src/auth/findToken.ts": "${made(40, hex)}"`,
    `PUBLISHABLE_KEY=pk_live_${made(24)}`,
    `password: "$2b$12$${made(53)}"`,
    `db_password: ENC[AES256_GCM,data:${made(24)},iv:${made(44)},type:str]`,
    `API_KEY="encrypted:${made(90)}"`,
    `kind: SealedSecret\nspec:\n  encryptedData:\n    token: AgB${made(300)}`,
    "DB_PASSWORD=@@DB_PASSWORD@@",
    "DB_PASSWORD=keychain:db",
    "db_password: !Ref DbPassword",
    `SECRET_REGEX_KEY = "^(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9!@#]{8,32}$"`,
  ]
  for (const text of clean)
    it(JSON.stringify(text).slice(0, 70), () => assert.deepStrictEqual(findSecrets(text), []))
})
