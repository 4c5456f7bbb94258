/** A signature file as programs of national e-signatures write it: DER, PEM or bare base64. */

/** The longest that the server takes, in base64. */
const LONGEST = 65_536
const SEQUENCE = 0x30

const base64Of = (bytes: Uint8Array): string => {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

const isBase64 = (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)

/** The file as base64; undefined when it can be no signature. What it is worth is judged by the bank alone. */
export const pkcs7In = (file: Uint8Array): string | undefined => {
  // What DER says first is that it is a sequence; as a letter that is a zero, which no base64 of a sequence begins with.
  const text =
    file[0] === SEQUENCE
      ? base64Of(file)
      : new TextDecoder()
          .decode(file)
          .replaceAll(/-----(BEGIN|END) [A-Z0-9 ]+-----/g, '')
          .replaceAll(/\s/g, '')
  const fits = text.length > 0 && text.length <= LONGEST && isBase64(text)
  return fits && atob(text).charCodeAt(0) === SEQUENCE ? text : undefined
}
