/**
 * Stands in the bundle for `Intl.Segmenter`, of which Effect's help pages make one when they are loaded, whether or not
 * help is asked for: that reads ICU's tables, more than `claw status` takes for its work. Made at the first use.
 */
export function Segmenter(locales?: Intl.LocalesArgument, options?: Intl.SegmenterOptions): Intl.Segmenter {
  let made: Intl.Segmenter | undefined
  const segmenter = (): Intl.Segmenter => (made ??= new globalThis.Intl.Segmenter(locales, options))
  return {
    segment: (text) => segmenter().segment(text),
    resolvedOptions: () => segmenter().resolvedOptions(),
  }
}
