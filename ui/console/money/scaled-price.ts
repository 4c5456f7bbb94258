/** A unit price moved by whole per cents, exactly: prices are decimal text and never pass through a float. */
export const scaledPrice = (price: string, percent: number): string => {
  const [whole = '0', fraction = ''] = price.split('.')
  const digits = String(
    BigInt(whole + fraction) * BigInt(100 + Math.max(-100, Math.trunc(percent))),
  )
  const places = fraction.length + 2
  const padded = digits.padStart(places + 1, '0')
  const cut = padded.slice(-places).slice(0, 12).replace(/0+$/, '')
  return cut === '' ? padded.slice(0, -places) : `${padded.slice(0, -places)}.${cut}`
}
