/** ISO 20022 pain.001.001.09: the credit transfers of a customer's initiation, one by one as they stream by. */
import { SaxesParser } from 'saxes'
import { fileRefused } from './bulk.ts'
import type { RawLine } from './line.ts'

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'
const DEPTH_MAX = 24
const TEXT_CHARS_MAX = 1_000
const TRANSACTION = 'Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf'

/** Where each member of a transaction stands. */
const places: ReadonlyMap<string, keyof RawLine> = new Map([
  [`${TRANSACTION}/PmtId/EndToEndId`, 'endToEndIdentification'],
  [`${TRANSACTION}/Amt/InstdAmt`, 'amount'],
  [`${TRANSACTION}/CdtrAgt/FinInstnId/ClrSysMmbId/MmbId`, 'bankCode'],
  [`${TRANSACTION}/Cdtr/Nm`, 'creditorName'],
  [`${TRANSACTION}/CdtrAcct/Id/Othr/Id`, 'creditorAccount'],
  [`${TRANSACTION}/RmtInf/Ustrd`, 'remittanceInformation'],
])

type Reading = { -readonly [Member in keyof RawLine]: RawLine[Member] }

export const readPain001 = async function* (text: AsyncIterable<string>): AsyncGenerator<RawLine> {
  const found: RawLine[] = []
  const parser = parserInto(found)
  const guarded = (step: () => void) => {
    try {
      step()
    } catch (cause) {
      throw cause instanceof Error && cause.name !== 'Problem'
        ? fileRefused('it is not well-formed XML', { cause })
        : cause
    }
  }
  for await (const chunk of text) {
    guarded(() => parser.write(chunk))
    yield* found.splice(0)
  }
  guarded(() => parser.close())
  yield* found.splice(0)
}

/**
 * A DOCTYPE can define entities that grow when they are put in, or read files (CWE-776, CWE-611). pain.001 has none, so
 * one that has a DOCTYPE is none; without it only the five entities of XML are known, and any other is an error.
 */
const parserInto = (found: RawLine[]) => {
  const parser = new SaxesParser({ xmlns: true })
  const path: string[] = []
  let line: Reading | undefined
  let written = ''
  parser.on('error', (error) => {
    throw error
  })
  parser.on('doctype', () => {
    throw fileRefused('it has a DOCTYPE')
  })
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (uri !== NAMESPACE) throw fileRefused(`it is not of the namespace ${NAMESPACE}`)
    if (path.length >= DEPTH_MAX) throw fileRefused('it is nested too deeply')
    path.push(local)
    written = ''
    const place = path.join('/')
    if (place === TRANSACTION) line = {}
    if (line && place === `${TRANSACTION}/Amt/InstdAmt`) line.currency = attributes['Ccy']?.value
  })
  const take = (text: string) => {
    if (line) written += text
    if (written.length > TEXT_CHARS_MAX) throw fileRefused('a text in it is too long')
  }
  parser.on('text', take)
  parser.on('cdata', take)
  parser.on('closetag', () => {
    const place = path.join('/')
    path.pop()
    if (!line) return
    if (place === TRANSACTION) {
      found.push(line)
      line = undefined
      return
    }
    const member = places.get(place)
    // ISO 20022 has NOTPROVIDED where there is no reference.
    if (member && written.trim() !== '' && written.trim() !== 'NOTPROVIDED')
      line[member] = written.trim()
    written = ''
  })
  return parser
}
