/** Secrets by their shape: private keys and signed tokens, which no answer, header, error or log line has a use for (S44). */

/** RFC 7468 §10–11, whatever dashes were escaped into. */
const privateKey = /BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY/
/** RFC 7515, RFC 7516: a JOSE header is an object, so its base64url begins with these letters. */
const token = /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*/g
/** RFC 7518 §6.2.2, §6.3.2, §6.4.1: a private member of a key, quoted as itself or inside of a string. */
const privateMember = /\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s*:\s*\\?"[A-Za-z0-9_-]{20,}/

/** Whether a text holds one outside of the places [start, end) that may hold a token. */
export const holdsSecret = (text: string, allowed: readonly number[] = []): boolean => {
  if (text.includes('PRIVATE KEY') && privateKey.test(text)) return true
  if (text.includes('kty') && privateMember.test(text)) return true
  if (!text.includes('eyJ')) return false
  for (const { index, 0: found } of text.matchAll(token)) {
    let permitted = false
    for (let i = 0; i + 1 < allowed.length; i += 2)
      if (index >= (allowed[i] ?? 0) && index + found.length <= (allowed[i + 1] ?? 0))
        permitted = true
    if (!permitted) return true
  }
  return false
}
