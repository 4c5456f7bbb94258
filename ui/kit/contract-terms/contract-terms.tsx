/** What a contract's text sets in motion, what it changes of the version before, and which version ruled when. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../answer.tsx'
import { read } from '../api.ts'
import { useFormat, useTextOf, useWord } from '../language.tsx'
import type { en as kitEn } from '../messages/en.ts'
import { Card, Facts, Id, Table } from '../show.tsx'
import type { en } from './messages/en.ts'

const useTermsText = () => useTextOf<typeof en & typeof kitEn>()

const parts = ['products', 'limits', 'prices', 'levels', 'notices', 'support', 'messages'] as const

interface Terms {
  readonly version: number
  readonly changes: readonly (typeof parts)[number][] | null
  readonly sets: {
    readonly products: readonly string[]
    readonly limits: {
      readonly rate: { readonly perSecond: number }
      readonly concurrency: number
    }
    readonly levels: readonly { readonly product: string; readonly title: string }[]
    readonly notices: {
      readonly breakingMonths: number
      readonly priceDays: number
      readonly endDays: number
    }
    readonly support: {
      readonly hours: { readonly from: string; readonly to: string } | null
      readonly firstAnswerMinutes: Readonly<Record<'critical' | 'major' | 'minor', number>>
    } | null
    readonly messages: { readonly signatures: 'required' | null }
  }
}

export const ContractTerms = ({ id, validFrom }: { id: string; validFrom: string | null }) => {
  const text = useTermsText()
  const terms = useQuery({
    queryKey: ['contracts', id, 'terms'],
    queryFn: () => read<Terms>(`/api/contracts/${id}/terms`),
  })
  return (
    <Card title={text('terms.title')}>
      <Answer to={terms} lines={4}>
        {(found) => <Whole terms={found} validFrom={validFrom} />}
      </Answer>
    </Card>
  )
}

const Whole = ({ terms, validFrom }: { terms: Terms; validFrom: string | null }) => {
  const text = useTermsText()
  const word = useWord()
  const format = useFormat()
  const { version, changes, sets } = terms
  const { limits, levels, notices, support, messages } = sets
  return (
    <div className="pad">
      <Facts
        rows={[
          [
            text('terms.version'),
            changes === null
              ? text('terms.version.first')
              : text('terms.version.of', { version: format.number(version) }),
          ],
          changes && [
            text('terms.changes'),
            changes.length === 0
              ? text('terms.changes.wording')
              : changes.map((part) => text(`terms.part.${part}`)).join(', '),
          ],
          validFrom === null ? null : [text('terms.from'), format.momentOf(validFrom)],
          [
            text('terms.limits'),
            text('terms.limits.of', {
              perSecond: format.number(limits.rate.perSecond),
              concurrency: format.number(limits.concurrency),
            }),
          ],
          [
            text('terms.levels'),
            levels.length === 0
              ? text('terms.levels.none')
              : levels
                  .map(({ product, title }) => `${word('product', product)}: ${title}`)
                  .join('; '),
          ],
          [text('terms.notice.breaking'), text('terms.months', { count: notices.breakingMonths })],
          [text('terms.notice.price'), text('terms.days', { count: notices.priceDays })],
          [text('terms.notice.end'), text('terms.days', { count: notices.endDays })],
          support && [
            text('terms.support'),
            text(support.hours ? 'terms.support.hours' : 'terms.support.always', {
              ...support.firstAnswerMinutes,
              from: support.hours?.from ?? '',
              to: support.hours?.to ?? '',
            }),
          ],
          [
            text('terms.signatures'),
            text(messages.signatures ? 'terms.signatures.required' : 'terms.signatures.free'),
          ],
        ]}
      />
    </div>
  )
}

interface Rule {
  readonly contractId: string
  readonly validFrom: string
  readonly validTo: string | null
  readonly knownFrom: string
  readonly knownTo: string | null
}

/** Every line of the agreement's history; `address` answers it for the office that reads. */
export const RuleHistory = ({ address }: { address: string }) => {
  const text = useTermsText()
  const format = useFormat()
  const rules = useQuery({
    queryKey: ['contracts', 'rules', address],
    queryFn: () => read<{ data: readonly Rule[] }>(address),
  })
  const span = (from: string, until: string | null) =>
    until === null
      ? text('terms.open', { from: format.momentOf(from) })
      : text('terms.until', { from: format.momentOf(from), until: format.momentOf(until) })
  return (
    <Answer to={rules} lines={2}>
      {({ data }) =>
        data.length === 0 ? null : (
          <Card title={text('terms.history')}>
            <p className="pad small">{text('terms.history.about')}</p>
            <Table caption={text('terms.history')} className="dense">
              <thead>
                <tr>
                  <th scope="col">{text('terms.history.contract')}</th>
                  <th scope="col">{text('terms.history.valid')}</th>
                  <th scope="col">{text('terms.history.known')}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((rule) => (
                  <tr key={`${rule.contractId} ${rule.knownFrom} ${rule.validFrom}`}>
                    <th scope="row">
                      <Id of={rule.contractId} />
                    </th>
                    <td>{span(rule.validFrom, rule.validTo)}</td>
                    <td>{span(rule.knownFrom, rule.knownTo)}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </Card>
        )
      }
    </Answer>
  )
}
