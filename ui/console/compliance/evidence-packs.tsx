/** What a supervisor is shown of one partner and one period: asked for here, made by itself, checked without us. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import type { PackView } from '#control/evidence-packs/ordered.ts'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { Download } from '../../kit/download.tsx'
import { Field, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { Rich, useFormat } from '../../kit/language.tsx'
import { dayAfter, endOfDay, justBefore, startOfDay, today } from '../../kit/moments.ts'
import { Card, Code, Empty, Table } from '../../kit/show.tsx'
import type { Wire } from '../../kit/wire.ts'
import { useText } from '../messages/index.ts'
import { useCommand, useMay } from '../proposing.tsx'
import { useNames, usePartners } from '../queries.ts'
import type { List } from '../wire.ts'

type PackLine = Wire<PackView>

const orderers = [
  'auditor',
  'compliance',
  'head-of-platform',
  'partner-success',
  'finance',
] as const

/** The question is its address: a colleague who gets the link asks the same. */
const useAsked = () => {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const word = (name: string) => (typeof search[name] === 'string' ? search[name] : undefined)
  return { partner: word('partner'), from: word('from'), to: word('to') }
}

export const EvidencePacks = () => {
  const text = useText()
  const partners = usePartners()
  return (
    <>
      <PageHead title={text('packs.title')} about={text('packs.about')} />
      <Answer to={partners}>
        {(all) =>
          all.length === 0 ? (
            <div className="card">
              <Empty title={text('partners.none')}>{text('partners.none.about')}</Empty>
            </div>
          ) : (
            <div className="stack wide">
              <Ask partners={all} />
              <Ordered />
            </div>
          )
        }
      </Answer>
    </>
  )
}

const Ask = ({ partners }: { partners: readonly { id: string; organisation: string }[] }) => {
  const text = useText()
  const { zone } = useFormat()
  const navigate = useNavigate()
  const asked = useAsked()
  const end = today(zone)
  const { partner = partners[0]?.id ?? '', from = dayAfter(end, -89), to = end } = asked
  const ready = asked.partner !== undefined && asked.from !== undefined && asked.to !== undefined
  const orders = useMay(orderers)
  return (
    <div className="columns even">
      <Card title={text('packs.ask')}>
        <div className="pad stack">
          <Form
            label={text('packs.ask')}
            busy={false}
            error={null}
            onSubmit={({ one }) =>
              void navigate({
                to: '/evidence-packs',
                search: { partner: one('partner'), from: one('from'), to: one('to') },
              })
            }
            acts={<button className="button primary">{text('packs.choose')}</button>}
          >
            <Select
              name="partner"
              label={text('partner.one')}
              value={partner}
              options={partners.map(({ id, organisation }) => ({ value: id, label: organisation }))}
            />
            <div className="form-two">
              <Field
                name="from"
                type="date"
                label={text('packs.from')}
                value={from}
                max={end}
                required
              />
              <Field name="to" type="date" label={text('packs.to')} value={to} max={end} required />
            </div>
          </Form>
          {ready && orders && <Order partner={partner} from={from} to={to} />}
        </div>
      </Card>
      <Card title={text('packs.inside')}>
        <ul className="plain-list pad">
          {(['pdf', 'json', 'csv', 'journal', 'manifest'] as const).map((file) => (
            <li key={file}>
              <Rich text={text(`packs.file.${file}`)} />
              <small className="block dim">{text(`packs.file.${file}.about`)}</small>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  )
}

/** Asked for here, made apart from this page: whoever comes back finds it, and so does a colleague. */
const Order = ({ partner, from, to }: { partner: string; from: string; to: string }) => {
  const text = useText()
  const { zone } = useFormat()
  const last = to === today(zone) ? new Date().toISOString() : endOfDay(to, zone)
  const first = startOfDay(from, zone)
  const order = useCommand(() =>
    send<PackLine>(`/api/partners/${partner}/evidence-packs`, { from: first, to: last }),
  )
  return (
    <>
      <button
        type="button"
        className="button primary"
        disabled={order.isPending}
        onClick={() => order.mutate(undefined)}
      >
        {text('packs.order')}
      </button>
      {order.isError && <Failure error={order.error} />}
      <Code
        title={text('packs.verify')}
        value={`npx portico evidence verify evidence-${partner}-${first.slice(0, 10)}.tar --trust evidence-pack.json --journal journal-control.vkey`}
      />
    </>
  )
}

const LOOK_MS = 1_000
const isUnmade = ({ state }: PackLine) => state === 'waiting' || state === 'making'

const Ordered = () => {
  const text = useText()
  const packs = useQuery({
    queryKey: ['evidence-packs'],
    queryFn: () => read<List<PackLine>>('/api/evidence-packs'),
    refetchInterval: ({ state }) => (state.data?.data.some(isUnmade) ? LOOK_MS : false),
  })
  return (
    <Answer to={packs}>
      {({ data }) =>
        data.length > 0 && (
          <Card title={text('packs.ordered')}>
            <Table caption={text('packs.ordered')}>
              <thead>
                <tr>
                  <th scope="col">{text('partner.one')}</th>
                  <th scope="col">{text('packs.period')}</th>
                  <th scope="col">{text('packs.asked')}</th>
                  <th scope="col">{text('packs.stands')}</th>
                </tr>
              </thead>
              <tbody>
                {data.map((pack) => (
                  <OrderedRow key={pack.id} pack={pack} />
                ))}
              </tbody>
            </Table>
          </Card>
        )
      }
    </Answer>
  )
}

const OrderedRow = ({ pack }: { pack: PackLine }) => {
  const format = useFormat()
  const names = useNames()
  return (
    <tr>
      <th scope="row">{names.partner(pack.partnerId) ?? pack.partnerId}</th>
      <td className="nowrap">
        {format.dateOf(pack.from)} – {format.dateOf(justBefore(pack.to))}
      </td>
      <td>
        {format.momentOf(pack.askedAt)}
        <small className="block dim">{names.actor(pack.askedBy)}</small>
      </td>
      <td>
        <Standing pack={pack} />
      </td>
    </tr>
  )
}

const Standing = ({ pack }: { pack: PackLine }) => {
  const text = useText()
  const format = useFormat()
  if (isUnmade(pack)) {
    const said = text('packs.making', { done: pack.stepsDone, steps: pack.steps })
    return (
      <>
        <progress max={pack.steps} value={pack.stepsDone} aria-label={said} />
        <small className="block dim">{said}</small>
      </>
    )
  }
  if (pack.state === 'failed')
    return <span className="bad">{text('packs.failed', { fault: pack.fault ?? '' })}</span>
  if (pack.keptUntil === null || Date.parse(pack.keptUntil) < Date.now())
    return <span className="dim">{text('packs.gone')}</span>
  return (
    <>
      <Download path={`/api/evidence-packs/${pack.id}/archive`}>{text('packs.get')}</Download>
      <small className="block dim">
        {text('packs.kept', { day: format.dateOf(pack.keptUntil) })}
      </small>
    </>
  )
}
