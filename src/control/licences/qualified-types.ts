/** Types of evidence that are qualified certificates: they are handed in themselves. */
export const qualifiedTypes: ReadonlySet<string> = new Set(['qwac', 'qsealc'])
