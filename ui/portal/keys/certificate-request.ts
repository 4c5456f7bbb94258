/** A PKCS #10 certificate request (RFC 2986), written in the browser, so that the private key never leaves it. */

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
/** attributes [0] IMPLICIT SET OF, RFC 2986 §4.1: present even when there are none. */
const NO_ATTRIBUTES = [0xa0, 0x00]

/** 2.5.4.3, id-at-commonName. */
const COMMON_NAME = [0x55, 0x04, 0x03]
/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256. */
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]

type Octets = readonly number[] | Uint8Array

/** Tag, length, value: the length in one octet below 128, else its own length first (X.690 §8.1.3). */
const der = (tag: number, ...parts: readonly Octets[]): number[] => {
  const value = parts.flatMap((part) => [...part])
  const length: number[] = []
  for (let rest = value.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff)
  return value.length < 0x80
    ? [tag, value.length, ...value]
    : [tag, 0x80 | length.length, ...length, ...value]
}

/** A positive INTEGER: no leading zeros, but one where the first bit would read as a sign. */
const integer = (octets: Uint8Array): number[] => {
  const first = octets.findIndex((octet) => octet !== 0)
  const value = first === -1 ? new Uint8Array(1) : octets.slice(first)
  return der(INTEGER, (value[0] ?? 0) >= 0x80 ? [0] : [], value)
}

const nameOf = (commonName: string): number[] =>
  der(
    SEQUENCE,
    der(
      SET,
      der(
        SEQUENCE,
        der(OBJECT_IDENTIFIER, COMMON_NAME),
        der(UTF8_STRING, new TextEncoder().encode(commonName)),
      ),
    ),
  )

/** WebCrypto signs ECDSA as r and s side by side (IEEE P1363); certificates want SEQUENCE { r, s } (RFC 3279 §2.2.3). */
const signatureOf = (raw: Uint8Array): number[] =>
  der(SEQUENCE, integer(raw.slice(0, raw.length / 2)), integer(raw.slice(raw.length / 2)))

export const pem = (label: string, octets: Uint8Array): string => {
  const lines = btoa(String.fromCharCode(...octets)).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** A P-256 key, and the request for a certificate about it. The bank decides the subject; the name is a courtesy. */
export const requestCertificate = async (
  commonName: string,
): Promise<{ csr: string; privateKey: string }> => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
  const information = new Uint8Array(
    der(SEQUENCE, der(INTEGER, [0]), nameOf(commonName), spki, NO_ATTRIBUTES),
  )
  const signed = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    pair.privateKey,
    information,
  )
  const request = der(
    SEQUENCE,
    information,
    der(SEQUENCE, der(OBJECT_IDENTIFIER, ECDSA_WITH_SHA256)),
    der(BIT_STRING, [0], signatureOf(new Uint8Array(signed))),
  )
  return {
    csr: pem('CERTIFICATE REQUEST', new Uint8Array(request)),
    privateKey: pem('PRIVATE KEY', pkcs8),
  }
}
