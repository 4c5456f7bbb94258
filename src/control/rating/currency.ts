/** How many decimals each currency has: ISO 4217, list one of 1 January 2026. Never asked of a locale library. */
import { assert } from '#kernel/assert.ts'

const two =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG'
const decimals: readonly (readonly [number, string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [2, two],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
]

const exponents: ReadonlyMap<string, number> = new Map(
  decimals.flatMap(([exponent, codes]) =>
    codes.split(' ').map((code): [string, number] => [code, exponent]),
  ),
)

/** Undefined for a code that ISO 4217 does not know. */
export const exponentOf = (code: string): number | undefined => exponents.get(code)

/** Minor units as text with exactly the currency's digits; zero has no sign. */
export const amountText = (minor: bigint, exponent: number): string => {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0')
  const text = exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
  return minor < 0n ? `-${text}` : text
}

/** Minor units of such text; what is finer than the currency is no amount. */
export const minorText = (text: string, exponent: number): bigint => {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  assert(
    whole !== '' && part.length <= exponent,
    'an amount of money has the digits of its currency',
  )
  const minor = BigInt(whole + part.padEnd(exponent, '0'))
  return sign === '' ? minor : -minor
}
