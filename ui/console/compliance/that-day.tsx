/** Why something was allowed, or was not, on a day that has passed: read off the snapshot that was in force. */
import { useMutation } from '@tanstack/react-query'
import { query, read } from '../../kit/api.ts'
import { Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { instantAt, wallTimeNow } from '../../kit/moments.ts'
import { Card, Copyable, Facts, Note, shortHash } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import type { PastExplanation } from '#control/publication/explain-at.ts'
import { useText } from '../messages/index.ts'
import { usePartner } from '../partner-tabs.tsx'
import { useCatalogue } from '../queries.ts'

type Past = Wire<PastExplanation>

export const ThatDay = ({ partnerId }: { partnerId: string }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const applications = usePartner(partnerId).data?.applications ?? []
  const products = useCatalogue().data?.data ?? []
  const ask = useMutation({
    mutationFn: ({ one }: Filled) =>
      read<Past>(
        `/api/explain/past${query({
          application: one('application'),
          operation: one('operation'),
          at: instantAt(one('at'), format.zone),
        })}`,
      ),
  })
  if (applications.length === 0) return null
  return (
    <Card title={text('that-day.title')}>
      <div className="pad stack">
        <p className="small">{text('that-day.about')}</p>
        <Form
          label={text('that-day.title')}
          busy={ask.isPending}
          error={ask.error}
          onSubmit={(filled) => ask.mutate(filled)}
          acts={
            <button className="button" disabled={ask.isPending}>
              {text('that-day.act')}
            </button>
          }
        >
          <div className="form-three">
            <Select
              name="application"
              label={text('that-day.application')}
              value={applications[0]?.id ?? ''}
              options={applications.map(({ id, name, cell }) => ({
                value: id,
                label: `${name}, ${text(`cell.${cell}`)}`,
              }))}
            />
            <Select
              name="operation"
              label={text('live.operation')}
              value={products[0]?.operations[0]?.id ?? ''}
              options={products.flatMap(({ operations }) =>
                operations.map(({ id }) => ({ value: id, label: word('operation', id) })),
              )}
            />
            <Field
              name="at"
              type="datetime-local"
              label={text('that-day.at')}
              value={wallTimeNow(format.zone)}
              required
            />
          </div>
        </Form>
        {ask.data && <Told past={ask.data} />}
      </div>
    </Card>
  )
}

const Told = ({ past }: { past: Past }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Note tone={past.allowed ? 'good' : 'bad'} live>
      <b>{text(past.allowed ? 'that-day.allowed' : 'that-day.refused')}</b>
      {past.refusal && (
        <p>
          {word('problem', past.refusal.code)} <code>{past.refusal.code}</code>{' '}
          <span lang="en">{past.refusal.detail}</span>
        </p>
      )}
      <Facts
        rows={[
          [
            text('that-day.snapshot'),
            <>
              {past.snapshot.epoch}, {format.momentOf(past.snapshot.compiledAt)}{' '}
              <Copyable
                value={past.snapshot.sha256}
                shown={shortHash(past.snapshot.sha256)}
                what="SHA-256"
              />
            </>,
          ],
          [text('that-day.matrix'), past.matrix],
          past.permissions && [
            text('that-day.permissions'),
            <>
              {format.momentOf(past.permissions.since)}{' '}
              <Copyable
                value={past.permissions.sha256}
                shown={shortHash(past.permissions.sha256)}
                what="SHA-256"
              />
            </>,
          ],
          past.contract && [
            text('contract.one'),
            `${past.contract.tier}, ${past.contract.priceVersion}`,
          ],
        ]}
      />
    </Note>
  )
}
