/** A self-signed certificate made on the spot, as DER by hand: no tool and no key in the repository. */
import { generateKeyPairSync, sign } from "node:crypto"

const length = (n: number): Buffer =>
  n < 128 ? Buffer.from([n]) : n < 256 ? Buffer.from([0x81, n]) : Buffer.from([0x82, n >> 8, n & 255])
const tlv = (tag: number, ...parts: ReadonlyArray<Buffer>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), length(body.length), body])
}
const sequence = (...parts: ReadonlyArray<Buffer>): Buffer => tlv(0x30, ...parts)
const oid = (...bytes: ReadonlyArray<number>): Buffer => tlv(0x06, Buffer.from(bytes))
const text = (tag: number, value: string): Buffer => tlv(tag, Buffer.from(value, "latin1"))

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const name = sequence(tlv(0x31, sequence(oid(0x55, 0x04, 0x03), text(0x0c, "claw test"))))
const validity = sequence(text(0x17, "200101000000Z"), text(0x17, "491231235959Z"))

export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** For these DNS names and IPv4 addresses. */
export const selfSigned = (
  names: ReadonlyArray<string>,
  addresses: ReadonlyArray<string> = [],
): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const alternatives = sequence(
    ...names.map((each) => text(0x82, each)),
    ...addresses.map((each) => tlv(0x87, Buffer.from(each.split(".").map(Number)))),
  )
  const authority = sequence(tlv(0x01, Buffer.from([0xff])))
  const extensions = tlv(
    0xa3,
    sequence(
      sequence(oid(0x55, 0x1d, 0x11), tlv(0x04, alternatives)),
      sequence(oid(0x55, 0x1d, 0x13), tlv(0x01, Buffer.from([0xff])), tlv(0x04, authority)),
    ),
  )
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  )
  const signature = tlv(0x03, Buffer.from([0]), sign("sha256", body, privateKey))
  const der = sequence(body, ecdsaWithSha256, signature).toString("base64")
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  }
}
