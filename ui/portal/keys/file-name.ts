import type { Cell } from '#kernel/cell.ts'

const shortCell: Record<Cell, string> = { sandbox: 'sbx', production: 'live' }

/** A name that says whose key it is and for which cell: `anor-wallet-sbx.pem`. */
export const fileName = (application: string, cell: Cell, ending: string): string => {
  const plain = application
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return `${plain.slice(0, 40) || 'application'}-${shortCell[cell]}.${ending}`
}
