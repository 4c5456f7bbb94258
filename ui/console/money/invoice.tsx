/** One invoice: every line opens to its arithmetic, and whoever has the data file can do the sum again. */
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { Download } from '../../kit/download.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat, useSpeech } from '../../kit/language.tsx'
import { Card, Code, Copyable, Facts, Figures, shortHash } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import { InvoiceActs } from './invoice-acts.tsx'
import { Lines } from './invoice-lines.tsx'
import { InvoiceState, InvoiceTable } from './invoices.tsx'
import type { InvoiceWhole } from './wire.ts'

export const InvoicePage = () => {
  const text = useText()
  const names = useNames()
  const { id = '' } = useParams({ strict: false })
  const found = useQuery({
    queryKey: ['invoices', 'one', id],
    queryFn: () => read<InvoiceWhole>(`/api/invoices/${id}`),
  })
  const invoice = found.data?.invoice
  const name = invoice && (invoice.number ?? text(`invoices.kind.${invoice.kind}`))
  return (
    <>
      <Crumbs above={{ to: '/invoices', name: text('place.invoices') }} here={name ?? id} />
      <PageHead
        title={name ?? text('invoices.kind.invoice')}
        about={invoice && (names.partner(invoice.partnerId) ?? invoice.partnerId)}
        acts={invoice && <InvoiceState of={invoice.status} />}
      />
      <Answer to={found}>{(whole) => <Whole whole={whole} />}</Answer>
    </>
  )
}

const Whole = ({ whole }: { whole: InvoiceWhole }) => {
  const text = useText()
  const format = useFormat()
  const { invoice, content, creditNotes, frozen } = whole
  const money = (amount: string) => format.amount({ amount, currency: invoice.currency })
  return (
    <div className="stack wide">
      <Figures
        figures={[
          { label: text('invoices.net'), value: money(invoice.net) },
          { label: text('invoices.tax'), value: money(invoice.tax) },
          {
            label: text('invoices.gross'),
            value: money(invoice.gross),
            ...(invoice.dueOn && {
              about: text('invoices.due', { date: format.day(invoice.dueOn) }),
            }),
          },
          { label: text('invoices.paid'), value: money(invoice.paid) },
          { label: text('invoices.frozen'), value: money(frozen) },
        ]}
      />
      <div className="columns">
        <div className="stack wide">
          {content.format === 'portico.invoice/1' ? (
            <Lines whole={whole} content={content} />
          ) : (
            <Card title={text('invoices.note')}>
              <div className="pad">
                <Facts
                  rows={[
                    [
                      text('invoices.note.of'),
                      <Link to="/invoices/$id" params={{ id: content.invoice.id }}>
                        {content.invoice.number}
                      </Link>,
                    ],
                    [text('invoices.item'), content.line.item],
                    [text('invoices.reason'), content.reason],
                  ]}
                />
              </div>
            </Card>
          )}
          {creditNotes.length > 0 && (
            <Card title={text('invoices.notes')}>
              <InvoiceTable invoices={creditNotes} ofOne />
            </Card>
          )}
        </div>
        <div className="stack">
          <Papers whole={whole} />
          <InvoiceActs invoice={invoice} />
        </div>
      </div>
    </div>
  )
}

const Papers = ({ whole: { invoice } }: { whole: InvoiceWhole }) => {
  const text = useText()
  const { language } = useSpeech()
  return (
    <Card title={text('invoices.papers')}>
      <div className="pad stack">
        <div className="row">
          <Download path={`/api/invoices/${invoice.id}/pdf?language=${language}`}>PDF</Download>
          <Download path={`/api/invoices/${invoice.id}/data`}>{text('invoices.data')}</Download>
        </div>
        <Facts
          rows={[
            [
              'SHA-256',
              <Copyable value={invoice.sha256} shown={shortHash(invoice.sha256)} what="SHA-256" />,
            ],
          ]}
        />
        <Code
          title={text('invoices.verify')}
          value={`npx portico invoice verify ${invoice.number ?? invoice.id}.json`}
        />
      </div>
    </Card>
  )
}
