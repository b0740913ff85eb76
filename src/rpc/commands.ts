/**
 * Slash commands between daemon and clients: the table of them, running one, what could stand at a place. Schemas only.
 * Invariant: what changes something carries a proof of who is there; the daemon checks each call by the graph, whatever the
 * client believed.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { ArgumentKind, CommandAnswer, CommandRow } from "../domain/command.ts"
import { Surface } from "../domain/events/acted.ts"
import { BadInput, NeedsPerson, NoSuch, Refused, Unavailable } from "./errors.ts"

export const Candidate = Schema.Struct({ text: Schema.String, detail: Schema.String })
export type Candidate = typeof Candidate.Type

/** How the user wants a conversation at a terminal. */
export const ChatLook = Schema.Struct({ theme: Schema.String, vim: Schema.Boolean })
export type ChatLook = typeof ChatLook.Type

export class CommandRpcs extends RpcGroup.make(
  Rpc.make("Commands", { success: Schema.Array(CommandRow) }),
  Rpc.make("RunCommand", {
    payload: {
      /** Null where nobody is there: then nothing runs that changes something. */
      token: Schema.NullOr(Schema.String),
      surface: Surface,
      /** `/model small`. */
      line: Schema.String,
      /** The conversation one is in. */
      session: Schema.NullOr(Schema.String),
      /** Folder the person is in. */
      dir: Schema.String,
      /** Somebody is at a terminal; else only what is safe on resume runs. */
      attended: Schema.Boolean,
    },
    success: CommandAnswer,
    error: Schema.Union([NoSuch, Refused, NeedsPerson, Unavailable, BadInput]),
  }),
  /** As it was read last: no file is looked at. */
  Rpc.make("ChatLook", { success: ChatLook }),
  /** What begins with `word`; best first. */
  Rpc.make("Complete", {
    payload: {
      kind: ArgumentKind,
      word: Schema.String,
      session: Schema.NullOr(Schema.String),
      dir: Schema.String,
    },
    success: Schema.Array(Candidate),
  }),
) {}
