/**
 * Who acts by their own hand. Pure.
 * Invariant: only the daemon's doors for a person's own clients give an actor of this form; a model, a reflex and a
 * source have names of their own.
 */
export const isPerson = (actor: string): boolean => actor.startsWith("user:")
