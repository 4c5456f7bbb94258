/** What a supervisor is shown of one partner and one period: asked for here, made by itself, checked without us. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { query } from '../../kit/api.ts'
import { Download } from '../../kit/download.tsx'
import { Field, Form, Select } from '../../kit/fields.tsx'
import { PageHead } from '../../kit/frame.tsx'
import { Rich, useFormat } from '../../kit/language.tsx'
import { dayAfter, endOfDay, startOfDay, today } from '../../kit/moments.ts'
import { Card, Code, Empty } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { usePartners } from '../queries.ts'

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
            <Ask partners={all} />
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
          {ready && <Made partner={partner} from={from} to={to} />}
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

const Made = ({ partner, from, to }: { partner: string; from: string; to: string }) => {
  const text = useText()
  const { zone } = useFormat()
  const last = to === today(zone) ? new Date().toISOString() : endOfDay(to, zone)
  const first = startOfDay(from, zone)
  const path = `/api/partners/${partner}/evidence-pack${query({ from: first, to: last })}`
  return (
    <>
      <Download path={path} kind="primary">
        {text('packs.download')}
      </Download>
      <Code
        title={text('packs.verify')}
        value={`npx portico evidence verify evidence-${partner}-${first.slice(0, 10)}.tar --trust evidence-pack.json --journal journal-control.vkey`}
      />
    </>
  )
}
