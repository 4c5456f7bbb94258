/** Who the stories are about, and where their accounts stand, in each cell's demonstration bank. */
import type { CellName } from './application.ts'
import type { Customer } from './customer.ts'
import type { Places } from './story.ts'

const password = 'portico-demo'

export const customers: Readonly<Record<CellName, Customer>> = {
  sandbox: { login: 'dilnoza', password },
  production: { login: 'zulfiya', password, totpSecret: 'PORTICODEMOPORTICODEMOPORTICODEM' },
}

export const places: Readonly<Record<CellName, Places>> = {} as never
