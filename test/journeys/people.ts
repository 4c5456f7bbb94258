/** Who the stories are about, and where their accounts stand, in each cell's demonstration bank. */
import type { CellName } from './application.ts'
import type { Customer } from './customer.ts'
import type { Places } from './story.ts'

const password = 'portico-demo'

const totpSecret = 'PORTICODEMOPORTICODEMOPORTICODEM'

/** Who plays which part: the payers have the most money, so that the stories can be walked many times. */
export interface Cast {
  /** Gets a card from the telecom. */
  readonly cardholder: Customer
  /** Pays the marketplace. */
  readonly payer: Customer
  /** Consents and thinks better of it. */
  readonly doubter: Customer
}

export const casts: Readonly<Record<CellName, Cast>> = {
  sandbox: {
    cardholder: { login: 'jasur', password, picks: 0 },
    payer: { login: 'dilnoza', password, picks: 0 },
    doubter: { login: 'olga', password, picks: 0 },
  },
  production: {
    cardholder: { login: 'malika', password, totpSecret, picks: 0 },
    payer: { login: 'zulfiya', password, totpSecret, picks: 1 },
    doubter: { login: 'nodira', password, totpSecret, picks: 0 },
  },
}

export const places: Readonly<Record<CellName, Places>> = {
  sandbox: {
    customerAccount: '80206000880000001001',
    customerName: 'Dilnoza Rahimova',
    closeName: 'Diloza Rahimova',
    strangerName: 'Olga Petrova',
    sellers: [
      { identification: '80208000480000102001', bankCode: '09998', name: 'Chorsu Tekstil' },
      { identification: '80208000180000103001', bankCode: '09998', name: 'Samarqand Non' },
    ],
    treasury: {
      identification: '89802000780000106001',
      bankCode: '09998',
      name: 'Davlat soliq qoʻmitasi gʻaznasi',
    },
    platform: { identification: '80208000180000101003', bankCode: '09998', name: 'Bozor Market' },
  },
  production: {
    customerAccount: '80206000390000010001',
    customerName: 'Zulfiya Mirzayeva',
    closeName: 'Zulfya Mirzayeva',
    strangerName: 'Lola Abdullayeva',
    sellers: [
      { identification: '80208000590000102001', bankCode: '09999', name: 'Chorsu Tekstil' },
      { identification: '80208000290000103001', bankCode: '09999', name: 'Samarqand Non' },
    ],
    treasury: {
      identification: '83402000690000106001',
      bankCode: '09999',
      name: 'Davlat soliq qoʻmitasi gʻaznasi',
    },
    platform: { identification: '80208000290000101003', bankCode: '09999', name: 'Bozor Market' },
  },
}
