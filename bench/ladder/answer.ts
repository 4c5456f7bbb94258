/** The answer of every upstream in the run: accounts with their numbers and holders, of which the consent releases less. */

const account = (index: number) => ({
  accountId: `acc_${String(index).padStart(32, '1')}`,
  status: 'Enabled',
  currency: 'UZS',
  accountTypeCode: 'CACC',
  nickname: `Everyday spending ${index}`,
  openingDate: '2021-03-15',
  account: [
    {
      schemeName: 'UZ.AccountNumber',
      identification: `2020800090000000100${index}`,
      bankCode: '09998',
      name: 'Dilnoza Karimova',
    },
  ],
})

/** 2 KiB, like a page of a real list. */
export const accountsAnswer = (): string => {
  const data = []
  let text = ''
  for (let index = 1; text.length < 2_000; index++) {
    data.push(account(index))
    text = JSON.stringify({ data, next: null })
  }
  return text
}

/** What a peer without our documents is told to let out: the same leaves, named by hand. */
export const releasedAccountFields = [
  'accountId',
  'status',
  'currency',
  'accountTypeCode',
  'nickname',
  'openingDate',
] as const
/** What must not be seen in any released answer. */
export const withheldMark = 'Dilnoza'
