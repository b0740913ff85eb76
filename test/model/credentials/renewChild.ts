/** A process that renews its login again and again until somebody kills it: `renewChild.ts DIRECTORY ISSUER`. */
import { Effect } from "effect"
import { liveHolder, startTime } from "../../../src/daemon/lockHolder.ts"
import { Credentials } from "../../../src/model/credentials/Credentials.ts"
import { credentialsIn, ownerAt } from "./world.ts"

const [directory, issuer] = process.argv.slice(2)
const mark = `${process.pid} ${startTime(process.pid) ?? ""}`
const isAlive = (other: string) => liveHolder(other) !== null

Credentials.use((credentials) => Effect.forever(credentials.get(ownerAt(issuer!)))).pipe(
  Effect.provide(credentialsIn({ directory: directory!, mark, isAlive })),
  Effect.runPromise,
)
