import type { StaffRole } from './staff.ts'

const people: readonly (readonly [login: string, name: string, role: StaffRole])[] = [
  ['head', 'Dilshod Karimov', 'head-of-platform'],
  ['product', 'Malika Yusupova', 'api-product'],
  ['engineering', 'Timur Abdullayev', 'api-engineering'],
  ['relations', 'Nodira Rahimova', 'developer-relations'],
  ['success', 'Sardor Ismoilov', 'partner-success'],
  ['compliance', 'Gulnora Saidova', 'compliance'],
  ['compliance2', 'Rustam Tursunov', 'compliance'],
  ['finance', 'Zarina Aliyeva', 'finance'],
  ['auditor', 'Jahongir Nazarov', 'auditor'],
]

/** The demonstration bank's people. They are invented, and so is their bank. */
export const demonstrationStaff = people.map(([login, name, role]) => ({
  email: `${login}@namuna.example`,
  name,
  password: 'portico-demo',
  roles: [role],
}))

/** RFC 6238 secret of every demonstration person's authenticator app; published, as the password is. */
export const demonstrationTotp = 'PORTICODEMOPORTICODEMOPORTICODEM'
