/** Whether a document is in trial (`x-stage: beta`): only who asked for it is served by it, and is told ninety days before it changes. */
export const isBeta = (document: Readonly<Record<string, unknown>>): boolean =>
  document['x-stage'] === 'beta'
