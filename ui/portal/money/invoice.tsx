/** One invoice: its lines with their arithmetic, the papers, and the way to dispute a single line. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { faultAt, Field, Form, TextArea } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { useFormat, useSpeech, useWord } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Card, Code, Copyable, Facts, Note, shortHash, State } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import type { Me } from '../wire.ts'
import { Lines } from './lines.tsx'
import { useDisputes, useInvoice } from './queries.ts'
import type { ContentLine, WholeInvoice } from './wire.ts'
import './money.css'

export const InvoicePage = () => {
  const text = useText()
  const word = useWord()
  const { id = '' } = useParams({ strict: false })
  const invoice = useInvoice(id)
  const found = invoice.data?.invoice
  return (
    <>
      <Crumbs
        above={{ to: '/production/invoices', name: text('money.title') }}
        here={found?.number ?? id}
      />
      <PageHead
        title={
          found ? `${word('invoice-kind', found.kind)} ${found.number ?? ''}` : text('money.one')
        }
        cell="production"
        acts={found && <State of={found.status} />}
      />
      <Answer to={invoice}>{(whole) => <Whole whole={whole} />}</Answer>
    </>
  )
}

const Whole = ({ whole }: { whole: WholeInvoice }) => {
  const { content, invoice } = whole
  const text = useText()
  const me = useMe<Me>().data
  const disputes = useDisputes().data?.data.filter((one) => one.invoiceId === invoice.id) ?? []
  const mayDispute =
    invoice.kind === 'invoice' &&
    invoice.issuedAt !== null &&
    me?.person.roles.some((role) => role === 'owner' || role === 'admin' || role === 'finance')
  const act = (line: ContentLine, section: number, n: number) => {
    const known = disputes.find((one) => one.section === section && one.n === n)
    if (known) return <DisputeNote dispute={known} />
    return mayDispute && Number(line.amount) > 0 ? (
      <DisputeForm invoiceId={invoice.id} section={section} n={n} />
    ) : null
  }
  return (
    <div className="columns">
      <div className="stack wide">
        {'sections' in content ? (
          <Lines content={content} act={act} />
        ) : (
          <Card title={text('money.reason')}>
            <p className="pad">{content.reason}</p>
          </Card>
        )}
        {whole.creditNotes.length > 0 && <Notes notes={whole.creditNotes} />}
      </div>
      <div className="stack">
        <Sums whole={whole} />
        <Papers whole={whole} />
      </div>
    </div>
  )
}

const Sums = ({ whole: { invoice, frozen } }: { whole: WholeInvoice }) => {
  const text = useText()
  const format = useFormat()
  const money = (amount: string) => format.amount({ amount, currency: invoice.currency })
  return (
    <Card title={text('money.sums')}>
      <div className="pad">
        <Facts
          rows={[
            [text('money.net'), money(invoice.net)],
            [text('money.tax'), money(invoice.tax)],
            [text('money.gross'), <b>{money(invoice.gross)}</b>],
            [text('money.paid'), money(invoice.paid)],
            Number(frozen) > 0 ? [text('money.frozen'), money(frozen)] : null,
            invoice.dueOn ? [text('money.due'), format.day(invoice.dueOn)] : null,
            invoice.issuedAt ? [text('money.issued'), format.dateOf(invoice.issuedAt)] : null,
          ]}
        />
      </div>
    </Card>
  )
}

const Papers = ({ whole: { invoice } }: { whole: WholeInvoice }) => {
  const text = useText()
  const { language } = useSpeech()
  const data = `/api/invoices/${invoice.id}/data`
  return (
    <Card title={text('money.papers')}>
      <div className="pad stack close">
        <a
          className="button"
          href={`/api/invoices/${invoice.id}/pdf?language=${language}`}
          download
        >
          <Icon name="download" />
          PDF
        </a>
        <a className="button" href={data} download>
          <Icon name="download" />
          {text('money.data')}
        </a>
        <p className="small">{text('money.verify')}</p>
        <Code
          title={text('money.recount')}
          value={`portico invoice verify ${invoice.number ?? invoice.id}.json`}
        />
        <p className="tiny dim">
          <Copyable value={invoice.sha256} shown={shortHash(invoice.sha256)} what="SHA-256" />
        </p>
      </div>
    </Card>
  )
}

const Notes = ({ notes }: { notes: WholeInvoice['creditNotes'] }) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  return (
    <Card title={text('money.notes')}>
      <ul className="invoice-lines">
        {notes.map((note) => (
          <li key={note.id} className="row between">
            <Link to="/production/invoices/$id" params={{ id: note.id }}>
              {word('invoice-kind', note.kind)} {note.number}
            </Link>
            <span className="figure">
              {format.amount({ amount: note.gross, currency: note.currency })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** That amount waits for the answer, and no other. */
const DisputeForm = (props: { invoiceId: string; section: number; n: number }) => {
  const { invoiceId, section, n } = props
  const text = useText()
  const queries = useQueryClient()
  const dispute = useMutation({
    mutationFn: (asked: { amount?: string; reason: string }) =>
      send(`/api/invoices/${invoiceId}/disputes`, { section, n, ...asked }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invoices'] }),
  })
  return (
    <details>
      <summary className="small">{text('money.dispute')}</summary>
      <Form
        label={text('money.dispute')}
        busy={dispute.isPending}
        error={dispute.error}
        onSubmit={({ one }) =>
          dispute.mutate({
            reason: one('reason'),
            ...(one('amount') && { amount: one('amount') }),
          })
        }
        acts={
          <button className="button" disabled={dispute.isPending}>
            {text('money.dispute.act')}
          </button>
        }
      >
        <Field
          name="amount"
          label={text('money.dispute.amount')}
          hint={text('money.dispute.amount.hint')}
          autoComplete="off"
          fault={faultAt(dispute.error, '/amount')}
        />
        <TextArea
          name="reason"
          label={text('money.reason')}
          required
          fault={faultAt(dispute.error, '/reason')}
        />
      </Form>
    </details>
  )
}

const DisputeNote = ({
  dispute,
}: {
  dispute: { id: string; status: string; reason: string; answer: string | null }
}) => {
  const text = useText()
  const queries = useQueryClient()
  const withdraw = useMutation({
    mutationFn: () => send(`/api/disputes/${dispute.id}/withdrawal`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invoices'] }),
  })
  return (
    <Note tone="warn">
      <State of={dispute.status} /> {dispute.reason}
      {dispute.answer && <p>{dispute.answer}</p>}
      {dispute.status === 'open' && (
        <button
          type="button"
          className="button text"
          disabled={withdraw.isPending}
          onClick={() => withdraw.mutate()}
        >
          {text('money.withdraw')}
        </button>
      )}
    </Note>
  )
}
