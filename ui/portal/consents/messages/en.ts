/** The words of consents at the portal. */
export const en = {
  'consents.about':
    'What customers let your applications do, and until when. Who they are the bank does not tell; your program knows them by a name of its own.',
} as const
