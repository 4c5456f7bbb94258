/** Files of payments as a company's own software writes them, to try the readers with. */
import type { FileType } from './bulk.ts'
import { members, type RawLine } from './line.ts'

export type Written = RawLine

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const element = (name: string, inside: string | undefined) =>
  inside === undefined ? '' : `<${name}>${inside}</${name}>`

const transaction = (line: Written) => {
  const text = (value: string | undefined) => (value === undefined ? undefined : escaped(value))
  const bank = line.bankCode && element('ClrSysMmbId', element('MmbId', line.bankCode))
  return element(
    'CdtTrfTxInf',
    [
      element('PmtId', element('EndToEndId', text(line.endToEndIdentification) ?? 'NOTPROVIDED')),
      element('Amt', `<InstdAmt Ccy="${line.currency}">${line.amount}</InstdAmt>`),
      element('CdtrAgt', bank && element('FinInstnId', bank)),
      element('Cdtr', element('Nm', text(line.creditorName))),
      element('CdtrAcct', element('Id', element('Othr', element('Id', line.creditorAccount)))),
      element(
        'RmtInf',
        line.remittanceInformation && element('Ustrd', text(line.remittanceInformation)),
      ),
    ].join('\n'),
  )
}

const cell = (text = '') => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

export const fileOf = (type: FileType, lines: readonly Written[]): string => {
  switch (type) {
    case 'json':
      return JSON.stringify(lines)
    case 'csv':
      return [members, ...lines.map((line) => members.map((name) => line[name]))]
        .map((row) => `${row.map(cell).join(',')}\n`)
        .join('')
    case 'pain.001.001.09':
      return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>',
        `<GrpHdr><MsgId>M1</MsgId><NbOfTxs>${lines.length}</NbOfTxs></GrpHdr>`,
        '<PmtInf><PmtInfId>P1</PmtInfId><Dbtr><Nm>Payer</Nm></Dbtr>',
        ...lines.map(transaction),
        '</PmtInf></CstmrCdtTrfInitn></Document>',
      ].join('\n')
  }
}
