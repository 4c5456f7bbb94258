/** Whether a document is in trial (`x-stage: beta`): it may change without notice, and only who asked for it is served by it. */
export const isBeta = (document: Readonly<Record<string, unknown>>): boolean =>
  document['x-stage'] === 'beta'
