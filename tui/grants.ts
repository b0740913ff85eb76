/**
 * Asking no more: what can be allowed once for all with the selected suggestion, narrowest first, and what was allowed
 * so far, to be taken back. Pure.
 * Invariants: the list says of each choice what exactly it would allow; a choice approves what was on the screen when the
 * list opened, never anything that came later; what cannot be granted is shown with its reason and cannot be chosen.
 */
import { longestTaintedMs } from "../src/domain/grant.ts"
import type { Always, GrantView, OffersView, OfferView } from "../src/rpc/grants.ts"
import { type Shown, shownIn } from "../src/rpc/shown.ts"
import { confirmBecause } from "./able.ts"
import type { Input } from "./input.ts"
import { bindingFor } from "./keymap.ts"
import { currentDetail, type Model } from "./model.ts"
import { say, send, stay, type Step } from "./step.ts"

type Key = Extract<Input, { _tag: "key" }>

export interface AlwaysChoice {
  readonly scope: Always["scope"]
  /** For one hour; else until it is revoked, or for a day where it counts on outside text. */
  readonly hour: boolean
  readonly title: string
  readonly possible: boolean
  /** In this conversation alone, though it rests on outside text. */
  readonly alsoTainted: boolean
}

export interface AlwaysDialog {
  readonly _tag: "always"
  readonly id: string
  readonly title: string
  readonly shown: Shown
  readonly choices: ReadonlyArray<AlwaysChoice>
  /** What is to be known before choosing. */
  readonly notes: ReadonlyArray<string>
  readonly index: number
  readonly openedAt: number
}

/** Those in force; the marked one can be taken back. */
export interface GrantsDialog {
  readonly _tag: "grants"
  readonly grants: ReadonlyArray<GrantView>
  readonly index: number
}

const hourMs = 3_600_000
/** Nobody reads such a list faster. */
const readMs = 150

/** Where something counts for what is on the screen, that alone: what would count elsewhere is not the question. */
const offersHere = ({ offers }: OffersView): ReadonlyArray<OfferView> => {
  const here = offers.filter(({ alsoTainted }) => alsoTainted === true)
  return here.length > 0 ? here : offers
}

export const choicesOf = (view: OffersView): ReadonlyArray<AlwaysChoice> =>
  offersHere(view).flatMap(({ alsoTainted = false, possible, scope, title }): ReadonlyArray<AlwaysChoice> =>
    (possible ? [true, false] : [false]).map((hour) => ({ scope, hour, title, possible, alsoTainted })),
  )

export const howLong = ({ alsoTainted, hour }: AlwaysChoice): string =>
  hour ? "for one hour" : alsoTainted ? "for a day" : "until you revoke it"

/** Where it would hold; the title of what counts on outside text says so itself. */
export const where = ({ alsoTainted }: AlwaysChoice): string => (alsoTainted ? "" : ", in this workspace")

export const alwaysOf = ({ alsoTainted, hour, scope }: AlwaysChoice, now: number): Always => ({
  scope,
  untilMs: hour ? now + hourMs : alsoTainted ? now + longestTaintedMs : null,
  ...(alsoTainted ? { alsoTainted } : {}),
})

export const offersCame = (model: Model, id: string, offers: OffersView): Step => {
  const detail = currentDetail(model)
  if (model.dialog !== null || model.selected !== id || detail === null) return stay(model)
  if (!offers.offers.some(({ possible }) => possible) && offers.offers.length === 0)
    return stay(say(model, `no grant helps here: ${offers.note ?? ""}`, "warn"))
  const because = confirmBecause(model, detail)
  const choices = choicesOf(offers)
  return stay({
    ...model,
    dialog: {
      _tag: "always",
      id,
      title: detail.suggestion.title,
      shown: shownIn(detail),
      choices,
      notes: [...(because === null ? [] : [because]), ...(offers.note === null ? [] : [offers.note])],
      index: Math.max(
        0,
        choices.findIndex(({ possible }) => possible),
      ),
      openedAt: model.now,
    },
  })
}

export const grantsCame = (model: Model, all: ReadonlyArray<GrantView>): Step => {
  const grants = all.filter(({ state }) => state === "in force")
  const open = model.dialog?._tag === "grants" ? model.dialog : null
  if (grants.length === 0)
    return stay(say({ ...model, dialog: open === null ? model.dialog : null }, "nothing is granted"))
  if (model.dialog !== null && open === null) return stay(model)
  const index = Math.min(open?.index ?? 0, grants.length - 1)
  return stay({ ...model, dialog: { _tag: "grants", grants, index } })
}

const moved = (id: string | undefined, at: number, count: number): number =>
  Math.max(0, Math.min(count - 1, at + (id === "down" ? 1 : id === "up" ? -1 : 0)))

const take = (model: Model, dialog: AlwaysDialog, index: number): Step => {
  const choice = dialog.choices[index]
  if (choice === undefined) return stay(model)
  if (!choice.possible) return stay(say(model, choice.title, "warn"))
  if (model.now - dialog.openedAt < readMs) return stay(say(model, "look first, then answer", "warn"))
  const { id, shown } = dialog
  return send(model, id, { _tag: "Approve", id, shown, always: alwaysOf(choice, model.now) })
}

export const alwaysKey = (model: Model, dialog: AlwaysDialog, key: Key): Step => {
  const id = bindingFor("always", key.key)?.id
  switch (id) {
    case "down":
    case "up":
      return stay({ ...model, dialog: { ...dialog, index: moved(id, dialog.index, dialog.choices.length) } })
    case "digit":
      return take(model, dialog, Number(key.key) - 1)
    case "accept":
      return take(model, dialog, dialog.index)
    case "cancel":
      return stay(say({ ...model, dialog: null }, "left as it was"))
    default:
      return stay(model)
  }
}

export const grantsKey = (model: Model, dialog: GrantsDialog, key: Key): Step => {
  const id = bindingFor("grants", key.key)?.id
  switch (id) {
    case "down":
    case "up":
      return stay({ ...model, dialog: { ...dialog, index: moved(id, dialog.index, dialog.grants.length) } })
    case "revoke": {
      const grant = dialog.grants[dialog.index]
      return grant === undefined ? stay(model) : stay(model, { _tag: "RevokeGrant", grant: grant.grant })
    }
    case "cancel":
      return stay({ ...model, dialog: null })
    default:
      return stay(model)
  }
}
