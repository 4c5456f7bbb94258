import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { uuidv7 } from '#kernel/id.ts'
import { minorOf, money } from '#kernel/money.ts'
import { freshDatabase } from '#test/world.ts'
import type { Core, CoreEntry } from '../../cores/core.ts'
import { callBy, enrol, newPartner, noon, openTrial, refs } from '../../trial.ts'
import { PageQuery } from '../account.ts'
import { getStatement, getStatementFile, listStatements } from './index.ts'
import { openPress } from './press.ts'
import { monthsOf, statementOf } from './statement.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial
const press = openPress()
after(() => press.close())

/** A partner to whom the payer consented for the savings account, whose books begin in October 2026. */
const consented = async (permissions = ['ReadStatementsDetail'], times: object = {}) => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const accountId = id(refs.payer.savings)
  const detail = { type: 'urn:bank:accounts:v1', permissions, accounts: [accountId], ...times }
  const caller = callBy(partnerId, 'any', {
    subject,
    consentId: `consent_${uuidv7()}`,
    details: [detail],
  })
  return { caller, accountId }
}
const page = (given: Record<string, string> = {}) => PageQuery.parse(given)
const notFound = { code: 'gateway/not-found', status: 404 }

/** The statement of October, over the bank as it is or over another core. */
const october = async (over = bank) => {
  const { caller, accountId } = await consented()
  const { data } = await listStatements(over, caller, accountId, page())
  const statementId = data.find((one) => one.statementReference === '2026-10')?.statementId ?? ''
  return { caller, accountId, statementId }
}

test('there is a statement of each month that is over, from the first entry on', async () => {
  const { caller, accountId } = await consented(['ReadStatementsBasic'])

  const { data, next } = await listStatements(bank, caller, accountId, page())

  assert.deepEqual(
    data.map((one) => [one.statementReference, one.startDateTime, one.endDateTime]),
    [['2026-10', '2026-10-01T00:00:00+05:00', '2026-11-01T00:00:00+05:00']],
  )
  assert.equal(next, null)
})

test('months go back to the month of the first entry, newest first, and the running one has no statement', () => {
  const day = (text: string) => Temporal.PlainDate.from(text)
  const months = (since: string | undefined, today: string) =>
    monthsOf(since === undefined ? undefined : day(since), day(today)).map(String)

  assert.deepEqual(months('2025-12-31', '2026-03-01'), ['2026-02', '2026-01', '2025-12'])
  assert.deepEqual(months('2026-03-01', '2026-03-31'), [])
  assert.deepEqual(months(undefined, '2026-03-31'), [])
})

test('amounts are told with Detail only, and always add up', async () => {
  const { caller, accountId, statementId } = await october()
  const basic = {
    ...caller,
    details: [
      { ...caller.details[0], type: 'urn:bank:accounts:v1', permissions: ['ReadStatementsBasic'] },
    ],
  }

  const told = await getStatement(bank, caller, { accountId, statementId })
  const less = await getStatement(bank, basic, { accountId, statementId })

  assert.ok('statementAmount' in told && !('statementAmount' in less))
  const minor = (type: string) => {
    const found = told.statementAmount.find((one) => one.type === type)
    assert.ok(found)
    const amount = minorOf(found.amount.amount, 'UZS') ?? 0n
    return found.creditDebitIndicator === 'Credit' ? amount : -amount
  }
  assert.equal(
    minor('OpeningBalance') + minor('TotalCredits') + minor('TotalDebits'),
    minor('ClosingBalance'),
  )
  assert.equal(minor('ClosingBalance'), await trial.booked(refs.payer.savings))
  assert.deepEqual([told.numberOfCredits, told.numberOfDebits], [11, 20])
})

test('whatever is booked in a month, opening, entries and closing agree or nothing is told', () => {
  const entry = fc.record({ credit: fc.boolean(), minor: fc.bigInt({ min: 1n, max: 10n ** 15n }) })
  const month = new Temporal.PlainYearMonth(2026, 10)
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      fc.array(entry, { maxLength: 40 }),
      fc.bigInt({ min: -2n, max: 2n }),
      (start, drawn, wrong) => {
        const entries = drawn.map(({ credit, minor }, at): CoreEntry => ({
          ref: String(at),
          bookedOn: month.toPlainDate({ day: 1 }),
          valueOn: month.toPlainDate({ day: 1 }),
          direction: credit ? 'credit' : 'debit',
          amount: money(minor, 'UZS'),
          status: 'booked',
          text: '',
        }))
        const moved = drawn.reduce(
          (sum, { credit, minor }) => (credit ? sum + minor : sum - minor),
          0n,
        )
        const of = (closing: bigint) => {
          const balances = { opening: money(start, 'UZS'), closing: money(closing, 'UZS') }
          return statementOf(month, balances, entries)
        }
        if (wrong !== 0n)
          return assert.throws(() => of(start + moved + wrong), {
            code: 'accounts/statement-unsettled',
          })
        const { credits, debits } = of(start + moved)
        assert.equal(credits.sum.minor - debits.sum.minor, moved)
        assert.equal(credits.count + debits.count, drawn.length)
      },
    ),
  )
})

test('a month that lies partly outside of the consent has no statement for it', async () => {
  const from = (text: string) =>
    consented(['ReadStatementsDetail'], { transactionFromDateTime: text })
  const whole = await from('2026-10-01T00:00:00+05:00')
  const partly = await from('2026-10-01T00:00:01+05:00')
  const until = await consented(['ReadStatementsDetail'], {
    transactionToDateTime: '2026-10-31T23:59:59+05:00',
  })

  const count = async ({ caller, accountId }: typeof whole) =>
    (await listStatements(bank, caller, accountId, page())).data.length
  assert.deepEqual([await count(whole), await count(partly), await count(until)], [1, 0, 0])
})

test('a foreign statement, one of another account and none at all are one answer', async () => {
  const { caller, accountId } = await october()
  const others = await october()
  for (const statementId of [others.statementId, `stm_${'0'.repeat(32)}`]) {
    await assert.rejects(getStatement(bank, caller, { accountId, statementId }), notFound)
    const asked = { accountId, statementId, format: 'pdf' as const }
    await assert.rejects(getStatementFile(bank, press, caller, asked), notFound)
  }
})

test('camt.053 is XML of the standard’s shape whose entries make its balances', async () => {
  const { caller, accountId, statementId } = await october()
  const asked = { accountId, statementId, format: 'camt.053' as const }

  const { contentType, file } = await getStatementFile(bank, press, caller, asked)

  assert.equal(contentType, 'application/xml')
  const leaves = leavesOf(file.toString('utf8'))
  const of = (end: string) =>
    leaves.filter(({ path }) => path.endsWith(end)).map(({ text }) => text)
  const minors = (path: string) => of(path).map((text) => minorOf(text, 'UZS') ?? 0n)
  assert.equal(leaves[0]?.root, 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08')
  const signs = of('/Ntry/CdtDbtInd').map((word) => (word === 'CRDT' ? 1n : -1n))
  const sum = minors('/Ntry/Amt').reduce((all, minor, at) => all + minor * (signs[at] ?? 0n), 0n)
  const [opening = 0n, closing = 0n] = minors('/Bal/Amt')
  assert.equal(opening + sum, closing)
  assert.deepEqual(of('/Bal/Tp/CdOrPrtry/Cd'), ['OPBD', 'CLBD'])
  assert.deepEqual(of('/TtlNtries/NbOfNtries'), [String(signs.length)])
  assert.equal(signs.length, 31)
  for (const ref of of('/NtryRef')) assert.ok(ref.length <= 35)
  assert.deepEqual(of('/Ownr/Nm'), ['Rahimova Dilnoza Akmal qizi'])
})

test('what another person wrote cannot break the XML', async () => {
  const evil = ']]></Ustrd><Evil/>&amp;<!-- \u0000\u0007 "x" \ud800 қ'
  const core: Core = {
    ...trial.core,
    entries: async (ref, filter) =>
      (await trial.core.entries(ref, filter)).map((entry) => ({
        ...entry,
        text: evil,
        counterparty: { name: evil, account: evil },
      })),
  }
  const over = { ...bank, coreFor: () => core }
  const { caller, accountId, statementId } = await october(over)
  const asked = { accountId, statementId, format: 'camt.053' as const }

  const { file } = await getStatementFile(over, press, caller, asked)

  const leaves = leavesOf(file.toString('utf8'))
  const ustrd = leaves.filter(({ path }) => path.endsWith('/RmtInf/Ustrd'))
  assert.equal(ustrd.length, 31)
  assert.equal(ustrd[0]?.text, ']]></Ustrd><Evil/>&amp;<!--    "x"   қ')
  assert.ok(!leaves.some(({ path }) => path.includes('Evil')))
})

test('the same statement is the same bytes, in both formats', async () => {
  const { caller, accountId, statementId } = await october()
  for (const format of ['pdf', 'camt.053'] as const) {
    const asked = { accountId, statementId, format }
    const [one, two] = await Promise.all([
      getStatementFile(bank, press, caller, asked),
      getStatementFile(bank, press, caller, asked),
    ])
    assert.ok(one.file.equals(two.file), format)
  }
})

test('a PDF is drawn with the letters of all scripts, composed ones among them', async () => {
  const { caller, accountId, statementId } = await october()
  const asked = { accountId, statementId, format: 'pdf' as const }

  const { contentType, file } = await getStatementFile(bank, press, caller, asked)
  const paper = { ...emptyPaper, lines: [{ ...emptyLine, text: 'Gʻulomov Қодиров ўғли Ёқуб й' }] }
  const spelled = await press.print(paper)
  const empty = await press.print({ ...emptyPaper, lines: [emptyLine] })

  assert.equal(contentType, 'application/pdf')
  assert.equal(file.subarray(0, 5).toString(), '%PDF-')
  assert.match(file.subarray(-8).toString(), /%%EOF/)
  assert.ok(file.includes('/FontFile2'))
  assert.ok(spelled.length > empty.length + 500, 'the shapes of the letters are in the file')
})

test('a long month is drawn on as many pages as it needs', async () => {
  const file = await press.print({
    ...emptyPaper,
    lines: Array.from({ length: 200 }, () => ({ ...emptyLine, text: 'Karta orqali xarid' })),
  })
  assert.equal(/\/Count (\d+)/.exec(file.toString('latin1'))?.[1], '8')
})

test('entries that do not make the difference of the balances are not drawn', async () => {
  const core: Core = {
    ...trial.core,
    entries: async (ref, filter) => (await trial.core.entries(ref, filter)).slice(1),
  }
  const over = { ...bank, coreFor: () => core }
  const { caller, accountId, statementId } = await october(over)
  const asked = { accountId, statementId }

  const unsettled = { code: 'accounts/statement-unsettled', status: 503 }
  await assert.rejects(getStatement(over, caller, asked), unsettled)
  await assert.rejects(
    getStatementFile(over, press, caller, { ...asked, format: 'pdf' }),
    unsettled,
  )
})

test('a month of very many entries is refused before it is drawn', async () => {
  const entry = (await trial.core.entries(refs.payer.savings, { limit: 1 }))[0]
  assert.ok(entry)
  const core: Core = {
    ...trial.core,
    entries: async () => Array.from({ length: 100 }, () => entry),
  }
  const over = { ...bank, coreFor: () => core }
  const { caller, accountId, statementId } = await october(over)

  await assert.rejects(getStatement(over, caller, { accountId, statementId }), {
    code: 'accounts/statement-too-long',
    status: 422,
  })
})

test('a year of statements is paged without skipping or repeating one', async () => {
  const core: Core = {
    ...trial.core,
    bookedAt: async () => ({
      booked: money(0n, 'UZS'),
      since: Temporal.PlainDate.from('2025-10-09'),
    }),
  }
  const over = { ...bank, coreFor: () => core, now: () => noon }
  const { caller, accountId } = await consented()
  const months: string[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const asked = page({ limit: '5', ...(cursor && { cursor }) })
    const { data, next } = await listStatements(over, caller, accountId, asked)
    months.push(...data.map((one) => one.statementReference))
    cursor = next
  }
  assert.equal(months.length, 13)
  assert.deepEqual(months, [...new Set(months)].toSorted().toReversed())
})

const emptyLine = { day: '01.10.2026', text: '', party: '', amount: '1.00' }
const emptyPaper = {
  bankName: 'Namuna Bank',
  title: 'Statement',
  period: '',
  facts: [],
  sums: [],
  lines: [emptyLine],
  foot: '',
  madeAtMs: 0,
}

/** The texts of the leaves of a document, each with its path; throws where it is not well-formed. */
const leavesOf = (xml: string) => {
  const parser = new SaxesParser({ xmlns: true })
  const path: string[] = []
  const leaves: { path: string; text: string; root: string }[] = []
  let [text, root] = ['', '']
  parser.on('opentag', ({ name, uri }) => {
    if (path.length === 0) root = uri
    path.push(name)
    text = ''
  })
  parser.on('text', (more) => {
    text += more
  })
  parser.on('closetag', ({ isSelfClosing }) => {
    if (!isSelfClosing && text.trim() !== '')
      leaves.push({ path: `/${path.join('/')}`, text, root })
    text = ''
    path.pop()
  })
  parser.on('error', (error) => {
    throw error
  })
  parser.write(xml).close()
  return leaves
}
