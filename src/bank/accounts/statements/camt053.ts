/** A statement as camt.053.001.08 (ISO 20022 Bank-to-Customer Statement): the same month is the same bytes. */
import { amountOf, type Money } from '#kernel/money.ts'
import type { CoreAccount, CoreEntry } from '../../cores/core.ts'
import { firstDayOf, lastDayOf, type Statement } from './statement.ts'

/** Whose statement it is, by the names that its reader knows. */
export interface Holder {
  readonly statementId: string
  readonly account: CoreAccount
  readonly ownerName: string
  readonly bankName: string
  readonly zone: string
  /** The partner's name for an entry. */
  readonly nameOf: (entry: CoreEntry) => string
}

export const camt053 = (statement: Statement, holder: Holder): Buffer => {
  const { account, ownerName, bankName, zone, statementId } = holder
  const { month, entries, credits, debits } = statement
  const [first, last] = [firstDayOf(month), lastDayOf(month)]
  const begins = timeOf(first, zone)
  const ends = timeOf(last.add({ days: 1 }), zone)
  const message = `${month.toString()}-${statementId.slice(-27)}`
  const net = credits.sum.minor - debits.sum.minor
  return Buffer.from(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>',
      `<GrpHdr><MsgId>${message}</MsgId><CreDtTm>${ends}</CreDtTm></GrpHdr>`,
      `<Stmt><Id>${message}</Id><CreDtTm>${ends}</CreDtTm>`,
      `<FrToDt><FrDtTm>${begins}</FrDtTm><ToDtTm>${ends}</ToDtTm></FrToDt>`,
      `<Acct>${accountId(account.number)}<Ccy>${account.currency}</Ccy>`,
      `<Ownr><Nm>${escaped(ownerName)}</Nm></Ownr>`,
      `<Svcr><FinInstnId><ClrSysMmbId><MmbId>${account.bankCode}</MmbId></ClrSysMmbId><Nm>${escaped(bankName)}</Nm></FinInstnId></Svcr></Acct>`,
      balance('OPBD', statement.opening, first),
      balance('CLBD', statement.closing, last),
      '<TxsSummry>',
      `<TtlNtries><NbOfNtries>${entries.length}</NbOfNtries>`,
      `<TtlNetNtry><Amt>${amountOf({ minor: net < 0n ? -net : net, currency: account.currency })}</Amt>`,
      `<CdtDbtInd>${net < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd></TtlNetNtry></TtlNtries>`,
      `<TtlCdtNtries>${total(credits)}</TtlCdtNtries><TtlDbtNtries>${total(debits)}</TtlDbtNtries>`,
      '</TxsSummry>',
      ...entries.map((entry) => entryXml(entry, holder.nameOf(entry))),
      '</Stmt></BkToCstmrStmt></Document>\n',
    ].join('\n'),
  )
}

const total = ({ count, sum }: Statement['credits']) =>
  `<NbOfNtries>${count}</NbOfNtries><Sum>${amountOf(sum)}</Sum>`

const balance = (code: 'OPBD' | 'CLBD', of: Money, day: Temporal.PlainDate) =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amount({ ...of, minor: of.minor < 0n ? -of.minor : of.minor })}` +
  `<CdtDbtInd>${of.minor < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd><Dt><Dt>${day.toString()}</Dt></Dt></Bal>`

/** An entry with the other side as creditor of a debit, or debtor of a credit. */
const entryXml = (entry: CoreEntry, name: string) => {
  const { counterparty, direction, text } = entry
  const role = direction === 'credit' ? 'Dbtr' : 'Cdtr'
  const party = counterparty?.name
    ? `<${role}><Pty><Nm>${escaped(counterparty.name.slice(0, 140))}</Nm></Pty></${role}>`
    : ''
  const theirs = /^\d{20}$/.test(counterparty?.account ?? '')
    ? `<${role}Acct>${accountId(counterparty?.account ?? '')}</${role}Acct>`
    : ''
  const parties = party + theirs === '' ? '' : `<RltdPties>${party}${theirs}</RltdPties>`
  const remittance = text ? `<RmtInf><Ustrd>${escaped(text.slice(0, 140))}</Ustrd></RmtInf>` : ''
  return (
    `<Ntry><NtryRef>${name.slice(-35)}</NtryRef>${amount(entry.amount)}` +
    `<CdtDbtInd>${direction === 'credit' ? 'CRDT' : 'DBIT'}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>` +
    `<BookgDt><Dt>${entry.bookedOn.toString()}</Dt></BookgDt><ValDt><Dt>${entry.valueOn.toString()}</Dt></ValDt>` +
    // Payments, received or issued credit transfers; nothing finer is told by every core.
    `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>${direction === 'credit' ? 'RCDT' : 'ICDT'}</Cd><SubFmlyCd>OTHR</SubFmlyCd></Fmly></Domn></BkTxCd>` +
    `<NtryDtls><TxDtls>${parties}${remittance}</TxDtls></NtryDtls></Ntry>`
  )
}

const amount = (of: Money) => `<Amt Ccy="${of.currency}">${amountOf(of)}</Amt>`

const accountId = (number: string) => `<Id><Othr><Id>${number}</Id></Othr></Id>`

const timeOf = (day: Temporal.PlainDate, zone: string) =>
  day.toZonedDateTime(zone).toString({ timeZoneName: 'never', smallestUnit: 'second' })

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** XML 1.0 §2.2 has no control characters but three; what another person wrote may hold any. */
const escaped = (text: string) =>
  text
    .replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ' ')
    .replaceAll(/[&<>"]/g, (c) => entities[c] ?? c)
