/** One call explained: each gate, how long it took and where, which fields left, by which rules it was decided. */
import { Link, useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { Card, Chip, Copyable, Facts, Figures, Note, shortHash, Table } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useRefusals } from '../reference/queries.ts'
import { useCell } from '../signed-in.tsx'
import { type Passing, passingsOf } from './gates.ts'
import { type Explanation, type OneCall, useCall, useDecision, useExplanation } from './queries.ts'
import { toneOf } from './table.tsx'
import './calls.css'

export const Trace = () => {
  const text = useText()
  const word = useWord()
  const cell = useCell()
  const { call: id = '' } = useParams({ strict: false })
  const call = useCall(id)
  return (
    <>
      <Crumbs above={{ to: `/${cell}/calls`, name: text('calls.title') }} here={shortHash(id)} />
      <PageHead
        title={call.data ? word('operation', call.data.operation) : text('calls.one')}
        cell={cell}
        acts={
          call.data && (
            <Chip tone={toneOf(call.data.status)}>
              {call.data.status} {call.data.code}
            </Chip>
          )
        }
      />
      <Answer to={call}>{(found) => <Whole call={found} />}</Answer>
    </>
  )
}

const Whole = ({ call }: { call: OneCall }) => (
  <div className="stack wide">
    <Headline call={call} />
    {call.code && <Why code={call.code} />}
    <div className="columns">
      <div className="stack wide">
        <Way call={call} />
        {call.status < 400 ? <Fields call={call} /> : <NothingLeft />}
      </div>
      <div className="stack">
        <Decision call={call} />
        <Quote call={call} />
      </div>
    </div>
  </div>
)

const Headline = ({ call }: { call: OneCall }) => {
  const text = useText()
  const format = useFormat()
  const ms = (value: number) => text('usage.ms', { ms: Math.round(value * 10) / 10 })
  const behind = call.upstreamMs ?? 0
  return (
    <Figures
      figures={[
        {
          label: text('usage.took'),
          value: ms(call.latencyMs),
          about: text('calls.parts', {
            ours: ms(Math.max(0, call.latencyMs - behind)),
            theirs: ms(behind),
          }),
        },
        {
          label: text('usage.time'),
          value: format.timeOf(call.occurredAt, 'second'),
          about: format.dateOf(call.occurredAt),
        },
        {
          label: text('usage.price'),
          value: call.billable ? format.number(call.amount) : text('usage.free'),
          ...(call.priceVersion && { about: call.priceVersion }),
        },
      ]}
    />
  )
}

/** What the refusal means and what to do, as the reference has it. */
const Why = ({ code }: { code: string }) => {
  const text = useText()
  const refusal = useRefusals().data?.find((one) => one.code === code)
  return (
    <Note tone="warn">
      <b lang="en">{refusal?.title ?? code}</b>
      {refusal && <p lang="en">{refusal.detail}</p>}
      {refusal?.hint && <p lang="en">{refusal.hint}</p>}
      <Link to="/reference/refusals" hash={code.replace('/', '-')}>
        {text('calls.refusal')}
      </Link>
    </Note>
  )
}

const look: Readonly<Record<Passing, { tone: string; icon: 'check' | 'cross' | 'pending' }>> = {
  passed: { tone: 'good', icon: 'check' },
  refused: { tone: 'bad', icon: 'cross' },
  'not-reached': { tone: 'quiet', icon: 'pending' },
}

const Way = ({ call }: { call: OneCall }) => {
  const text = useText()
  return (
    <Card title={text('calls.gates')} beside={<Split call={call} />}>
      <ol className="gates pad">
        {passingsOf(call.code).map(([gate, passing]) => (
          <li key={gate} className={look[passing].tone}>
            <Icon name={look[passing].icon} />
            <div>
              <b>{text(`calls.gate.${gate}`)}</b>{' '}
              <span className="dim">{text(`calls.passing.${passing}`)}</span>
              <p>{text(`calls.gate.${gate}.about`)}</p>
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}

/** Our part and the bank's part of the time, as one bar with a sentence. */
const Split = ({ call }: { call: OneCall }) => {
  const text = useText()
  const share = call.latencyMs === 0 ? 0 : Math.min(1, (call.upstreamMs ?? 0) / call.latencyMs)
  const label = text('calls.share', { percent: Math.round(share * 100) })
  return (
    <svg className="split" viewBox="0 0 100 8" role="img" aria-label={label}>
      <title>{label}</title>
      <rect className="ours" width={100 - share * 100} height="8" />
      <rect className="theirs" x={100 - share * 100} width={share * 100} height="8" />
    </svg>
  )
}

const order = ['drop', 'mask', 'truncate', 'tokenise', 'at-call', 'release']

/** A refusal holds no field of the bank's: the rules of its operation would only mislead. */
const NothingLeft = () => {
  const text = useText()
  return (
    <Card title={text('calls.fields')}>
      <p className="pad">{text('calls.fields.refused')}</p>
    </Card>
  )
}

const Fields = ({ call }: { call: OneCall }) => {
  const text = useText()
  const explanation = useExplanation(call)
  return (
    <Card title={text('calls.fields')}>
      <Answer to={explanation}>
        {({ fields }) =>
          fields.length === 0 ? (
            <p className="pad">{text('calls.fields.none')}</p>
          ) : (
            <FieldTable fields={fields} />
          )
        }
      </Answer>
    </Card>
  )
}

const FieldTable = ({ fields }: { fields: Explanation['fields'] }) => {
  const text = useText()
  const word = useWord()
  const sorted = fields.toSorted((a, b) => order.indexOf(a.action) - order.indexOf(b.action))
  return (
    <Table caption={text('calls.fields')} className="dense">
      <thead>
        <tr>
          <th scope="col">{text('calls.field')}</th>
          <th scope="col">{text('calls.class')}</th>
          <th scope="col">{text('calls.becomes')}</th>
          <th scope="col">{text('calls.because')}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ field, dataClass, action, detail }) => (
          <tr key={field}>
            <th scope="row">
              <code>{field}</code>
            </th>
            <td>{word('data-class', dataClass)}</td>
            <td className="nowrap">{word('field-action', action)}</td>
            <td lang="en">{detail}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The rules that decided: of which snapshot, under which contract, and whether that document is the published one. */
const Decision = ({ call }: { call: OneCall }) => {
  const text = useText()
  const format = useFormat()
  const decision = useDecision(call.callId)
  return (
    <Card title={text('calls.decided')}>
      <div className="pad">
        <Answer to={decision} lines={4}>
          {(past) => (
            <Facts
              rows={[
                [text('calls.epoch'), format.number(past.snapshot.epoch)],
                [
                  text('calls.snapshot'),
                  <Copyable
                    value={past.snapshot.sha256}
                    shown={shortHash(past.snapshot.sha256)}
                    what="SHA-256"
                  />,
                ],
                past.call && [
                  text('calls.agrees'),
                  past.call.agrees ? (
                    <Chip tone="good">{text('yes')}</Chip>
                  ) : (
                    <Chip tone="bad">{text('no')}</Chip>
                  ),
                ],
                [text('calls.matrix'), past.matrix],
                past.contract && [
                  text('calls.contract'),
                  `${past.contract.tier}, ${past.contract.priceVersion}`,
                ],
                past.permissions && [text('calls.since'), format.momentOf(past.permissions.since)],
                past.refusal && [
                  text('calls.first-missing'),
                  <span lang="en">{past.refusal.detail}</span>,
                ],
              ]}
            />
          )}
        </Answer>
      </div>
    </Card>
  )
}

const Quote = ({ call }: { call: OneCall }) => {
  const text = useText()
  return (
    <Card title={text('calls.quote')}>
      <div className="pad">
        <Facts
          rows={[
            [
              text('usage.call-id'),
              <Copyable value={call.callId} shown={shortHash(call.callId)} what="call" />,
            ],
            call.consentId
              ? [
                  'consent',
                  <Copyable
                    value={call.consentId}
                    shown={shortHash(call.consentId)}
                    what="consent"
                  />,
                ]
              : null,
            [
              text('usage.application'),
              <Link
                to="/$cell/applications/$id"
                params={{ cell: call.cell, id: call.applicationId }}
              >
                {shortHash(call.applicationId)}
              </Link>,
            ],
          ]}
        />
      </div>
    </Card>
  )
}
