/** Why a payment did not go, or was stopped: the code of ISO 20022, and what it means in a sentence. */
const meanings: Readonly<Record<string, string>> = {
  AC01: 'There is no such account.',
  AC04: 'The account is closed.',
  AC06: 'The account is blocked.',
  AC09: 'The account is kept in another currency.',
  AG01: 'Payments of this kind are not allowed on this account.',
  AM02: 'The amount is more than may be paid.',
  AM03: 'The amount is in a currency that is not taken here.',
  AM04: 'There is not enough money on the account.',
  AM12: 'The amount is none that can be paid.',
  CUST: 'The customer asked for it.',
  DT01: 'The day is none on which it can be executed.',
  DUPL: 'It was ordered twice.',
  FF01: 'The file cannot be read as what it is said to be.',
  FRAD: 'It was fraudulent.',
  MS03: 'The bank that refused it does not say why.',
  NARR: 'The reason stands in words beside.',
  NOAS: 'The creditor did not answer.',
  RR04: 'The law does not allow it.',
  TECH: 'It was ordered by a technical fault.',
}

/** As answers carry it: the code, and its meaning where it is one that we know. */
export const reasonJson = (code: string | null) => {
  if (code === null) return {}
  const meaning = meanings[code]
  return {
    statusReason: code,
    ...(meaning !== undefined && { statusReasonDescription: meaning }),
  }
}
