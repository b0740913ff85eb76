/**
 * Takes out of a command line what it asks Claw to erase: the text is in the command that a shell reports once the
 * erasure is done, and would so be in the log again. Pure. It may take out too much of a line, never too little.
 */

const erasure = /(\bclaw\b(?:(?!\berase\b)[\s\S])*?\blog\b(?:(?!\berase\b)[\s\S])*?\berase\b)[\s\S]+/

export const withoutErasure = (command: string): string => command.replace(erasure, "$1 <redacted:erasure>")
