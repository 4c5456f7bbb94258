/** What shows facts: cards, figures, tables, charts, differences, gates, code. */
import { Difference } from '../../kit/difference.tsx'
import { PermissionList } from '../../kit/permissions.tsx'
import { Card, Code, Empty, Facts, Figures, Table } from '../../kit/show.tsx'
import { UsageHours } from '../../kit/usage.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useText } from '../messages/index.ts'

const rows = [
  ['listTransactions', 12_840, '22'],
  ['createPayment', 3_215, '450'],
  ['issueCard', 41, '9500'],
] as const

export const Showing = () => {
  const text = useText()
  const format = useFormat()
  const facts: readonly (readonly [string, string])[] = [
    [text('gallery.formats.number'), format.number(12_840)],
    [text('gallery.formats.day'), format.day('2026-11-23')],
  ]
  return (
    <>
      <Figures
        figures={rows.map(([operation, calls], at) => ({
          label: operation,
          value: format.number(calls),
          ...(at === 0 && { about: text('gallery.sample') }),
        }))}
      />
      <div className="columns even">
        <Card
          title={text('gallery.card')}
          beside={<span className="small dim">{format.day('2026-11-23')}</span>}
          foot={text('gallery.card.foot')}
        >
          <div className="pad">
            <Facts rows={facts} />
          </div>
        </Card>
        <div className="stack">
          <Card title={text('gallery.card.sand')} kind="sand">
            <p className="pad">{text('gallery.sample')}</p>
          </Card>
          <Card title={text('gallery.card.lapis')} kind="lapis">
            <p className="pad">{text('gallery.sample')}</p>
          </Card>
        </div>
      </div>
      <Card title={text('gallery.empty')}>
        <Empty
          title={text('gallery.empty.title')}
          act={
            <button type="button" className="button">
              {text('gallery.act')}
            </button>
          }
        >
          {text('gallery.sample')}
        </Empty>
      </Card>
      <Tables />
      <Charts />
      <Card title={text('gallery.difference')}>
        <Difference
          before={{ tier: 'Silver', products: ['accounts', 'cards'], perSecond: 50 }}
          after={{ tier: 'Gold', products: ['accounts', 'cards', 'payments'], perSecond: 50 }}
        />
      </Card>
      <PermissionList
        title={text('gallery.gates')}
        matrix="2026-11"
        permissions={(['payments.initiate', 'cards.reveal'] as const).map((permission, at) => ({
          permission,
          title: permission,
          domain: permission.split('.')[0] ?? '',
          granted: at === 0,
          status: null,
          limit: null,
          gates: [
            gate('licence', 'open'),
            at === 0 ? gate('contract', 'open') : gate('attestation', 'missing'),
            gate('consent', 'at-call'),
          ],
        }))}
      />
      <Code
        title="curl"
        value={'curl https://sandbox.namuna.example/accounts/v1/accounts \\\n  --cert anor.pem'}
      />
    </>
  )
}

const gate = (
  name: 'licence' | 'contract' | 'attestation' | 'consent',
  verdict: 'open' | 'missing' | 'at-call',
) => ({
  gate: name,
  verdict,
  code: verdict === 'missing' ? 'licences/attestation-missing' : null,
  detail: verdict === 'missing' ? 'no PCI DSS attestation is accepted' : 'as of today',
  giver: verdict === 'missing' ? ('partner' as const) : null,
  until: verdict === 'open' ? '2027-11-23T00:00:00Z' : null,
})

const Tables = () => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <>
      {(['', 'dense'] as const).map((kind) => {
        const title = text(kind === '' ? 'gallery.table' : 'gallery.table.dense')
        return (
          <Card key={kind} title={title}>
            <Table caption={title} className={kind}>
              <thead>
                <tr>
                  <th scope="col">{text('usage.operation')}</th>
                  <th scope="col" className="number">
                    {text('usage.calls')}
                  </th>
                  <th scope="col" className="number">
                    {text('usage.unit-price')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map(([operation, calls, price]) => (
                  <tr key={operation}>
                    <th scope="row">
                      {word('operation', operation)}
                      <small>
                        <code>{operation}</code>
                      </small>
                    </th>
                    <td className="number">{format.number(calls)}</td>
                    <td className="number">{format.amount({ amount: price, currency: 'UZS' })}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </Card>
        )
      })}
    </>
  )
}

const HOUR_MS = 3_600_000

/** The chart of calls, with the table behind it. */
const Charts = () => {
  const now = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
  return (
    <UsageHours
      currency="UZS"
      hours={Array.from({ length: 40 }, (_, back) => ({
        hour: new Date(now - back * HOUR_MS).toISOString(),
        partnerId: 'partner_0193f5fe2c4d7a10b8e1f3a29c4d7e55',
        product: 'accounts',
        operation: 'listTransactions',
        calls: 40 + Math.round(30 * Math.sin(back / 4)),
        billableCalls: 40,
        units: 40,
        unitPrice: '22',
        priceVersion: '2026-11',
        priceBasis: 'contract' as const,
        amount: '880',
      }))}
    />
  )
}
