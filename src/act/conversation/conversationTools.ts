/** The tools that talk with the user or keep the conversation's own state. */
import type { ConfigAccess } from "../ConfigAccess.ts"
import type { Conversation } from "../Conversation.ts"
import type { Journal } from "../Journal.ts"
import type { ActSettings } from "../planParts.ts"
import type { Tool } from "../Tool.ts"
import { askUserTool } from "./askUser.ts"
import { configTool } from "./config.ts"
import { sendUserMessageTool } from "./sendUserMessage.ts"
import { sleepTool } from "./sleep.ts"
import { structuredOutputTool } from "./structuredOutput.ts"
import { todoWriteTool } from "./todoWrite.ts"

export const conversationTools = (
  conversation: Conversation["Service"],
  journal: Journal["Service"],
  config: ConfigAccess,
  settings: ActSettings,
): ReadonlyArray<Tool> => [
  sleepTool(conversation, settings),
  sendUserMessageTool(journal, settings),
  askUserTool(conversation, settings),
  todoWriteTool(journal, settings),
  configTool(config, settings),
  structuredOutputTool(settings),
]
