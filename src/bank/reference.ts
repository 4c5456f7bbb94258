/** A reference of ours at the core: the same reference is the same order, for ever. */
import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A hundred bits of chance, in the letters and the length that every core takes. */
export const newReference = (): string =>
  Array.from(randomBytes(20), (byte) => alphabet[byte % alphabet.length]).join('')
