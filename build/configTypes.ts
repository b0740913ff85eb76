/** The declarations of `claw-assistant/config`, made from the settings' own JSON Schema, so that the two cannot differ. Pure. */

interface Node {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly required?: ReadonlyArray<string>
  readonly anyOf?: ReadonlyArray<Node>
  readonly enum?: ReadonlyArray<unknown>
  readonly additionalProperties?: boolean | Node
}

const saidOf = ({ description }: Node, indent: string): string =>
  description === undefined ? "" : `${indent}/** ${description} */\n`

const typeOf = (node: Node, indent: string): string => {
  if (node.anyOf !== undefined) return node.anyOf.map((one) => typeOf(one, indent)).join(" | ")
  if (node.enum !== undefined) return node.enum.map((one) => JSON.stringify(one)).join(" | ")
  switch (node.type) {
    case "object":
      if (node.properties === undefined && typeof node.additionalProperties === "object") {
        return `Readonly<Record<string, ${typeOf(node.additionalProperties, indent)}>>`
      }
      return `{\n${Object.entries(node.properties ?? {})
        .map(
          ([key, value]) =>
            `${saidOf(value, `${indent}  `)}${indent}  readonly ${key}${node.required?.includes(key) === true ? "" : "?"}: ${typeOf(value, `${indent}  `)}`,
        )
        .join("\n")}\n${indent}}`
    case "array":
      return `ReadonlyArray<${typeOf(node.items ?? {}, indent)}>`
    case "null":
      return "null"
    case "number":
    case "integer":
      return "number"
    case "string":
    case "boolean":
      return node.type
    default:
      throw new Error(`the settings hold a type this cannot declare: ${JSON.stringify(node)}`)
  }
}

export const configTypes = (schema: unknown): string =>
  `export type SettingsInput = ${typeOf(schema as Node, "")}\nexport declare const defineConfig: (settings: SettingsInput) => SettingsInput\n`
